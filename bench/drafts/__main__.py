"""Measures drafts of articles beside their goals: what leaks, whether they pass the check, what they answer.

    python -m bench.drafts [FOLDER] [--questions FILE] [--language en] [--tickets 500] [--folds 5]
        [--merged 0] [--asked 0] [--clean] [--seed 1] [--most-folds 5] [--only leaks,written,answers] [--show]

`written`: tickets of several lines that were written for it (`tickets.yaml`), each with two paraphrases of
its first question, beside the content of the folder, which is the sample content and its questions where
none is named. `leaks` and `answers`: the folder has intents and a `questions.jsonl`, such as a public set;
or `--questions` names the file. Its intents are withheld in turn,
with their articles where it has some; of a sentence of each a ticket is made, in which an engineer tells the
steps of the article (any steps where there is none), and of the ticket a draft. Two more of its sentences
are asked, which are of the same intent and seldom the same question. The same is asked of the withheld
intents as their authors wrote them, without these two: what they take from others is what more intents
take, however well written.

With as many folds as intents each draft is approved alone. `--merged` so many other employees ask the same
in their words, and their tickets are merged into the first. `--asked` so many others ask of each withheld
intent in vain, among the questions of the others that are not answered; the gaps are found in all of it, and
a draft has the sentences of its ticket's gap for examples, as on the page. With `--clean` half of the other
questions are what the desk was asked before: the draft's examples that take from others there are taken
out, and the other half is measured.
"""

import argparse
import random
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

from rich.console import Console

from bench.drafts.answers import CROWD, measure_answers, measure_written
from bench.drafts.measured import AT, Run, a_desk, apart, examples_of
from bench.drafts.tickets import Case, make_ticket, meet, people
from bench.plan import ROOT
from bench.report import Goal, goals_table
from bot.desk.ports.feedback import PastQuestion
from bot.evaluation.questions import read_questions
from bot.evaluation.targets import Targets
from bot.knowledge.files.draft_files import draft_files, write_draft
from bot.server.content import content_in
from bot.server.settings import Settings


def measure_leaks(run: Run, errors: Console) -> list[Goal]:
    """Make many tickets, and look in each draft for what was planted; then check all drafts together."""
    rng = random.Random(run.options.seed)
    crowd = people(rng, CROWD)
    meet(run.desk, crowd)
    sentences = [text for one in run.content.intents.values() for text in examples_of(one)]
    leaking: list[str] = []
    with tempfile.TemporaryDirectory() as written:
        folder = Path(written)
        for number in range(run.options.tickets):
            case = Case("", tuple(rng.sample(sentences, 1 + number % 3)))
            made = make_ticket(run.desk, number, case, rng, crowd)
            text = "\n".join(text for _, text in draft_files(made.draft))
            if made.leaks(text) and run.options.show:
                errors.print(made.names, text, markup=False)
            leaking += [f"{made.draft.reference}: {made.leaks(text)}"] if made.leaks(text) else []
            write_draft(apart(made.draft, number), folder / "kb_articles", folder / "intents")
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


def main() -> int:
    """Measure and print; exit 1 where a goal is not reached."""
    parser = argparse.ArgumentParser(description="Measure drafts.")
    parser.add_argument(
        "folder", nargs="?", type=Path, default=Path(), help="with intents and questions.jsonl"
    )
    parser.add_argument("--questions", type=Path, help="instead of the folder's")
    parser.add_argument("--language", default="", help="of the tickets, where an intent has several")
    parser.add_argument("--tickets", type=int, default=500)
    parser.add_argument("--folds", type=int, default=5)
    parser.add_argument("--most-folds", type=int, default=1_000, help="so many of them alone")
    parser.add_argument("--merged", type=int, default=0)
    parser.add_argument("--others", type=int, default=100_000, help="so many of their questions")
    parser.add_argument("--asked", type=int, default=0)
    parser.add_argument("--clean", action="store_true")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--show", action="store_true", help="print drafts that leak")
    parser.add_argument("--only", default="leaks,written,answers")
    options = parser.parse_args()
    errors = Console(stderr=True)
    with tempfile.TemporaryDirectory(prefix="firstline-bench-") as temporary:
        folder = Path(temporary)
        own = ROOT / "tests/fixtures/questions.jsonl"
        there = options.folder / "questions.jsonl"
        asked = options.questions or (there if there.is_file() else own)
        content = content_in(options.folder / "kb_articles", options.folder / "intents")
        targets = Targets(content)
        questions = tuple(
            PastQuestion(number, AT, one.text, "escalate", (), right=targets.of(one.expected))
            for number, one in enumerate(read_questions(asked))
        )
        run = Run(
            content, questions, a_desk(folder), Settings(queues="", cache=str(folder / "cache")), options
        )
        measures: dict[str, Callable[[Run, Console], list[Goal]]] = {
            "leaks": measure_leaks,
            "answers": measure_answers,
            "written": measure_written,
        }
        goals = [goal for name in options.only.split(",") for goal in measures[name](run, errors)]
        run.desk.database.close()
    goals_table(goals, f"Drafts ({options.folder.resolve().name}, {options.merged} merged)").show(
        Console(width=None if sys.stdout.isatty() else 140)
    )
    return 0 if all(goal.met for goal in goals) else 1


if __name__ == "__main__":
    sys.exit(main())
