"""Measures what the content learns from confirmed questions, each figure beside its goal.

    python -m bench.presses FOLDER... [--seeds N] [--wrong near|any]

Each folder has intents and a `questions.jsonl`, such as a public set. Its intents are left with three
examples each; 500 other questions, of the intents' own examples where there are so many, else of the file,
are asked, each by another person, and one press in ten is wrong: on another one of the three nearest targets
(`near`), or on any (`any`). What is proposed is approved, list by list, at most 20 lists. The rest of the
file is asked before and after. "At 5 % wrong" the threshold is chosen in hindsight for each side; "as the
desk answers" it is the matcher's own for 5 %.
"""

import argparse
import random
import sys
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from statistics import fmean

import numpy as np
from rich.console import Console

from bench.matching.sets import MAX_WRONG, answered, questions_of
from bench.report import Goal, goals_table
from bot.desk.knowledge.example_trial import ExampleTrial, Trial
from bot.desk.knowledge.proposals import example_of
from bot.domain.drafts.names import KnownNames
from bot.domain.knowledge.added_examples import with_examples
from bot.domain.knowledge.content import Content
from bot.domain.knowledge.decision import Tolerance
from bot.domain.knowledge.proposal import Confirmation, ConfirmedQuestion, texts_by_target
from bot.matching.embeddings.factory import store_of
from bot.matching.matcher import WordMatcher
from bot.server.content import content_in

EXAMPLES, QUESTIONS, APPROVALS = 3, 500, 20
WRONG_SHARE = 0.1  # of the presses
NEAR = 3  # targets among which a near press goes wrong
POINTS, FEWER_POINTS = 10, 5  # more answered; of a set in Spanish
MOST_LOST, MOST_OF_ONE = 1.0, 2  # points of all questions together, and questions of one target


@dataclass(frozen=True)
class Desk:
    """A desk with few examples, what is asked there, and what is asked to measure it."""

    content: Content
    language: str
    asked: tuple[tuple[str, str], ...]  # the text, and the target that is right
    tested: tuple[tuple[str, str | None], ...]


@dataclass(frozen=True)
class Side:
    """The test's questions as one content answers them."""

    share: float  # answered rightly, of those that something answers, at 5 % wrong
    right_at_limit: Counter[str]  # by target
    right: Counter[str]  # by target, at the matcher's own threshold
    wrong: float  # share of the answers at that threshold


def desk_of(folder: Path, rng: random.Random) -> Desk:
    """Leave each intent three examples, and part what is asked from what is tested."""
    content = content_in(folder / "kb_articles", folder / "intents")
    lines = [(one["text"], one["expected"]) for one in questions_of(folder, typos=False)]
    language = questions_of(folder, typos=False)[0]["lang"]
    few, pool = {}, []
    for name, intent in content.intents.items():
        texts = rng.sample(intent.examples[language], len(intent.examples[language]))
        few[name] = replace(intent, examples={language: tuple(texts[:EXAMPLES])})
        pool += [(text, intent.target) for text in texts[EXAMPLES:]]
    if len(pool) < QUESTIONS:
        rng.shuffle(lines)
        pool, lines = lines[:QUESTIONS], lines[QUESTIONS:]
    asked = rng.sample([(text, target) for text, target in pool if target is not None], QUESTIONS)
    return Desk(replace(content, intents=few), language, tuple(asked), tuple(lines))


def make(content: Content) -> WordMatcher:
    """Learn from a content, as a server does."""
    return WordMatcher(content, embeddings=store_of("", "", "", 1.0, None), strict=True)


def press(desk: Desk, matcher: WordMatcher, wrong: str, rng: random.Random) -> list[ConfirmedQuestion]:
    """Press for each question, one in ten times on the wrong target."""
    astray = set(rng.sample(range(len(desk.asked)), round(WRONG_SHARE * len(desk.asked))))
    pressed = []
    for number, (text, target) in enumerate(desk.asked):
        said = target
        if number in astray:
            others = [name for name in desk.content.intents if name != target]
            near = [one.target for one in matcher.find(text).matches if one.target != target][:NEAR]
            said = rng.choice(near if wrong == "near" and near else others)
        example = example_of(text, KnownNames())
        if example:
            confirmed = ConfirmedQuestion(number, example, desk.language, said, number, Confirmation.CHOSEN)
            pressed.append(confirmed)
    return pressed


def ask(desk: Desk, matcher: WordMatcher) -> Side:
    """Ask the test's questions."""
    best = [matcher.find(text).best for text, _ in desk.tested]
    sure = np.array([one.confidence if one else 0.0 for one in best])
    expected = [target for _, target in desk.tested]
    right = np.array([one is not None and one.target == it for one, it in zip(best, expected, strict=True)])
    answerable = sum(target is not None for target in expected)
    order = np.argsort(-sure, kind="stable")
    given = np.arange(1, len(order) + 1)
    hits = np.cumsum(right[order])
    fine = np.flatnonzero((given - hits) / given <= MAX_WRONG)
    number = int(fine[np.argmax(hits[fine])]) + 1 if len(fine) else 0
    own = sure >= matcher.thresholds(MAX_WRONG).answer
    return Side(
        share=answered(sure, right, answerable, MAX_WRONG),
        right_at_limit=Counter(str(expected[at]) for at in order[:number] if right[at]),
        right=Counter(str(expected[at]) for at in np.flatnonzero(own & right)),
        wrong=float((own & ~right).sum() / max(int(own.sum()), 1)),
    )


@dataclass(frozen=True)
class Run:
    """What one seed gives."""

    before: Side
    after: Side
    approvals: int
    added: frozenset[str]  # targets that got examples
    targets: frozenset[str]
    tested: int
    examples: int
    wrong_examples: int
    held: str
    seconds: float

    def lost(self, *, at_limit: bool) -> tuple[float, int, int]:
        """The points that targets without new examples lose together, and the most that any target loses.

        Then how many lose more than is tolerable.
        """
        before, after = (
            (side.right_at_limit if at_limit else side.right) for side in (self.before, self.after)
        )
        lost = {name: before[name] - after[name] for name in self.targets}
        others = sum(number for name, number in lost.items() if name not in self.added)
        return (
            100 * others / self.tested,
            max(lost.values()),
            sum(one > MOST_OF_ONE for one in lost.values()),
        )


def run(folder: Path, seed: int, wrong: str) -> Run:
    """Ask, press, try, approve and ask again."""
    rng = random.Random(f"{folder.name}-{seed}")
    desk = desk_of(folder, rng)
    matcher = make(desk.content)
    pressed = press(desk, matcher, wrong, rng)
    started = time.perf_counter()
    trial: Trial = ExampleTrial(desk.content, make, Tolerance(MAX_WRONG), _unreported).run(pressed)
    took = time.perf_counter() - started
    approved = [one for one in trial.proposals if one.number <= APPROVALS]
    examples = [example for one in approved for example in one.examples]
    learned = with_examples(desk.content, texts_by_target(examples), "approved")
    return Run(
        before=ask(desk, matcher),
        after=ask(desk, make(learned)),
        approvals=max((one.number for one in approved), default=0),
        added=frozenset(one.target for one in approved),
        targets=frozenset(desk.content.intents),
        tested=len(desk.tested),
        examples=len(examples),
        wrong_examples=sum(one.target != desk.asked[one.id][1] for one in examples),
        held=", ".join(f"{why.value} {number}" for why, number in trial.held.items()),
        seconds=took,
    )


def _unreported(_done: int, _of: int) -> None:
    pass


def goals_of(runs: Sequence[Run], points: int) -> list[Goal]:
    """Every figure, the worst seed where it is a bound, beside its goal."""
    more = [100 * (one.after.share - one.before.share) for one in runs]
    shares = [fmean(getattr(one, side).share for one in runs) for side in ("before", "after")]
    approvals = max(one.approvals for one in runs)
    taken = sum(one.wrong_examples for one in runs), sum(one.examples for one in runs)
    goals = [
        Goal(
            "points more answered at 5 % wrong: mean, worst seed",
            f">= {points}",
            f"{fmean(more):.1f}, {min(more):.1f} ({shares[0]:.1%} -> {shares[1]:.1%})",
            min(more) >= points,
        ),
        Goal("approvals", f"<= {APPROVALS}", str(approvals), approvals <= APPROVALS),
        Goal(
            "wrong presses among the approved examples",
            f"< {WRONG_SHARE:.0%}",
            f"{taken[0] / max(taken[1], 1):.1%} of {taken[1] / len(runs):.0f}",
            taken[0] < WRONG_SHARE * taken[1],
        ),
    ]
    for at_limit, how in ((False, "as the desk answers"), (True, "at 5 % wrong")):
        lost = [one.lost(at_limit=at_limit) for one in runs]
        worst = max(one[0] for one in lost)
        most = max(one[1] for one in lost)
        goals += [
            Goal(
                f"points that targets without new examples lose, {how}",
                f"< {MOST_LOST:.0f}",
                f"{worst:.2f}",
                worst < MOST_LOST,
            ),
            Goal(
                f"questions that one target loses, {how}",
                f"<= {MOST_OF_ONE}",
                f"{most} ({fmean(one[2] for one in lost):.1f} of {len(runs[0].targets)} lose more)",
                most <= MOST_OF_ONE,
            ),
        ]
    given = [
        fmean(100 * sum(getattr(one, side).right.values()) / one.tested for one in runs)
        for side in ("before", "after")
    ]
    goals.append(
        Goal(
            "points more answered rightly, as the desk answers",
            f">= {points}",
            f"{given[1] - given[0]:.1f} ({given[0]:.1f} % -> {given[1]:.1f} %)",
            given[1] - given[0] >= points,
        )
    )
    wrong = [fmean(getattr(one, side).wrong for one in runs) for side in ("before", "after")]
    limit = MAX_WRONG
    goals.append(
        Goal(
            "wrong answers, as the desk answers",
            f"<= {limit:.0%}",
            f"{wrong[0]:.1%} -> {wrong[1]:.1%}",
            wrong[1] <= limit,
        )
    )
    return goals


def main() -> int:
    """Measure and print; exit 1 where a goal is not reached."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("folders", nargs="+", type=Path)
    parser.add_argument("--seeds", type=int, default=1)
    parser.add_argument("--wrong", choices=("near", "any"), default="near")
    options = parser.parse_args()
    console, met = Console(width=None if sys.stdout.isatty() else 140), True
    for folder in options.folders:
        runs = [run(folder, seed, options.wrong) for seed in range(options.seeds)]
        spanish = questions_of(folder, typos=False)[0]["lang"] == "es"
        goals = goals_of(runs, FEWER_POINTS if spanish else POINTS)
        seconds = fmean(one.seconds for one in runs)
        title = (
            f"{folder.name}: {options.seeds} seeds, wrong presses {options.wrong}; "
            f"held back: {runs[0].held}; tried in {seconds:.0f} s"
        )
        goals_table(goals, title).show(console)
        met = met and all(goal.met for goal in goals)
    return 0 if met else 1


if __name__ == "__main__":
    sys.exit(main())
