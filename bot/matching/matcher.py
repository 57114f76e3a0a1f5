"""The matcher: text in, candidates with probabilities out."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from rapidfuzz import fuzz

from bot.domain.knowledge import Content, Finding, Match
from bot.matching import tone
from bot.matching.corpus import corpus_of
from bot.matching.documents import dull
from bot.matching.evidence import NAMES, NONE_NAMES, Evidence, Gatherer
from bot.matching.features import Lexicon
from bot.matching.index import Floats
from bot.matching.language import LanguageGuess
from bot.matching.normalise import LONGEST, Words, readings, words_of
from bot.matching.spelling import Speller
from bot.matching.trials import calibrate

VERSION = "words-1"
MOST_MATCHES = 12
MOST_SHOWN = 6  # words in `why`
SAME = 0.9  # letter by letter: a text is one of the examples
LETTERS = NAMES.index("letters")


@dataclass(frozen=True, slots=True)
class Explained:
    """One candidate taken apart: what was seen (`evidence`) and what each part gave (`gave`).

    The parts that speak for none of the targets are in the row whose target is None.
    """

    target: str | None
    confidence: float
    evidence: Mapping[str, float]
    gave: Mapping[str, float]
    matched: tuple[str, ...] = ()
    repaired: Mapping[str, str] | None = None


@dataclass(frozen=True)
class _Seen:
    text: Words
    language: str | None
    repaired: dict[str, str]
    evidence: Evidence
    confidence: Floats


class WordMatcher:
    """Matches by words, stems, letters and articles' texts; made for one content, safe in any thread."""

    version = VERSION

    def __init__(self, content: Content, language: str = "en") -> None:
        lexicon = Lexicon()
        self._corpus = corpus_of(content, lexicon.stems)
        self._languages = LanguageGuess(self._corpus.by_language)
        self._fallback = language
        self._gatherer = Gatherer(self._corpus, lexicon)
        self._speller = Speller(self._corpus.vocabulary, self._gatherer.documents.knows)
        self._layer = calibrate(self._gatherer)
        if self._gatherer.ridge:
            self._gatherer.ridge.forget()
        self._actions = [r.words.text for r in self._corpus.rows if r.target in self._corpus.actions]

    def find(self, text: str, language: str | None = None) -> Finding:
        """Match one text; `language` is a hint for texts that are too short to tell."""
        seen = self._look(text, language)
        ranked = self._ranked(seen)[:MOST_MATCHES]
        return Finding(
            matches=tuple(
                Match(
                    self._corpus.targets[seen.evidence.targets[i]], float(seen.confidence[i]), _why(seen, i)
                )
                for i in ranked
            ),
            language=seen.language,
            vague=self._vague(text, seen),
            angry=tone.angry(text),
            asks=tone.asks(text),
        )

    def explain(self, text: str, language: str | None = None) -> list[Explained]:
        """Every candidate taken apart, best first; the last row is what speaks for none of them."""
        seen = self._look(text, language)
        layer, evidence = self._layer, seen.evidence
        rows = [
            Explained(
                self._corpus.targets[evidence.targets[i]],
                float(seen.confidence[i]),
                dict(zip(NAMES, evidence.features[i].tolist(), strict=True)),
                dict(zip(NAMES, (evidence.features[i] * layer.candidate).tolist(), strict=True)),
                tuple(evidence.hits[int(evidence.targets[i])]),
                seen.repaired,
            )
            for i in self._ranked(seen)
        ]
        none = Explained(
            None,
            1.0 - float(seen.confidence.sum()),
            dict(zip(NONE_NAMES, evidence.none.tolist(), strict=True)),
            dict(zip(NONE_NAMES, (evidence.none * layer.none).tolist(), strict=True)),
        )
        return [*rows, none]

    def _look(self, text: str, language: str | None) -> _Seen:
        guessed = self._languages.guess(text)
        seen = [self._read(words, guessed, language) for words in readings(text)]
        # Of a story's readings the one that says most; of equal ones the first.
        return max(seen, key=lambda one: float(one.confidence.max(initial=0.0)))

    def _read(self, text: Words, guessed: str | None, language: str | None) -> _Seen:
        words, repaired = self._speller.repair(text)
        evidence = self._gatherer.gather(words, guessed or language or self._fallback)
        confidence = self._layer.probabilities(evidence.features, evidence.none)
        return _Seen(words, guessed, repaired, evidence, np.clip(confidence, 0.0, 1.0))

    def _ranked(self, seen: _Seen) -> list[int]:
        # Equal ones by id, so that the order never depends on anything else.
        targets = self._corpus.targets
        order = range(len(seen.confidence))
        return sorted(order, key=lambda i: (-seen.confidence[i], targets[seen.evidence.targets[i]]))

    def _vague(self, text: str, seen: _Seen) -> bool:
        if not tone.says_nothing(seen.text):
            return False
        if max(seen.evidence.features[:, LETTERS], default=0.0) >= SAME:
            return False  # somebody wrote just this as an example
        whole = words_of(text[:LONGEST]).text
        return not any(fuzz.ratio(whole, example) >= 100 * SAME for example in self._actions)


def _why(seen: _Seen, index: int) -> str:
    matched = seen.evidence.hits[int(seen.evidence.targets[index])]
    origin = {part: wrong for wrong, right in seen.repaired.items() for part in right.split()}
    shown = [f"~{origin[word]}→{word}" if word in origin else word for word in matched if not dull(word)]
    return ", ".join(dict.fromkeys(shown[:MOST_SHOWN])) if shown else ", ".join(matched[:MOST_SHOWN])
