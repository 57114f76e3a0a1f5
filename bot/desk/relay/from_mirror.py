"""Takes in what was said about a ticket in another system, and lets its changes there follow."""

from dataclasses import replace
from datetime import datetime

from bot.desk.context import RequestContext
from bot.desk.ports.tickets import TicketEvent
from bot.desk.ports.unit_of_work import UnitOfWork
from bot.desk.relay.copies import MessageCopies
from bot.desk.relay.relay import ShowOwnCard
from bot.domain.tickets.relay import RelayedMessage, Visibility, is_note
from bot.domain.tickets.ticket import Ticket

_EVENTS = {Visibility.SENT: "sent", Visibility.NOTE: "noted", Visibility.FROM_EMPLOYEE: "added"}


class MirrorRelay:
    """Relay of comments of another system: what is internal there is a note here, which leaves no room.

    The context's utterance is the comment as it is there now, cleaned and masked, and its person the writer.
    """

    def __init__(self, copies: MessageCopies, show_own_card: ShowOwnCard) -> None:
        self._copies = copies
        self._show_own_card = show_own_card

    def show_own_card(self, work: UnitOfWork, ticket: Ticket, at: datetime) -> None:
        """Give a ticket its own card to which something happens there, where another one's stood for it."""
        self._show_own_card(work, ticket, at)

    def take(self, context: RequestContext, ticket: Ticket, conversation_id: int, seen: Visibility) -> bool:
        """Take in a comment that is new, or the change of a known one; return whether anything changed.

        `seen` says who may read it there.
        """
        work, utterance = context.work, context.utterance
        relay = work.relays.find(utterance.conversation, utterance.message)
        visibility = _visibility(ticket, seen, utterance.text)
        if relay is None:
            return self._new(context, ticket, conversation_id, visibility)
        return not relay.gone and self._change(context, ticket, relay, visibility)

    def delete(self, context: RequestContext, ticket: Ticket) -> bool:
        """Let a comment that was deleted there disappear here; return whether it was here."""
        work, utterance = context.work, context.utterance
        relay = work.relays.find(utterance.conversation, utterance.message)
        if relay is None or relay.gone:
            return False
        work.relays.save(replace(relay, gone=True, changed_at=context.at))
        work.texts.change(relay.text_id, "")
        work.relays.drop_files(relay, names=relay.visibility is Visibility.FROM_EMPLOYEE)
        self._copies.take_back(context, ticket, relay, from_rooms=True)
        self._record(context, ticket, relay, "deleted")
        return True

    def _new(
        self, context: RequestContext, ticket: Ticket, conversation_id: int, visibility: Visibility
    ) -> bool:
        work, text = context.work, context.utterance.text
        message = context.utterance.message
        author = context.person.id
        settled = work.relays.settle(
            RelayedMessage(
                0, ticket.id, conversation_id, message, author, visibility, work.texts.add(text), context.at
            )
        )
        if settled is None:  # another replica was faster
            return False
        self._show_own_card(work, ticket, context.at)
        if visibility is Visibility.FROM_EMPLOYEE:
            files, _ = self._copies.files(context, settled)
            self._copies.pass_employee_message(context, ticket, settled, text, files)
        else:
            self._copies.pass_engineer_message(context, ticket, settled, text)
        self._record(context, ticket, settled, _EVENTS[visibility])
        return True

    def _change(
        self, context: RequestContext, ticket: Ticket, relay: RelayedMessage, visibility: Visibility
    ) -> bool:
        """Let an edit follow; what has become internal is taken back, and nothing internal becomes public."""
        work, text = context.work, context.utterance.text
        withdrawn = relay.visibility is Visibility.SENT and visibility is Visibility.NOTE
        edited = text != work.texts.get(relay.text_id)
        if not withdrawn and not edited:
            return False
        now = replace(relay, changed_at=context.at)
        if withdrawn:
            now = replace(now, visibility=Visibility.NOTE)
            self._copies.take_back(context, ticket, relay, from_rooms=False)
            self._record(context, ticket, relay, "taken_back")
        work.texts.change(relay.text_id, text)
        self._copies.revise(context, ticket, now, text)
        work.relays.save(now)
        if edited:
            self._record(context, ticket, relay, "edited")
        return True

    @staticmethod
    def _record(context: RequestContext, ticket: Ticket, relay: RelayedMessage, kind: str) -> None:
        channel, detail = context.utterance.conversation.channel, {"relay": str(relay.id)}
        context.work.tickets.record(TicketEvent(ticket.id, context.at, kind, context.person, channel, detail))


def _visibility(ticket: Ticket, seen: Visibility, text: str) -> Visibility:
    """Decide who reads a comment here: never more people than there."""
    if seen is Visibility.FROM_EMPLOYEE:
        return seen
    kept = seen is not Visibility.SENT or ticket.notes_only or is_note(text)
    return Visibility.NOTE if kept else Visibility.SENT
