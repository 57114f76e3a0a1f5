"""What `firstline import` shows, asks and writes."""

import io
from pathlib import Path

import pytest
import typer

from bot.cli.content.importing import ImportOptions, import_all
from bot.importing.documents import ImportRefused
from tests.support.evaluation.imports import written

PAGES = {
    "lamps/reset.md": "# Resetting the desk lamp\n\n1. Press the knob.\n2. Wait until it is on.\n",
    "lamps/clean.es.md": "# Limpiar la lámpara\n\nPásale un paño seco y espera a que se enfríe del todo.\n",
    "chairs.html": "<title>Chairs</title><h1>Adjusting a chair</h1><p>Turn the lever and sit down.</p>",
    "faq.csv": "Question;Answer\nWho may use the kitchen?;Everybody, from eight to six.\n=A1;=B1\n",
    "old.doc": "x",
    "photo.png": "x",
}


@pytest.fixture
def wiki(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "80")
    return written(tmp_path / "wiki", PAGES)


def test_it_shows_what_it_would_make_in_80_columns(wiki: Path, capsys: pytest.CaptureFixture[str]) -> None:
    import_all(ImportOptions(wiki))
    shown = capsys.readouterr().out

    assert not (wiki.parent / "kb_articles").exists()
    assert "4 articles of 4 files (3 en, 1 es): 4 new." in shown
    assert "old.doc: files .doc are not read; save it as .docx" in shown
    assert "faq.csv: row 3: it has a formula, which is not worked out; write its value" in shown
    assert "Files of other kinds, which are not read: 1 .png." in shown
    assert "Nothing is written: --yes writes it." in shown
    table = shown.partition("\n\n")[0].splitlines()
    assert "  reset                           en    Resetting the desk lamp" in table
    assert max(map(len, table)) <= 80


def test_what_is_lost_is_added_up_over_all_articles(wiki: Path, capsys: pytest.CaptureFixture[str]) -> None:
    lost = "![A](none.png) ![B](none.png) [here](#gone)\n"
    written(
        wiki, {"one.md": f"# One desk\n\nSit there. {lost}", "two.md": f"# Two desks\n\nSit here. {lost}"}
    )
    import_all(ImportOptions(wiki))
    shown = capsys.readouterr().out

    reason = "pictures left out: 4 not in the source; import a folder that holds them too"
    assert f"Lost on the way:\n  one (en) and 1 more: {reason}\n" in shown


@pytest.mark.parametrize(
    ("language", "no", "yes"), [("en", "n\n", "y\n"), ("es", "no\n", "¿?\nsí\n"), ("es", "\n", "s\n")]
)
def test_it_asks_once(wiki: Path, monkeypatch: pytest.MonkeyPatch, language: str, no: str, yes: str) -> None:
    monkeypatch.setenv("FIRSTLINE_LANGUAGE", language)
    for reply, is_written in ((no, False), (yes, True)):
        terminal = io.StringIO(reply)
        terminal.isatty = lambda: True  # type: ignore[method-assign]
        monkeypatch.setattr("sys.stdin", terminal)
        if is_written:
            import_all(ImportOptions(wiki))
        else:
            with pytest.raises(typer.Exit):
                import_all(ImportOptions(wiki))
        assert (wiki.parent / "kb_articles").exists() == is_written


def test_it_writes_where_the_server_reads_and_a_second_time_nothing(
    wiki: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    import_all(ImportOptions(wiki, yes=True))
    assert f"4 files written in {Path('kb_articles', 'wiki')}" in capsys.readouterr().out
    assert sorted(path.name for path in (wiki.parent / "kb_articles" / "wiki").iterdir()) == [
        ".imported.json",
        "chairs.md",
        "clean.es.md",
        "reset.md",
        "who-may-use-the-kitchen.md",
    ]

    import_all(ImportOptions(wiki, yes=True))
    again = capsys.readouterr().out
    assert "4 unchanged" in again
    assert "Nothing to write" in again


def test_where_nothing_is_to_be_written_nothing_is_made(
    wiki: Path, tmp_path_factory: pytest.TempPathFactory, capsys: pytest.CaptureFixture[str]
) -> None:
    import_all(ImportOptions(tmp_path_factory.mktemp("empty"), yes=True))
    assert "nothing to import" in capsys.readouterr().out
    assert not (wiki.parent / "kb_articles").exists()


def test_a_folder_an_address_and_a_language_are_taken(wiki: Path, capsys: pytest.CaptureFixture[str]) -> None:
    options = ImportOptions(wiki, Path("kb"), "Our wiki", "https://w.example", ("EN",), yes=True)
    import_all(options)

    folder = wiki.parent / "kb" / "our-wiki"
    assert "url: https://w.example/lamps/reset/" in (folder / "reset.md").read_text()
    assert not (folder / "clean.es.md").exists()
    assert "documents: 1: their languages are es" in capsys.readouterr().out


def test_what_is_not_asked_for_again_is_named_and_pruned_only_then(
    wiki: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    import_all(ImportOptions(wiki, yes=True))
    (wiki / "chairs.html").unlink()
    import_all(ImportOptions(wiki, yes=True))
    assert "Gone at the source: kept; --prune deletes them:\n  chairs.md" in capsys.readouterr().out

    import_all(ImportOptions(wiki, yes=True, prune=True))
    assert not (wiki.parent / "kb_articles" / "wiki" / "chairs.md").exists()


def test_the_command_refuses_what_it_cannot_read(wiki: Path) -> None:
    with pytest.raises(ImportRefused, match="nowhere cannot be read"):
        import_all(ImportOptions(Path("nowhere")))
    with pytest.raises(
        ImportRefused, match=r"--base-url 'w.example' is no web address; begin it with https://"
    ):
        import_all(ImportOptions(wiki, base_url="w.example"))
    with pytest.raises(ImportRefused, match=r"--base-url 'http://\[' is no web address"):
        import_all(ImportOptions(wiki, base_url="http://["))
    with pytest.raises(ImportRefused, match=r"'\.\.\.' cannot be the name of a folder; give one with --into"):
        import_all(ImportOptions(wiki, into="..."))


def test_an_article_of_ones_own_keeps_its_id(wiki: Path, capsys: pytest.CaptureFixture[str]) -> None:
    written(Path("kb_articles"), {"reset.md": "---\ntitle: Mine\n---\n\nMine, and of nobody else.\n"})
    import_all(ImportOptions(wiki, yes=True))

    assert "lamps-reset" in capsys.readouterr().out
    assert (Path("kb_articles") / "wiki" / "lamps-reset.md").exists()
