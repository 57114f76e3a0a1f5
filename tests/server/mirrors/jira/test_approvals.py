"""Approvals in Jira: what is read of them, and what our account may decide."""

import pytest

from bot.desk.ports.backends import ApprovalState, ApprovingBackend, Decision
from bot.domain.errors import DeliveryFailed
from tests.support.fakes.jira.playing import AGENT, OTHER, playing
from tests.support.fakes.jira.site import US


async def test_an_approval_says_who_is_asked_and_whether_we_are() -> None:
    async with playing() as played:
        issue = await played.issue()
        played.site.ask_approval(issue, "A new laptop", US, AGENT)
        decided = played.site.ask_approval(issue, "Money", AGENT, OTHER)
        played.site.decide(issue, decided, OTHER, "declined")
        first, second = (await played.backend.read(issue.id)).approvals
        assert (first.name, first.state, first.ours) == ("A new laptop", ApprovalState.PENDING, True)
        assert (first.asked, first.decided) == (("Firstline", "Eva Ruiz"), ())
        assert (second.state, second.decided, second.ours) == (ApprovalState.DECLINED, ("Luis",), False)


@pytest.mark.parametrize(("approve", "state"), [(True, "approved"), (False, "declined")])
async def test_our_account_decides_once_however_often_it_is_sent(approve: bool, state: str) -> None:
    async with playing() as played:
        issue = await played.issue()
        approval = played.site.ask_approval(issue, "A new laptop", US)
        decision = Decision(approval["id"], approve, "")
        assert isinstance(played.backend, ApprovingBackend)
        played.site.late = [502]
        with pytest.raises(DeliveryFailed) as failed:
            await played.backend.decide(issue.id, decision, again=False)
        assert not failed.value.permanent
        await played.backend.decide(issue.id, decision, again=True)
        assert approval["finalDecision"] == state


async def test_what_jira_refuses_is_refused_for_good() -> None:
    async with playing() as played:
        issue = await played.issue()
        approval = played.site.ask_approval(issue, "A new laptop", AGENT)
        for number, code in ((approval["id"], "jira_no_approver"), ("1", "jira_no_approval")):
            with pytest.raises(DeliveryFailed) as failed:
                await played.backend.decide(issue.id, Decision(number, approve=True, text=""), again=False)
            assert (failed.value.code, failed.value.permanent) == (code, True)


async def test_an_expired_token_refuses_nothing_for_good() -> None:
    async with playing() as played:
        issue = await played.issue()
        approval = played.site.ask_approval(issue, "A new laptop", US)
        played.site.expired = True
        with pytest.raises(DeliveryFailed) as failed:
            await played.backend.decide(
                issue.id, Decision(approval["id"], approve=True, text=""), again=False
            )
        assert not failed.value.permanent
