"""The table of word vectors that comes with Firstline: common words of English and Spanish."""

import hashlib
from functools import lru_cache
from importlib import resources
from io import BytesIO

import numpy as np
import numpy.typing as npt
from rapidfuzz import process
from rapidfuzz.distance import OSA

from bot.matching.text.stems import Stems

TABLE = "builtin.npz"
LANGUAGES = ("en", "es")
SHORTEST = 4  # letters of a word whose misspelling can be told from another word
MOST_CACHED = 100_000  # words that were looked up
NOT_FOUND = -1
NETWORK = "network_"  # how the names of its arrays begin
ENDINGS = {"en": ("", "e", "s", "y"), "es": ("", "a", "o", "ar", "er", "ir", "e")}


class WordTable:
    """The words of each language without accents, sorted by how common they are, with a vector for each.

    Safe in any thread. `bench/words/distil.py` makes the table.
    """

    def __init__(self, data: bytes) -> None:
        """`data`: an npz file with `en` and `es`, words with spaces between, and the arrays read here."""
        self.identity = hashlib.sha256(data).hexdigest()
        with np.load(BytesIO(data), allow_pickle=False) as arrays:
            words = [arrays[language].tobytes().decode().split() for language in LANGUAGES]
            self.vectors: npt.NDArray[np.int8] = arrays["vectors"]
            """(words, dimension): words with related meanings have near vectors."""
            self.unknown = len(self.vectors)
            """The row that stands for words which the table does not have."""
            self._steps: npt.NDArray[np.float32] = arrays["steps"]  # what 1 in each vector stands for
            self._gains = np.append(arrays["gains"], arrays["strange_gain"]).astype(np.float32)
            self._unknown_vector = arrays["strange_vector"].astype(np.float32)
            self.network: dict[str, npt.NDArray[np.float16]] = {
                name.removeprefix(NETWORK): arrays[name] for name in arrays.files if name.startswith(NETWORK)
            }
            """The weights of the network that reads words beside their neighbours."""
        self._rows_of: list[dict[str, int]] = []
        self._spanish_lean: dict[str, float] = {}  # towards Spanish, by how much more common a word is there
        for part, sign in zip(words, (-1.0, 1.0), strict=True):
            first = sum(len(rows) for rows in self._rows_of)
            self._rows_of.append({word: first + place for place, word in enumerate(part)})
            common = np.log(len(part) / np.arange(1, len(part) + 1)).tolist()
            for word, value in zip(part, common, strict=True):
                self._spanish_lean[word] = self._spanish_lean.get(word, 0.0) + sign * value
        self._found: tuple[dict[str, int], ...] = ({}, {})  # a cache of rows, by the language looked in first
        self._stem = Stems().stem
        self._candidates: dict[tuple[int, str, int], list[str]] = {}
        for language, rows in enumerate(self._rows_of):
            for word in rows:
                if len(word) >= SHORTEST - 1:
                    self._candidates.setdefault((language, word[0], len(word)), []).append(word)

    def __contains__(self, word: str) -> bool:
        """Whether the table has this word, or another form of it."""
        finds = (self._as_it_is, self._another_form)
        return any(find(word, language) is not None for find in finds for language in (0, 1))

    def common(self, language: str) -> list[str]:
        """The words of a language, the most common first."""
        return list(self._rows_of[LANGUAGES.index(language)])

    def rows(self, words: list[str]) -> list[int | None]:
        """The row of each word of a text, of a misspelt one that of the word it likely was; None: unknown.

        A word that both languages have is the one of the text's language.
        """
        lean = self._spanish_lean
        spanish = sum([lean.get(word, 0.0) for word in words]) > 0
        found = self._found[spanish]
        rows = [found.get(word) for word in words]
        if None in rows:
            rows = [
                self._find(word, spanish) if row is None else row
                for word, row in zip(words, rows, strict=True)
            ]
        return [row if row != NOT_FOUND else None for row in rows]

    def vectors_at(self, rows: npt.ArrayLike) -> tuple[npt.NDArray[np.float32], npt.NDArray[np.float32]]:
        """The vectors of these rows, and how much each word counts in a text."""
        at = np.asarray(rows, np.int64)
        known = at < self.unknown
        found = np.empty((len(at), self.vectors.shape[1]), np.float32)
        found[known] = self.vectors[at[known]] * self._steps[at[known], None]
        found[~known] = self._unknown_vector
        return found, self._gains[at]

    def _find(self, word: str, spanish: bool) -> int:
        order = (1, 0) if spanish else (0, 1)
        finds = (self._as_it_is, self._another_form, self._misspelt)
        rows = (find(word, language) for find in finds for language in order)
        row = next((row for row in rows if row is not None), NOT_FOUND)
        if len(self._found[spanish]) < MOST_CACHED:
            self._found[spanish][word] = row
        return row

    def _as_it_is(self, word: str, language: int) -> int | None:
        return self._rows_of[language].get(word)

    def _another_form(self, word: str, language: int) -> int | None:
        stem, rows = self._stem(word, LANGUAGES[language]), self._rows_of[language]
        if stem == word:
            return None
        found = (rows.get(stem + ending) for ending in ENDINGS[LANGUAGES[language]])
        return next((row for row in found if row is not None), None)

    def _misspelt(self, word: str, language: int) -> int | None:
        # One slip, not in the first letter; of several words the most common.
        if len(word) < SHORTEST:
            return None
        found: list[str] = []
        for size in (len(word) - 1, len(word), len(word) + 1):
            others = self._candidates.get((language, word[0], size), [])
            near = process.extract(word, others, scorer=OSA.distance, score_cutoff=1, limit=None)
            found += [other for other, _, _ in near]
        return min((self._rows_of[language][other] for other in found), default=None)


@lru_cache(maxsize=MOST_CACHED)
def is_no_word(word: str) -> bool:
    """Whether letters make up no word of the table: a mistyped one, or a name."""
    return word.isalpha() and word not in word_table()


@lru_cache(maxsize=1)
def word_table() -> WordTable:
    """The table that comes with Firstline."""
    return WordTable(resources.files("bot.matching.encoders").joinpath(TABLE).read_bytes())
