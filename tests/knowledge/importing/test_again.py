"""An import that is run again: what was edited here is never lost, and nothing is written in vain."""

from pathlib import Path

import pytest

from bot.domain.knowledge.content import Article
from bot.importing.writing.changes import Changes, State, carry_out, compare
from bot.importing.writing.ledger import NAME, LedgerInvalid
from tests.support.evaluation.imports import Files, brought, picture, planned, written, zipped

LAMP, CHAIR = "# The lamp\n\nPress it and wait.\n", "# The chair\n\nSit on it and turn the lever.\n"


@pytest.fixture
def source(tmp_path: Path) -> Path:
    return written(tmp_path / "source", {"lamp.md": LAMP, "chair.md": CHAIR})


def again(source: Path, *, prune: bool = False) -> dict[str, State]:
    """Import once more; what becomes of each file."""
    kb = source.parent / "kb"
    changes: Changes = brought(planned(source, again=kb), kb, prune=prune)
    return {one.name: one.state for one in changes.files}


def test_what_is_unchanged_is_untouched(source: Path) -> None:
    assert again(source) == {"chair.md": State.NEW, "lamp.md": State.NEW}
    kb = source.parent / "kb"
    before = {path.name: path.stat().st_mtime_ns for path in kb.iterdir()}

    assert again(source) == {"chair.md": State.UNCHANGED, "lamp.md": State.UNCHANGED}
    assert {path.name: path.stat().st_mtime_ns for path in kb.iterdir()} == before


def test_what_changed_at_the_source_is_updated_only_where_nobody_edited_it(source: Path) -> None:
    again(source)
    kb = source.parent / "kb"
    edited = (kb / "chair.md").read_text() + "\nMine.\n"
    (kb / "chair.md").write_text(edited)
    assert again(source) == {"chair.md": State.KEPT, "lamp.md": State.UNCHANGED}
    written(source, {"lamp.md": f"{LAMP}\nTwice.\n", "chair.md": f"{CHAIR}\nTwice.\n"})

    assert again(source) == {"chair.md": State.EDITED, "lamp.md": State.CHANGED}
    assert "Twice." in (kb / "lamp.md").read_text()
    assert (kb / "chair.md").read_text() == edited
    assert again(source)["chair.md"] is State.EDITED, "it is told until somebody has merged them"


def test_what_is_gone_at_the_source_is_kept_and_deleted_only_when_that_is_wanted(source: Path) -> None:
    again(source)
    kb = source.parent / "kb"
    (source / "lamp.md").unlink()

    assert again(source) == {"chair.md": State.UNCHANGED, "lamp.md": State.GONE}
    assert (kb / "lamp.md").exists()
    assert again(source, prune=True)["lamp.md"] is State.GONE
    assert not (kb / "lamp.md").exists()
    assert again(source) == {"chair.md": State.UNCHANGED}


def test_an_edited_file_is_never_deleted(source: Path) -> None:
    again(source)
    (source.parent / "kb" / "lamp.md").write_text("---\ntitle: Mine\n---\n\nMine.\n")
    (source / "lamp.md").unlink()

    assert again(source, prune=True)["lamp.md"] is State.GONE_EDITED
    assert (source.parent / "kb" / "lamp.md").exists()


def test_what_was_removed_here_does_not_come_back(source: Path) -> None:
    again(source)
    (source.parent / "kb" / "lamp.md").unlink()

    assert again(source)["lamp.md"] is State.REMOVED
    assert not (source.parent / "kb" / "lamp.md").exists()


def test_a_file_of_ones_own_is_never_overwritten(source: Path) -> None:
    own = "---\nid: mine\ntitle: Mine\n---\n\nMine.\n"
    written(source.parent / "kb", {"lamp.md": own})

    assert again(source) == {"chair.md": State.NEW, "lamp.md": State.FOREIGN}
    assert (source.parent / "kb" / "lamp.md").read_text() == own


def test_an_import_that_was_cut_off_is_made_whole_by_the_next(source: Path) -> None:
    again(source)
    (source.parent / "kb" / NAME).unlink()

    assert again(source) == {"chair.md": State.UNCHANGED, "lamp.md": State.UNCHANGED}
    written(source, {"lamp.md": f"{LAMP}\nTwice.\n"})
    assert again(source)["lamp.md"] is State.CHANGED


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{",
        "[]",
        '{"version": 2, "files": {}}',
        '{"version": 1, "files": {"a.md": 1}}',
        '{"version": 1, "files": {"../a.md": {"source": "a.md", "hash": ""}}}',
        '{"version": 1, "files": {"/tmp/a.md": {"source": "a.md", "hash": ""}}}',
    ],
)
def test_a_list_of_imports_that_cannot_be_read_stops_it(source: Path, text: str) -> None:
    again(source)
    (source.parent / "kb" / NAME).write_text(text)

    with pytest.raises(LedgerInvalid, match=r"\.imported\.json cannot be read; restore it, or remove it"):
        compare(source.parent / "kb", planned(source).proposals, ("en",))


def test_nothing_is_written_outside_of_the_folder(source: Path) -> None:
    files = {"..md": LAMP, "a%2f..%2fb.md": CHAIR, "-.md": "# ...\n\nPress the one on the left side.\n"}
    plan = planned(written(source, files))
    carry_out(compare(source.parent / "kb", plan.proposals, plan.languages), prune=False)

    assert {path.name for path in source.parent.iterdir()} == {"source", "kb"}


def test_an_article_keeps_its_id_whatever_pages_come_before_it(source: Path) -> None:
    page = "# {0}\n\nPress the {0} one.\n\n{1}"
    twice = "".join(f"## Who may use it?\n\nAll who sit near {n}.\n\n" for n in ("lamps", "chairs"))
    written(source, {"b/setup.md": page.format("green", ""), "faq.md": f"# FAQ\n\n{twice}"})
    again(source)
    before = {path.name: path.read_text() for path in (source.parent / "kb").glob("*.md")}
    written(source, {"a/setup.md": page.format("red", ""), "a/lamp.md": page.format("blue", "")})

    assert {name for name, state in again(source).items() if state is not State.UNCHANGED} == {
        "a-setup.md",
        "a-lamp.md",
    }
    assert {name: (source.parent / "kb" / name).read_text() for name in before} == before


def test_a_page_that_moved_keeps_its_id(source: Path) -> None:
    again(source)
    (source / "a").mkdir()
    (source / "lamp.md").rename(source / "a" / "lamp.md")

    assert again(source) == {"chair.md": State.UNCHANGED, "lamp.md": State.UNCHANGED}


DAMAGED = b"\x89\0\1\2" * 50
SOURCES = {
    "a page": ("b/lamp.md", {"b/lamp.md": f"{LAMP}\n![It](lamp.png)\n", "b/lamp.png": picture()}),
    "a table": ("b.csv", {"b.csv": f"Question,Answer\nWhere is it?,{LAMP.splitlines()[2]}\n"}),
    "an archive": ("b.zip", {"b.zip": zipped({"lamp.md": f"{LAMP}\n![It](l.png)\n", "l.png": picture()})}),
}


@pytest.mark.parametrize(("broken", "files"), SOURCES.values(), ids=SOURCES)
def test_what_could_not_be_read_this_time_is_not_gone(tmp_path: Path, broken: str, files: Files) -> None:
    source = written(tmp_path / "source", {"chair.md": CHAIR, **files})
    brings = set(again(source)) - {"chair.md"}
    written(source, {broken: DAMAGED})

    found = again(source, prune=True)
    assert found.pop("chair.md") is State.UNCHANGED
    assert set(found.values()) == {State.UNTAKEN}
    assert all((source.parent / "kb" / name).exists() for name in brings), "pictures that they show, too"


def test_nothing_is_gone_where_the_whole_source_is(source: Path) -> None:
    again(source)
    for page in source.iterdir():
        page.unlink()

    assert set(again(source, prune=True).values()) == {State.UNTAKEN}


def test_what_is_in_a_language_that_was_not_asked_for_is_not_gone(tmp_path: Path) -> None:
    spanish = "# La lámpara\n\nPulsa el botón y espera a que se encienda la luz de la lámpara.\n"
    source = written(tmp_path / "source", {"lamp.md": LAMP, "chair.md": CHAIR, "lampara.md": spanish})
    again(source)
    changes = brought(planned(source, wanted=frozenset({"en"})), tmp_path / "kb", prune=True)

    assert [one.source for one in changes.of(State.UNTAKEN)] == ["lampara.md"]


def test_an_article_of_ones_own_takes_the_id_of_an_imported_one(source: Path) -> None:
    again(source)
    kb = source.parent / "kb"
    (kb / "lamp.md").unlink()
    own = {"lamp": [Article("lamp", "Mine", "Press the red one.")]}

    assert {one.article.id for one in planned(source, again=kb, existing=own).proposals} == {
        "chair",
        "lamp-2",
    }


def test_a_page_that_became_a_draft_is_gone(source: Path) -> None:
    again(source)
    written(source, {"lamp.md": f"---\ndraft: true\n---\n{LAMP}"})

    assert again(source)["lamp.md"] is State.GONE
