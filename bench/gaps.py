"""Measures the gaps that are found where intents are withheld from the content, beside their goals.

    python -m bench.gaps ENGLISH SPANISH [--seeds N] [--tuning]
    python -m bench.gaps --titles FILE

ENGLISH and SPANISH are folders with intents and a `questions.jsonl`; without them `GAPS_ENGLISH` and
`GAPS_SPANISH` name them. Of each seed 15 English and 4 Spanish intents are withheld, and 20 to 30 questions
of each asked, typed with errors, among 2,000 in all. The other intents have ten examples each, and questions
that nothing answers are among the log. The settings were found on one half of the intents (`--tuning`), and
the other half is reported.

Three logs, from the easiest: all other questions were answered; they were asked as written, and some not
answered; they were typed with errors, too, and most not answered. "found" is how many of the withheld intents
have a group of their own, at least 85 % of it theirs; "whole" how many of these hold at least half of what
was asked of the intent and not answered; "nothing" how many groups have no intent that holds half of them.

With `--titles`, a text a line, prints the first 20 groups of what the sample content does not answer.
"""

import argparse
import os
import random
import sys
import time
import zlib
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from statistics import fmean

from rich.console import Console
from rich.progress import track
from rich.table import Table

from bench.matching.sets import MAX_WRONG, mistyped, questions_of
from bot.desk.knowledge.gaps import GapQuery, Gaps, MissedLog
from bot.desk.knowledge.library import Library
from bot.domain.knowledge.content import Content, Intent
from bot.domain.knowledge.decision import Answer, Choose, Decision, Tolerance, decide
from bot.domain.knowledge.gap import Gap, GapReport, Missed, MissedQuestion
from bot.domain.knowledge.traffic import Traffic
from bot.matching.clustering.grouping import QuestionGrouping
from bot.matching.embeddings.factory import store_of
from bot.matching.matcher import WordMatcher
from bot.runtime.resources import find
from bot.server.content import content_in

ENGLISH, SPANISH = 15, 4  # intents that are withheld
FEWEST, MOST = 20, 30  # questions of each
QUESTIONS, NOTHING = 2_000, 100  # in all, and of them at most so many that nothing answers
EXAMPLES = 10  # that an intent keeps
SPANISH_SHARE = 8  # one in so many of the others
PURE, WHOLE, HALF = 0.85, 0.5, 0.5
LEARNED_FROM = 200  # questions from which the traffic is learned
LOGS = ("the others answered", "the others as written", "the others mistyped")
GOALS = {
    "found": ("≥", 15.0),
    "whole": ("", 0.0),
    "nothing": ("≤", 3.0),
    "groups": ("", 0.0),
    "s": ("<", 30.0),
}


@dataclass(frozen=True)
class Asked:
    """A question of the log, and the intent that it is of; None where nothing answers it."""

    text: str
    language: str
    intent: str | None


@dataclass(frozen=True)
class Given:
    """A source whose content is there already."""

    content: Content

    def load(self) -> Content:
        """Return it."""
        return self.content

    async def changes(self) -> None:
        """Return at once: nothing changes."""


def library_of(content: Content) -> Library:
    """Learn from a content."""
    store = store_of("", "", "", 1.0, None)
    library = Library(Given(content), lambda it, _before: WordMatcher(it, embeddings=store))
    assert library.load(), library.errors
    return library


def learn_traffic(library: Library, texts: Sequence[str]) -> None:
    """Let the library assume what the first questions show."""
    matcher, requests = library.snapshot.matcher, library.snapshot.content.service_requests
    results = [matcher.find(text) for text in texts[:LEARNED_FROM]]
    library.learned = Traffic.learned(results, requests, MAX_WRONG, prior=matcher.prior)


def decision_on(library: Library, text: str) -> Decision:
    """Decide as the chat does."""
    result = library.match(text)
    content = library.snapshot.content
    thresholds = library.thresholds(Tolerance(MAX_WRONG), result)
    return decide(result, thresholds, requests=content.service_requests, remarks=content.remarks)


def missed_by(number: int, one: Asked, decision: Decision) -> MissedQuestion | None:
    """What was not answered of a question; None where it was, or the right one offered."""
    if isinstance(decision, Answer):
        if decision.match.target == one.intent:
            return None
        shown = (decision.match.target,)
        return MissedQuestion(number, number, "", one.text, one.language, Missed.WRONG_ANSWER, shown=shown)
    if isinstance(decision, Choose):
        if one.intent in {match.target for match in decision.matches}:
            return None
        return MissedQuestion(number, number, "", one.text, one.language, Missed.ABANDONED_CHOICE)
    return MissedQuestion(number, number, "", one.text, one.language, Missed.TICKET)


@dataclass(frozen=True)
class Desk:
    """A desk whose content lacks some intents, and all that may be asked there."""

    content: Content
    withheld: frozenset[str]
    own: tuple[Asked, ...]  # of what is withheld
    others: tuple[Asked, ...]


def desk_of(english: Path, spanish: Path, seed: int, half: int) -> Desk:
    """Withhold intents of one half, by chance."""
    rng = random.Random(f"{half}-{seed}")
    pools: dict[str | None, list[Asked]] = {}
    intents: dict[str, Intent] = {}
    by_language: dict[str, list[str]] = {"en": [], "es": []}
    for folder, language in ((english, "en"), (spanish, "es")):
        content = content_in(folder / "kb_articles", folder / "intents")
        for question in questions_of(folder, typos=False):
            asked = Asked(question["text"], language, question["expected"])
            pools.setdefault(question["expected"], []).append(asked)
        for name, intent in content.intents.items():
            examples = intent.examples[language]
            intents[name] = replace(intent, examples={language: examples[:EXAMPLES]})
            pools.setdefault(name, []).extend(Asked(text, language, name) for text in examples[EXAMPLES:])
            by_language[language].append(name)
    enough = [sorted(n for n in names if len(pools[n]) >= FEWEST) for names in by_language.values()]
    halves = [[n for n in enough[0] if zlib.crc32(n.encode()) % 2 == half], enough[1][half::2]]
    withheld = [*rng.sample(halves[0], ENGLISH), *rng.sample(halves[1], SPANISH)]
    own = [one for name in withheld for one in _some(rng, pools[name], rng.randint(FEWEST, MOST))]
    others = _some(rng, pools.pop(None, []), NOTHING)
    left = QUESTIONS - len(own) - len(others)
    for language, number in (("es", left // SPANISH_SHARE), ("en", left - left // SPANISH_SHARE)):
        names = [name for name in by_language[language] if name not in withheld]
        others += _some(rng, [one for name in names for one in pools[name][:60]], number)
    kept = {name: intent for name, intent in intents.items() if name not in withheld}
    made = Content({}, kept, f"bench-{half}-{seed}")
    return Desk(made, frozenset(withheld), tuple(_typed(rng, own)), tuple(others))


def _some(rng: random.Random, pool: Sequence[Asked], number: int) -> list[Asked]:
    return rng.sample(pool, min(number, len(pool)))


def _typed(rng: random.Random, asked: Sequence[Asked]) -> list[Asked]:
    return [replace(one, text=mistyped(one.text, rng)) for one in asked]


def measure(desk: Desk, library: Library, log: str, seed: int) -> dict[str, float]:
    """Ask the log, find the gaps of what was not answered, and count."""
    rng = random.Random(seed)
    others = _typed(rng, desk.others) if log == LOGS[2] else list(desk.others)
    asked = [*desk.own, *others]
    rng.shuffle(asked)
    library.learned = None
    learn_traffic(library, [one.text for one in asked])
    missed = []
    for number, one in enumerate(asked):
        if log == LOGS[0] and one.intent is not None and one.intent not in desk.withheld:
            continue
        found = missed_by(number, one, decision_on(library, one.text))
        if found is not None:
            missed.append(found)
    started = time.perf_counter()
    report = gaps_in(missed, library)
    took = time.perf_counter() - started
    intents = {one.id: asked[one.id].intent for one in missed}
    return {**figures_of(report.gaps, intents, desk.withheld), "asked in vain": len(missed), "s": took}


def gaps_in(missed: Sequence[MissedQuestion], library: Library) -> GapReport:
    """Find the gaps."""
    gaps = Gaps(library, QuestionGrouping(), Tolerance(MAX_WRONG))
    return gaps.find(MissedLog(tuple(missed)), GapQuery(), lambda _done, _of: None)


def figures_of(
    gaps: Sequence[Gap], intents: dict[int, str | None], withheld: frozenset[str]
) -> dict[str, float]:
    """Count the groups by the intents of their questions."""
    wanted = Counter(intents.values())
    found, whole, nothing = set(), set(), 0
    for gap in gaps:
        counts = Counter(intents[number] for number in gap.ids)
        counts.pop(None, None)
        name, number = max(counts.items(), key=lambda item: item[1], default=("", 0))
        nothing += number < HALF * len(gap.ids)
        if name in withheld and number >= PURE * len(gap.ids):
            found.add(name)
            if number >= WHOLE * wanted[name]:
                whole.add(name)
    return {"found": len(found), "whole": len(whole), "nothing": nothing, "groups": len(gaps)}


def table_of(results: dict[str, list[dict[str, float]]]) -> Table:
    """Every figure as the mean and the worst of the seeds, beside its goal."""
    table = Table(
        title=f"{ENGLISH + SPANISH} intents withheld: mean, and the worst seed", title_justify="left"
    )
    for name in ("log", "asked in vain", *GOALS):
        table.add_column(name, justify="left" if name == "log" else "right")
    for log, rows in results.items():
        cells = [f"{fmean(row['asked in vain'] for row in rows):.0f}"]
        cells += [_cell([row[name] for row in rows], *GOALS[name]) for name in GOALS]
        table.add_row(log, *cells)
    return table


def _cell(values: Sequence[float], sign: str, goal: float) -> str:
    worst = min(values) if sign in ("≥", "") else max(values)
    text = f"{fmean(values):.1f} / {worst:.0f}"
    if not sign:
        return text
    kept = {"≥": worst >= goal, "≤": worst <= goal, "<": worst < goal}[sign]
    return f"{text} {sign} {goal:.0f} {'✓' if kept else '✗'}"


def print_titles(file: Path, console: Console) -> None:
    """Print the first groups of texts that the sample content does not answer."""
    texts = [line.strip() for line in file.read_text("utf-8").splitlines() if line.strip()]
    articles = find("kb_articles")
    library = library_of(content_in(articles, articles.parent / "intents"))
    learn_traffic(library, texts)
    asked = [Asked(text, "en", None) for text in texts]
    found = [missed_by(number, one, decision_on(library, one.text)) for number, one in enumerate(asked)]
    report = gaps_in([one for one in found if one is not None], library)
    console.print(f"{len(texts)} texts, {len(report.gaps)} gaps, left out: {report.left_out}")
    for number, gap in enumerate(report.gaps[:20], 1):
        near = f"{gap.nearest.target} lacks {', '.join(gap.nearest.lacks)}" if gap.nearest else "nothing near"
        shown = " / ".join(gap.sentences[:3])
        console.print(f"{number}. {gap.people}: {shown} [{', '.join(gap.words)}]; {near}", markup=False)


def _main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("english", nargs="?", type=Path, default=os.environ.get("GAPS_ENGLISH"))
    parser.add_argument("spanish", nargs="?", type=Path, default=os.environ.get("GAPS_SPANISH"))
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--tuning", action="store_true", help="the half on which the settings were found")
    parser.add_argument("--titles", type=Path)
    arguments = parser.parse_args()
    console = Console()
    if arguments.titles:
        print_titles(arguments.titles, console)
        return
    if not arguments.english or not arguments.spanish:
        parser.error("name the two folders, or set GAPS_ENGLISH and GAPS_SPANISH")
    results: dict[str, list[dict[str, float]]] = {log: [] for log in LOGS}
    for seed in track(range(arguments.seeds), "Asking", console=Console(stderr=True)):
        desk = desk_of(Path(arguments.english), Path(arguments.spanish), seed, 0 if arguments.tuning else 1)
        library = library_of(desk.content)
        for log in LOGS:
            results[log].append(measure(desk, library, log, seed))
            print(seed, log, results[log][-1], file=sys.stderr, flush=True)
    Console(width=None if console.is_terminal else 120).print(table_of(results))


if __name__ == "__main__":
    _main()
