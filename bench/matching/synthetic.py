"""Makes synthetic content of any size from a seed: articles with examples, and questions about them."""

import itertools
import random
from dataclasses import dataclass

from bot.domain.knowledge.content import Article, Content, Intent

SEED = 20260302
SYLLABLES = (
    "ba ce di fo gu la me ni po ru sa te vi xo zu kra ple stri dro mun tel gor pan fil cor ver".split()
)
FRAMES = (
    "how do i {} the {} on my {}",
    "{} does not {} with {} anymore",
    "i cannot {} my {} after the {} update",
    "where can i find the {} for {} and {}",
    "please give me access to {} for the {} {}",
    "my {} keeps {} when the {} is open",
    "need help with {} and {} since the {}",
)
BINDING = "the a to of in and for with on is you it from this your then when open choose select".split()


@dataclass(frozen=True)
class Sample:
    """Synthetic content with questions, each with the id that answers it."""

    content: Content
    texts: list[str]  # every example, for engines that search plain texts
    questions: list[tuple[str, str]]


def sample(articles: int, *, examples: int = 5, questions: int = 500, body: int = 100) -> Sample:
    """Make content of so many articles with so many examples each."""
    rng = random.Random(SEED)
    words = _words(rng, max(3_000, min(60_000, articles * 4)))
    weights = list(itertools.accumulate(1 / (rank + 10) for rank in range(len(words))))
    versions: dict[str, dict[str, Article]] = {}
    intents: dict[str, Intent] = {}
    texts: list[str] = []
    asked: list[tuple[str, str]] = []
    for number in range(articles):
        name = f"article-{number}"
        topic = rng.choices(words, cum_weights=weights, k=7)
        said = tuple(_sentence(rng, topic) for _ in range(examples))
        filled = (rng.choice(topic if rng.random() < 0.3 else BINDING) for _ in range(body))
        versions[name] = {"en": Article(name, " ".join(topic[:4]), " ".join(filled))}
        intents[name] = Intent(name, {"en": said}, article=name)
        texts += said
        asked.append((_typo(rng, _sentence(rng, topic)), name))
    rng.shuffle(asked)
    return Sample(Content(versions, intents, f"synthetic-{articles}-{examples}"), texts, asked[:questions])


def _words(rng: random.Random, number: int) -> list[str]:
    found: dict[str, None] = {}
    while len(found) < number:
        found["".join(rng.choices(SYLLABLES, k=rng.choice((2, 2, 3, 3, 4))))] = None
    return list(found)


def _sentence(rng: random.Random, topic: list[str]) -> str:
    return rng.choice(FRAMES).format(*rng.sample(topic, 3))


def _typo(rng: random.Random, text: str) -> str:
    # One question in four has a letter too few.
    at = rng.randrange(len(text))
    return text[:at] + text[at + 1 :] if rng.random() < 0.25 else text
