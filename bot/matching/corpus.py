"""Content as the matcher sees it: targets, rows (what people say) and documents (what articles say)."""

import re
from collections import Counter
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from bot.domain.knowledge import Article, Content
from bot.matching.normalise import Words, words_of
from bot.matching.stems import Stems

Ints = npt.NDArray[np.int64]

TITLE_WEIGHT = 3
LONGEST_BODY = 20_000  # characters of one article that are indexed
_MARKUP = re.compile(r"\]\([^)]*\)|[#*_`>|]+")


@dataclass(frozen=True, slots=True)
class Row:
    """One thing that people say for a target; `document` is where the same words stand too, or -1."""

    words: Words
    language: str
    target: int
    document: int = -1
    weight: int = 0  # how often its words were counted there


@dataclass(frozen=True, slots=True)
class Document:
    """One article in one language, as counts of stems."""

    counts: Counter[str]
    language: str
    target: int
    beginning: str  # of its text


@dataclass(frozen=True)
class Corpus:
    """Targets in a stable order, rows and documents sorted by target."""

    targets: tuple[str, ...]
    rows: tuple[Row, ...]
    documents: tuple[Document, ...]
    actions: frozenset[int]
    vocabulary: Counter[str]
    by_language: dict[str, Counter[str]]

    @property
    def target_of_row(self) -> Ints:
        """The target of each row."""
        return np.array([row.target for row in self.rows], np.int64)


def corpus_of(content: Content, stems: Stems) -> Corpus:
    """Read a content; the order does not depend on the order of files."""
    targets = sorted({*content.articles, *(intent.target for intent in content.intents.values())})
    number = {target: index for index, target in enumerate(targets)}
    rows: list[Row] = []
    documents: list[Document] = []
    by_language: dict[str, Counter[str]] = {}
    for name in sorted(content.articles):
        for language, article in sorted(content.articles[name].items()):
            said = _said(article)
            rows += [Row(words, language, number[name], len(documents), weight) for words, weight in said]
            counted = by_language.setdefault(language, Counter())
            documents.append(_document(article, said, number[name], stems, counted))
    for key in sorted(content.intents):
        intent = content.intents[key]
        for language, examples in sorted(intent.examples.items()):
            texts = [words for words in map(words_of, examples) if words.words]
            rows += [Row(words, language, number[intent.target]) for words in texts]
            counted = by_language.setdefault(language, Counter())
            for words in texts:
                counted.update(words.words)
    vocabulary: Counter[str] = Counter()
    for counted in by_language.values():
        vocabulary.update(counted)
    actions = frozenset(number[intent.target] for intent in content.intents.values() if intent.action)
    rows.sort(key=lambda row: row.target)
    return Corpus(tuple(targets), tuple(rows), tuple(documents), actions, vocabulary, by_language)


def _said(article: Article) -> list[tuple[Words, int]]:
    texts = [(words_of(article.title), TITLE_WEIGHT), *((words_of(q), 1) for q in article.questions)]
    return [(words, weight) for words, weight in texts if words.words]


def _document(
    article: Article, said: list[tuple[Words, int]], target: int, stems: Stems, counted: Counter[str]
) -> Document:
    # `counted` gets the words of the article too
    body = _MARKUP.sub(" ", article.body[:LONGEST_BODY])
    counts: Counter[str] = Counter()
    for words, weight in (*said, (words_of(" ".join(article.tags)), 2), (words_of(body), 1)):
        for word, times in Counter(words.words).items():
            counted[word] += times
            counts[stems.learn(word, article.language)] += weight * times
        for code in words.codes:
            counts["=" + code] += weight
    return Document(counts, article.language, target, body[:3000])
