"""Pairs of related words, one of the question and one of a target: shown, but nothing is decided by them."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from bot.domain.knowledge.content import Content
from bot.matching.index.vocabulary import is_stop_word
from bot.matching.text.normalise import fold
from bot.matching.text.word_table import WordTable, word_table

RELATED = 0.6  # cosine from which on two words are worth showing as a pair
FAINTLY_RELATED = 0.42  # where there is nothing else to show
OTHER_LANGUAGE = 0.2  # less for a word of another language: short ones of many kinds lie near one another
MOST_PAIRS = 3
MOST_ASKED = 20  # words of a question that are looked up
MOST_OF_TARGET = 300  # words of one target
MOST_CACHED = 500  # targets
_WORD = re.compile(r"[^\W\d_]{2,}")


@dataclass(frozen=True, slots=True)
class _TargetWords:
    """The words of one target that the table has, with their vectors, the vectors' lengths, and languages."""

    words: tuple[str, ...]
    vectors: npt.NDArray[np.int8]
    lengths: npt.NDArray[np.float32]
    languages: npt.NDArray[np.str_]


class RelatedWords:
    """Finds related words in the targets of one content, each read when it is needed; safe in any thread."""

    def __init__(self, content: Content, words: WordTable | None = None) -> None:
        self._content = content
        self._word_table = words if words is not None else word_table()
        self._intents: dict[str, list[str]] = {}
        for intent in content.intents.values():
            self._intents.setdefault(intent.target, []).append(intent.id)
        self._targets: dict[str, _TargetWords] = {}

    def pairs(
        self, asked: Sequence[str], target: str, language: str, *, alone: bool = False
    ) -> list[tuple[str, str]]:
        """Words of a question that the target does not have, each with its nearest there, the nearest first.

        `alone`: nothing else is shown, so that a faint relation is better than none.
        """
        own = self._words_of(target)
        wanted = [word for word in dict.fromkeys(asked) if not is_stop_word(word)][:MOST_ASKED]
        known = [(word, row) for word, row in self._known(wanted) if word not in own.words]
        if not known or not own.words:
            return []
        vectors, lengths = self._vectors([row for _, row in known])
        cosine = vectors.astype(np.float32) @ own.vectors.astype(np.float32).T
        cosine /= np.outer(lengths, own.lengths)
        cosine -= np.where(own.languages == language, 0.0, OTHER_LANGUAGE).astype(np.float32)
        best = cosine.argmax(axis=1)
        near = cosine[np.arange(len(known)), best]
        order = np.argsort(-near, kind="stable")
        if alone and near[order[0]] < RELATED:
            order = order[:1][near[order[:1]] >= FAINTLY_RELATED]
        else:
            order = order[near[order] >= RELATED][:MOST_PAIRS]
        return [(known[place][0], own.words[best[place]]) for place in order.tolist()]

    def _vectors(self, rows: list[int]) -> tuple[npt.NDArray[np.int8], npt.NDArray[np.float32]]:
        found = self._word_table.vectors[rows]
        lengths = np.linalg.norm(found.astype(np.float32), axis=1)
        return found, np.asarray(np.maximum(lengths, 1.0), np.float32)

    def _known(self, words: list[str]) -> Iterator[tuple[str, int]]:
        # What is only near a word by its letters would be shown as what nobody said.
        for word, row in zip(words, self._word_table.rows(words), strict=True):
            if row is not None and word in self._word_table:
                yield word, row

    def _words_of(self, target: str) -> _TargetWords:
        found = self._targets.get(target)
        if found is None:
            found = self._read(target)
            if len(self._targets) < MOST_CACHED:
                self._targets[target] = found
        return found

    def _read(self, target: str) -> _TargetWords:
        rows: dict[str, int] = {}
        languages: list[str] = []
        for language, text in self._texts(target):
            words = [
                word for word in _WORD.findall(fold(text)) if word not in rows and not is_stop_word(word)
            ]
            rows.update(self._known(words))
            languages += [language] * (len(rows) - len(languages))
            if len(rows) >= MOST_OF_TARGET:
                break
        vectors, lengths = self._vectors(list(rows.values()))
        return _TargetWords(tuple(rows), vectors, lengths, np.array(languages, np.str_))

    def _texts(self, target: str) -> Iterator[tuple[str, str]]:
        # Titles and examples: what people say, and what an engineer recognises.
        for language, article in self._content.articles.get(target, {}).items():
            for text in (article.title, *article.questions):
                yield language, text
        for name in self._intents.get(target, ()):
            for language, examples in self._content.intents[name].examples.items():
                for text in examples:
                    yield language, text
