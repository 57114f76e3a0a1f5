"""Arranges the messages of a conversation: those of one person together, days apart."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from bot.desk.ports.page import Message
from bot.desk.ports.wording import Wording
from bot.domain.tickets.business_hours import find_zone

TOGETHER = timedelta(minutes=5)  # from one message to the next of the same person


@dataclass(frozen=True, slots=True)
class ShownMessage:
    """Message as it is shown; `day` names the day that begins with it, `joined` says that it goes on."""

    message: Message
    mine: bool
    joined: bool
    day: str


def arrange(
    messages: Sequence[Message], reader: str, wording: Wording, language: str, zone: str, now: datetime
) -> Iterator[ShownMessage]:
    """Arrange messages for their reader, by the clock of their time zone, else in UTC."""
    clock = find_zone(zone) or UTC
    today = now.astimezone(clock).date()
    before: Message | None = None
    for message in messages:
        local = message.at.astimezone(clock)
        new_day = before is None or before.at.astimezone(clock).date() != local.date()
        day = _name(wording, language, local, today) if new_day else ""
        joined = before is not None and not new_day and _goes_on(before, message)
        yield ShownMessage(message, bool(message.author) and message.author == reader, joined, day)
        before = message


def _goes_on(before: Message, message: Message) -> bool:
    same = (before.author, before.private_to) == (message.author, message.private_to)
    return same and message.at - before.at < TOGETHER


def _name(wording: Wording, language: str, local: datetime, today: date) -> str:
    days = (today - local.date()).days
    if days in (0, 1):
        return wording.say(language, f"web.day.{'yesterday' if days else 'today'}")
    return wording.moment(language, "web.day.date" if local.year == today.year else "web.day.year", local)
