"""The common words of English and Spanish, and which mean alike: a table that comes with Firstline."""

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
REMEMBERED = 100_000  # words that were read
NOTHING = -1
NETWORK = "network_"  # how the names of its arrays begin
ENDINGS = {"en": ("", "e", "s", "y"), "es": ("", "a", "o", "ar", "er", "ir", "e")}


class WordTable:
    """Words without accents, those of each language sorted by how common they are; and what each one means.

    Safe in any thread. `bench/distil.py` makes the table.
    """

    def __init__(self, data: bytes) -> None:
        """`data`: of a table, an npz file: `en` and `es`, words with spaces, and the arrays that follow."""
        self.identity = hashlib.sha256(data).hexdigest()
        with np.load(BytesIO(data), allow_pickle=False) as arrays:
            words = [arrays[language].tobytes().decode().split() for language in LANGUAGES]
            self.vectors: npt.NDArray[np.int8] = arrays["vectors"]
            """(words, dimension): near for words that mean alike."""
            self.strange = len(self.vectors)
            """The place of a word that the table does not have."""
            self._steps: npt.NDArray[np.float32] = arrays["steps"]  # what 1 in each vector stands for
            self._gains = np.append(arrays["gains"], arrays["strange_gain"]).astype(np.float32)
            self._strange = arrays["strange_vector"].astype(np.float32)
            self.network: dict[str, npt.NDArray[np.float16]] = {
                name.removeprefix(NETWORK): arrays[name] for name in arrays.files if name.startswith(NETWORK)
            }
            """The weights of what reads words beside their neighbours."""
        self._rows: list[dict[str, int]] = []
        self._lean: dict[str, float] = {}  # towards Spanish, by how much more common a word is there
        for part, sign in zip(words, (-1.0, 1.0), strict=True):
            first = sum(len(rows) for rows in self._rows)
            self._rows.append({word: first + place for place, word in enumerate(part)})
            common = np.log(len(part) / np.arange(1, len(part) + 1)).tolist()
            for word, value in zip(part, common, strict=True):
                self._lean[word] = self._lean.get(word, 0.0) + sign * value
        self._read: tuple[dict[str, int], ...] = ({}, {})  # what was found, by the language looked in first
        self._stem = Stems().stem
        self._alike: dict[tuple[int, str, int], list[str]] = {}
        for language, rows in enumerate(self._rows):
            for word in rows:
                if len(word) >= SHORTEST - 1:
                    self._alike.setdefault((language, word[0], len(word)), []).append(word)

    def __contains__(self, word: str) -> bool:
        """Whether it is a word, or a form of one."""
        finds = (self._as_it_is, self._another_form)
        return any(find(word, language) is not None for find in finds for language in (0, 1))

    def read(self, words: list[str]) -> list[int | None]:
        """The place of each word of a text, of a misspelt one that of the word it likely was; None: unknown.

        A word that both languages have is the one of the text's language.
        """
        lean = self._lean
        spanish = sum([lean.get(word, 0.0) for word in words]) > 0
        found = self._read[spanish]
        rows = [found.get(word) for word in words]
        if None in rows:
            rows = [
                self._find(word, spanish) if row is None else row
                for word, row in zip(words, rows, strict=True)
            ]
        return [row if row != NOTHING else None for row in rows]

    def weighed(self, places: list[int]) -> tuple[npt.NDArray[np.float32], npt.NDArray[np.float32]]:
        """Words at these places as vectors, and how much each counts in a text."""
        at = np.array(places, np.int64)
        known = at < self.strange
        found = np.empty((len(at), self.vectors.shape[1]), np.float32)
        found[known] = self.vectors[at[known]] * self._steps[at[known], None]
        found[~known] = self._strange
        return found, self._gains[at]

    def _find(self, word: str, spanish: bool) -> int:
        order = (1, 0) if spanish else (0, 1)
        finds = (self._as_it_is, self._another_form, self._misspelt)
        rows = (find(word, language) for find in finds for language in order)
        row = next((row for row in rows if row is not None), NOTHING)
        if len(self._read[spanish]) < REMEMBERED:
            self._read[spanish][word] = row
        return row

    def _as_it_is(self, word: str, language: int) -> int | None:
        return self._rows[language].get(word)

    def _another_form(self, word: str, language: int) -> int | None:
        stem, rows = self._stem(word, LANGUAGES[language]), self._rows[language]
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
            others = self._alike.get((language, word[0], size), [])
            near = process.extract(word, others, scorer=OSA.distance, score_cutoff=1, limit=None)
            found += [other for other, _, _ in near]
        return min((self._rows[language][other] for other in found), default=None)


@lru_cache(maxsize=1)
def word_table() -> WordTable:
    """The one that comes with Firstline."""
    return WordTable(resources.files("bot.matching.encoders").joinpath(TABLE).read_bytes())
