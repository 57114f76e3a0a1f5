"""The rule that keeps notes in the room, for any text and any order of edits."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.people import Person
from bot.domain.tickets.relay import Visibility, decide_visibility, decide_visibility_after_edit, is_note
from bot.domain.tickets.ticket import Priority, Status, Ticket

ANA, EVA, ERIC = Person(1, "Ana"), Person(2, "Eva"), Person(3, "Eric")
TICKET = Ticket(
    id=1,
    token="t",
    status=Status.CLAIMED,
    priority=Priority.NORMAL,
    queue="",
    language="en",
    requester=ANA,
    episode_id=1,
    question_id=1,
    opened_at=datetime(2026, 3, 2, tzinfo=UTC),
    assignee=EVA,
)
LINES = st.text(max_size=30)
INVISIBLE = st.text(st.sampled_from(" \t\u00a0\u200b\u200d\ufeff\u2060\u3000"), max_size=4)
ENDS = st.sampled_from(["\n", "\r\n", "\r", "\u2028", "\u2029", "\x0b", "\x0c", "\x85"])
LEADS = st.sampled_from(["", "1. ", "12) ", "b. ", "> ", ">> ", "• ", "- ", "* ", "*", "_", "~", "`", "```"])
SIGNS = st.sampled_from(["//", "／／", "/／", "///", "// "])
NOTES = st.builds(
    lambda before, end, space, lead, sign, rest: f"{before}{end}{space}{lead}{sign}{rest}",
    LINES,
    ENDS,
    INVISIBLE,
    LEADS,
    SIGNS,
    LINES,
)
STATUSES = st.sampled_from(list(Status))


@pytest.mark.parametrize(
    "text",
    [
        "",
        "/",
        "/ hello",
        "https://x",
        "see //x",
        "a // b",
        "and/or",
        "http://a\nhttps://b",
        "1//2",
        "\\\\server",
    ],
)
def test_what_is_no_note(text: str) -> None:
    assert not is_note(text)


@given(NOTES)
def test_any_line_that_begins_with_the_sign_makes_a_note(text: str) -> None:
    assert is_note(text)


@given(NOTES, STATUSES, st.booleans(), st.sampled_from([ANA, EVA, ERIC]))
def test_a_note_is_never_sent(text: str, status: Status, notes_only: bool, author: Person) -> None:
    ticket = replace(TICKET, status=status, notes_only=notes_only)
    assert decide_visibility(ticket, author, text) is Visibility.NOTE


@given(LINES, STATUSES, st.sampled_from([ANA, EVA, ERIC]))
def test_with_notes_only_nothing_is_sent(text: str, status: Status, author: Person) -> None:
    ticket = replace(TICKET, status=status, notes_only=True)
    assert decide_visibility(ticket, author, text) is Visibility.NOTE


@given(LINES, STATUSES, st.sampled_from([ANA, EVA, ERIC]))
def test_only_the_assignee_of_a_claimed_ticket_sends(text: str, status: Status, author: Person) -> None:
    sent = decide_visibility(replace(TICKET, status=status), author, text) is Visibility.SENT
    assert sent == (not is_note(text) and status is Status.CLAIMED and author is EVA)


@given(
    st.sampled_from([Visibility.SENT, Visibility.NOTE, Visibility.ROOM]),
    st.lists(st.tuples(st.one_of(LINES, NOTES), st.booleans())),
)
def test_once_a_note_always_a_note_and_nothing_becomes_sent(
    course: Visibility, edits: list[tuple[str, bool]]
) -> None:
    for text, notes_only in edits:
        before, course = (
            course,
            decide_visibility_after_edit(course, replace(TICKET, notes_only=notes_only), text),
        )
        assert course in (before, Visibility.NOTE)
        if notes_only or is_note(text):
            assert course is Visibility.NOTE


@given(st.one_of(LINES, NOTES), st.booleans())
def test_the_employees_words_are_no_notes(text: str, notes_only: bool) -> None:
    assert (
        decide_visibility_after_edit(Visibility.FROM_EMPLOYEE, replace(TICKET, notes_only=notes_only), text)
        is Visibility.FROM_EMPLOYEE
    )
