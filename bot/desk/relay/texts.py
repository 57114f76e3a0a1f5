"""Builds the texts of messages that go between an employee and the rooms."""

from collections.abc import Callable

from bot.desk.ports.wording import Wording
from bot.domain.conversations.episode import Episode
from bot.domain.conversations.excerpts import in_short
from bot.domain.conversations.messages import Attachment, Block, Line, Link, Quote, Reply
from bot.domain.tickets.relay import Mark, Visibility
from bot.domain.tickets.ticket import Status, Ticket

FileLink = Callable[[int, bool], str | None]  # a file's id, whether the employee reads it -> an address


class RelayTexts:
    """Texts of the relay: rooms read the desk's language, the employee the episode's."""

    def __init__(self, wording: Wording, language: str) -> None:
        self._say = wording.say
        self.language = language

    def to_employee(self, episode: Episode, ticket: Ticket, name: str, text: str, *, edited: bool) -> Reply:
        """Build an engineer's message for the employee's conversation."""
        language = episode.language
        head = self._say(language, "relay.employee", name=name, ticket=ticket.reference)
        return self._quoted(language, head, f"{name}: {text}", text, edited=edited)

    def to_room(self, ticket: Ticket, visibility: Visibility, name: str, text: str, *, edited: bool) -> Reply:
        """Build a message for the thread of a card."""
        key = f"relay.room.{visibility}"
        if visibility is Visibility.FROM_EMPLOYEE and ticket.status is not Status.CLAIMED:
            key = "room.added"
        requester = ticket.requester.name
        head = self._say(self.language, key, name=name, requester=requester, ticket=ticket.reference)
        return self._quoted(self.language, head, f"{head} {text}", text, edited=edited)

    def file(
        self, language: str, ticket: Ticket, name: str, attachment: Attachment, link: str | None
    ) -> Reply:
        """Build the post of a file: a link for channels that cannot post it, a summary for those that can."""
        values = {"name": name, "file": attachment.name, "ticket": ticket.reference}
        here = self._say(language, "relay.file.here", **values)
        if not link:
            return Reply((Line(here),), summary=here, language=language)
        text = self._say(language, "relay.file", **values)
        return Reply((Line(text), Link(attachment.name, link)), summary=here, language=language)

    def mark(self, ticket: Ticket, mark: Mark) -> Reply:
        """Build a mark in words, for channels that have no signs."""
        return self.in_room(f"relay.mark.{mark}", requester=ticket.requester.name)

    def withdrawn(self, language: str, name: str) -> Reply:
        """Build the text that replaces a message that was taken back."""
        text = self._say(language, "relay.withdrawn", name=name)
        return Reply((Line(text),), summary=text, language=language)

    def in_room(self, key: str, quote: str = "", **values: object) -> Reply:
        """Build a sentence in the rooms' language."""
        return self.plain(self.language, key, quote, **values)

    def plain(self, language: str, key: str, quote: str = "", **values: object) -> Reply:
        """Build a sentence, with a quotation if there is one."""
        text = self._say(language, key, **values)
        blocks: tuple[Block, ...] = (Line(text), Quote(quote)) if quote else (Line(text),)
        return Reply(blocks, summary=f"{text} {in_short(quote)}".strip(), language=language)

    def _quoted(self, language: str, head: str, summary: str, text: str, *, edited: bool) -> Reply:
        if edited:
            head = f"{head} {self._say(language, 'relay.edited')}"
        return Reply((Line(head), Quote(text)), summary=in_short(summary), language=language)
