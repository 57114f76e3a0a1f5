"""Relays messages between a ticket's employee and the threads of its cards, with edits and deletions."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime

from bot.desk.context import RequestContext
from bot.desk.knowledge.understanding import ParsedMessage
from bot.desk.ports.tickets import TicketEvent
from bot.desk.ports.unit_of_work import UnitOfWork
from bot.desk.ports.wording import Wording
from bot.desk.relay.copies import MessageCopies
from bot.desk.relay.texts import RelayTexts
from bot.desk.staff.permissions import Permissions
from bot.domain.conversations.commands import Command
from bot.domain.conversations.episode import Episode
from bot.domain.conversations.messages import Addressed, Change, Outcome, OutcomeKind, Reply, Utterance
from bot.domain.conversations.own_words import said
from bot.domain.errors import StorageBusy
from bot.domain.people import Person
from bot.domain.secrets.masking import visible
from bot.domain.tickets.relay import (
    Mark,
    RelayedMessage,
    Visibility,
    decide_visibility,
    decide_visibility_after_edit,
    is_note,
)
from bot.domain.tickets.ticket import Status, Ticket

# Gives a ticket for which another one's card stands its own: what is said about it is said under that.
ShowOwnCard = Callable[[UnitOfWork, Ticket, datetime], None]

_KINDS = {
    Visibility.SENT: OutcomeKind.RELAYED,
    Visibility.NOTE: OutcomeKind.NOTED,
    Visibility.ROOM: OutcomeKind.IGNORED,
}
_MARKS = {Visibility.SENT: Mark.SENT, Visibility.NOTE: Mark.NOTE}
_EVENTS = {Visibility.SENT: "sent", Visibility.NOTE: "noted", Visibility.ROOM: "said"}


class Relay:
    """Relay of messages: decides at the first receipt who reads one, and lets edits and deletions follow."""

    def __init__(
        self,
        wording: Wording,
        texts: RelayTexts,
        permissions: Permissions,
        copies: MessageCopies,
        show_own_card: ShowOwnCard,
    ) -> None:
        self._wording = wording
        self._texts = texts
        self._permissions = permissions
        self._copies = copies
        self._show_own_card = show_own_card

    def handle(self, work: UnitOfWork, utterance: Utterance, parsed: ParsedMessage) -> Outcome | None:
        """Handle a message under a card, and every change; return None for what the bot is to answer.

        Whatever is done under a card, now or later, is first admitted here, by the permission of this moment.
        """
        changed = utterance.change is not Change.NEW
        if not changed and utterance.addressed not in (Addressed.THREAD, Addressed.MENTION):
            return None
        # The writer is locked before the message, as where it was first received.
        if changed and work.people.known(utterance.sender) is not None:
            self._context(work, utterance)
        relay = work.relays.find(utterance.conversation, _message(utterance)) if changed else None
        ticket = self._in_room(work, utterance, relay)
        mentioned = not changed and utterance.addressed is Addressed.MENTION
        if ticket is not None and mentioned and not _is_from_assignee(work, utterance, ticket, parsed):
            return None
        if ticket is not None and not self._permissions.admits(work, utterance, ticket.queue):
            return self._refuse(work, utterance, ticket, relay)
        if relay is not None:
            return self._change(self._context(work, utterance), relay, parsed)
        if changed:
            return self._change_unseen(work, utterance, ticket, parsed)
        return self._engineer_wrote(self._context(work, utterance), parsed) if ticket is not None else None

    @staticmethod
    def _in_room(work: UnitOfWork, utterance: Utterance, relay: RelayedMessage | None) -> Ticket | None:
        """Return the ticket about which something is done in a room; None for what is done elsewhere."""
        if relay is not None:
            from_room = relay.visibility is not Visibility.FROM_EMPLOYEE
            return work.tickets.get(relay.ticket_id) if from_room else None
        conversation_id = work.conversations.find(utterance.conversation)
        return work.tickets.with_card_in(conversation_id) if conversation_id is not None else None

    # --- under a card -------------------------------------------------------------------------------------

    def _engineer_wrote(self, context: RequestContext, parsed: ParsedMessage) -> Outcome:
        work = context.work
        conversation_id = work.conversations.find(context.utterance.conversation)
        if conversation_id is None or (parsed.empty and not context.utterance.files):
            return Outcome(OutcomeKind.IGNORED)
        if work.relays.find(context.utterance.conversation, _message(context.utterance)) is not None:
            return Outcome(OutcomeKind.IGNORED)
        # Read after the writer was locked: from here on nobody else decides about this person's messages.
        ticket = _ticket_under(work, conversation_id)
        visibility = decide_visibility(ticket, context.person, said(context.utterance))
        relay = self._settle(context, ticket, conversation_id, visibility, work.texts.add(parsed.text))
        refused = self._copies.pass_engineer_message(context, ticket, relay, parsed.text)
        mark = _MARKS.get(visibility)
        if mark is not None:
            self._mark(context, ticket, relay, mark)
        self._record(context, ticket, relay, _EVENTS[visibility])
        notices = [*refused, *self._notices(context, ticket, visibility)]
        return Outcome(_KINDS[visibility], ticket=ticket.reference, notice=_joined(context, notices))

    def _notices(self, context: RequestContext, ticket: Ticket, visibility: Visibility) -> list[str]:
        found = self._told_of_mask(context)
        mine = ticket.is_assigned_to(context.person)
        if visibility is Visibility.ROOM and mine and ticket.status is not Status.CLAIMED:
            found.append(context.say("relay.closed", ticket=ticket.reference))
        return found

    def _refuse(
        self, work: UnitOfWork, utterance: Utterance, ticket: Ticket, relay: RelayedMessage | None
    ) -> Outcome:
        """Refuse what people who are no engineers now do in the room; tell them where it seemed to count."""
        person = work.people.known(utterance.sender)
        if person is None:
            return Outcome(OutcomeKind.IGNORED)
        requester = ticket.requester.name
        if relay is None:
            theirs = utterance.change is Change.NEW and ticket.is_assigned_to(person)
            refused = self._context(work, utterance).refuse("relay.not_engineer", requester=requester)
            return refused if theirs else Outcome(OutcomeKind.IGNORED)
        if relay.author_id != person.id or relay.gone:
            return Outcome(OutcomeKind.IGNORED)
        context = self._context(work, utterance)
        channel, detail = utterance.conversation.channel, {"move": str(utterance.change)}
        work.tickets.record(TicketEvent(ticket.id, context.at, "refused", person, channel, detail))
        return context.refuse("relay.change_refused", requester=requester, ticket=ticket.reference)

    # --- the employee -------------------------------------------------------------------------------------

    def employee_wrote(self, context: RequestContext, ticket: Ticket, text: str, text_id: int) -> None:
        """Show a message of the requester in the rooms; its text is kept under `text_id` already."""
        conversation_id = context.work.conversations.open(context.utterance.conversation)
        if context.work.relays.find(context.utterance.conversation, _message(context.utterance)) is not None:
            return  # the same message under another key
        relay = self._settle(context, ticket, conversation_id, Visibility.FROM_EMPLOYEE, text_id)
        self._record(context, ticket, relay, "added")
        files, refused = self._copies.files(context, relay)
        notice = _joined(context, refused)
        if notice is not None:  # first the employee's conversation, then the cards'
            private = None if context.utterance.conversation.private else context.utterance.sender
            context.work.outbox.say(conversation_id, notice, context.at, private_to=private)
        self._show_own_card(context.work, ticket, context.at)
        self._copies.pass_employee_message(context, ticket, relay, text, files)

    # --- an engineer's text that was not written under the card --------------------------------------

    def refusal_key(self, context: RequestContext, ticket: Ticket, text: str) -> str:
        """Return the wording key of why a text may not be sent; empty when it may."""
        if not visible(text):
            return "refused.note_missing"
        if decide_visibility(ticket, context.person, text) is Visibility.SENT:
            return ""
        return "refused.notes_only" if ticket.notes_only else "refused.note_marked"

    def send(self, context: RequestContext, ticket: Ticket, text: str) -> None:
        """Send a text to the requester and show it in the rooms."""
        work, name = context.work, context.person.name
        channel = context.utterance.conversation.channel
        work.tickets.record(TicketEvent(ticket.id, context.at, "sent", context.person, channel))
        episode = work.episodes.get(ticket.episode_id)
        reply = self._texts.to_employee(episode, ticket, name, text, edited=False)
        # First the employee's conversation, then the cards': everybody locks them in this order.
        work.outbox.say(episode.conversation_id, reply, context.at, ticket_id=ticket.id)
        in_room = self._texts.to_room(ticket, Visibility.SENT, name, text, edited=False)
        for conversation_id in work.tickets.cards(ticket.id):
            work.outbox.say(conversation_id, in_room, context.at, ticket_id=ticket.id)

    # --- edits and deletions ------------------------------------------------------------------------------

    def _change(self, context: RequestContext, relay: RelayedMessage, parsed: ParsedMessage) -> Outcome:
        """Let an edit or a deletion follow a relayed message."""
        utterance, ticket = context.utterance, context.work.tickets.get(relay.ticket_id)
        # A platform lets only the writer edit, and the writer or an administrator delete; the page asks us.
        asks_us = utterance.inline or utterance.change is Change.EDITED
        if ticket is None or (asks_us and relay.author_id != context.person.id):
            return Outcome(OutcomeKind.IGNORED)
        if utterance.change is Change.DELETED:
            return self._delete(context, ticket, relay)
        return self._edit(context, ticket, relay, parsed)

    def _delete(self, context: RequestContext, ticket: Ticket, relay: RelayedMessage) -> Outcome:
        if relay.gone:
            return Outcome(OutcomeKind.IGNORED)
        context.work.relays.save(replace(relay, gone=True, changed_at=context.at))
        context.work.texts.change(relay.text_id, "")
        # Of a copy that an employee keeps the engineer is told the name.
        context.work.relays.drop_files(relay, names=relay.visibility is Visibility.FROM_EMPLOYEE)
        self._copies.take_back(context, ticket, relay, from_rooms=True)
        if relay.mark_id is not None:
            instead = self._texts.withdrawn(self._texts.language, context.person.name)
            context.work.outbox.remove(relay.mark_id, instead, context.at)
        self._record(context, ticket, relay, "deleted")
        return Outcome(OutcomeKind.DONE, ticket=ticket.reference)

    def _edit(
        self, context: RequestContext, ticket: Ticket, relay: RelayedMessage, parsed: ParsedMessage
    ) -> Outcome:
        work, done = context.work, Outcome(OutcomeKind.DONE, ticket=ticket.reference)
        if relay.gone:
            return replace(done, notice=_joined(context, [context.say("relay.stays_gone")]))
        before, raw = work.texts.get(relay.text_id), said(context.utterance)
        visibility = decide_visibility_after_edit(relay.visibility, ticket, raw)
        same = parsed.text == before
        if same and not is_note(raw):  # a link preview was added, or the same edit comes again
            visibility = relay.visibility
        late = context.at < relay.changed_at  # a newer edit came first; that this one was a note still counts
        if visibility is relay.visibility and (same or late):
            return Outcome(OutcomeKind.IGNORED)
        text = before if late else parsed.text
        now = replace(relay, visibility=visibility, changed_at=max(context.at, relay.changed_at))
        if relay.visibility is Visibility.SENT and visibility is Visibility.NOTE:
            self._copies.take_back(context, ticket, relay, from_rooms=False)
            self._record(context, ticket, relay, "taken_back")
        work.texts.change(relay.text_id, text)
        from_employee = visibility is Visibility.FROM_EMPLOYEE and not late
        self._copies.revise(context, ticket, now, parsed.passed_on if from_employee else text)
        work.relays.save(now)
        if visibility is not relay.visibility:
            self._mark(
                context, ticket, now, Mark.TAKEN_BACK if relay.visibility is Visibility.SENT else Mark.NOTE
            )
        self._record(context, ticket, relay, "edited")
        notices = self._told_of_mask(context)
        if relay.visibility is Visibility.NOTE and is_note(before) and not is_note(raw):
            notices.append(context.say("relay.still_note", requester=ticket.requester.name))
        return replace(done, notice=_joined(context, notices))

    def _change_unseen(
        self, work: UnitOfWork, utterance: Utterance, ticket: Ticket | None, parsed: ParsedMessage
    ) -> Outcome:
        """Handle a change of a message that was not relayed; `ticket` is the one under whose card it is.

        It may come before the message itself, which a platform sends again when we were down. Whichever comes
        first decides who reads it, and an edit keeps it in the rooms: it may be older than the claim.
        """
        conversation_id = work.conversations.find(utterance.conversation)
        if conversation_id is None:
            return Outcome(OutcomeKind.IGNORED)
        if ticket is None:
            return self._tell_question_changed(work, utterance, parsed, conversation_id)
        if utterance.inline:  # what is written on the page under a card was all seen
            return Outcome(OutcomeKind.IGNORED)
        context = self._context(work, utterance)
        gone = utterance.change is Change.DELETED
        visibility = Visibility.NOTE if ticket.notes_only or is_note(said(utterance)) else Visibility.ROOM
        text_id = work.texts.add("" if gone else parsed.text)
        relay = self._settle(context, ticket, conversation_id, visibility, text_id, gone=gone)
        if gone:
            return Outcome(OutcomeKind.DONE, ticket=ticket.reference)
        refused = self._copies.pass_engineer_message(context, ticket, relay, parsed.text)
        if visibility is Visibility.NOTE:
            self._mark(context, ticket, relay, Mark.NOTE)
        notices = [*refused, *self._told_of_mask(context)]
        if visibility is Visibility.ROOM and ticket.is_assigned_to(context.person):
            notices.append(context.say("relay.unseen_edit", requester=ticket.requester.name))
        return Outcome(_KINDS[visibility], ticket=ticket.reference, notice=_joined(context, notices))

    def _tell_question_changed(
        self, work: UnitOfWork, utterance: Utterance, parsed: ParsedMessage, conversation_id: int
    ) -> Outcome:
        """Tell the rooms that the employee edited the question from before the ticket: the card keeps it."""
        if utterance.change is Change.DELETED:  # what was kept of it is gone already
            return Outcome(OutcomeKind.IGNORED)
        person = work.people.known(utterance.sender)
        episode = _asked_in(work, utterance, conversation_id, person) if person else None
        ticket = work.tickets.get(episode.ticket_id) if episode and episode.ticket_id else None
        if person is None or episode is None:
            return Outcome(OutcomeKind.IGNORED)
        context = self._context(work, utterance)
        if ticket is None or not ticket.live:
            return self._question_stays(context, ticket)
        names = {"name": person.name, "ticket": ticket.reference}
        reply = self._texts.in_room("relay.changed_question", parsed.text, **names)
        # From here on it is followed like what was added: a later edit, and its deletion, change this post.
        text_id = work.texts.add(parsed.text)
        relay = self._settle(context, ticket, conversation_id, Visibility.FROM_EMPLOYEE, text_id)
        self._show_own_card(work, ticket, utterance.at)
        for card in work.tickets.cards(ticket.id):
            post_id = work.outbox.say(card, reply, utterance.at, ticket_id=ticket.id)
            work.relays.carry(relay, post_id, to_employee=False)
        notice = _joined(context, self._told_of_mask(context))
        return Outcome(OutcomeKind.DONE, ticket=ticket.reference, notice=notice)

    @staticmethod
    def _question_stays(context: RequestContext, ticket: Ticket | None) -> Outcome:
        """Say on the page what an edit does not do; elsewhere the platform shows it, and nothing is said."""
        if not context.utterance.inline:
            return Outcome(OutcomeKind.IGNORED)
        if ticket is not None:
            return context.refuse("relay.question_closed", ticket=ticket.reference)
        text = context.say("relay.question_answered")
        return Outcome(OutcomeKind.DONE, notice=_joined(context, [text]))

    @staticmethod
    def _told_of_mask(context: RequestContext) -> list[str]:
        """Word that a secret was hidden, where one was."""
        return [context.say("relay.masked")] if context.utterance.masked else []

    # --- parts --------------------------------------------------------------------------------------------

    def _settle(
        self,
        context: RequestContext,
        ticket: Ticket,
        conversation_id: int,
        visibility: Visibility,
        text_id: int,
        *,
        gone: bool = False,
    ) -> RelayedMessage:
        message = _message(context.utterance)
        relay = RelayedMessage(
            0,
            ticket.id,
            conversation_id,
            message,
            context.person.id,
            visibility,
            text_id,
            context.at,
            gone=gone,
        )
        settled = context.work.relays.settle(relay)
        if settled is None:
            # Another event of the same message was faster: received again, this one finds it.
            raise StorageBusy
        return settled

    def _mark(self, context: RequestContext, ticket: Ticket, relay: RelayedMessage, mark: Mark) -> None:
        reply = self._texts.mark(ticket, mark)
        mark_id = context.work.outbox.mark(
            relay.conversation_id, relay.message, mark, reply, context.at, earlier=relay.mark_id
        )
        context.work.relays.save(replace(relay, mark_id=mark_id))

    def _context(self, work: UnitOfWork, utterance: Utterance) -> RequestContext:
        person = work.people.meet(utterance.sender, utterance.sender_name, None, utterance.at)
        code = (utterance.locale or "")[:2].lower()
        language = code if code in self._wording.languages else self._texts.language
        return RequestContext(work, self._wording, utterance, person, language)

    @staticmethod
    def _record(context: RequestContext, ticket: Ticket, relay: RelayedMessage, kind: str) -> None:
        channel, detail = context.utterance.conversation.channel, {"relay": str(relay.id)}
        context.work.tickets.record(TicketEvent(ticket.id, context.at, kind, context.person, channel, detail))


def _asked_in(work: UnitOfWork, utterance: Utterance, conversation_id: int, person: Person) -> Episode | None:
    """Return the person's episode with this message; of one that was not kept, the newest in its thread."""
    kept = work.episodes.kept_message(conversation_id, utterance.message) if utterance.message else None
    if kept is None:
        return work.episodes.in_thread(conversation_id, person.id)
    episode = work.episodes.get(kept.episode_id)
    return episode if episode.person_id == person.id else None


def _is_from_assignee(work: UnitOfWork, utterance: Utterance, ticket: Ticket, parsed: ParsedMessage) -> bool:
    """Tell whether the assignee writes to the employee, although the bot is mentioned; it may have to be.

    In Teams a bot without the permission to hear everything hears what mentions it alone.
    """
    person = work.people.known(utterance.sender)
    for_us = utterance.behalf is not None or (
        parsed.command is not None and parsed.command.command is not Command.PERSON
    )
    return person is not None and ticket.is_assigned_to(person) and not for_us


def _message(utterance: Utterance) -> str:
    return utterance.message or utterance.keys[0]


def _ticket_under(work: UnitOfWork, conversation_id: int) -> Ticket:
    ticket = work.tickets.with_card_in(conversation_id)
    if ticket is None:
        raise LookupError("a card vanished while something was written under it")
    return ticket


def _joined(context: RequestContext, sentences: Sequence[str]) -> Reply | None:
    return context.reply(" ".join(sentences)) if sentences else None
