"""What drafts are measured with: a content, a desk, and what was counted."""

from argparse import Namespace
from collections import Counter
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path

from bench.report import Goal
from bot.desk.ports.feedback import PastQuestion
from bot.domain.drafts.draft import ArticleDraft
from bot.domain.knowledge.content import Content, Intent
from bot.evaluation.replay import Treated, Treatment
from bot.runtime.resources import find
from bot.server.content import library_of
from bot.server.settings import Settings
from bot.storage import connect, migrate
from tests.support.clock import Clock
from tests.support.desk.helpdesk import Helpdesk

AT = datetime(2026, 3, 2, 9, tzinfo=UTC)
FOUND, MOST_POINTS, MOST_LOST = 0.9, 1.0, 2
PARAPHRASES = 2


@dataclass(frozen=True)
class Run:
    """What is measured with: a content, its labelled questions, and a desk that knows nothing yet."""

    content: Content
    questions: tuple[PastQuestion, ...]
    desk: Helpdesk
    settings: Settings
    options: Namespace


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


def examples_of(intent: Intent, language: str = "") -> list[str]:
    """Return the examples of an intent, in one language or in all."""
    texts = [one for spoken, one in intent.examples.items() if language in ("", spoken)]
    return [" ".join(text.split()) for one in texts for text in one]


def apart(draft: ArticleDraft, number: int) -> ArticleDraft:
    """Give a draft an id of its own."""
    name = f"draft-{number}"
    article, intent = replace(draft.article, id=name), replace(draft.intent, id=name, article=name)
    return replace(draft, article=article, intent=intent)


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
    authors_asked: list[tuple[bool, Treated, str]] = field(default_factory=list)
    authors_after: int = 0


def answer_goals(
    asked: list[tuple[bool, Treated, str]], worst: int, points: float, others: int
) -> list[Goal]:
    """Tell what was counted beside the goals."""
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
