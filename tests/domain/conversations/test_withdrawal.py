"""A message's words are taken out of what was made of them, and of nothing else."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.conversations.messages import Line, Link, Quote, Reply
from bot.domain.conversations.withdrawal import without_quotation, without_words

LINES = st.lists(
    st.text("ab c", min_size=1, max_size=6).filter(lambda text: text.strip() == text), max_size=4
)


@pytest.mark.parametrize(
    ("text", "words", "left"),
    [
        ("one", "one", ""),
        ("one\ntwo\nthree", "two", "one\nthree"),
        ("one\ntwo\nthree", "one\ntwo", "three"),
        ("one \n two", "one\ntwo", ""),
        ("one two", "two", "one two"),
        ("one", "one\ntwo", "one"),
        ("one", "", "one"),
        ("", "one", ""),
        ("one\n📎 2\ntwo", "one\n📎 2", "two"),
    ],
)
def test_whole_lines_go(text: str, words: str, left: str) -> None:
    assert without_words(text, words) == left


@given(LINES, LINES.filter(bool), LINES)
def test_what_stands_around_stays(before: list[str], words: list[str], after: list[str]) -> None:
    left = without_words("\n".join((*before, *words, *after)), "\n".join(words))
    assert sorted(left.split("\n")) == sorted((*before, *after)) or left == ""
    assert len(left.split("\n")) == max(len(before) + len(after), 1)


def test_a_quotation_is_replaced_with_its_summary() -> None:
    link = Link("the article", "https://kb.example.com")
    reply = Reply((Line("Ana asks:"), Quote("my pet's name"), link), summary="Ana asks: my pet's name")
    assert without_quotation(reply, "my pet's name", "Deleted.") == Reply(
        (Line("Ana asks:"), Line("Deleted."), link), summary="Ana asks:"
    )
    assert without_quotation(reply, "my pet", "Deleted.") is None
    assert without_quotation(Reply((Line("my pet"),)), "my pet", "Deleted.") is None


def test_a_part_and_a_shortened_quotation_are_replaced() -> None:
    both = Reply((Quote("my pet's name\nand my own"),), summary="x")
    left = without_quotation(both, "my pet's name", "Deleted.")
    assert left is not None
    assert left.blocks == (Quote("and my own"),)
    cut = Reply((Quote("the name of my pet is Rex and…"),), summary="x")
    assert without_quotation(cut, "the name of\nmy pet is Rex and so on", "Deleted.") is not None
    assert without_quotation(cut, "the name of my pet is Max and so on", "Deleted.") is None
    assert without_quotation(Reply((Quote("the…"),)), "the name of my pet", "Deleted.") is None
