"""Content as the matcher sees it: targets, rows (what people say) and documents (what articles say)."""

import re
from array import array
from collections import Counter
from collections.abc import Container, Iterable
from dataclasses import dataclass

import numpy as np

from bot.domain.knowledge.content import Article, Content
from bot.matching.index.inverted_index import Ints
from bot.matching.index.vocabulary import Ids, Vocabulary
from bot.matching.text.normalise import words_of

TITLE_WEIGHT = 3
TAG_WEIGHT = 2
LONGEST_BODY = 8_000  # characters of one article that are indexed
BEGINNING = 150  # words of it that are also compared by letters
_MARKUP = re.compile(r"\]\([^)]*\)|[#*_`>|]+")


@dataclass(frozen=True, slots=True)
class Row:
    """One thing that people say for a target, as features."""

    text: str  # its words
    codes: tuple[str, ...]
    words: Ids
    grams: Ids


@dataclass(frozen=True, slots=True)
class Document:
    """One article in one language: its stems with weighted counts, and the n-grams of how it begins."""

    terms: Ids
    counts: Ids
    grams: Ids
    text: str  # the words of its body


@dataclass(frozen=True)
class Corpus:
    """Targets in a stable order; rows are sorted by target."""

    targets: tuple[str, ...]
    rows: tuple[Row, ...]
    target_of_row: Ints
    documents: tuple[Document, ...]
    target_of_document: Ints
    actions: frozenset[int]
    by_language: dict[str, Counter[str]]

    @property
    def said_to_the_desk(self) -> list[str]:
        """What people say for an action."""
        spoken = zip(self.rows, self.target_of_row.tolist(), strict=True)
        return [row.text for row, target in spoken if target in self.actions]


class Reader:
    """Reads texts of the content into features; what was read once is remembered."""

    def __init__(self, vocabulary: Vocabulary | None = None) -> None:
        """`vocabulary`: what is known before."""
        self.vocabulary = Vocabulary() if vocabulary is None else vocabulary
        self._rows: dict[tuple[str, str], Row] = {}
        self._documents: dict[int, tuple[Article, Document]] = {}

    def copy(self) -> "Reader":
        """Another that knows as much; what it learns, this one does not."""
        made = Reader(self.vocabulary.copy())
        made._rows, made._documents = dict(self._rows), dict(self._documents)
        return made

    def corpus(self, content: Content) -> Corpus:
        """Read a content; the order does not depend on the order of files."""
        targets = sorted({*content.articles, *(intent.target for intent in content.intents.values())})
        number = {target: index for index, target in enumerate(targets)}
        rows: list[tuple[int, Row]] = []
        documents: list[tuple[int, Document]] = []
        texts: dict[str, list[str]] = {}
        for name in sorted(content.articles):
            for language, article in sorted(content.articles[name].items()):
                said = self._all((article.title, *article.questions), language)
                rows += [(number[name], row) for row in said]
                document = self._document(article)
                documents.append((number[name], document))
                texts.setdefault(language, []).extend([document.text, *(row.text for row in said)])
        for key in sorted(content.intents):
            intent = content.intents[key]
            for language, examples in sorted(intent.examples.items()):
                said = self._all(examples, language)
                rows += [(number[intent.target], row) for row in said]
                texts.setdefault(language, []).extend(row.text for row in said)
        rows.sort(key=lambda pair: pair[0])
        return Corpus(
            tuple(targets),
            tuple(row for _, row in rows),
            np.array([target for target, _ in rows], np.int64),
            tuple(document for _, document in documents),
            np.array([target for target, _ in documents], np.int64),
            frozenset(number[intent.target] for intent in content.intents.values() if intent.action),
            {language: Counter(" ".join(parts).split()) for language, parts in texts.items()},
        )

    def _all(self, texts: Iterable[str], language: str) -> list[Row]:
        found = []
        for text in texts:
            row = self._rows.get((text, language))
            if row is None:
                row = self._rows[text, language] = self._row(text, language)
            if row.text:
                found.append(row)
        return found

    def _row(self, text: str, language: str) -> Row:
        words = words_of(text)
        learn = self.vocabulary
        return Row(
            words.text, words.codes, learn.learn_words(words, language), learn.learn_grams(words.words)
        )

    def _document(self, article: Article) -> Document:
        known = self._documents.get(id(article))
        if known is not None:  # the article is kept beside it, so that its id stays its own
            return known[1]
        body = words_of(_MARKUP.sub(" ", article.body[:LONGEST_BODY]))
        title, tags = words_of(article.title), words_of(" ".join(article.tags))
        counts: dict[int, int] = {}
        stems = self.vocabulary.stems_of(article.language)
        said = Counter(body.words)
        for words, weight in (
            (said, 1),
            (Counter(title.words), TITLE_WEIGHT),
            (Counter(tags.words), TAG_WEIGHT),
        ):
            for word, times in words.items():
                number = stems[word]
                counts[number] = counts.get(number, 0) + weight * times
        for code in (*body.codes, *title.codes, *tags.codes):
            number = self.vocabulary.code(code)
            counts[number] = counts.get(number, 0) + 1
        beginning = (*title.words, *title.words, *tags.words, *dict.fromkeys(body.words[:BEGINNING]))
        grams = self.vocabulary.learn_grams(beginning)
        document = Document(array("i", counts.keys()), array("i", counts.values()), grams, body.text)
        self._documents[id(article)] = article, document
        return document


def touched(before: Content, after: Content) -> set[str]:
    """The targets that differ between two contents, or are in one only; and all that have an action."""
    changed = {
        name
        for name in before.articles.keys() | after.articles.keys()
        if before.articles.get(name) != after.articles.get(name)
    }
    for content, other in ((before, after), (after, before)):
        for key, intent in content.intents.items():
            if intent.action or other.intents.get(key) != intent:
                changed.add(intent.target)
    return changed


def part(content: Content, targets: Container[str]) -> Content:
    """What a content has for some targets."""
    articles = {name: versions for name, versions in content.articles.items() if name in targets}
    intents = {key: intent for key, intent in content.intents.items() if intent.target in targets}
    return Content(articles, intents, content.hash)
