"""Measures drafts of articles beside their goals: what leaks, whether they pass the check, what they answer.

    python -m bench.drafts FOLDER [--tickets 500] [--folds 5] [--merged 0] [--asked 0] [--clean]
        [--seed 1] [--most-folds 5] [--only leaks,answers] [--show]

The folder has intents and a `questions.jsonl`, such as a public set. Its intents are withheld in turn; of
a sentence of each a ticket is made, and of the ticket a draft. With as many folds as intents each draft is
approved alone. `--merged` so many other employees ask the same in their words, and their tickets are merged
into the first. `--asked` so many others ask of each withheld intent in vain, among the questions of the
others that are not answered; the gaps are found in all of it, and a draft has the sentences of its ticket's
gap for examples, as on the page. With `--clean` half of the other questions are what the desk was asked
before: the draft's examples that take from others there are taken out, and the other half is measured.
"""

import argparse
import random
import sys
import tempfile
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path

from rich.console import Console

from bench.drafts.tickets import Made, make_ticket, meet, people
from bench.gaps import Asked, decision_on, learn_traffic, missed_by
from bench.matching.sets import MAX_WRONG
from bench.report import Goal, goals_table
from bot.cli.data.replay.sides import ask_again
from bot.desk.knowledge.gaps import GapQuery, Gaps, MissedLog
from bot.desk.ports.feedback import PastQuestion
from bot.domain.drafts.draft import ArticleDraft
from bot.domain.knowledge.content import Content, Intent
from bot.domain.knowledge.decision import Tolerance
from bot.domain.knowledge.gap import Missed, MissedQuestion
from bot.evaluation.questions import read_questions
from bot.evaluation.replay import Replayed, Treated, Treatment, compare
from bot.evaluation.targets import Targets
from bot.knowledge.files.draft_files import draft_files, write_draft
from bot.matching.clustering.grouping import QuestionGrouping
from bot.runtime.resources import find
from bot.server.authoring.gap_board import InForce
from bot.server.authoring.replaying import Side, thieves, without_examples
from bot.server.content import content_in, library_of, matcher_of
from bot.server.settings import Settings
from bot.storage import connect, migrate
from tests.support.clock import Clock
from tests.support.desk.helpdesk import Helpdesk

AT = datetime(2026, 3, 2, 9, tzinfo=UTC)
FOUND, MOST_POINTS, MOST_LOST = 0.9, 1.0, 2
PARAPHRASES = 2
CHOICE = 3  # that are offered at most
CROWD = 150  # people
OTHERS = 600  # questions of what is there, among which those stand that are asked in vain
FEWEST_PEOPLE = 3  # of a gap


@dataclass(frozen=True)
class Run:
    """What is measured with: a content, its labelled questions, and a desk that knows nothing yet."""

    content: Content
    questions: tuple[PastQuestion, ...]
    desk: Helpdesk
    settings: Settings
    options: argparse.Namespace


def a_desk(folder: Path) -> Helpdesk:
    """A desk with the sample content, which knows nothing of the folder's intents."""
    settings = Settings(
        articles=find("kb_articles"), intents=find("intents"), queues="", cache=str(folder / "cache")
    )
    library = library_of(settings)
    assert library.load()
    database = connect(f"sqlite:///{folder / 'desk.db'}")
    migrate(database)
    return Helpdesk(database, library, Clock())


def measure_leaks(run: Run, errors: Console) -> list[Goal]:
    """Make many tickets, and look in each draft for what was planted; then check all drafts together."""
    rng = random.Random(run.options.seed)
    crowd = people(rng, CROWD)
    meet(run.desk, crowd)
    sentences = [text for one in run.content.intents.values() for text in _examples(one)]
    leaking: list[str] = []
    with tempfile.TemporaryDirectory() as written:
        folder = Path(written)
        for number in range(run.options.tickets):
            made = make_ticket(run.desk, number, rng.sample(sentences, 1 + number % 3), rng, crowd)
            text = "\n".join(text for _, text in draft_files(made.draft))
            if made.leaks(text) and run.options.show:
                errors.print(made.names, text, markup=False)
            leaking += [f"{made.draft.reference}: {made.leaks(text)}"] if made.leaks(text) else []
            write_draft(_apart(made, number), folder / "kb_articles", folder / "intents")
        checked = content_in(folder / "kb_articles", folder / "intents")
    for line in leaking[:20]:
        errors.print(line, markup=False)
    wrong = [problem for problem in checked.problems if problem.error]
    passed = len(checked.articles)
    return [
        Goal(
            "drafts that leak a note, name, address or secret",
            "0",
            f"{len(leaking)} of {run.options.tickets}",
            not leaking,
        ),
        Goal(
            "drafts that pass firstline check",
            f"{run.options.tickets} of {run.options.tickets}",
            f"{passed}, {len(wrong)} errors",
            not wrong and passed == run.options.tickets,
        ),
    ]


def _apart(made: Made, number: int) -> ArticleDraft:
    name = f"draft-{number}"
    article, intent = replace(made.draft.article, id=name), replace(made.draft.intent, id=name, article=name)
    return replace(made.draft, article=article, intent=intent)


@dataclass
class Measured:
    """What was counted so far; `lost` right answers by target, of the fold in which one loses most."""

    asked: list[tuple[bool, Treated, str]] = field(default_factory=list)
    before: int = 0
    after: int = 0
    others: int = 0
    worst: int = 0
    examples: list[int] = field(default_factory=list)
    short: Counter[str] = field(default_factory=Counter)  # paraphrases that are not found, by what lacks


def measure_answers(run: Run, errors: Console) -> list[Goal]:
    """Withhold a part of the intents, draft them from tickets, and ask before and after."""
    rng = random.Random(run.options.seed)
    targets = sorted(
        one.target
        for one in run.content.intents.values()
        if len(_examples(one)) > PARAPHRASES + run.options.merged
    )
    rng.shuffle(targets)
    folds = [targets[at :: run.options.folds] for at in range(run.options.folds)][: run.options.most_folds]
    crowd = people(rng, CROWD)
    meet(run.desk, crowd)
    found = Measured()
    for number, fold in enumerate(folds):
        _measure_fold(run, errors, fold, 100_000 + 1_000 * number, rng, crowd, found)
    points = 100 * (found.before - found.after) / max(found.others, 1)
    errors.print(f"examples of a draft: {sum(found.examples) / max(len(found.examples), 1):.1f}")
    errors.print("paraphrases not found: " + ", ".join(f"{why} {one}" for why, one in found.short.items()))
    return _answer_goals(found.asked, found.worst, points, found.others)


def _measure_fold(
    run: Run,
    errors: Console,
    fold: Sequence[str],
    number: int,
    rng: random.Random,
    crowd: list[str],
    found: Measured,
) -> None:
    base = {name: one for name, one in run.content.intents.items() if one.target not in fold}
    before = replace(run.content, intents=base, hash=f"before-{number}")
    known = [one for one in run.questions if one.right is not None and one.right not in fold]
    known = rng.sample(known, min(run.options.others, len(known)))
    log = known[::2] if run.options.clean else []
    known = known[1::2] if run.options.clean else known
    sentences = {target: _sampled(run, target, rng) for target in fold}
    alike = _alike(run, before, {target: one[0][0] for target, one in sentences.items()}, rng)
    drafts: dict[str, ArticleDraft] = {}
    past: list[PastQuestion] = []
    for at, (target, (first, rest)) in enumerate(sentences.items(), number):
        draft = _apart(make_ticket(run.desk, at, first, rng, crowd, alike.get(target, ())), at)
        drafts[draft.article.id] = draft
        past += [
            PastQuestion(at, AT, text, "escalate", (), right=draft.article.id) for text in (first[0], *rest)
        ]
    if log:
        sides = [Side(run.settings, before), _side(run, before, drafts, f"log-{number}")]
        replay = compare(list(map(Replayed, log, *ask_again(sides, log, errors))))
        for name, draft in drafts.items():
            kept = without_examples(draft.intent, thieves(draft.intent, replay))
            drafts[name] = replace(draft, intent=kept if kept.examples else draft.intent)
    found.examples += [len(_examples(one.intent)) for one in drafts.values()]
    after = _side(run, before, drafts, f"after-{number}")
    then, now = ask_again([Side(run.settings, before), after], [*known, *past], errors)
    lost: Counter[str] = Counter()
    for question, one, two in zip(known, then, now, strict=False):
        was, is_now = one.answered == question.right, two.answered == question.right
        found.others += 1
        found.before += was
        found.after += is_now
        lost[question.right or ""] += was - is_now
    found.worst = max(found.worst, *lost.values())
    asked = [
        (at % (1 + PARAPHRASES) == 0, two, q.right or "")
        for at, (q, two) in enumerate(zip(past, now[len(known) :], strict=True))
    ]
    found.asked += asked
    found.short += _shortfalls(after, [(q, one) for q, one in zip(past, asked, strict=True) if not one[0]])
    offered = sum(right in two.targets for first, two, right in asked if not first)
    errors.print(
        f"{', '.join(fold)}: {offered} of {PARAPHRASES * len(fold)} paraphrases, "
        f"{sum(found.examples[-len(fold) :])} examples, lost {+lost}, gained {-lost}"
    )


def _shortfalls(side: Side, asked: Sequence[tuple[PastQuestion, tuple[bool, Treated, str]]]) -> Counter[str]:
    """Tell where the article stands for the paraphrases that are neither answered with it nor offered it."""
    matcher, short = matcher_of(side.settings, side.content), Counter[str]()
    for question, (_, treated, right) in asked:
        if right in treated.targets:
            continue
        names = [one.target for one in matcher.find(question.text).matches]
        place = names.index(right) if right in names else len(names)
        short[
            "first, not sure enough" if place == 0 else "second or third" if place < CHOICE else "further"
        ] += 1
    return short


def _sampled(run: Run, target: str, rng: random.Random) -> tuple[list[str], list[str]]:
    """Draw what a ticket and those merged into it ask, and the paraphrases."""
    intent = run.content.intent(target)
    assert intent is not None
    texts = rng.sample(_examples(intent), 1 + run.options.merged + PARAPHRASES)
    return texts[: 1 + run.options.merged], texts[1 + run.options.merged :]


def _side(run: Run, before: Content, drafts: dict[str, ArticleDraft], name: str) -> Side:
    intents = {**before.intents, **{name: one.intent for name, one in drafts.items()}}
    articles = {
        **before.articles,
        **{name: {one.article.language: one.article} for name, one in drafts.items()},
    }
    return Side(run.settings, replace(before, intents=intents, articles=articles, hash=name))


def _alike(
    run: Run, before: Content, firsts: dict[str, str], rng: random.Random
) -> dict[str, tuple[str, ...]]:
    """Find the gaps of all that is asked in vain; return of each ticket what else its gap asks."""
    if not run.options.asked:
        return {}
    library = library_of(run.settings, InForce(before))
    assert library.load()
    language = next(iter(before.intents.values())).examples
    spoken = next(iter(language))
    texts: list[tuple[str, str | None]] = [(text, target) for target, text in firsts.items()]
    for target in firsts:
        pool = [one.text for one in run.questions if one.right == target]
        texts += [(text, None) for text in rng.sample(pool, min(run.options.asked, len(pool)))]
    others = [one for one in run.questions if one.right not in firsts]
    asked = [Asked(one.text, spoken, one.right) for one in rng.sample(others, min(OTHERS, len(others)))]
    learn_traffic(library, [one.text for one in asked])
    missed = [MissedQuestion(at, at, "", text, spoken, Missed.TICKET) for at, (text, _) in enumerate(texts)]
    for one in asked:
        vain = missed_by(len(missed), one, decision_on(library, one.text))
        missed += [vain] if vain is not None else []
    report = Gaps(library, QuestionGrouping(), Tolerance(MAX_WRONG)).find(
        MissedLog(tuple(missed)), GapQuery(fewest=FEWEST_PEOPLE), lambda _done, _of: None
    )
    gap_of = {number: gap for gap in report.gaps for number in gap.ids}
    return {
        target: tuple(missed[number].sentence for number in gap_of[at].ids if number != at)
        for at, (_, target) in enumerate(texts)
        if target is not None and at in gap_of
    }


def _answer_goals(
    asked: list[tuple[bool, Treated, str]], worst: int, points: float, others: int
) -> list[Goal]:
    goals = []
    for what, which in (
        ("first questions", [one for one in asked if one[0]]),
        ("paraphrases", [one for one in asked if not one[0]]),
        ("first questions and paraphrases", asked),
    ):
        answered = sum(two.answered == right for _, two, right in which)
        offered = sum(
            right in two.targets and two.treatment in (Treatment.ANSWER, Treatment.CHOICE)
            for _, two, right in which
        )
        share = offered / max(len(which), 1)
        goals.append(
            Goal(
                f"{what}: the article is answered or offered",
                f">= {FOUND:.0%}",
                f"{share:.1%} ({answered / max(len(which), 1):.1%} answered) of {len(which)}",
                share >= FOUND,
            )
        )
    goals.append(
        Goal(
            f"right answers that others lose, of {others}",
            f"< {MOST_POINTS:.0f} point",
            f"{points:.2f}",
            points < MOST_POINTS,
        )
    )
    goals.append(
        Goal(
            "right answers that one target loses in one fold",
            f"<= {MOST_LOST}",
            str(worst),
            worst <= MOST_LOST,
        )
    )
    return goals


def _examples(intent: Intent) -> list[str]:
    return [" ".join(text.split()) for texts in intent.examples.values() for text in texts]


def main() -> int:
    """Measure and print; exit 1 where a goal is not reached."""
    parser = argparse.ArgumentParser(description="Measure drafts.")
    parser.add_argument("folder", type=Path, help="with intents and questions.jsonl")
    parser.add_argument("--tickets", type=int, default=500)
    parser.add_argument("--folds", type=int, default=5)
    parser.add_argument("--most-folds", type=int, default=1_000, help="so many of them alone")
    parser.add_argument("--merged", type=int, default=0)
    parser.add_argument("--others", type=int, default=100_000, help="so many of their questions")
    parser.add_argument("--asked", type=int, default=0)
    parser.add_argument("--clean", action="store_true")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--show", action="store_true", help="print drafts that leak")
    parser.add_argument("--only", default="leaks,answers")
    options = parser.parse_args()
    errors = Console(stderr=True)
    with tempfile.TemporaryDirectory(prefix="firstline-bench-") as temporary:
        folder = Path(temporary)
        content = content_in(options.folder / "kb_articles", options.folder / "intents")
        targets = Targets(content)
        questions = tuple(
            PastQuestion(number, AT, one.text, "escalate", (), right=targets.of(one.expected))
            for number, one in enumerate(read_questions(options.folder / "questions.jsonl"))
        )
        run = Run(
            content, questions, a_desk(folder), Settings(queues="", cache=str(folder / "cache")), options
        )
        measures: dict[str, Callable[[Run, Console], list[Goal]]] = {
            "leaks": measure_leaks,
            "answers": measure_answers,
        }
        goals = [goal for name in options.only.split(",") for goal in measures[name](run, errors)]
        run.desk.database.close()
    goals_table(goals, f"Drafts ({options.folder.name}, {options.merged} merged)").show(
        Console(width=None if sys.stdout.isatty() else 140)
    )
    return 0 if all(goal.met for goal in goals) else 1


if __name__ == "__main__":
    sys.exit(main())
