"""Copies a message into the conversations of those who are to read it, and keeps the copies up to date."""

from dataclasses import dataclass
from datetime import timedelta

from bot.desk.context import RequestContext
from bot.desk.notifications import outage_subject
from bot.desk.relay.texts import FileLink, RelayTexts
from bot.domain.conversations.messages import Attachment, ConversationRef
from bot.domain.tickets.relay import RelayedMessage, Visibility
from bot.domain.tickets.ticket import Ticket

KeptFiles = list[tuple[int, Attachment]]  # files that are passed on, with their ids


@dataclass(frozen=True, slots=True)
class FileRules:
    """Rules for passing on files: `largest` in bytes, `life` of their content and `link`."""

    largest: int
    life: timedelta
    link: FileLink


class MessageCopies:
    """Copies of messages; the employee's conversation comes first, then the cards', by id."""

    def __init__(
        self,
        texts: RelayTexts,
        files: FileRules,
        mirrors: tuple[ConversationRef, ...] = (),
        both_ways: tuple[ConversationRef, ...] = (),
    ) -> None:
        """`both_ways` are the mirrors that keep what is the team's apart, and take files."""
        self._texts = texts
        self._files = files
        self._mirrors = frozenset(mirror.place for mirror in mirrors)
        self._one_way = self._mirrors - {mirror.place for mirror in both_ways}

    def pass_engineer_message(
        self, context: RequestContext, ticket: Ticket, relay: RelayedMessage, text: str
    ) -> list[str]:
        """Pass on an engineer's message; return sentences for its writer about files that cannot be."""
        work, name = context.work, context.person.name
        episode = work.episodes.get(ticket.episode_id)
        self._lock_conversations(context, ticket, episode.conversation_id)
        files, refused = self.files(context, relay)
        if relay.visibility is Visibility.SENT:
            if text:
                reply = self._texts.to_employee(episode, ticket, name, text, edited=False)
                post_id = work.outbox.say(episode.conversation_id, reply, context.at, ticket_id=ticket.id)
                work.relays.carry(relay, post_id, to_employee=True)
            self._attach(
                context, ticket, relay, episode.conversation_id, episode.language, files, to_employee=True
            )
            # What the employee writes next continues this episode.
            work.episodes.touch(episode.id, context.at)
        self._to_rooms(context, ticket, relay, text, files)
        return refused

    def pass_employee_message(
        self, context: RequestContext, ticket: Ticket, relay: RelayedMessage, text: str, files: KeptFiles
    ) -> None:
        """Pass on the employee's message to every card, with those of its files that can be passed on."""
        self._to_rooms(context, ticket, relay, text, files)

    def revise(self, context: RequestContext, ticket: Ticket, relay: RelayedMessage, text: str) -> None:
        """Change the text of the copies; of a note, never the employee's."""
        work, name = context.work, context.person.name
        episode = work.episodes.get(ticket.episode_id)
        self._lock_conversations(context, ticket, episode.conversation_id)
        for copy in work.relays.copies(relay):
            if copy.file or copy.removed or self._would_leave_rooms(context, relay, copy.conversation_id):
                continue
            if not copy.to_employee:
                reply = self._texts.to_room(ticket, relay.visibility, name, text, edited=True)
            elif relay.visibility is Visibility.SENT:
                reply = self._texts.to_employee(episode, ticket, name, text, edited=True)
            else:
                continue
            work.outbox.revise(copy.post_id, reply, context.at)

    def take_back(
        self, context: RequestContext, ticket: Ticket, relay: RelayedMessage, *, from_rooms: bool
    ) -> None:
        """Remove the employee's copies and a mirror's, and with `from_rooms` (a deletion) the rooms'."""
        episode = context.work.episodes.get(ticket.episode_id)
        self._lock_conversations(context, ticket, episode.conversation_id)
        for copy in context.work.relays.copies(relay):
            stays = not (copy.to_employee or self._is_mirror(context, copy.conversation_id))
            if copy.removed or (stays and not from_rooms):
                continue
            language = episode.language if copy.to_employee else self._texts.language
            instead = self._texts.withdrawn(language, context.person.name)
            context.work.outbox.remove(copy.post_id, instead, context.at)

    def _to_rooms(
        self, context: RequestContext, ticket: Ticket, relay: RelayedMessage, text: str, files: KeptFiles
    ) -> None:
        work, language = context.work, self._texts.language
        for conversation_id in self._destinations(context, ticket):
            if conversation_id == relay.conversation_id or self._would_leave_rooms(
                context, relay, conversation_id
            ):
                continue
            if text:
                reply = self._texts.to_room(ticket, relay.visibility, context.person.name, text, edited=False)
                post_id = work.outbox.say(conversation_id, reply, context.at, ticket_id=ticket.id)
                work.relays.carry(relay, post_id, to_employee=False)
            if not self._is_one_way(context, conversation_id):
                self._attach(context, ticket, relay, conversation_id, language, files, to_employee=False)

    def _destinations(self, context: RequestContext, ticket: Ticket) -> tuple[int, ...]:
        """Return the ticket's cards, and its outage's posts where it has no card in a room."""
        cards = context.work.tickets.cards(ticket.id)
        if ticket.outage_id is None or not all(self._is_mirror(context, card) for card in cards):
            return cards
        outage_posts = context.work.outages.posts(outage_subject(ticket.outage_id))
        return (*cards, *(conversation_id for conversation_id, _ in outage_posts))

    def _would_leave_rooms(
        self, context: RequestContext, relay: RelayedMessage, conversation_id: int
    ) -> bool:
        """Tell whether a copy would take what stays in the rooms to a mirror which others may read."""
        return relay.visibility in (Visibility.NOTE, Visibility.ROOM) and self._is_one_way(
            context, conversation_id
        )

    def _is_mirror(self, context: RequestContext, conversation_id: int) -> bool:
        return bool(self._mirrors) and context.work.conversations.ref(conversation_id).place in self._mirrors

    def _is_one_way(self, context: RequestContext, conversation_id: int) -> bool:
        return bool(self._one_way) and context.work.conversations.ref(conversation_id).place in self._one_way

    def _attach(
        self,
        context: RequestContext,
        ticket: Ticket,
        relay: RelayedMessage,
        conversation_id: int,
        language: str,
        files: KeptFiles,
        *,
        to_employee: bool,
    ) -> None:
        for file_id, attachment in files:
            link = self._files.link(file_id, to_employee)
            reply = self._texts.file(language, ticket, context.person.name, attachment, link)
            post_id = context.work.outbox.say(
                conversation_id, reply, context.at, ticket_id=ticket.id, file_id=file_id
            )
            context.work.relays.carry(relay, post_id, to_employee=to_employee)

    def files(self, context: RequestContext, relay: RelayedMessage) -> tuple[KeptFiles, list[str]]:
        """Keep the files to pass on; return them, and a sentence for the writer about each other one."""
        kept: KeptFiles = []
        refused: list[str] = []
        channel = context.utterance.conversation.channel
        for attachment in context.utterance.attachments:
            if not attachment.source and attachment.content is None:
                refused.append(context.say(f"relay.file.unreadable.{channel}", file=attachment.name))
            elif attachment.size > self._files.largest:
                size = f"{self._files.largest / 1024**2:g}"
                refused.append(context.say("relay.file.large", file=attachment.name, size=size))
            else:
                expires = context.at + self._files.life
                kept.append((context.work.relays.add_file(relay, channel, attachment, expires), attachment))
        return kept, refused

    @staticmethod
    def _lock_conversations(context: RequestContext, ticket: Ticket, employee_conversation_id: int) -> None:
        # Everybody locks in this order; the mark, which comes last, would break it without these locks.
        context.work.conversations.lock((employee_conversation_id,))
        context.work.conversations.lock(context.work.tickets.cards(ticket.id))
