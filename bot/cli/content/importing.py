"""Fills the folder of articles from what a company has: `firstline import`."""

import re
import sys
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from rich.cells import cell_len, set_cell_size
from rich.console import Console

from bot.cli import terminal
from bot.cli.progress import Waiting
from bot.cli.reader import said
from bot.domain.knowledge.content import Article, Draft
from bot.domain.knowledge.ids import slug
from bot.importing.documents import ImportRefused, LeftOut, Source
from bot.importing.links import host_of
from bot.importing.plan import Plan, make_plan
from bot.importing.source.files import list_source
from bot.importing.writing.changes import Change, Changes, State, carry_out, compare
from bot.importing.writing.ledger import ids_of, read_ledger
from bot.knowledge.files.source import FileSource
from bot.server.cache import cache_of
from bot.server.settings import Settings, complain, read_core

SHOWN = 12  # lines of one list
_COUNTED = re.compile(r"(?<=: )\d+\b")
WIDTHS = (33, 5, 26, 13)  # columns of the table, 80 with what is between them


@dataclass(frozen=True, slots=True)
class ImportOptions:
    """The options of `firstline import`."""

    source: Path
    articles: Path | None = None
    into: str | None = None
    base_url: str | None = None
    languages: Sequence[str] = ()
    columns: Mapping[str, str] = field(default_factory=dict)
    yes: bool = False
    prune: bool = False


def import_all(options: ImportOptions) -> None:
    """Show what would be made of a source, ask once, and write it."""
    settings = _settings(options)
    files, left_out = list_source(options.source)
    source = Source(files, _base_url(options.base_url), options.columns)
    folder = settings.articles / _name(options)
    ledger = read_ledger(folder)
    with Waiting(terminal.console(errors=True), len(files), said("files read")) as waiting:
        plan = make_plan(
            source,
            left_out,
            _existing(settings, frozenset(folder / name for name in ledger)),
            language=settings.language,
            earlier=ids_of(ledger),
            wanted=frozenset(map(str.lower, options.languages)),
            progress=waiting.reach,
        )
    changes = compare(folder, plan.proposals, plan.languages, plan.untaken)
    console = terminal.console()
    _show(console, plan, changes)
    _write(console, changes, options)


def _settings(options: ImportOptions) -> Settings:
    # Never the samples: what is imported is written where the server reads.
    mistakes: list[str] = []
    settings = read_core(mistakes)
    complain(mistakes)
    assert settings is not None  # noqa: S101  # `complain` has raised otherwise
    return (
        settings if options.articles is None else settings.model_copy(update={"articles": options.articles})
    )


def _base_url(written: str | None) -> str | None:
    if written is None:
        return None
    if not written.lower().startswith(("http://", "https://")) or not host_of(written):
        raise ImportRefused(f"--base-url '{written}' is no web address; begin it with https://")
    return written if written.endswith("/") else f"{written}/"


def _name(options: ImportOptions) -> str:
    name = options.into or options.source.resolve().stem
    found = slug(name)
    if not found:
        raise ImportRefused(f"'{name}' cannot be the name of a folder; give one with --into")
    return found


def _existing(settings: Settings, imported: frozenset[Path]) -> dict[str, list[Article]]:
    # What is there beside what this source brought; it must not be taken for anew, nor doubled.
    if not settings.articles.is_dir():
        return {}
    found: dict[str, list[Article]] = {}
    source = FileSource(settings.articles, settings.intents, cache=cache_of(settings))
    drafts: Iterable[Draft[Article]] = source.load().articles
    for draft in drafts:
        if Path(draft.file) not in imported:
            found.setdefault(draft.value.id, []).append(draft.value)
    return found


def _show(console: Console, plan: Plan, changes: Changes) -> None:
    for line in _table(plan, changes):
        console.print(line, soft_wrap=True)
    _list(console, "Left out", [(said(one.place), one.reason) for one in _grouped(plan.left_out)])
    if plan.unread:
        kinds = ", ".join(f"{count} {ending}" for ending, count in sorted(plan.unread.items()))
        console.print(said(f"\nFiles of other kinds, which are not read: {kinds}."), soft_wrap=True)
    _list(
        console,
        "Nearly the same: keep the first, and remove or merge the other",
        [
            (_named(one.kept), f"{_named(one.other)} ({one.share:.0%}; {said(one.reason)})")
            for one in plan.overlaps
        ],
    )
    _list(console, "Hard to find", [(_named(one.article), lack) for one, lack in plan.thin])
    lost = [LeftOut(place, note) for note, place in _summed(plan)]
    _list(console, "Lost on the way", [(one.place, one.reason) for one in _grouped(lost)])
    for state, told in _TOLD.items():
        _list(console, told, [(one.name, one.source) for one in changes.of(state)])
    console.print(_counts(plan, changes), soft_wrap=True)


_TOLD = {
    State.EDITED: "Changed at the source, and edited here: not touched; merge them by hand",
    State.FOREIGN: "There already, and not imported: not touched; rename one of the two",
    State.REMOVED: "Removed here: not written again",
    State.GONE: "Gone at the source: kept; --prune deletes them",
    State.GONE_EDITED: "Gone at the source, and edited here: kept",
}


def _table(plan: Plan, changes: Changes) -> Iterator[str]:
    # Under each file its articles: in 80 columns nothing else shows whole names.
    states = {one.source: one.state for one in changes.files if not one.is_picture}
    if plan.proposals:
        yield _row(*said("article, lang, title, notes").split(", "))
    last = ""
    for one in plan.proposals:
        if one.file != last:
            last = one.file
            yield f"{one.file}{said(f' ({one.parts} articles)') if one.parts > 1 else ''}"
        state = states.get(one.source, State.NEW)
        notes = map(said, [*([str(state)] if state is not State.NEW else []), *one.notes])
        yield _row(f"  {one.article.id}", one.article.language, one.article.title, ", ".join(notes))


def _row(*cells: str) -> str:
    fitted = [
        set_cell_size(_shortened(cell, width), width) for cell, width in zip(cells, WIDTHS, strict=True)
    ]
    return " ".join(fitted).rstrip()


def _shortened(text: str, width: int) -> str:
    return text if cell_len(text) <= width else f"{set_cell_size(text, width - 1).rstrip()}…"


def _named(article: Article) -> str:
    return f"{article.id} ({article.language})"


def _grouped(left_out: Sequence[LeftOut]) -> list[LeftOut]:
    by_reason: dict[str, list[str]] = {}
    for one in left_out:
        by_reason.setdefault(one.reason, []).append(one.place)
    return [
        LeftOut(places[0] if len(places) == 1 else said(f"{places[0]} and {len(places) - 1} more"), reason)
        for reason, places in by_reason.items()
    ]


def _summed(plan: Plan) -> Iterator[tuple[str, str]]:
    """Return the notes of all articles with each one's article; what they count is added up."""
    counts: Counter[str] = Counter()
    found = []
    for one in plan.proposals:
        for note in one.notes:
            number = _COUNTED.search(note)
            form = f"{note[: number.start()]}{{}}{note[number.end() :]}" if number else note
            counts[form] += int(number[0]) if number else 0
            found.append((form, _named(one.article)))
    for form, place in found:
        yield form.replace("{}", f"{counts[form]:,}") if counts[form] else form, place


def _list(console: Console, title: str, lines: Sequence[tuple[str, str]]) -> None:
    if not lines:
        return
    console.print(f"\n{said(title)}:", style="yellow", soft_wrap=True)
    for name, told in lines[:SHOWN]:
        console.print(f"  {name}: {said(told)}", soft_wrap=True)
    if len(lines) > SHOWN:
        console.print(said(f"  and {len(lines) - SHOWN} more"))


def _counts(plan: Plan, changes: Changes) -> str:
    told = _states(one for one in changes.files if not one.is_picture) or "nothing to import"
    pictures = [one for one in changes.files if one.is_picture]
    files = len({one.file for one in plan.proposals})
    languages = Counter(one.article.language for one in plan.proposals)
    by_language = ", ".join(f"{count} {language}" for language, count in languages.most_common())
    without = sum(not one.article.questions for one in plan.proposals)
    lines = [f"\n{len(plan.proposals)} articles of {files} files ({by_language or 'none'}): {told}."]
    if pictures:
        lines.append(f"{len(pictures)} pictures: {_states(pictures)}.")
    if without:
        lines.append(
            f"Without questions: {without}. Write under `questions:` how people ask, for those first that "
            "are asked most. Until then many are offered as a choice: `firstline docs import`."
        )
    return said("\n".join(lines))


def _states(files: Iterable[Change]) -> str:
    states = Counter(one.state for one in files)
    return ", ".join(f"{count} {said(state)}" for state, count in states.items())


def _write(console: Console, changes: Changes, options: ImportOptions) -> None:
    count = changes.writes(prune=options.prune)
    if not count:
        carry_out(changes, prune=False)
        console.print(said(f"Nothing to write in {changes.folder}."), soft_wrap=True)
        return
    if not options.yes:
        if not sys.stdin.isatty():
            console.print(said("Nothing is written: --yes writes it."))
            return
        terminal.stop_unless_confirmed(f"Write {count} files in {changes.folder}?")
    carry_out(changes, prune=options.prune)
    written = f"{count} files written in {changes.folder}. Now run `firstline check`."
    console.print(said(written), soft_wrap=True)
