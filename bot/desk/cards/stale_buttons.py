"""Removes stale buttons from posts about a ticket: those whose action is no longer possible."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime

from bot.desk.ports.button_actions import (
    CAME_BACK,
    CANCEL,
    COMMENT,
    DETAILS,
    KEEP,
    LET_GO,
    PERSON,
    RATE,
    TAKE_OVER,
)
from bot.desk.ports.unit_of_work import UnitOfWork
from bot.desk.ports.wording import Wording
from bot.domain.conversations.messages import Button, Line, Reply
from bot.domain.tickets.ticket import Status, Ticket, TicketAction

_QUESTIONS = frozenset((DETAILS, KEEP, LET_GO))  # whoever looks for these must read why they are gone


def is_clickable(button: Button, ticket: Ticket, *, asked: bool, away: bool = False) -> bool:
    """Tell whether somebody may click a button now; `asked`: the assignee has yet to say if they work on it.

    `away`: the assignee is away, so that their ticket is offered.

    A button that names another ticket stays, and so does the answer to an offered file, which names a post:
    the first answer ends the offer, not the ticket. One that names an episode asks for a person instead of
    waiting for an outage.
    """
    if button.action != PERSON and button.token != ticket.token:
        return True
    resolved = ticket.status is Status.RESOLVED
    clickable = {
        CANCEL: ticket.allows(TicketAction.WITHDRAW),
        DETAILS: ticket.live,
        PERSON: ticket.live and ticket.outage_id is not None,
        KEEP: asked and ticket.status is Status.CLAIMED,
        LET_GO: asked and ticket.status is Status.CLAIMED,
        TAKE_OVER: away and ticket.status is Status.CLAIMED and _is_offered_by(button, ticket),
        CAME_BACK: not ticket.live,
        RATE: resolved,
        COMMENT: resolved,
    }
    return clickable.get(button.action, True)


def _is_offered_by(button: Button, ticket: Ticket) -> bool:
    return ticket.assignee is not None and button.argument == str(ticket.assignee.id)


class StaleButtons:
    """Buttons in posts about a ticket that would be refused to everybody."""

    def __init__(self, wording: Wording) -> None:
        self._wording = wording

    def find(
        self, work: UnitOfWork, ticket: Ticket, *, asked: bool, away: bool = False
    ) -> Iterator[tuple[int, int]]:
        """Yield the conversations and posts about a ticket that have stale buttons."""
        for conversation_id, post_id in work.outbox.with_buttons(ticket.id):
            buttons = work.outbox.read(post_id).buttons
            if not all(is_clickable(button, ticket, asked=asked, away=away) for button in buttons):
                yield conversation_id, post_id

    def remove_from_post(
        self,
        work: UnitOfWork,
        ticket: Ticket,
        conversation_id: int,
        post_id: int,
        at: datetime,
        *,
        asked: bool,
        away: bool = False,
    ) -> None:
        """Remove the stale buttons from one post; everything else stays."""
        work.conversations.lock((conversation_id,))  # before it is read: somebody may be changing the post
        post = work.outbox.read(post_id)
        shown = self._without_stale(post, ticket, asked=asked, away=away)
        if shown != post:
            work.outbox.revise(post_id, shown, at)

    def remove(self, work: UnitOfWork, ticket: Ticket, at: datetime) -> None:
        """Remove the stale buttons from all posts about a ticket; to be done before cards are shown."""
        for conversation_id, post_id in self.find(work, ticket, asked=False):
            self.remove_from_post(work, ticket, conversation_id, post_id, at, asked=False)

    def _without_stale(self, post: Reply, ticket: Ticket, *, asked: bool, away: bool) -> Reply:
        left = tuple(
            button for button in post.buttons if is_clickable(button, ticket, asked=asked, away=away)
        )
        gone = {button.action for button in post.buttons} - {button.action for button in left}
        over = Line(self._wording.say(post.language, "nudge.over"))
        blocks = (*post.blocks, over) if gone & _QUESTIONS else post.blocks
        fields = post.fields if any(button.with_fields for button in left) else ()
        return replace(post, blocks=blocks, buttons=left, fields=fields)
