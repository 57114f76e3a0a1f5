"""The texts of a content that are encoded: examples, and the beginnings and passages of articles."""

import re
from dataclasses import dataclass

import numpy as np

from bot.domain.knowledge.content import Article, Content
from bot.matching.index.inverted_index import Ints

BEGINNING = 500  # characters of an article that say what it is about
PASSAGE = 250  # characters, about; whole sentences
MOST_PASSAGES = 8  # of one article in one language
LONGEST_BODY = 8_000
_MARKUP = re.compile(r"\]\([^)\]]*\)|^[ \t|:-]+$|!?\[|[#*_`>|]+", re.MULTILINE)
_SENTENCE = re.compile(r"(?<=[.!?:])\s+|\n+")


@dataclass(frozen=True)
class ContentTexts:
    """Every text with its target, sorted by target; articles' titles and questions are examples too."""

    targets: tuple[str, ...]
    examples: tuple[str, ...]
    target_of_example: Ints
    beginnings: tuple[str, ...]
    target_of_beginning: Ints
    passages: tuple[str, ...]
    target_of_passage: Ints

    @property
    def all(self) -> tuple[str, ...]:
        """All of them, one kind after the other."""
        return self.examples + self.beginnings + self.passages


def content_texts(content: Content) -> ContentTexts:
    """The texts of a content; the targets are in the same order as the word matcher's."""
    targets = sorted({*content.articles, *(intent.target for intent in content.intents.values())})
    number = {target: index for index, target in enumerate(targets)}
    examples: list[tuple[int, str]] = []
    beginnings: list[tuple[int, str]] = []
    passages: list[tuple[int, str]] = []
    for name, versions in sorted(content.documents.items()):
        for _, article in sorted(versions.items()):
            own = (article.title, *article.questions)
            examples += [(number[name], text) for text in own if text.strip()]
            beginnings.append((number[name], beginning_of(article)))
            passages += [(number[name], text) for text in passages_of(article)]
    for key in sorted(content.intents):
        intent = content.intents[key]
        for _, written in sorted(intent.examples.items()):
            examples += [(number[intent.target], text) for text in written if text.strip()]
    examples.sort(key=lambda pair: pair[0])
    return ContentTexts(tuple(targets), *_unzipped(examples), *_unzipped(beginnings), *_unzipped(passages))


def _unzipped(texts: list[tuple[int, str]]) -> tuple[tuple[str, ...], Ints]:
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
