"""Makes the messages of a load, sorted by what the desk will do with them."""

import random
from dataclasses import dataclass
from typing import Any

from bench.events import Message
from bench.plan import SEED
from bench.processes import BenchFailed
from bot import wording
from bot.desk.knowledge.understanding import DeskPolicy, Understanding
from bot.domain.conversations.commands import parse_command
from bot.domain.knowledge.decision import Answer, Escalate
from bot.runtime.resources import find
from bot.server.content import library_of
from bot.server.settings import Settings

FRAMES = ("{}", "hi, {}", "{} please", "hello team, {}", "{} - any idea?", "hola, {}", "{}, gracias")
UNANSWERABLE = (
    "my {0} is leaking {1} all over the {2}",
    "the {0} in our {2} needs a new {1}",
    "who can repair the {1} of the {0} before the {2}",
    "el {0} del {2} no tiene {1}",
)
CHAT = (
    "nice weather in {0} again, everybody",
    "thanks to {0} for the cake in the kitchen",
    "{0} and I will be at lunch until two",
    "the picture from the {0} party is on the wall",
)
SYLLABLES = "ba ke lo mi nu pra sto tri vo xen zu flu gro dal".split()


@dataclass(frozen=True, slots=True)
class Questions:
    """Texts by what the desk does with them: an answer, a ticket, nothing."""

    answered: tuple[str, ...]
    tickets: tuple[str, ...]
    ignored: tuple[str, ...]

    def messages(self, count: int, parts: tuple[float, float, float]) -> tuple[Message, ...]:
        """So many messages, of the three sorts in these shares, shuffled."""
        rng = random.Random(SEED)
        answered = round(count * parts[0])
        tickets = round(count * parts[1])
        texts = [Message(rng.choice(self.answered)) for _ in range(answered)]
        texts += [Message(rng.choice(self.tickets)) for _ in range(tickets)]
        ignored = count - answered - tickets
        texts += [Message(rng.choice(self.ignored), overheard=True) for _ in range(ignored)]
        rng.shuffle(texts)
        return tuple(texts)


def collect(wanted: int) -> Questions:
    """Make texts for this repository's own content, at most so many of a sort; the matcher sorts them."""
    settings = Settings(_env_file=None, articles=find("kb_articles"), intents=find("intents"))  # type: ignore[call-arg]  # pydantic's own
    library = library_of(settings)
    if not library.load():
        raise BenchFailed("\n".join(library.errors))
    understanding = Understanding(library, wording.load(), DeskPolicy(settings.tolerance, "en"))
    rng = random.Random(SEED)
    examples = [
        example
        for intent in library.snapshot.content.intents.values()
        if intent.article and not intent.always_person
        for written in intent.examples.values()
        for example in written
    ]
    rng.shuffle(examples)
    answered = (rng.choice(FRAMES).format(example) for example in examples)
    return Questions(
        _first(wanted, (text for text in answered if _is(understanding, text, Answer))),
        _first(
            wanted,
            (text for text in _invented(rng, UNANSWERABLE, 4 * wanted) if _is(understanding, text, Escalate)),
        ),
        _first(wanted, (text for text in _invented(rng, CHAT, 4 * wanted) if _is_chat(understanding, text))),
    )


def _first(wanted: int, texts: Any) -> tuple[str, ...]:
    found = tuple(text for text, _ in zip(texts, range(wanted), strict=False))
    if not found:
        raise BenchFailed("the matcher finds no question of one of the sorts")
    return found


def _is(understanding: Understanding, text: str, kind: type[object]) -> bool:
    decision = understanding.decide(understanding.snapshot.matcher.find(text))
    action = understanding.action_of(decision)
    return parse_command(text) is None and isinstance(decision, kind) and action is None


def _is_chat(understanding: Understanding, text: str) -> bool:
    result = understanding.snapshot.matcher.find(text)
    return _is(understanding, text, Escalate) and not result.asks


def _invented(rng: random.Random, frames: tuple[str, ...], count: int) -> list[str]:
    def word() -> str:
        return "".join(rng.choice(SYLLABLES) for _ in range(3))

    return [rng.choice(frames).format(word(), word(), word()) for _ in range(count)]
