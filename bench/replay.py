"""Measures `firstline replay` beside its goals: its speed, planted thieves, and the shares that it predicts.

    python -m bench.replay FOLDER [--only speed,thieves,shares] [--seed 1]

The folder has intents and a `questions.jsonl` of many questions, such as a public set; the sample content is
asked the project's own questions. The past is made of these questions: of each is known what is right.
"""

import argparse
import random
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

from rich.console import Console

from bench.plan import ROOT
from bench.report import Goal, goals_table
from bot.cli.data.replay.sides import ask_again
from bot.desk.ports.feedback import PastQuestion
from bot.domain.knowledge.content import Content, Intent
from bot.domain.knowledge.shadow import NO_ARTICLE
from bot.evaluation.questions import read_questions
from bot.evaluation.replay import Replay, Replayed, Treatment, compare
from bot.evaluation.replay import Side as Shares
from bot.evaluation.targets import Targets
from bot.runtime.resources import find
from bot.server.authoring.replaying import Side
from bot.server.content import content_in
from bot.server.settings import Settings

QUESTIONS, SECONDS = 10_000, 60.0
THIEVES, STOLEN = 50, 0.7  # planted, and the share of the victim's examples that one copies
WITHHELD = 0.2  # share of the targets that the edit brings
MOST_POINTS = 2.0
OPENERS = ("hi, ", "please help: ", "hello team, ", "sorry, ", "one question: ", "quick one, ", "hey, ", "")
AT = datetime(2026, 3, 2, 9, tzinfo=UTC)


@dataclass(frozen=True)
class Desk:
    """A content, and questions to it of which is known what is right."""

    name: str
    settings: Settings
    content: Content
    questions: tuple[PastQuestion, ...]

    def side(self, content: Content) -> Side:
        """What asks the questions of a content."""
        return Side(self.settings, content)

    def replayed(
        self, before: Content, now: Content, questions: Sequence[PastQuestion], errors: Console
    ) -> Replay:
        """Replay an edit."""
        treated, then = ask_again([self.side(now), self.side(before)], questions, errors)
        return compare(list(map(Replayed, questions, then, treated)))

    def without(self, targets: Sequence[str]) -> Content:
        """The content as it was before these targets came."""
        gone = set(targets)
        intents = {name: one for name, one in self.content.intents.items() if one.target not in gone}
        articles = {name: one for name, one in self.content.articles.items() if name not in gone}
        return replace(self.content, articles=articles, intents=intents, hash=f"{self.content.hash}-before")


def desk_of(name: str, content: Content, questions: Path, cache: Path, seed: int) -> Desk:
    """A desk whose past are the questions of a file, in a seeded order."""
    targets = Targets(content)
    asked = [(one.text, targets.of(one.expected)) for one in read_questions(questions)]
    random.Random(seed).shuffle(asked)
    past = tuple(
        PastQuestion(number, AT, text, "escalate", (), right=NO_ARTICLE if right is None else right)
        for number, (text, right) in enumerate(asked)
    )
    return Desk(name, Settings(queues="", cache=str(cache)), content, past)


def measure_speed(desk: Desk, errors: Console) -> list[Goal]:
    """Replay many questions of two contents twice: the first time both are learned."""
    number = len(desk.questions)
    many = [
        replace(
            desk.questions[at % number], id=at, text=OPENERS[at // number] + desk.questions[at % number].text
        )
        for at in range(min(QUESTIONS, number * len(OPENERS)))
    ]
    before = desk.without([desk.questions[0].right or ""])
    goals = []
    for when in ("the first time", "again"):
        begun = time.perf_counter()
        desk.replayed(before, desk.content, many, errors)
        took = time.perf_counter() - begun
        what = f"{desk.name}: {len(many):,} questions of two contents, {when}"
        goals.append(Goal(what, f"< {SECONDS:.0f} s", f"{took:.1f} s", took < SECONDS))
    return goals


def measure_thieves(desk: Desk, seed: int, errors: Console) -> Goal:
    """Plant targets that copy examples of others: each must be named with its victim."""
    rng = random.Random(seed)
    rich = [one for one in desk.content.intents.values() if sum(map(len, one.examples.values())) >= 10]
    victims = rng.sample(rich, min(THIEVES, len(rich)))
    planted = {f"thief-{number}": _thief(victim, number, rng) for number, victim in enumerate(victims)}
    edited = replace(
        desk.content, intents={**desk.content.intents, **planted}, hash=f"{desk.content.hash}-planted"
    )
    found = desk.replayed(desk.content, edited, desk.questions, errors)
    named = {(taking.thief, taking.victim) for taking in found.takings}
    caught = sum((f"thief-{number}", victim.target) in named for number, victim in enumerate(victims))
    return Goal(
        f"{desk.name}: planted thieves that are named",
        f"{len(victims)} of {len(victims)}",
        f"{caught}, of {len(found.takings)} pairs",
        caught == len(victims),
    )


def _thief(victim: Intent, number: int, rng: random.Random) -> Intent:
    copied = {
        language: tuple(rng.sample(texts, max(round(STOLEN * len(texts)), 1)))
        for language, texts in victim.examples.items()
    }
    return Intent(f"thief-{number}", copied, reply={"en": "Something else."})


def measure_shares(desk: Desk, seed: int, errors: Console) -> list[Goal]:
    """Predict what becomes of questions: by one half for the other, and without labels."""
    rng = random.Random(seed)
    targets = sorted({one.right for one in desk.questions if one.right})
    new = rng.sample(targets, max(round(WITHHELD * len(targets)), 1))
    middle = len(desk.questions) // 2
    halves = (desk.questions[:middle], desk.questions[middle:])
    before = desk.without(new)
    predicted, truth = (desk.replayed(before, desk.content, half, errors) for half in halves)
    goals = []
    for what, share in SHARES.items():
        real = share(truth.now)
        chance = 100 * (2 * real * (1 - real) / middle) ** 0.5
        told = f"{what}, predicted and in the other half (by chance alone {chance:.1f} apart)"
        goals.append(_apart(f"{desk.name}: {told}", share(predicted.now), real))
    unlabelled = [replace(one, right=None) for one in desk.questions]
    [treated] = ask_again([desk.side(desk.content)], unlabelled, errors)
    number, given = len(treated), [one for one in treated if one.answered is not None]
    expected = sum(one.confidence for one in given)
    right = sum(
        one.answered is not None and one.answered == asked.right
        for one, asked in zip(treated, desk.questions, strict=True)
    )
    for what, said, real in (
        ("answered rightly", expected, right),
        ("answered wrongly", len(given) - expected, len(given) - right),
    ):
        goals.append(
            _apart(f"{desk.name}: {what}, by confidence and by labels", said / number, real / number)
        )
    return goals


def _apart(what: str, said: float, real: float) -> Goal:
    apart = 100 * abs(said - real)
    wanted = f"at most {MOST_POINTS:.0f} points apart"
    return Goal(what, wanted, f"{said:.1%}, {real:.1%}: {apart:.1f}", apart <= MOST_POINTS)


SHARES: dict[str, Callable[[Shares], float]] = {
    "answered": lambda side: side.share(Treatment.ANSWER),
    "offered a choice": lambda side: side.share(Treatment.CHOICE),
    "tickets": lambda side: side.share(Treatment.TICKET),
}


def main() -> int:
    """Measure and print; exit 1 where a goal is not reached."""
    parser = argparse.ArgumentParser(description="Measure replay.")
    parser.add_argument("folder", type=Path, help="with intents and questions.jsonl")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--only", default="speed,thieves,shares")
    options = parser.parse_args()
    errors = Console(stderr=True)
    with tempfile.TemporaryDirectory(prefix="firstline-bench-") as cache:
        folder = options.folder
        other = content_in(folder / "kb_articles", folder / "intents")
        public = desk_of(folder.name, other, folder / "questions.jsonl", Path(cache), options.seed)
        own = content_in(find("kb_articles"), find("intents"))
        fixtures = ROOT / "tests" / "fixtures" / "questions.jsonl"
        ours = desk_of("sample content", own, fixtures, Path(cache), options.seed)
        measures: dict[str, Callable[[], list[Goal]]] = {
            "speed": lambda: measure_speed(public, errors),
            "thieves": lambda: [measure_thieves(public, options.seed, errors)],
            "shares": lambda: [
                goal for desk in (public, ours) for goal in measure_shares(desk, options.seed, errors)
            ],
        }
        goals = [goal for name in options.only.split(",") for goal in measures[name]()]
    goals_table(goals, "Replay").show(Console(width=None if sys.stdout.isatty() else 140))
    return 0 if all(goal.met for goal in goals) else 1


if __name__ == "__main__":
    sys.exit(main())
