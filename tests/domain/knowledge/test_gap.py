"""What a gap costs, and what of a question is shown."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.knowledge.gap import MOST_PER_TICKET, Gap, Missed, MissedQuestion, in_order, time_worked
from bot.domain.tickets.business_hours import Hours, Span
from bot.domain.tickets.queues import Queue, Queues

OFFICE = Hours(ZoneInfo("UTC"), week=(*[(Span(9 * 60, 17 * 60),)] * 5, (), ()))
QUEUES = Queues({"office": Queue("office", hours=OFFICE)}, "office")
FRIDAY = datetime(2026, 3, 6, 16, 0, tzinfo=UTC)


def asked(text: str = "how", asker: str = "Ana", **changes: object) -> MissedQuestion:
    return MissedQuestion(1, 1, asker, text, "en", Missed.TICKET, **changes)  # type: ignore[arg-type]


def worked(*lengths: timedelta, since: datetime = FRIDAY) -> timedelta:
    return time_worked([asked(queue="office", worked=(since, since + one)) for one in lengths], QUEUES)


def test_only_business_time_counts_and_of_a_ticket_at_most_so_much() -> None:
    assert worked(timedelta(minutes=30)) == timedelta(minutes=30)
    assert worked(timedelta(days=2)) == timedelta(hours=1), "over the weekend nobody works"
    assert worked(timedelta(days=5)) == MOST_PER_TICKET
    assert worked(timedelta(days=900), timedelta(days=5)) == 2 * MOST_PER_TICKET
    assert time_worked([asked()], QUEUES) == timedelta()


def gap(name: str, people: int, hours: float) -> Gap:
    work = timedelta(hours=hours)
    return Gap((1,), (name,), (), people, {Missed.TICKET: people}, work, ("en",), ())


def test_the_dearest_comes_first_and_people_count_beside_the_work() -> None:
    gaps = [gap("few", 5, 0), gap("work", 5, 8), gap("many", 40, 0)]

    assert [one.name for one in in_order(gaps)] == ["many", "work", "few"]


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("Ana Costa here, ana's laptop and banana", "… here, …'s laptop and banana"),
        ("mail ana.costa@example.com about https://intra.example.com/a?b=1", "mail … about …"),
        ("call +34 600-123-456 or 5500123", "call … or …"),
        ("error 0x80070005, ticket 1234, 24.04", "error 0x80070005, ticket 1234, 24.04"),
        ("www.example.com is slow", "… is slow"),
    ],
)
def test_names_addresses_and_long_numbers_are_hidden(text: str, shown: str) -> None:
    assert asked(text, "Ana Costa").sentence == shown


@given(st.text(max_size=60), st.text(max_size=30))
def test_a_name_of_any_signs_never_stands_in_a_sentence(text: str, name: str) -> None:
    shown = asked(f"{text} {name} {text}", name).sentence
    parts = [part for part in name.split() if len(part) >= 3 and part.isalpha() and part.isascii()]
    words = shown.split()
    assert [part for part in parts if part in words] == []
