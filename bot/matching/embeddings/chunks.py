"""What of a content is encoded: what people say, and passages of articles."""

import re
from dataclasses import dataclass

import numpy as np

from bot.domain.knowledge.content import Article, Content
from bot.matching.index.inverted_index import Ints

BEGINNING = 500  # characters of an article that say what it is about
PASSAGE = 250  # characters, about; whole sentences
MOST_PASSAGES = 8  # of one article in one language
LONGEST_BODY = 8_000
_MARKUP = re.compile(r"\]\([^)]*\)|[#*_`>|\[]+")
_SENTENCE = re.compile(r"(?<=[.!?:])\s+|\n+")


@dataclass(frozen=True)
class ContentTexts:
    """Every text with its target, sorted by target: what people say, how articles begin, what is in them."""

    targets: tuple[str, ...]
    rows: tuple[str, ...]
    target_of_row: Ints
    beginnings: tuple[str, ...]
    target_of_beginning: Ints
    passages: tuple[str, ...]
    target_of_passage: Ints

    @property
    def texts(self) -> tuple[str, ...]:
        """All of them."""
        return self.rows + self.beginnings + self.passages


def content_texts(content: Content) -> ContentTexts:
    """The texts of a content; the targets are in the same order as the word matcher's."""
    targets = sorted({*content.articles, *(intent.target for intent in content.intents.values())})
    number = {target: index for index, target in enumerate(targets)}
    rows: list[tuple[int, str]] = []
    beginnings: list[tuple[int, str]] = []
    passages: list[tuple[int, str]] = []
    for name in sorted(content.articles):
        for _, article in sorted(content.articles[name].items()):
            rows += [(number[name], text) for text in (article.title, *article.questions) if text.strip()]
            beginnings.append((number[name], beginning_of(article)))
            passages += [(number[name], text) for text in passages_of(article)]
    for key in sorted(content.intents):
        intent = content.intents[key]
        for _, examples in sorted(intent.examples.items()):
            rows += [(number[intent.target], text) for text in examples if text.strip()]
    rows.sort(key=lambda pair: pair[0])
    return ContentTexts(tuple(targets), *_apart(rows), *_apart(beginnings), *_apart(passages))


def _apart(texts: list[tuple[int, str]]) -> tuple[tuple[str, ...], Ints]:
    return tuple(text for _, text in texts), np.array([target for target, _ in texts], np.int64)


def beginning_of(article: Article) -> str:
    """An article's title and first sentences."""
    return _titled(article, " ".join(_MARKUP.sub(" ", article.body[: 2 * BEGINNING]).split())[:BEGINNING])


def _titled(article: Article, text: str) -> str:
    return f"{article.title}. {text}" if article.title else text


def passages_of(article: Article) -> list[str]:
    """An article in pieces of some sentences, each under its title."""
    found: list[str] = []
    piece = ""
    for sentence in _SENTENCE.split(_MARKUP.sub(" ", article.body[:LONGEST_BODY])):
        sentence = " ".join(sentence.split())
        if piece and len(piece) + len(sentence) > PASSAGE:
            found.append(piece)
            piece = ""
            if len(found) == MOST_PASSAGES:
                break
        piece = f"{piece} {sentence}".strip()
    if piece and len(found) < MOST_PASSAGES:
        found.append(piece)
    return [_titled(article, text) for text in found]
