"""`firstline new article`: the file that it writes, and what it refuses."""

import os
import pty
import subprocess
import sys
from pathlib import Path

import pytest

from bot.cli.authoring.new_article import NewArticle, write_article
from bot.domain.errors import ArticleNotWritten
from bot.server.content import content_in
from tests.support.e2e.commands import environment
from tests.support.patience import PATIENCE

EXISTING = "---\nid: printer\ntitle: The printer fails\ntags: [print]\nowner: it\n---\n\n1. Switch it off.\n"


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with one article, in a folder below."""
    monkeypatch.chdir(tmp_path)
    for folder in ("kb_articles/devices", "intents"):
        Path(folder).mkdir(parents=True)
    Path("kb_articles/devices/printer.md").write_text(EXISTING)
    return tmp_path


def problems() -> list[str]:
    return [
        problem.message
        for problem in content_in(Path("kb_articles"), Path("intents")).problems
        if problem.error or "still to be written" not in problem.message
    ]


@pytest.mark.parametrize(
    ("title", "name"),
    [
        ("The coffee machine: it blinks!", "the-coffee-machine-it-blinks"),
        ("¿Cómo pido una silla nueva?", "como-pido-una-silla-nueva"),
        ("Printer", "printer-2"),
        ("打印机", "article"),
        ("- [x] : {y} # 'z' \"w\"", "x-y-z-w"),
        ("no", "no"),
        ("x" * 200, "x" * 60),
    ],
)
def test_a_new_article_passes_the_check(desk: Path, title: str, name: str) -> None:
    write_article(NewArticle(title, owner="facilities: team"), None)
    assert problems() == []
    article = content_in(Path("kb_articles"), Path("intents")).articles[name]["en"]
    assert (article.title, article.owner) == (title, "facilities: team")
    assert Path(f"kb_articles/{name}.md").is_file()


def test_what_is_still_to_be_written_is_named_with_its_line(desk: Path) -> None:
    write_article(NewArticle("Coffee"), None)
    lines = Path("kb_articles/coffee.md").read_text().splitlines()
    found = content_in(Path("kb_articles"), Path("intents")).problems
    assert len(found) == 5
    assert all("[to write:" in lines[problem.line - 1] for problem in found)


def test_a_translation_stands_beside_its_original(desk: Path) -> None:
    write_article(NewArticle("La impresora falla", translate="PRINTER"), None)
    path = Path("kb_articles/devices/printer.es.md")
    text = path.read_text()
    assert "id: printer\n" in text
    assert "todavía está en inglés" in text
    assert "1. Switch it off." in text
    assert problems() == []
    article = content_in(Path("kb_articles"), Path("intents")).articles["printer"]["es"]
    assert (article.title, article.owner, article.tags) == ("La impresora falla", "it", ("print",))
    write_article(NewArticle("Der Drucker", translate="printer", language="de"), None)
    assert problems() == []


@pytest.mark.parametrize(
    ("typed", "told"),
    [
        (NewArticle(), "TITLE: give the title"),
        (NewArticle(" \t"), "TITLE: give the title"),
        (NewArticle("x", id="printer"), "--id: printer is the id of kb_articles/devices/printer.md"),
        (NewArticle("x", id="PRINTER"), "--translate PRINTER"),
        (NewArticle("x", id="../x"), "does not name a file well"),
        (NewArticle("x", id="x.es"), "does not name a file well"),
        (NewArticle("x", id=".x"), "does not name a file well"),
        (NewArticle("x", id="x" * 61), "does not name a file well"),
        (NewArticle("x", language="Spanish!"), "--language: Spanish! is no language"),
        (NewArticle("x", translate="printr"), "did you mean 'printer'?"),
        (NewArticle("x", translate="printer", language="en"), "is written in en"),
        (NewArticle("", translate="printer"), "TITLE: give the title in es"),
    ],
)
def test_what_cannot_be_written_is_told(desk: Path, typed: NewArticle, told: str) -> None:
    before = sorted(Path().rglob("*"))
    with pytest.raises(ArticleNotWritten) as refused:
        write_article(typed, None)
    assert told in str(refused.value)
    assert sorted(Path().rglob("*")) == before


def test_no_file_is_overwritten_and_no_folder_made(desk: Path) -> None:
    Path("kb_articles/coffee.md").write_text("mine")
    Path("kb_articles/tea.md").symlink_to("nowhere")
    for name in ("coffee", "tea"):
        with pytest.raises(ArticleNotWritten, match="is there already"):
            write_article(NewArticle("x", id=name), None)
    assert Path("kb_articles/coffee.md").read_text() == "mine"
    with pytest.raises(ArticleNotWritten, match="--articles: there is no folder none"):
        write_article(NewArticle("x"), Path("none"))


def test_it_asks_in_a_terminal(desk: Path) -> None:
    leader, follower = pty.openpty()
    os.write(leader, b"Coffee is cold\n\nes\nkitchen\n")
    done = subprocess.run(
        [sys.executable, "-m", "bot", "new", "article"],
        stdin=follower,
        capture_output=True,
        text=True,
        cwd=desk,
        env=environment(desk, {}),
        timeout=PATIENCE,
        check=False,
    )
    os.close(leader)
    os.close(follower)
    assert done.returncode == 0, done.stderr
    text = Path("kb_articles/coffee-is-cold.es.md").read_text()
    assert "title: Coffee is cold\nlang: es\nowner: kitchen\n" in text
    assert "firstline preview kb_articles/coffee-is-cold.es.md" in done.stderr
