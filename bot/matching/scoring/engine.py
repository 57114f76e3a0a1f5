"""The engine of one content: reads a text as typed, and extracts the features of its candidates."""

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from bot.domain.conversations.signs import without_signs
from bot.domain.knowledge.content import Content
from bot.matching.array_file import ArrayFile
from bot.matching.index.corpus import CorpusReader, changed_targets, subset
from bot.matching.index.inverted_index import Ints, Renumbering
from bot.matching.index.vocabulary import Vocabulary
from bot.matching.scoring.candidates import CandidateFeatures
from bot.matching.scoring.features import NAMES, FeatureExtractor
from bot.matching.text import normalise
from bot.matching.text.language import LANGUAGES, LanguageGuess, in_other_letters
from bot.matching.text.normalise import Words
from bot.matching.text.spelling import SpellingCorrector
from bot.matching.text.word_table import is_no_word

AMOUNT, COVERAGE = NAMES.index("amount"), NAMES.index("coverage")
_WORD = re.compile(r"\w+")


@dataclass(frozen=True)
class Reading:
    """One reading of a text: its words after repair."""

    text: Words
    guessed_language: str | None
    language: str  # the guessed one, else the likeliest
    repaired: dict[str, str]  # words as typed -> as meant

    @property
    def corrected_text(self) -> str:
        """The text as it was typed, the misspelt words repaired."""
        text = self.text.source or self.text.text
        if not self.repaired:
            return text
        # Words are repaired without their accents, which the text as it was typed still has.
        return _WORD.sub(lambda word: self.repaired.get(normalise.fold(word[0]), word[0]), text)


@dataclass(frozen=True)
class ScoredReading:
    """One reading of a text with its candidates and their features."""

    text: Words
    language: str | None  # the guessed one
    repaired: dict[str, str]
    candidates: CandidateFeatures


@dataclass
class Engine:
    """Everything that matching needs of one content; built once, then only read."""

    targets: list[str]
    action_examples: list[str]  # what people say to the desk itself
    action_targets: frozenset[int]  # the targets of these
    language_guess: LanguageGuess
    extractor: FeatureExtractor
    word_counts: dict[str, Counter[str]]  # of the content, by language
    vocabulary: Vocabulary
    default_language: str

    def __post_init__(self) -> None:
        total: Counter[str] = Counter()
        for counts in self.word_counts.values():
            total.update(counts)
        self._is_action = np.zeros(len(self.targets), bool)
        self._is_action[list(self.action_targets)] = True
        self._spelling = SpellingCorrector(total, self.extractor.articles.has_word)

    @classmethod
    def build(cls, content: Content, language: str, reader: CorpusReader) -> "Engine":
        """Build the engine of a content, without a classifier.

        `language` is for texts that do not tell theirs.
        """
        corpus = reader.corpus(content)
        return cls(
            list(corpus.targets),
            corpus.action_examples,
            corpus.action_targets,
            LanguageGuess(corpus.word_counts),
            FeatureExtractor.build(corpus, reader.vocabulary),
            corpus.word_counts,
            reader.vocabulary,
            language,
        )

    def edited(self, before: Content, after: Content) -> "Engine":
        """The engine of an edited content, reading only what is new; `before` is this engine's content."""
        changed = changed_targets(before, after)
        reader = CorpusReader(self.vocabulary.copy())
        removed = reader.corpus(subset(before, changed))
        added = reader.corpus(subset(after, changed))
        targets = sorted({*self.targets}.difference(removed.targets).union(added.targets))
        number = {target: index for index, target in enumerate(targets)}
        new_numbers = np.array([-1 if t in changed else number[t] for t in self.targets], np.int64)
        numbers = np.array([number[target] for target in added.targets], np.int64)
        renumbering = Renumbering(new_numbers, numbers)
        extractor = self.extractor.edited(added, reader.vocabulary, renumbering, numbers)
        # Those with an action are always read.
        action_targets = frozenset(int(numbers[target]) for target in added.action_targets)
        word_counts = _updated(self.word_counts, removed.word_counts, added.word_counts)
        reader.vocabulary.clear_caches()
        made = Engine(
            targets,
            added.action_examples,
            action_targets,
            LanguageGuess(word_counts),
            extractor,
            word_counts,
            reader.vocabulary,
            self.default_language,
        )
        made.reuse_classifier(self)
        return made

    def score_text(self, text: str, language: str | None = None) -> list[ScoredReading]:
        """Score every reading of a text; `language` is a hint for texts that are too short to tell."""
        return self.score(self.readings(text, language))

    def readings(self, text: str, language: str | None = None) -> list[Reading]:
        """Every reading of a text, before anything is looked up but its words."""
        text = without_signs(text)
        guessed = self.language_guess.guess(text)
        likely = guessed or self._likely(text, language or self.default_language)
        return [
            Reading(words, guessed, likely, repaired)
            for words, repaired in map(self._spelling.repair, normalise.readings(text))
        ]

    def _likely(self, text: str, usual: str) -> str:
        # Without a guess. What English and Spanish teach says nothing of texts in other letters: theirs is
        # the content's language that has most of their words, else none at all.
        if text.isascii() or not in_other_letters(text):
            return usual
        words = normalise.words_of(text[: normalise.LONGEST]).words
        known = {
            language: sum(word in counts for word in words)
            for language, counts in self.word_counts.items()
            if language not in LANGUAGES
        }
        likely = max(known, key=known.__getitem__, default="")
        return likely if known.get(likely) else ""

    def part_reading(self, part: str, whole: Reading) -> Reading:
        """The reading of one part of a text, in the language of the whole."""
        words, repaired = self._spelling.repair(normalise.reading_of_part(part))
        return Reading(words, whole.guessed_language, whole.language, repaired)

    def has_code(self, code: str) -> bool:
        """Whether the content has this code, whole."""
        return self.extractor.articles.has_term("=" + code)

    def score(self, readings: Sequence[Reading], also: Sequence[Ints] = ()) -> list[ScoredReading]:
        """The candidates of each reading of one text, with their features.

        `also`: of each reading targets that are always candidates.
        """
        corrected = [sum(map(is_no_word, one.repaired)) for one in readings]
        found = self.extractor.extract([one.text for one in readings], readings[0].language, also, corrected)
        scored = []
        for reading, candidates in zip(readings, found, strict=True):
            # What is said to the desk itself is said in few words: only the share of them counts.
            spoken = self._is_action[candidates.targets]
            candidates.features[spoken, AMOUNT] = candidates.features[spoken, COVERAGE]
            scored.append(ScoredReading(reading.text, reading.guessed_language, reading.repaired, candidates))
        return scored

    def reuse_classifier(self, other: "Engine") -> None:
        """Use another's classifier for the targets that both have; they must share a vocabulary."""
        number = {target: index for index, target in enumerate(other.targets)}
        columns = np.array([number.get(target, -1) for target in self.targets], np.int64)
        self.extractor.reuse_classifier(other.extractor, columns)

    def save(self, arrays: ArrayFile) -> None:
        """Put everything into `arrays`."""
        arrays.put_texts("targets", self.targets)
        arrays.put_texts("actions", self.action_examples)
        arrays["bare"] = np.array(sorted(self.action_targets), np.int64)
        arrays.put_texts("spoken", list(self.word_counts))
        for language, counts in self.word_counts.items():
            section = arrays.section(f"spoken/{language}")
            section.put_texts("words", list(counts))
            section["counts"] = np.array(list(counts.values()), np.int64)
        self.language_guess.save(arrays.section("languages"))
        self.vocabulary.save(arrays.section("vocabulary"))
        self.extractor.save(arrays.section("evidence"))

    @classmethod
    def load(cls, arrays: ArrayFile, language: str) -> "Engine":
        """Read an engine from `arrays`; `language` is for texts that do not tell theirs."""
        vocabulary = Vocabulary.load(arrays.section("vocabulary"))
        word_counts = {}
        for name in arrays.texts("spoken"):
            section = arrays.section(f"spoken/{name}")
            pairs = zip(section.texts("words"), section["counts"].tolist(), strict=True)
            word_counts[name] = Counter(dict(pairs))
        extractor = FeatureExtractor.load(arrays.section("evidence"), vocabulary)
        language_guess = LanguageGuess.load(arrays.section("languages"))
        return cls(
            arrays.texts("targets"),
            arrays.texts("actions"),
            frozenset(arrays["bare"].tolist()),
            language_guess,
            extractor,
            word_counts,
            vocabulary,
            language,
        )


def _updated(
    before: Mapping[str, Counter[str]],
    removed: Mapping[str, Counter[str]],
    added: Mapping[str, Counter[str]],
) -> dict[str, Counter[str]]:
    found = {}
    for language in before.keys() | added.keys():
        words = Counter(before.get(language, ()))
        words.subtract(removed.get(language, ()))
        words.update(added.get(language, ()))
        for word in removed.get(language, ()):
            if not words[word]:
                del words[word]
        if words:
            found[language] = words
    return found
