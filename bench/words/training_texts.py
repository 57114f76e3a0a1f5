"""Generates texts that a desk might get, from `phrases.yaml` and the commonest words: only to train on."""

import random
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import yaml
from numpy.typing import NDArray

from bot.matching.text.normalise import fold

PHRASES = Path(__file__).with_name("phrases.yaml")
COMMONEST = 9_000  # words that patterns are filled with
SURE = 0.45  # from which probability on a word is of a kind
LISTED = {"V": 0.5}  # how often a word of the file is taken, not any of its kind
OTHERS_LISTED = 0.35  # the same for the other kinds
RANDOM = ((2, 40_000), (3, 30_000), (4, 20_000), (6, 15_000))  # words in a text, and how many such texts
IRREGULAR = (
    "buy bought sell sold find found lose lost get got make made send sent write wrote read read eat "
    "ate drive drove fly flew tell told leave left take took pay paid put put set set see saw keep "
    "kept steal stolen break broken give given hold held bring brought apply applied copy copied "
    "verify verified reply replied"
).split()
PAST = dict(zip(IRREGULAR[::2], IRREGULAR[1::2], strict=True))
ENDS = ("ar", "er", "ir")
THIRD = {"ar": "a", "er": "e", "ir": "e"}
PARTICIPLE = {"ar": "ado", "er": "ido", "ir": "ido"}
_SLOT = re.compile(r"\{(\w+)\}")


def kinds(
    language: str, words: list[str], vectors: NDArray[np.float32], phrases: dict[str, Any]
) -> dict[str, list[str]]:
    """The commonest words by kind, each classified by the file's words that its vector is like."""
    from sklearn.linear_model import LogisticRegression

    place = {fold(word): at for at, word in reversed(list(enumerate(words)))}
    seeds = [
        (place[fold(word)], kind)
        for kind, listed in phrases["kinds"].items()
        for word in listed.split()
        if fold(word) in place
    ]
    model = LogisticRegression(C=3, max_iter=500, class_weight="balanced")
    model.fit(vectors[[at for at, _ in seeds]], [kind for _, kind in seeds])
    shares = model.predict_proba(vectors[:COMMONEST])
    found = {
        kind: [
            word
            for word, share in zip(words, shares[:, list(model.classes_).index(kind)], strict=False)
            if share > SURE
        ]
        for kind in "NVA"
    }
    found["V"] = [word for word in found["V"] if _is_infinitive(word, language)]
    return found


def _is_infinitive(verb: str, language: str) -> bool:
    return verb.endswith(ENDS) if language == "es" else not verb.endswith(("ing", "ed", "s"))


def from_patterns(found: dict[str, list[str]], phrases: dict[str, Any], number: int) -> list[str]:
    """So many different texts from the patterns; `found` are words by kind."""
    rng = random.Random(9)
    listed = {kind: words.split() for kind, words in phrases["kinds"].items()}

    def word(slot: re.Match[str]) -> str:
        kind, form = slot[1][0], slot[1][1:]
        if kind == "D":
            return str(rng.randint(1, 12))
        pool = listed if rng.random() < LISTED.get(kind, OTHERS_LISTED) else found
        return _formed(rng.choice(pool[kind]), form)

    def filler(where: str) -> str:
        options = phrases[where]
        chosen: str = rng.choice(["" for _ in range(options["none"])] + options["some"])
        return chosen

    made: set[str] = set()
    while len(made) < number:
        made.add(_SLOT.sub(word, filler("before") + rng.choice(phrases["patterns"]) + filler("after")))
    return sorted(made)


def _formed(verb: str, form: str) -> str:
    if form == "ing":
        return (verb[:-1] if verb.endswith("e") and not verb.endswith("ee") else verb) + "ing"
    if form == "d":
        return PAST.get(verb) or (verb + "d" if verb.endswith("e") else verb + "ed")
    if form in ("3", "p") and verb.endswith(ENDS):
        return verb[:-2] + (THIRD if form == "3" else PARTICIPLE)[verb[-2:]]
    return verb


def of_random_words(words: list[str], frequency: NDArray[np.float64], share: float) -> Iterator[str]:
    """Texts of random words, common ones more often; `share`: of the usual number of such texts."""
    rng = np.random.default_rng(5)
    weight = frequency**0.45 / (frequency**0.45).sum()
    for size, number in RANDOM:
        for picked in rng.choice(len(words), (max(1, int(share * number)), size), p=weight):
            yield " ".join(words[at] for at in picked)


def read(path: Path = PHRASES) -> dict[str, Any]:
    """The file of patterns, by language."""
    return dict(yaml.safe_load(path.read_text("utf-8")))
