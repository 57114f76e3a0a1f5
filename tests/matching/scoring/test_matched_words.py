"""Which words of a question are shown, in one line."""

import pytest

from bot.desk.knowledge.library import Library
from bot.domain.knowledge.content import Article, Content, Intent
from bot.matching.index.vocabulary import is_stop_word
from bot.matching.scoring.matched_words import LONGEST_SHOWN, MOST_SHOWN, MatchedWords
from bot.matching.scoring.related_words import MOST_PAIRS, RelatedWords
from bot.matching.text.normalise import readings

CONTENT = Content(
    articles={
        "holidays": {"en": Article("holidays", "Check your vacation balance", "")},
        "laptop": {"en": Article("laptop", "Order a computer", "")},
    },
    hash="shown",
    intents={
        "holidays": Intent("holidays", {"es": ("cuántas vacaciones me quedan",)}, article="holidays"),
        "bye": Intent("bye", {"en": ("see you",)}, action="goodbye"),
    },
)


@pytest.fixture(scope="module")
def related() -> RelatedWords:
    return RelatedWords(CONTENT)


def shown(
    text: str, related: RelatedWords | None = None, language: str = "en", **repaired: str
) -> MatchedWords:
    return MatchedWords(readings(text)[0], repaired, language, related)


def test_binding_words_are_shown_only_where_there_is_nothing_else() -> None:
    one = shown("is my printer broken")
    assert one.why(["printer", "my", "is", "broken"], "t", 0) == "printer"
    assert one.why(["my", "is"], "t", 0) == "my, is"
    assert shown("la impresora no me funciona").why(["impresora", "la", "no", "me"], "t", 0) == "impresora"
    assert shown("hello").why([], "t", 0) == ""


def test_what_was_typed_otherwise_is_shown_as_typed_and_as_meant() -> None:
    assert shown("my passwrod", passwrod="password").why(["password"], "t", 0) == "passwrod→password"
    assert shown("change pwd, pls").why(["change", "password"], "t", 0) == "change, pwd→password"
    joined = shown("forgotmypassword", forgotmypassword="forgot my password")
    assert joined.why(["password", "forgot", "my"], "t", 0) == "forgotmypassword→forgot my password"


def test_a_line_stays_a_line() -> None:
    words = [f"word{number}" for number in range(20)]
    assert shown(" ".join(words)).why(words, "t", 0).split(", ") == words[:MOST_SHOWN]
    assert len(shown("x" * 500).why(["x" * 500], "t", 0)) == LONGEST_SHOWN + 1


def test_kindred_words_are_shown_as_pairs_in_either_language(related: RelatedWords) -> None:
    assert shown("how about holidays", related).why(["how"], "holidays", 0) == "holidays≈vacation"
    assert shown("los holidays", related, "es").why(["los"], "holidays", 0) == "holidays≈vacaciones"
    assert shown("my new laptop", related).why(["my"], "laptop", 0) == "laptop≈computer"
    assert shown("un ordenador nuevo", related).why([], "laptop", 0) == "ordenador≈computer"
    assert shown("a new laptop", related).why(["order"], "laptop", 0) == "order, laptop≈computer"


def test_pairs_are_looked_up_where_they_are_read(related: RelatedWords) -> None:
    one = shown("a new laptop", related)
    assert [one.why(["my"], "laptop", rank) for rank in (2, 3)] == ["laptop≈computer", "my"]
    assert one.why(["order"], "laptop", 1) == "order"
    assert one.why(["order", "desk", "chair"], "laptop", 0) == "order, desk, chair"  # says enough
    assert shown("a new laptop").why(["my"], "laptop", 0) == "my"  # where they were not weighed


def test_a_faint_pair_is_shown_rather_than_binding_words(related: RelatedWords) -> None:
    assert related.pairs(["keyboard"], "laptop", "en") == []
    assert shown("my keyboard", related).why(["my"], "laptop", 0) == "keyboard≈computer"
    assert shown("order my keyboard", related).why(["order", "my"], "laptop", 0) == "order"


def test_what_is_no_word_or_is_there_itself_is_in_no_pair(related: RelatedWords) -> None:
    assert related.pairs(["laptop"], "nothing", "en") == []
    assert related.pairs(["computer"], "laptop", "en") == []  # the target has it
    assert related.pairs(["computr", "flurbostat", "the"], "laptop", "en") == []
    many = ["holiday", "holidays", "vacations", "festivo", "vacacional", "trip"]
    assert len(related.pairs(many, "holidays", "en")) == MOST_PAIRS


def test_a_repaired_word_is_in_no_pair(related: RelatedWords) -> None:
    one = shown("a new lapptop", related, lapptop="laptop")
    assert one.why(["my"], "laptop", 0) == "my"


def test_our_own_content_shows_no_binding_word_beside_a_telling_one(library: Library) -> None:
    lines = [
        match.why.split(", ")
        for text in (
            "I can't get in to my laptop",
            "the printer spits out blank sheets",
            "se me olvido la contrasenya del portatil",
            "my flurbostat is leaking green goo",
            "no me deja entrar en el ordenador de la oficina",
        )
        for match in library.snapshot.matcher.find(text).matches[:5]
    ]
    assert [line for line in lines if len({is_stop_word(word) for word in line}) > 1] == []
    assert any("≈" in word for line in lines for word in line)
