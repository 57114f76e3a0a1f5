"""Approvals of Jira Service Management: who is asked, what was decided, and our account's own decision."""

from collections.abc import Iterable, Mapping
from typing import Any

from bot.backends.jira.client import Client, Refused
from bot.desk.ports.backends import ApprovalState, Decision, RemoteApproval
from bot.domain.errors import DeliveryFailed

_PENDING = ApprovalState.PENDING.value
# What Jira's refusals mean: our account is no approver, or the approval is gone. A wrong token waits.
_FOR_GOOD = {403: "jira_no_approver", 404: "jira_no_approval"}
_DECIDED = 409


async def read_approvals(client: Client, path: str) -> tuple[RemoteApproval, ...]:
    """Every approval of a request."""
    return tuple([_approval(entry) async for entry in client.pages(f"{path}/approval")])


async def decide(client: Client, path: str, decision: Decision) -> None:
    """Decide as our account; what Jira refuses for good is a permanent failure, what is decided none."""
    body = {"decision": "approve" if decision.approve else "decline"}
    try:
        await client.post(f"{path}/approval/{decision.approval}", body)
    except Refused as refused:
        if refused.status == _DECIDED:
            return
        if refused.status in _FOR_GOOD:
            raise DeliveryFailed(_FOR_GOOD[refused.status], permanent=True) from refused
        raise


def _approval(entry: Mapping[str, Any]) -> RemoteApproval:
    state = str(entry.get("finalDecision") or _PENDING)
    approvers = entry.get("approvers") or ()
    return RemoteApproval(
        str(entry["id"]),
        str(entry.get("name") or ""),
        ApprovalState(state) if state in set(ApprovalState) else ApprovalState.PENDING,
        tuple(_names(approvers)),
        tuple(_names(one for one in approvers if one.get("approverDecision", _PENDING) != _PENDING)),
        entry.get("canAnswerApproval") is True and state == _PENDING,
    )


def _names(approvers: Iterable[Mapping[str, Any]]) -> Iterable[str]:
    for one in approvers:
        yield str((one.get("approver") or {}).get("displayName") or "?")
