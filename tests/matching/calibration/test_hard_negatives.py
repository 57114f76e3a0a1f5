"""Hard negatives: the form of real questions around words that the content lacks."""

from dataclasses import replace

import pytest

from bot.domain.knowledge.content import Content, Intent
from bot.domain.knowledge.labelled_question import Question
from bot.matching.calibration import hard_negatives
from bot.matching.calibration.hard_negatives import EVERY, made_of
from bot.matching.index.bm25 import ArticleIndex
from bot.matching.index.corpus import CorpusReader
from bot.matching.scoring.engine import Engine

ENGLISH = (
    "how do I connect to the printer on the second floor",
    "the cartridge of the printer is empty",
    "my paper jams in the tray",
)
SPANISH = ("la impresora no imprime en color", "se atasca el papel de la bandeja", "no queda tinta negra")
INTENTS = {
    "printer": Intent("printer", {"en": ENGLISH, "es": SPANISH}, reply={"en": "Ask."}),
    "badge": Intent("badge", {"en": ("my badge does not open the printer",)}, reply={"en": "Ask."}),
}
QUESTIONS = tuple(
    Question(text, "printer", language)
    for language, texts in (("en", ENGLISH), ("es", SPANISH))
    for text in texts
    for _ in range(EVERY)  # one of so many is taken
)


@pytest.fixture(scope="module")
def articles() -> ArticleIndex:
    return Engine.build(Content({}, INTENTS, "few"), "en", CorpusReader()).extractor.articles


def test_they_are_always_the_same(articles: ArticleIndex) -> None:
    made = made_of(QUESTIONS, articles)
    assert made == made_of(QUESTIONS, articles)
    assert len(made) == len(QUESTIONS) / EVERY
    assert {question.language for question in made} == {"en", "es"}


def test_each_has_words_that_the_content_lacks_in_the_form_of_a_question(articles: ArticleIndex) -> None:
    for question, source in zip(made_of(QUESTIONS, articles), QUESTIONS[::EVERY], strict=True):
        assert question.expected is None
        words = list(zip(question.text.split(), source.text.split(), strict=True))
        exchanged = [now for now, before in words if now != before]
        assert exchanged
        assert not any(articles.has_word(word) for word in exchanged)
        assert len(exchanged) < len(words) / 2, "most of the form stays"


def test_the_rarest_word_goes_first(articles: ArticleIndex, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hard_negatives, "EXCHANGED", 0.0)
    (made,) = made_of([Question("the printer has no cartridge", "printer", "en")], articles)
    assert made.text.startswith("the printer has no ")
    assert "cartridge" not in made.text


@pytest.mark.parametrize(
    "question",
    [
        Question("l'imprimante du bureau est vide", "printer", "fr"),
        Question("how do I connect to the printer", None, "en"),
        Question("how is it", "printer", "en"),  # no word of it tells anything
    ],
    ids=["no table of words", "nothing answers it", "says nothing"],
)
def test_of_others_none_is_made(articles: ArticleIndex, question: Question) -> None:
    assert made_of([question] * EVERY, articles) == []


def test_a_question_of_no_language_is_read_as_english(articles: ArticleIndex) -> None:
    unnamed = [replace(question, language="") for question in QUESTIONS[:EVERY]]
    assert [one.text for one in made_of(unnamed, articles)] == [
        one.text for one in made_of(QUESTIONS[:EVERY], articles)
    ]
