"""Parses commands: fixed phrases in English and Spanish, compared exactly, before any matching."""

import re
from dataclasses import dataclass
from enum import StrEnum

from bot.domain.tickets.ticket import parse_ticket_id
from bot.domain.words.loader import ANY_GAP, any_of, together, words


class Command(StrEnum):
    """Request that a fixed phrase makes."""

    MY_TICKETS = "my_tickets"
    CANCEL = "cancel"
    PERSON = "person"
    OUTAGE = "outage"  # for engineers; from anybody else it is a question
    QUEUE = "queue"  # for engineers


@dataclass(frozen=True, slots=True)
class ParsedCommand:
    """Command with the ticket that it names, if any, and the language of its words where that is known."""

    command: Command
    ticket_id: int | None = None
    title: str = ""
    language: str | None = None


def _any(name: str) -> str:
    return any_of("commands", name, gap=ANY_GAP)


def _together(template: str) -> str:
    return together("commands", template, gap=ANY_GAP)


def _pattern(text: str) -> re.Pattern[str]:
    return re.compile(text, re.IGNORECASE)


_SHOW = rf"(?:{_any('show')}\s+)?"
_MY_TICKETS = _pattern(_SHOW + _any("my_tickets"))
_QUEUE = _pattern(rf"{_SHOW}(?:{_any('before_queue')}\s+)?{_any('queue')}")
_QUEUE_WORDS = words("commands", "queue")
_CANCEL = _pattern(
    rf"(?:{_any('please')}\s+)?{_any('cancel')}\s+(?:{_any('before_ticket')}\s+)?(?:{_any('ticket')}\s+)?"
    rf"(?P<number>(?:help[\s-]*|#)?\d{{4,12}})(?:\s+{_any('please')})?"
)
_OUTAGE = _pattern(rf"{_any('outage')}(?:\s*:\s*|\s+|$)(?P<title>[^\n]*)")
_TALK = r"{talk_to}\s+{someone}"
_WISH = r"{want}\s+{person}(?=\s*(?:$|[.,;:!?)]|{after_person}))"
_PERSON = _pattern(rf"\b(?:{_together(_TALK)}|{_together(_WISH)})")
_NOT = _pattern(rf"\b{_any('not')}\s+{_any('want_not')}\b[^.!?]{{0,20}}$")


def parse_command(text: str) -> ParsedCommand | None:
    """Parse a whole message as a command; a wish for a person may stand anywhere in it."""
    line = text.strip().strip("\"'.!?¡¿ ")
    if _MY_TICKETS.fullmatch(line):
        return ParsedCommand(Command.MY_TICKETS)
    if _QUEUE.fullmatch(line):
        return ParsedCommand(Command.QUEUE, language=_language_of_queue(line))
    cancel = _CANCEL.fullmatch(line)
    if cancel:
        return ParsedCommand(Command.CANCEL, parse_ticket_id(cancel["number"]))
    outage = _OUTAGE.fullmatch(line)
    if outage:
        return ParsedCommand(Command.OUTAGE, title=outage["title"].strip())
    wish = _PERSON.search(text)
    if wish and not _NOT.search(text[: wish.start()]):
        return ParsedCommand(Command.PERSON)
    return None


def _language_of_queue(line: str) -> str | None:
    # The English word is said in any language.
    others = (language for language in _QUEUE_WORDS if language != "en")
    return next((language for language in others if line.lower().endswith(_QUEUE_WORDS[language])), None)
