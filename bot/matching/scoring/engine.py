"""One content made ready: from a text as typed to the evidence about each reading of it."""

import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from bot.domain.knowledge.content import Content
from bot.matching.array_file import ArrayFile
from bot.matching.index.corpus import Reader, part, touched
from bot.matching.index.inverted_index import Ints, Move
from bot.matching.index.vocabulary import Vocabulary
from bot.matching.scoring.features import CandidateFeatures, FeatureExtractor
from bot.matching.text.language import LanguageGuess
from bot.matching.text.normalise import Words, readings
from bot.matching.text.spelling import Speller


@dataclass(frozen=True)
class Reading:
    """One reading of a text: its words after repair."""

    text: Words
    guessed: str | None
    language: str  # the guessed one, else the likeliest
    repaired: dict[str, str]

    @property
    def spoken(self) -> str:
        """The text as it was typed, the misspelt words repaired."""
        text = self.text.source or self.text.text
        for typed, meant in self.repaired.items():
            text = re.sub(rf"(?<!\w){re.escape(typed)}(?!\w)", meant, text, flags=re.IGNORECASE)
        return text


@dataclass(frozen=True)
class ScoredReading:
    """One reading of a text: its words after repair, and what speaks for each target."""

    text: Words
    language: str | None
    repaired: dict[str, str]
    candidates: CandidateFeatures


@dataclass
class Engine:
    """Made once for a content, then only read."""

    targets: list[str]
    actions: list[str]  # what people say to the desk itself
    bare: frozenset[int]  # the targets of these
    languages: LanguageGuess
    extractor: FeatureExtractor
    words: dict[str, Counter[str]]  # of the content, by language
    vocabulary: Vocabulary
    fallback: str

    def __post_init__(self) -> None:
        spoken: Counter[str] = Counter()
        for counted in self.words.values():
            spoken.update(counted)
        self._speller = Speller(spoken, self.extractor.documents.knows)

    @classmethod
    def of(cls, content: Content, language: str, reader: Reader) -> "Engine":
        """Made for a content, without a classifier; `language` is for texts that do not tell theirs."""
        corpus = reader.corpus(content)
        return cls(
            list(corpus.targets),
            corpus.said_to_the_desk,
            corpus.actions,
            LanguageGuess(corpus.by_language),
            FeatureExtractor.of(corpus, reader.vocabulary),
            corpus.by_language,
            reader.vocabulary,
            language,
        )

    def edited(self, before: Content, after: Content) -> "Engine":
        """Made for an edited content, reading only what is new; `before` is what this one was made for."""
        changed = touched(before, after)
        reader = Reader(self.vocabulary.copy())
        gone = reader.corpus(part(before, changed))
        new = reader.corpus(part(after, changed))
        targets = sorted({*self.targets}.difference(gone.targets).union(new.targets))
        number = {target: index for index, target in enumerate(targets)}
        place = np.array([-1 if t in changed else number[t] for t in self.targets], np.int64)
        numbers = np.array([number[target] for target in new.targets], np.int64)
        extractor = self.extractor.edited(new, reader.vocabulary, Move(place, numbers), numbers)
        # Those with an action are always read.
        bare = frozenset(int(numbers[target]) for target in new.actions)
        words = _counted(self.words, gone.by_language, new.by_language)
        reader.vocabulary.forget()
        made = Engine(
            targets,
            new.said_to_the_desk,
            bare,
            LanguageGuess(words),
            extractor,
            words,
            reader.vocabulary,
            self.fallback,
        )
        made.take_over(self)
        return made

    def look(self, text: str, language: str | None = None) -> list[ScoredReading]:
        """Every reading of a text; `language` is a hint for texts that are too short to tell."""
        return [self.weigh(reading) for reading in self.read(text, language)]

    def read(self, text: str, language: str | None = None) -> list[Reading]:
        """Every reading of a text, before anything is looked up but its words."""
        guessed = self.languages.guess(text)
        likely = guessed or language or self.fallback
        return [
            Reading(words, guessed, likely, repaired)
            for words, repaired in map(self._speller.repair, readings(text))
        ]

    def has_code(self, code: str) -> bool:
        """Whether the content has this code, whole."""
        return self.extractor.documents.has("=" + code)

    def weigh(self, reading: Reading, also: Ints | None = None) -> ScoredReading:
        """What speaks for each target; `also` are targets to look at whatever the words say."""
        candidates = self.extractor.gather(reading.text, reading.language, also)
        return ScoredReading(reading.text, reading.guessed, reading.repaired, candidates)

    def take_over(self, other: "Engine") -> None:
        """Use another's classifier for the targets that both have; they must share a vocabulary."""
        number = {target: index for index, target in enumerate(other.targets)}
        columns = np.array([number.get(target, -1) for target in self.targets], np.int64)
        self.extractor.take_over(other.extractor, columns)

    def save(self, arrays: ArrayFile) -> None:
        """Put everything into a box."""
        arrays.put_texts("targets", self.targets)
        arrays.put_texts("actions", self.actions)
        arrays["bare"] = np.array(sorted(self.bare), np.int64)
        arrays.put_texts("spoken", list(self.words))
        for language, counted in self.words.items():
            inside = arrays.inside(f"spoken/{language}")
            inside.put_texts("words", list(counted))
            inside["counts"] = np.array(list(counted.values()), np.int64)
        self.languages.save(arrays.inside("languages"))
        self.vocabulary.save(arrays.inside("vocabulary"))
        self.extractor.save(arrays.inside("evidence"))

    @classmethod
    def load(cls, arrays: ArrayFile, language: str) -> "Engine":
        """From a box."""
        vocabulary = Vocabulary.load(arrays.inside("vocabulary"))
        words = {}
        for spoken in arrays.texts("spoken"):
            inside = arrays.inside(f"spoken/{spoken}")
            words[spoken] = Counter(dict(zip(inside.texts("words"), inside["counts"].tolist(), strict=True)))
        extractor = FeatureExtractor.load(arrays.inside("evidence"), vocabulary)
        languages = LanguageGuess.load(arrays.inside("languages"))
        return cls(
            arrays.texts("targets"),
            arrays.texts("actions"),
            frozenset(arrays["bare"].tolist()),
            languages,
            extractor,
            words,
            vocabulary,
            language,
        )


def _counted(
    before: Mapping[str, Counter[str]], gone: Mapping[str, Counter[str]], new: Mapping[str, Counter[str]]
) -> dict[str, Counter[str]]:
    found = {}
    for language in before.keys() | new.keys():
        words = Counter(before.get(language, ()))
        words.subtract(gone.get(language, ()))
        words.update(new.get(language, ()))
        for word in gone.get(language, ()):
            if not words[word]:
                del words[word]
        if words:
            found[language] = words
    return found
