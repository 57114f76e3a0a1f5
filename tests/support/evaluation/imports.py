"""A source of documents as files of a folder, and what an import would make of it."""

import io
import zipfile
from collections.abc import Mapping
from pathlib import Path

from PIL import Image

from bot.domain.knowledge.content import Article
from bot.importing.documents import Source
from bot.importing.plan import Plan, make_plan
from bot.importing.source.files import list_source
from bot.importing.writing.changes import Changes, carry_out, compare
from bot.importing.writing.ledger import ids_of, read_ledger
from bot.knowledge.check import check
from bot.knowledge.files.source import FileSource

Files = Mapping[str, str | bytes]


def written(folder: Path, files: Files) -> Path:
    """Write the files of a source; return its folder."""
    for name, content in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content.encode() if isinstance(content, str) else content)
    return folder


def planned(
    path: Path,
    *,
    base_url: str | None = None,
    columns: Mapping[str, str] | None = None,
    existing: Mapping[str, list[Article]] | None = None,
    wanted: frozenset[str] = frozenset(),
    again: Path | None = None,
) -> Plan:
    """Plan the import of a folder or file, `again` into a folder."""
    files, left_out = list_source(path)
    source = Source(files, base_url, columns or {})
    return make_plan(
        source,
        left_out,
        existing or {},
        language="en",
        earlier=ids_of(read_ledger(again)) if again else {},
        wanted=wanted,
        progress=lambda _done, _of: None,
    )


def articles_of(folder: Path, files: Files, base_url: str | None = None) -> dict[str, Article]:
    """Import these files; return the articles by id. What would be written must pass the check."""
    plan = planned(written(folder / "source", files), base_url=base_url)
    brought(plan, folder / "kb")
    return {one.article.id: one.article for one in plan.proposals}


def brought(plan: Plan, folder: Path, *, prune: bool = False) -> Changes:
    """Carry a plan out; whatever was written must pass the check and be read as it was meant."""
    changes = compare(folder, plan.proposals, plan.languages, plan.untaken)
    carry_out(changes, prune=prune)
    content = FileSource(folder, folder).load()
    checked = check(content.articles, ())
    assert [problem for problem in (*content.problems, *checked.problems) if problem.error] == []
    return changes


def left_out(plan: Plan) -> dict[str, str]:
    """Why each place was left out."""
    return {one.place: one.reason for one in plan.left_out}


def zipped(files: Files) -> bytes:
    """A zip archive of these files."""
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return data.getvalue()


def picture(width: int = 200, height: int = 100, kind: str = "PNG") -> bytes:
    """A picture of one colour."""
    made = io.BytesIO()
    Image.new("RGB", (width, height), "teal").save(made, kind)
    return made.getvalue()
