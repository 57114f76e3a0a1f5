"""Parses commands: fixed phrases in English and Spanish, compared exactly, before any matching."""

import re
from dataclasses import dataclass
from enum import StrEnum

from bot.domain.conversations.days import read_day
from bot.domain.forms import folded
from bot.domain.tickets.ticket import HYPHENS, is_prefix, parse_ticket_id
from bot.domain.words.loader import ANY_GAP, all_words, alternatives, any_of, together, words


class Command(StrEnum):
    """Request that a fixed phrase makes."""

    MY_TICKETS = "my_tickets"
    CANCEL = "cancel"
    PERSON = "person"
    OUTAGE = "outage"  # for engineers; from anybody else it is a question
    QUEUE = "queue"  # for engineers
    AWAY = "away"  # for engineers, and so is the next one
    BACK = "back"
    JOIN_ACCOUNTS = "join_accounts"
    SEPARATE_ACCOUNTS = "separate_accounts"


@dataclass(frozen=True, slots=True)
class ParsedCommand:
    """Command with what it names: a ticket, a title, a day or a code; the language of its words if known."""

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
    rf"(?P<number>(?:(?P<prefix>[a-z][a-z0-9]{{1,9}})(?:\s*[{HYPHENS}]\s*|\s+|(?<=[a-z])(?=\d))|#)?\d{{4,12}})(?:\s+{_any('please')})?"
)
_OUTAGE = _pattern(rf"{_any('outage')}(?:\s*:\s*|\s+|$)(?P<title>[^\n]*)")
_CODE = r"(?P<code>[b-df-hj-np-tv-z]{4}-[b-df-hj-np-tv-z]{4})"  # no vowels: no word looks like one


def _by_language(template: str, *names: str) -> dict[str, re.Pattern[str]]:
    lists = {name: alternatives("commands", name, gap=ANY_GAP) for name in names}
    return {
        language: _pattern(template.format(**{name: found[language] for name, found in lists.items()}))
        for language in lists[names[0]]
    }


_JOIN = _by_language(r"{join_accounts}", "join_accounts")
_JOIN_CODE = _by_language(r"{join}\s+" + _CODE.replace("{4}", "{{4}}"), "join")
_SEPARATE = _by_language(r"{separate_accounts}", "separate_accounts")
_AWAY = _by_language(r"{away}(?:\s+{until}\s+(?P<until>.{{1,60}})|\s+(?P<day>.{{1,60}}))?", "away", "until")
_BACK_ON = _by_language(r"{back_on}\s+(?P<day>.{{1,60}})", "back_on")
_BACK = _by_language(r"{back}", "back")
_TALK = r"{talk_to}\s+{someone}"
_WISH = r"{want}\s+{person}(?=\s*(?:$|[.,;:!?)]|{after_person}))"
_PERSON = _pattern(rf"\b(?:{_together(_TALK)}|{_together(_WISH)})")
_AROUND_PERSON = frozenset(map(folded, all_words("commands", "around_person")))
_WORD = re.compile(r"\w+")
_NOT = _pattern(rf"\b{_any('not')}\s+{_any('want_not')}\b[^.!?]{{0,20}}$")


def parse_command(text: str) -> ParsedCommand | None:
    """Parse a whole message as a command; a wish for a person may stand anywhere in it."""
    line = text.strip().strip("\"'.!?¡¿ ")
    if _MY_TICKETS.fullmatch(line):
        return ParsedCommand(Command.MY_TICKETS)
    if _QUEUE.fullmatch(line):
        return ParsedCommand(Command.QUEUE, language=_language_of_queue(line))
    cancel = _CANCEL.fullmatch(line)
    if cancel and (cancel["prefix"] is None or is_prefix(cancel["prefix"])):
        return ParsedCommand(Command.CANCEL, parse_ticket_id(cancel["number"]))
    outage = _OUTAGE.fullmatch(line)
    if outage:
        return ParsedCommand(Command.OUTAGE, title=outage["title"].strip())
    own = _parse_accounts(line) or _parse_absence(line)
    if own is not None:
        return own
    wish = _PERSON.search(text)
    if wish and not _NOT.search(text[: wish.start()]):
        return ParsedCommand(Command.PERSON)
    return None


def is_wish_alone(text: str) -> bool:
    """Tell whether a message is a wish for a person that says nothing of its matter."""
    wish = _PERSON.search(text)
    if wish is None:
        return False
    around = f"{text[: wish.start()]} {text[wish.end() :]}"
    return all(word in _AROUND_PERSON for word in _WORD.findall(folded(around)))


def _language_of_queue(line: str) -> str | None:
    # The English word is said in any language.
    others = (language for language in _QUEUE_WORDS if language != "en")
    return next((language for language in others if line.lower().endswith(_QUEUE_WORDS[language])), None)


def _parse_accounts(line: str) -> ParsedCommand | None:
    """Parse a wish to join one's accounts, the code of one that was begun, or a wish to separate them."""
    for language in _JOIN:
        if code := _JOIN_CODE[language].fullmatch(line):
            return ParsedCommand(Command.JOIN_ACCOUNTS, title=code["code"].upper(), language=language)
        if _JOIN[language].fullmatch(line):
            return ParsedCommand(Command.JOIN_ACCOUNTS, language=language)
        if _SEPARATE[language].fullmatch(line):
            return ParsedCommand(Command.SEPARATE_ACCOUNTS, language=language)
    return None


def _parse_absence(line: str) -> ParsedCommand | None:
    """Parse an absence with its day as it was written, or the end of one.

    Without a word such as “until” what follows must be a day: “out of paper” is none.
    """
    for language in _AWAY:
        away = _AWAY[language].fullmatch(line) or _BACK_ON[language].fullmatch(line)
        if _BACK[language].fullmatch(line):
            return ParsedCommand(Command.BACK, language=language)
        if away is None:
            continue
        parts = away.groupdict()
        day = parts.get("day") or ""
        if not day or read_day(day, day_first=True) is not None:
            return ParsedCommand(Command.AWAY, title=parts.get("until") or day, language=language)
    return None
