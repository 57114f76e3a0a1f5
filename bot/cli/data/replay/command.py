"""Reads the questions and both contents, compares and prints."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

from bot.cli import terminal
from bot.cli.content.check import source_of
from bot.cli.content.evaluate import or_failed
from bot.cli.content.labelled_questions import load, settings_of
from bot.cli.data.database import now, opened
from bot.cli.data.replay.revision import export_revision
from bot.cli.data.replay.sides import ask_again
from bot.cli.data.replay.tables import as_data, print_replay
from bot.cli.options import Form
from bot.desk.history.past_questions import read_asked
from bot.domain.errors import FirstlineError
from bot.evaluation.content_diff import edits, part_hashes
from bot.evaluation.replay import Replay, Replayed, compare, treated_then
from bot.evaluation.targets import Targets
from bot.knowledge.files.text_files import is_folder
from bot.server.authoring.replaying import Side
from bot.server.settings import Settings

DAYS = 90
CLOSED = 1  # the gate's exit code


@dataclass(frozen=True, slots=True)
class ReplayOptions:
    """The options of `firstline replay`; `against`: a folder, or a revision of the content's checkout."""

    articles: Path | None = None
    intents: Path | None = None
    since: datetime | None = None
    against: str | None = None
    most_lost: int | None = None
    form: Form = Form.TABLE


class NothingToReplay(FirstlineError):
    """Nothing was asked in this time, or the words of all of it are given up."""


def replay_all(options: ReplayOptions) -> int:
    """Replay and print; return 0, 1 where the gate is closed, 2 where nothing was replayed."""
    errors = terminal.console(errors=True, wraps=True)
    return or_failed(lambda: _replay(options, errors), errors)


def _replay(options: ReplayOptions, errors: terminal.Terminal) -> int:
    settings = settings_of(options.articles, options.intents)
    content, _ = load(settings, source_of(settings, options.articles, options.intents))
    _, begin = opened()
    since = options.since.replace(tzinfo=UTC) if options.since else now() - timedelta(days=DAYS)
    asked = read_asked(begin, since)
    if not asked.questions:
        raise NothingToReplay(
            f"Nothing was asked since {since.date()} whose words are still there; choose an earlier --since."
        )
    side = Side(settings, content)
    other = _other_side(settings, options.against) if options.against else None
    sides = [side] if other is None or alike(side, other) else [side, other]
    treated = ask_again(sides, asked.questions, errors)  # where both are alike, once
    then = treated[-1] if other is not None else [treated_then(question) for question in asked.questions]
    found = compare(list(map(Replayed, asked.questions, then, treated[0])))
    made = edits(part_hashes(other.content), content) if other is not None else {}
    if options.form is Form.TABLE:
        print_replay(terminal.console(), found, asked.without_words, Targets(content), made)
    else:
        terminal.print_json(as_data(found, since, asked.without_words, made), indent=1)
    reasons = gate_reasons(found, options.most_lost)
    for reason in reasons:
        errors.tell(f"gate: {reason}.", style="red")
    return CLOSED if reasons else 0


def alike(one: Side, other: Side) -> bool:
    """Whether both sides treat every question alike, since they have the same content."""
    mine, theirs = one.content, other.content
    return (mine.hash, mine.questions) == (theirs.hash, theirs.questions)


def gate_reasons(found: Replay, most_lost: int | None) -> list[str]:
    """Why the gate is closed; empty where it is open."""
    if most_lost is None or len(found.lost) <= most_lost:
        return []
    return [f"right answers that are lost: {len(found.lost)}; the most is {most_lost}"]


def _other_side(settings: Settings, against: str) -> Side:
    """Read the content that is compared with: a folder's, or that of a revision."""
    folder = Path(against)
    with TemporaryDirectory() as temporary:
        if not is_folder(folder):
            folder = Path(temporary)
            export_revision(against, (settings.articles, settings.intents), folder)
        changed = {
            name: folder / path.absolute().name
            for name, path in (("articles", settings.articles), ("intents", settings.intents))
            if is_folder(folder / path.absolute().name)
        } or {"articles": folder}
        there = settings.model_copy(update=changed)
        return Side(there, load(there, source_of(there, there.articles, there.intents))[0])
