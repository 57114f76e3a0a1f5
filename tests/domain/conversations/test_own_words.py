"""A person's own words, and others' words beside them."""

from datetime import UTC, datetime

from hypothesis import given
from hypothesis import strategies as st

from bot.domain.conversations.messages import Addressed, ConversationRef, Quotation, Utterance
from bot.domain.conversations.own_words import parted, replied_to, said
from bot.domain.people import Identity

LINES = st.text(st.sampled_from("ab c\n>↪:é"), max_size=30)


def utterance(text: str, *quotations: Quotation) -> Utterance:
    place = ConversationRef("web", "", "ana")
    now = datetime(2026, 3, 2, tzinfo=UTC)
    sender = Identity("web", "", "ana")
    return Utterance(
        ("web:1",), sender, "Ana", place, now, Addressed.DIRECT, text, quotations=tuple(quotations)
    )


def test_what_is_forwarded_follows_under_its_authors_name() -> None:
    message = utterance("look :eyes:", Quotation(" Kim\nLee ", "it hums\n\nand blinks :fire:"))
    assert said(message) == "look 👀\n\n> ↪ Kim Lee:\n> it hums\n>\n> and blinks 🔥"
    assert replied_to(message) == ""


def test_a_forward_of_nobody_known_is_still_one() -> None:
    assert said(utterance("", Quotation("", "it hums"))) == "> ↪\n> it hums"


def test_what_is_replied_to_is_no_part_of_what_is_said() -> None:
    message = utterance("yes", Quotation("Eva", "did it hum?", forwarded=False))
    assert (said(message), replied_to(message)) == ("yes", "> Eva:\n> did it hum?")


def test_an_empty_quotation_leaves_nothing() -> None:
    assert said(utterance("hello", Quotation("Kim", " \n"))) == "hello"


def test_a_quotation_that_somebody_typed_stays_with_their_words() -> None:
    text = "> the screen is black\nmine too"
    assert parted(said(utterance(text))) == (text, "")


def test_lines_that_come_later_are_the_persons_own() -> None:
    text = said(utterance("", Quotation("Kim", "it hums"))) + "\non the third floor"
    assert parted(text) == ("on the third floor", "it hums")


@given(LINES, LINES, LINES)
def test_what_was_put_together_is_parted_again(own: str, first: str, second: str) -> None:
    written = own.replace(">", "").strip()
    message = utterance(written, Quotation("Kim", first), Quotation("", second))
    found, forwarded = parted(said(message))
    assert found == written
    assert forwarded.split() == f"{first}\n{second}".split()
