"""A model that the tests make themselves: it knows which words mean the same, and nothing else."""

import zlib
from collections.abc import Sequence

import numpy as np

from bot.domain.errors import EncoderUnavailable
from bot.domain.knowledge.content import Content, Intent
from bot.matching.encoders.base import Vectors, checked

SIZE = 24
NAMES = ("printer", "vpn", "payslip", "badge", "screen", "mail", "phone", "disk")
SYLLABLES = "ba ce di fo gu la me ni po ru sa te vi xo zu kra ple stri dro mun tel gor pan fil cor".split()
EXAMPLES = 12
FRAMES = ("how about the {} and the {} with {}", "a {} without any {} or {}", "the {} of my {} and its {}")
SPANISH_FRAMES = (
    "el {} y tambien la {} con {}",
    "un {} que no tiene {} ni {}",
    "donde esta el {} de mi {} y su {}",
)


def _words(topic: str, number: int) -> list[str]:
    """Words that no other topic has; the first ones are the content's, the rest nobody wrote down."""
    dice = np.random.default_rng(zlib.crc32(topic.encode()))
    found: dict[str, None] = {}
    while len(found) < number:
        found["".join(dice.choice(SYLLABLES, 4))] = None
    return list(found)


WORDS = {name: _words(name, 3 * EXAMPLES + 6) for name in NAMES}
UNHEARD = [(" or ".join(words[-3:]), name) for name, words in WORDS.items()]
HEARD = [(" or ".join(words[:3]), name) for name, words in WORDS.items()]
MEANS = {word: name for name, words in WORDS.items() for word in words}
SPANISH = {name: _words(f"{name} es", 8) for name in NAMES}


class TinyEncoder:
    """Words of one topic point the same way, in English; all others point anywhere."""

    max_examples = None
    min_standard_errors = 1.0

    def __init__(
        self, *, remote: bool = False, identity: str = "tiny", turned: int = 0, max_edit_texts: int = 100
    ) -> None:
        """`turned`: another model under the same name."""
        self.remote, self.identity, self._turned = remote, identity, turned
        self.broken, self.max_edit_texts = False, max_edit_texts
        self.asked: list[str] = []

    def encode(self, texts: Sequence[str], *, patient: bool = False) -> Vectors:
        if self.broken:
            raise EncoderUnavailable("It is broken.")
        self.asked += texts
        return checked([self._of(text.lower().split()) for text in texts], len(texts))

    def _of(self, words: list[str]) -> Vectors:
        vector = np.full(SIZE, 0.01)
        for word in words:
            named = MEANS.get(word)
            weight = 1.0 if named else 0.4
            seed = zlib.crc32((named or word).encode()) + self._turned
            vector += weight * np.random.default_rng(seed).normal(size=SIZE)
        return vector.astype(np.float32)


def content(*, spanish: bool = False, name: str = "tiny", more: str = "") -> Content:
    """Eight topics, whose English examples share no word; `more` is one more example of the first."""
    intents = {}
    for topic, words in WORDS.items():
        said = [FRAMES[n % 3].format(*words[3 * n : 3 * n + 3]) for n in range(EXAMPLES)]
        examples = {"en": (*said, more) if more and topic == NAMES[0] else tuple(said)}
        if spanish:
            own = SPANISH[topic]
            picked = [[own[(n * step + step) % 8] for step in (1, 2, 3)] for n in range(EXAMPLES)]
            examples["es"] = tuple(SPANISH_FRAMES[n % 3].format(*three) for n, three in enumerate(picked))
        intents[topic] = Intent(topic, examples, reply={"en": topic})
    return Content({}, intents, name)
