"""Shows approvals that another system asks for in the rooms, and lets an engineer decide them from there."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime

from bot.desk.context import RequestContext
from bot.desk.notifications import Notifications
from bot.desk.ports.backends import ApprovalState, RemoteApproval, RemoteTicket
from bot.desk.ports.button_actions import APPROVE, DISAPPROVE
from bot.desk.ports.tickets import TicketEvent
from bot.desk.ports.unit_of_work import UnitOfWork
from bot.desk.ports.wording import Wording
from bot.domain.conversations.messages import Button, Click, Line, Outcome, OutcomeKind, Reply
from bot.domain.secrets.masking import clean, mask
from bot.domain.tickets.mirror import DECIDED, system_name
from bot.domain.tickets.ticket import Ticket

ASKED, DECIDING, REFUSED = "approval_asked", "approval_deciding", "approval_refused"
_SETTLED = {ApprovalState.APPROVED: "approval_given", ApprovalState.DECLINED: "approval_declined"}
_KINDS = frozenset({ASKED, DECIDING, REFUSED, *_SETTLED.values()})
LONGEST = 200  # characters of a name


class Approvals:
    """Approvals of mirrored tickets: what has become of each stands in the ticket's history."""

    def __init__(self, notifications: Notifications, wording: Wording) -> None:
        self._notifications = notifications
        self._wording = wording

    def take(self, work: UnitOfWork, ticket: Ticket, channel: str, remote: RemoteTicket, at: datetime) -> int:
        """Tell the rooms of approvals that are new or decided; return how many. The cards are locked."""
        if not remote.approvals:
            return 0
        events = [event for event in work.tickets.events(ticket.id) if event.kind in _KINDS]
        told = 0
        for approval in remote.approvals:
            own = [event for event in events if event.detail.get("approval") == _named(channel, approval.id)]
            told += self._take(work, ticket, channel, approval, own, at)
        return told

    def click(self, context: RequestContext, ticket: Ticket, click: Click) -> Outcome:
        """Send a decision to the system that asks for it; of several clicks the first counts."""
        work, named = context.work, click.argument
        work.conversations.lock(sorted(work.tickets.cards(ticket.id)))
        channel, _, approval = named.partition("/")
        mirror = next(
            (one for one in work.tickets.cards(ticket.id) if work.conversations.ref(one).channel == channel),
            None,
        )
        own = [event for event in work.tickets.events(ticket.id) if event.detail.get("approval") == named]
        if mirror is None or not own or own[-1].kind not in (ASKED, REFUSED):
            return context.refuse("refused.approval_over", ticket=ticket.reference)
        key = "room.approving" if click.action == APPROVE else "room.disapproving"
        text = self._say(key, name=context.person.name, ticket=ticket.reference)
        button = Button(click.action, text, DECIDED, approval)
        reply = Reply((Line(text),), (button,), summary=text, language=self._notifications.language)
        work.outbox.say(mirror, reply, context.at, ticket_id=ticket.id)
        self._notifications.record(context, ticket, DECIDING, {"approval": named, "decision": click.action})
        self._without_buttons(work, ticket, named, context.at)
        notice = context.reply(context.say("approval.sent", name=system_name(channel)))
        return Outcome(OutcomeKind.SENT, ticket.reference, notice=notice)

    def refuse(
        self, work: UnitOfWork, ticket: Ticket, channel: str, approval: str, code: str, at: datetime
    ) -> None:
        """Tell the rooms that the system did not let us decide."""
        work.conversations.lock(sorted(work.tickets.cards(ticket.id)))
        detail = {"approval": _named(channel, approval), "code": code}
        work.tickets.record(TicketEvent(ticket.id, at, REFUSED, None, channel, detail))
        self._notifications.tell_rooms(
            work, ticket, "room.approval_refused", at, {"name": system_name(channel)}
        )

    def _take(
        self,
        work: UnitOfWork,
        ticket: Ticket,
        channel: str,
        approval: RemoteApproval,
        events: list[TicketEvent],
        at: datetime,
    ) -> bool:
        known = {event.kind for event in events}
        kind = _SETTLED.get(approval.state, ASKED)
        if kind in known:
            return False
        named = _named(channel, approval.id)
        work.tickets.record(TicketEvent(ticket.id, at, kind, None, channel, {"approval": named}))
        values = {
            "name": system_name(channel),
            "what": _shown(approval.name),
            "people": _people(approval.asked),
        }
        if kind == ASKED:
            key = "room.approval_asked"
            self._notifications.tell_rooms(
                work,
                ticket,
                key,
                at,
                values,
                finish=lambda reply: self._asked(reply, ticket, named, approval),
            )
            return True
        self._without_buttons(work, ticket, named, at)
        clicked = [event.actor.name for event in events if event.kind == DECIDING and event.actor is not None]
        values["people"] = _people(clicked[-1:] or approval.decided)
        self._notifications.tell_rooms(work, ticket, f"room.{kind}", at, values)
        return True

    def _asked(self, reply: Reply, ticket: Ticket, named: str, approval: RemoteApproval) -> Reply:
        if not approval.ours:
            return reply
        buttons = (
            Button(APPROVE, self._say("button.approve"), ticket.token, named, "primary"),
            Button(DISAPPROVE, self._say("button.disapprove"), ticket.token, named, "danger"),
        )
        return replace(reply, buttons=buttons)

    @staticmethod
    def _without_buttons(work: UnitOfWork, ticket: Ticket, named: str, at: datetime) -> None:
        for _, post_id in work.outbox.with_buttons(ticket.id):
            post = work.outbox.read(post_id)
            left = tuple(
                button for button in post.buttons if (button.token, button.argument) != (ticket.token, named)
            )
            if left != post.buttons:
                work.outbox.revise(post_id, replace(post, buttons=left), at)

    def _say(self, key: str, **values: str) -> str:
        return self._wording.say(self._notifications.language, key, **values)


def _named(channel: str, approval: str) -> str:
    return f"{channel}/{approval}"


def _shown(name: str) -> str:
    text, _ = mask(clean(name))
    return text[:LONGEST]


def _people(names: Iterable[str]) -> str:
    return ", ".join(_shown(name) for name in names) or "–"
