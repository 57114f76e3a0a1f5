"""The corpus of a content: targets, examples (what people say) and documents (what articles say)."""

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
_MARKUP = re.compile(r"\]\([^)\]]*\)|[#*_`>|]+")


@dataclass(frozen=True, slots=True)
class Example:
    """One title, question or example of a target, as features."""

    text: str  # its words
    codes: tuple[str, ...]
    words: Ids
    ngrams: Ids


@dataclass(frozen=True, slots=True)
class Document:
    """One article in one language: its stems with weighted counts, and the n-grams of how it begins."""

    terms: Ids
    counts: Ids
    ngrams: Ids
    text: str  # the words of its body


@dataclass(frozen=True)
class Corpus:
    """A content as features: targets in a stable order, examples sorted by target."""

    targets: tuple[str, ...]
    examples: tuple[Example, ...]
    target_of_example: Ints
    documents: tuple[Document, ...]
    target_of_document: Ints
    action_targets: frozenset[int]  # those of an intent with an action of the desk's own
    word_counts: dict[str, Counter[str]]  # by language

    @property
    def action_examples(self) -> list[str]:
        """The examples of the desk's own actions."""
        pairs = zip(self.examples, self.target_of_example.tolist(), strict=True)
        return [example.text for example, target in pairs if target in self.action_targets]


class CorpusReader:
    """Reads texts of the content into features; each text is read once."""

    def __init__(self, vocabulary: Vocabulary | None = None) -> None:
        """`vocabulary`: what is known before."""
        self.vocabulary = Vocabulary() if vocabulary is None else vocabulary
        self._examples: dict[tuple[str, str], Example] = {}
        self._documents: dict[int, tuple[Article, Document]] = {}

    def copy(self) -> "CorpusReader":
        """A copy that has read as much; what it reads from now on, this one does not know."""
        made = CorpusReader(self.vocabulary.copy())
        made._examples, made._documents = dict(self._examples), dict(self._documents)
        return made

    def corpus(self, content: Content) -> Corpus:
        """Read a content; the order does not depend on the order of files."""
        targets = sorted({*content.articles, *(intent.target for intent in content.intents.values())})
        number = {target: index for index, target in enumerate(targets)}
        examples: list[tuple[int, Example]] = []
        documents: list[tuple[int, Document]] = []
        texts: dict[str, list[str]] = {}
        for name, versions in sorted(content.documents.items()):
            for language, article in sorted(versions.items()):
                read = self._read((article.title, *article.questions), language)
                examples += [(number[name], example) for example in read]
                document = self._document(article)
                documents.append((number[name], document))
                texts.setdefault(language, []).extend([document.text, *(one.text for one in read)])
        for key in sorted(content.intents):
            intent = content.intents[key]
            for language, written in sorted(intent.examples.items()):
                read = self._read(written, language)
                examples += [(number[intent.target], example) for example in read]
                texts.setdefault(language, []).extend(example.text for example in read)
        examples.sort(key=lambda pair: pair[0])
        return Corpus(
            tuple(targets),
            tuple(example for _, example in examples),
            np.array([target for target, _ in examples], np.int64),
            tuple(document for _, document in documents),
            np.array([target for target, _ in documents], np.int64),
            frozenset(number[intent.target] for intent in content.intents.values() if intent.action),
            {language: Counter(" ".join(parts).split()) for language, parts in texts.items()},
        )

    def _read(self, texts: Iterable[str], language: str) -> list[Example]:
        found = []
        for text in texts:
            example = self._examples.get((text, language))
            if example is None:
                example = self._examples[text, language] = self._example(text, language)
            if example.text:
                found.append(example)
        return found

    def _example(self, text: str, language: str) -> Example:
        words = words_of(text)
        ids = self.vocabulary.add_words(words, language)
        return Example(words.text, words.codes, ids, self.vocabulary.add_ngrams(words.words))

    def _document(self, article: Article) -> Document:
        known = self._documents.get(id(article))
        if known is not None:  # the article is kept beside it, so that its id stays its own
            return known[1]
        body = words_of(_MARKUP.sub(" ", article.body[:LONGEST_BODY]))
        title, tags = words_of(article.title), words_of(" ".join(article.tags))
        counts: dict[int, int] = {}
        stems = self.vocabulary.stem_ids(article.language)
        body_words = Counter(body.words)
        for words, weight in (
            (body_words, 1),
            (Counter(title.words), TITLE_WEIGHT),
            (Counter(tags.words), TAG_WEIGHT),
        ):
            for word, times in words.items():
                number = stems[word]
                counts[number] = counts.get(number, 0) + weight * times
        for code in (*body.codes, *title.codes, *tags.codes):
            number = self.vocabulary.code_id(code)
            counts[number] = counts.get(number, 0) + 1
        beginning = (*title.words, *title.words, *tags.words, *dict.fromkeys(body.words[:BEGINNING]))
        ngrams = self.vocabulary.add_ngrams(beginning)
        document = Document(array("i", counts.keys()), array("i", counts.values()), ngrams, body.text)
        self._documents[id(article)] = article, document
        return document


def changed_targets(before: Content, after: Content) -> set[str]:
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


def subset(content: Content, targets: Container[str]) -> Content:
    """The part of a content that belongs to some targets."""
    articles = {name: versions for name, versions in content.articles.items() if name in targets}
    intents = {key: intent for key, intent in content.intents.items() if intent.target in targets}
    return Content(articles, intents, content.hash)
