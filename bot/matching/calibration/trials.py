"""Holds questions with known answers out of the content.

The content is divided: what some targets say is left out, so that its questions are answered by nothing,
and of the others some examples are asked as if they had not been written. Where a target has hardly any
examples, sentences of its article are asked: some whole, which are taken out, of others a part of their
words, as people remember them.
"""

import re
import zlib
from collections.abc import Sequence, Set
from dataclasses import replace
from typing import TypeVar

import numpy as np

from bot.domain.knowledge.content import Article, Content, Intent
from bot.domain.knowledge.labelled_question import Question
from bot.matching.index.vocabulary import is_stop_word
from bot.matching.text.normalise import words_of

FOLDS = 5
FEW_EXAMPLES = 3  # of a target: sentences of its article are asked too
BEGINNING = 600  # characters of an article whose sentences are asked
FEWEST_TELLING = 3  # words of such a sentence that say something
ASKED_OF_ARTICLE = 2
REMEMBERED = 0.6  # of a sentence's words
T = TypeVar("T")
_SIGNS = re.compile(r"[\W_]+")
_SENTENCE = re.compile(r"(?<=[.!?])\s+|\n+")


def divide(content: Content, fold: int) -> tuple[Content, list[Question]]:
    """The content without one fold, and the questions of that fold.

    They expect None where their whole target is left out.
    """
    asked: list[Question] = []
    targets = sorted({*content.articles, *(intent.target for intent in content.intents.values())})
    # Every target is left out once over all folds.
    gone = {target for index, target in enumerate(_shuffled(targets)) if index % FOLDS == fold}
    example_count = _example_counts(content)
    intents: dict[str, Intent] = {}
    for key, intent in sorted(content.intents.items()):
        examples = {}
        for language, texts in sorted(intent.examples.items()):
            left, kept = _split(texts, fold, intent.target in gone)
            expected = None if intent.target in gone else intent.target
            asked += [Question(text, expected, language) for text in left]
            examples[language] = kept
        if intent.target not in gone:
            intents[key] = replace(intent, examples=examples)
    articles: dict[str, dict[str, Article]] = {}
    for name, versions in sorted(content.articles.items()):
        for language, article in sorted(versions.items()):
            few = example_count[name] < FEW_EXAMPLES
            kept_article, questions = _split_article(article, fold, name in gone, few)
            asked += questions
            if name not in gone:
                articles.setdefault(name, {})[language] = kept_article
    held_out = frozenset((question.expected, _plain(question.text)) for question in asked)
    _drop_repeated(articles, intents, held_out)
    return Content(articles, intents, f"{content.hash}/{fold}"), asked


def _drop_repeated(
    articles: dict[str, dict[str, Article]],
    intents: dict[str, Intent],
    held_out: Set[tuple[str | None, str]],
) -> None:
    """Take out of each target what it says a second time: its title is often one of its questions.

    A question whose target still has these very words teaches that nothing but the same words will do.
    """

    def others(target: str, texts: Sequence[str]) -> tuple[str, ...]:
        return tuple(text for text in texts if (target, _plain(text)) not in held_out)

    for name, versions in articles.items():
        for language, article in versions.items():
            title, questions = "".join(others(name, [article.title])), others(name, article.questions)
            versions[language] = replace(article, title=title, questions=questions)
    for key, intent in intents.items():
        examples = {language: others(intent.target, texts) for language, texts in intent.examples.items()}
        intents[key] = replace(intent, examples=examples)


def _split(texts: Sequence[str], fold: int, whole: bool) -> tuple[list[str], tuple[str, ...]]:
    # -> what is asked, what stays
    if whole:
        return list(texts), ()
    order = _shuffled(texts)
    asked = {text for index, text in enumerate(order) if index % FOLDS == fold}
    return [t for t in texts if t in asked], tuple(t for t in texts if t not in asked)


def _split_article(
    article: Article, fold: int, gone: bool, few_examples: bool
) -> tuple[Article, list[Question]]:
    expected = None if gone else article.id
    left, kept = _split(article.questions, fold, gone)
    asked = [Question(text, expected, article.language) for text in left]
    if not few_examples:
        return replace(article, questions=kept) if left else article, asked
    title, body = article.title, article.body
    rng = np.random.default_rng(zlib.crc32(title.encode()) + fold)
    pieces = _pieces(body)
    if not pieces and len(title.split()) > 1:
        asked.append(Question(title, expected, article.language))
        title = ""
    for _ in range(ASKED_OF_ARTICLE if pieces else 0):
        piece = pieces[int(rng.integers(len(pieces)))]
        if rng.random() < 0.5:
            asked.append(Question(piece, expected, article.language))
            body = body.replace(piece, " ", 1)
        else:
            kept_words = [word for word in piece.split() if rng.random() < REMEMBERED]
            asked += [Question(" ".join(kept_words), expected, article.language)] if kept_words else []
    return replace(article, questions=kept, title=title, body=body), asked


def _plain(text: str) -> str:
    return _SIGNS.sub(" ", text).strip().casefold()


def _pieces(body: str) -> list[str]:
    # Sentences of the beginning, which say what it is about; later ones are steps that many articles share.
    parts = [part for part in _SENTENCE.split(body[:BEGINNING]) if 4 <= len(part.split()) <= 25]
    return [
        part
        for part in parts
        if sum(not is_stop_word(word) for word in words_of(part).words) >= FEWEST_TELLING
    ]


def _example_counts(content: Content) -> dict[str, int]:
    found = dict.fromkeys(content.articles, 0)
    for name, versions in content.articles.items():
        found[name] += sum(len(article.questions) for article in versions.values())
    for intent in content.intents.values():
        found[intent.target] = found.get(intent.target, 0) + sum(map(len, intent.examples.values()))
    return found


def share_without_examples(content: Content) -> float:
    """The share of the targets that have hardly any examples."""
    counts = _example_counts(content).values()
    return sum(count < FEW_EXAMPLES for count in counts) / max(len(counts), 1)


def _shuffled(texts: Sequence[str]) -> list[str]:
    # The same at every start, and whatever the order of files.
    return sorted(dict.fromkeys(texts), key=lambda text: (zlib.crc32(text.encode()), text))


def sample(questions: Sequence[T], most: int) -> list[T]:
    """At most so many of the questions, spread evenly; always the same."""
    if len(questions) <= most:
        return list(questions)
    return [questions[int(i)] for i in np.linspace(0, len(questions) - 1, most)]
