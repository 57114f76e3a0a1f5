"""Questions with known answers, made from the content alone.

The content is divided: what some targets say is left out, so that its questions are answered by nothing,
and of the others some examples are asked as if they had not been written. Where a target has hardly any
examples, its title and sentences of its article are asked.
"""

import re
import zlib
from collections.abc import Sequence
from dataclasses import replace
from typing import TypeVar

import numpy as np

from bot.domain.knowledge import Article, Content, Intent
from bot.domain.questions import Question

FOLDS = 5
FEW_ROWS = 3  # of a target: sentences of its article are asked too
T = TypeVar("T")
_SENTENCE = re.compile(r"(?<=[.!?])\s+|\n+")


def divide(content: Content, fold: int) -> tuple[Content, list[Question]]:
    """The content without one part, and what that part asks."""
    asked: list[Question] = []
    targets = sorted({*content.articles, *(intent.target for intent in content.intents.values())})
    # Every target is left out once over all folds.
    gone = {target for index, target in enumerate(_shuffled(targets)) if index % FOLDS == fold}
    spoken = _rows(content)
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
            kept_article, questions = _split_article(article, fold, name in gone, spoken[name] < FEW_ROWS)
            asked += questions
            if name not in gone:
                articles.setdefault(name, {})[language] = kept_article
    return Content(articles, intents, f"{content.hash}/{fold}"), asked


def _split(texts: Sequence[str], fold: int, whole: bool) -> tuple[list[str], tuple[str, ...]]:
    # -> what is asked, what stays
    if whole:
        return list(texts), ()
    order = _shuffled(texts)
    asked = {text for index, text in enumerate(order) if index % FOLDS == fold}
    return [t for t in texts if t in asked], tuple(t for t in texts if t not in asked)


def _split_article(article: Article, fold: int, gone: bool, poor: bool) -> tuple[Article, list[Question]]:
    expected = None if gone else article.id
    left, kept = _split(article.questions, fold, gone)
    asked = [Question(text, expected, article.language) for text in left]
    if not poor:
        return replace(article, questions=kept) if left else article, asked
    body = article.body
    pieces = [part for part in _SENTENCE.split(body[:3000]) if 4 <= len(part.split()) <= 20]
    number = zlib.crc32(article.title.encode()) + fold
    if pieces and number % 2:
        piece = pieces[number // 2 % len(pieces)]
        asked.append(Question(piece, expected, article.language))
        body = body.replace(piece, " ", 1)
        return replace(article, questions=kept, body=body), asked
    if number % FOLDS < 2 and len(article.title.split()) > 1:
        asked.append(Question(article.title, expected, article.language))
        return replace(article, questions=kept, title=""), asked
    return (replace(article, questions=kept) if left else article), asked


def _rows(content: Content) -> dict[str, int]:
    found = dict.fromkeys(content.articles, 0)
    for name, versions in content.articles.items():
        found[name] += sum(len(article.questions) for article in versions.values())
    for intent in content.intents.values():
        found[intent.target] = found.get(intent.target, 0) + sum(map(len, intent.examples.values()))
    return found


def _shuffled(texts: Sequence[str]) -> list[str]:
    # The same at every start, and whatever the order of files.
    return sorted(dict.fromkeys(texts), key=lambda text: (zlib.crc32(text.encode()), text))


def sample(questions: Sequence[T], most: int) -> list[T]:
    """A fixed sample, spread evenly."""
    if len(questions) <= most:
        return list(questions)
    return [questions[int(i)] for i in np.linspace(0, len(questions) - 1, most)]
