"""Texts that ask the same come together, whatever is typed wrong, and what the content knows stays apart."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.desk.ports.content import MatchedText
from bot.domain.knowledge.content import Article, Content, Intent
from bot.domain.knowledge.decision import Match
from bot.matching.clustering.grouping import QuestionGrouping
from bot.matching.clustering.linkage import join
from bot.matching.clustering.similarity import similarities
from tests.support.matching.gaps import GREENHOUSE, SPECTROMETER

EMPTY = Content({}, {}, "empty")
GROUPING = QuestionGrouping()
OTHERS = (
    "who has seen my umbrella",
    "the lift smells of fish",
    "our choir sings on Friday",
    "ice on the roof",
)


def texts(*written: str, language: str = "en") -> list[MatchedText]:
    return [MatchedText(text, language, (), person) for person, text in enumerate(written)]


def grouped(asked: list[MatchedText], content: Content = EMPTY, fewest: int = 3) -> list[set[str]]:
    found = GROUPING.groups(asked, content, fewest)
    return [{asked[place].text for place in group.places} for group in found]


def test_the_same_question_is_one_group_and_everything_else_in_none() -> None:
    assert grouped(texts(*SPECTROMETER, *OTHERS)) == [set(SPECTROMETER)]
    assert grouped(texts(*OTHERS, *GREENHOUSE, language="es")) == [set(GREENHOUSE)]


def test_typing_errors_do_not_part_a_group() -> None:
    mistyped = ("how do i calibrat the spectrometr", "spectormeter calibration lab")
    assert grouped(texts(*SPECTROMETER, *mistyped, *OTHERS)) == [{*SPECTROMETER, *mistyped}]


def test_a_word_that_all_of_few_texts_have_counts_still() -> None:
    without_meaning = np.zeros((2, 1), np.float32)
    found = similarities(("the spectrometer hums", "a spectrometer sings"), ("en", "en"), without_meaning)

    assert found[0, 1] > 0.2


def test_few_are_no_group() -> None:
    assert grouped(texts(*SPECTROMETER[:2], *OTHERS)) == []
    assert grouped([]) == []


def test_what_belongs_to_two_articles_is_never_one_group() -> None:
    one = ("reset the mail password", "mail password reset", "how to reset my mail password")
    other = ("reset the bank password", "bank password reset", "how to reset my bank password")
    asked = [MatchedText(text, "en", (Match("mail", 0.4),), person) for person, text in enumerate(one)]
    asked += [MatchedText(text, "en", (Match("bank", 0.4),), person) for person, text in enumerate(other, 9)]
    intents = {name: Intent(name, {"en": examples}) for name, examples in (("mail", one), ("bank", other))}

    assert sorted(map(sorted, grouped(asked, Content({}, intents, "two")))) == sorted(
        map(sorted, (one, other))
    )


def test_the_most_central_text_comes_first_with_the_words_that_part_it() -> None:
    asked = texts(*OTHERS, *SPECTROMETER, "the spectrometer in the lab of the basement of the east wing hums")
    (group,) = GROUPING.groups(asked, EMPTY, 3)

    assert asked[group.places[0]].text in SPECTROMETER
    assert "spectrometer" in group.words
    assert "the" not in group.words


def test_a_target_lacks_what_several_people_say_and_no_text_of_it() -> None:
    article = Article(
        "lab",
        "The lab",
        "Calibration is on Monday, calibrating the scales too.",
        "en",
        questions=("open the lab",),
    )
    content = Content({"lab": {"en": article}}, {}, "lab")

    assert GROUPING.lacking(texts(*SPECTROMETER), "lab", content) == ("spectrometer",)


def test_what_one_person_alone_wrote_is_no_word_of_a_group() -> None:
    asked = texts(*SPECTROMETER)
    again = ("spectrometer calibration for Hildegard", "Hildegard needs the spectrometer calibrated")
    asked += [MatchedText(text, "en", (), 99) for text in again]
    (group,) = GROUPING.groups(asked, EMPTY, 3)

    assert "hildegard" not in group.words
    assert "hildegard" not in GROUPING.lacking(asked, "none", EMPTY)


@pytest.mark.parametrize(
    ("text", "asked"),
    [
        ("Hi team, the spectrometer hums\n\nThanks,\nBob", "the spectrometer hums"),
        ("", ""),
    ],
)
def test_a_question_is_what_asks(text: str, asked: str) -> None:
    assert GROUPING.question(text) == asked


@given(st.integers(1, 12), st.floats(0.05, 0.95), st.integers(0, 2**32 - 1))
def test_groups_are_a_partition_and_keep_apart_what_is_known(number: int, least: float, seed: int) -> None:
    rng = np.random.default_rng(seed)
    drawn = rng.random((number, number), np.float32)
    known = rng.integers(-1, 3, number).tolist()

    found = join(((drawn + drawn.T) / 2).astype(np.float32), least, known).tolist()

    assert [found[group] for group in found] == found, "a group is named by one of its own"
    of_group: dict[int, set[int]] = {}
    for belongs, group in zip(known, found, strict=True):
        if belongs >= 0:
            of_group.setdefault(group, set()).add(belongs)
    assert all(len(numbers) == 1 for numbers in of_group.values())
    for belongs in set(known) - {-1}:
        assert len({group for at, group in enumerate(found) if known[at] == belongs}) == 1


@given(st.lists(st.text(max_size=40), max_size=8))
def test_anything_can_be_grouped(written: list[str]) -> None:
    places = [place for group in GROUPING.groups(texts(*written), EMPTY, 2) for place in group.places]
    assert len(places) == len(set(places))


def test_many_between_two_that_are_known_do_not_join_them() -> None:
    many = 60
    similar = np.full((many, many), 0.9, np.float32)

    found = join(similar, 0.1, [0, 1, *[-1] * (many - 2)])

    assert found[0] != found[1]
    assert set(found.tolist()) == {found[0], found[1]}
