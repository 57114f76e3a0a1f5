"""What a source may not do: lead elsewhere, be endless, or be something else than it seems."""

import io
import os
import re
import zipfile
from pathlib import Path

import pytest

from bot.importing.documents import ImportRefused
from bot.importing.source.archives import LARGEST
from bot.knowledge.markup.tree import parse
from tests.support.evaluation.imports import Files, brought, left_out, planned, written, zipped

PAGE = "# The lamp\n\nPress it and wait for a while.\n"


def titles(path: Path) -> list[str]:
    return [one.article.title for one in planned(path).proposals]


def test_links_out_of_the_folder_are_named_and_not_followed(tmp_path: Path) -> None:
    secret = written(tmp_path / "secret", {"secret.md": "# Secret\n\nNobody may read this one.\n"})
    source = written(tmp_path / "source", {"lamp.md": PAGE})
    (source / "out.md").symlink_to(secret / "secret.md")
    (source / "folder").symlink_to(secret)
    (source / "nowhere.md").symlink_to(tmp_path / "nowhere.md")
    (source / "again.md").symlink_to(source / "lamp.md")
    plan = planned(source)

    assert [one.article.title for one in plan.proposals] == ["The lamp"]
    out = "it is a link that leads out of the folder; copy what it leads to into the folder"
    assert left_out(plan) == {"out.md": out, "folder": out, "nowhere.md": "it is a link that leads nowhere"}


def test_what_is_no_file_is_named(tmp_path: Path) -> None:
    source = written(tmp_path, {"lamp.md": PAGE})
    os.mkfifo(source / "pipe.md")

    assert left_out(planned(source)) == {"pipe.md": "it is no file"}


def test_a_file_of_100_mb_is_named_and_not_read(tmp_path: Path) -> None:
    with (tmp_path / "big.html").open("wb") as file:
        file.truncate(100_000_000)
    with (tmp_path / "big.zip").open("wb") as file:
        file.truncate(300_000_000)

    assert left_out(planned(tmp_path)) == {
        "big.html": "it has 100 MB, and 20 are the most; divide it",
        "big.zip": "it has 300 MB, and an archive at most 200; divide it",
    }


@pytest.mark.parametrize("name", ["lamp.md", "lamp.html", "lamp.csv"])
def test_a_text_that_is_too_long_or_none_is_named(tmp_path: Path, name: str) -> None:
    long, none = f"long-{name}", f"none-{name}"
    plan = planned(written(tmp_path, {long: b"lamp " * 3_000_000, none: bytes(range(256)) * 9}))

    assert plan.proposals == []
    assert "divide it" in left_out(plan)[long]
    assert left_out(plan)[none] == "it is no text; save it as UTF-8"


def test_an_archive_is_read_like_a_folder(tmp_path: Path) -> None:
    files: Files = {"guide/lamp.md": PAGE, "guide/index.html": "<h1>Guide</h1><p>It is about lamps.</p>"}
    (tmp_path / "docs.zip").write_bytes(zipped(files))
    written(tmp_path / "folder", {"docs.zip": zipped(files)})

    expected = [("guide", "guide/index.html"), ("lamp", "guide/lamp.md")]
    assert [(one.article.id, one.source) for one in planned(tmp_path / "docs.zip").proposals] == expected
    assert sorted(titles(tmp_path / "folder")) == ["Guide", "The lamp"]


def test_an_archive_that_is_not_safe_is_named_part_by_part(tmp_path: Path) -> None:
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("lamp.md", PAGE)
        archive.writestr("../../up.md", PAGE)
        archive.writestr("/etc/root.md", PAGE)
        archive.writestr("C:\\windows.md", PAGE)
        archive.writestr("bomb.md", b" " * 10_000_000)
        archive.writestr("inner.zip", zipped({"a.md": PAGE}))
        link = zipfile.ZipInfo("link.md")
        link.external_attr = 0o120777 << 16
        archive.writestr(link, "/etc/passwd")
    (tmp_path / "docs.zip").write_bytes(data.getvalue())
    plan = planned(tmp_path / "docs.zip")

    assert [one.source for one in plan.proposals] == ["lamp.md"]
    assert {re.split(r"[/\\]", place)[-1]: reason for place, reason in left_out(plan).items()} == {
        "up.md": "its path leads out of the archive",
        "root.md": "its path leads out of the archive",
        "windows.md": "its path leads out of the archive",
        "bomb.md": "it unpacks to very much more than it is",
        "link.md": "it is a link; put the file itself into the archive",
    }
    assert plan.unread == {".zip": 1}


def test_an_archive_that_unpacks_to_too_much_is_refused_whole(tmp_path: Path) -> None:
    # Each part is small enough: only all together are too much.
    part = os.urandom(50_000) * (LARGEST // 50_000 - 1)
    data = zipped({f"{number}.md": part for number in range(2)})
    data = data.replace(len(part).to_bytes(4, "little"), (200_000_000).to_bytes(4, "little"))
    (tmp_path / "docs.zip").write_bytes(data)
    plan = planned(tmp_path / "docs.zip")

    assert left_out(plan) == {"docs.zip": "it unpacks to more than 300 MB; divide it"}


def test_an_archive_that_lies_about_a_size_is_named(tmp_path: Path) -> None:
    text = f"{PAGE}{'lamp ' * 1000}".encode()
    data = zipped({"lamp.md": text}).replace(len(text).to_bytes(4, "little"), (50).to_bytes(4, "little"))
    (tmp_path / "docs.zip").write_bytes(data)

    assert planned(tmp_path / "docs.zip").proposals == []
    assert len(left_out(planned(tmp_path / "docs.zip"))) == 1


@pytest.mark.parametrize("front", ["a: &a [x]\nb: *a\n", "a: " + "[" * 5_000, 'title: "\\0"\n'])
def test_front_matter_that_is_not_safe_is_read_line_by_line(tmp_path: Path, front: str) -> None:
    plan = planned(written(tmp_path / "source", {"lamp.md": f"---\n{front}\n---\n\n{PAGE}"}))

    brought(plan, tmp_path / "kb")
    assert [one.article.title for one in plan.proposals] == ["The lamp"]


@pytest.mark.parametrize(
    "name", ["old.doc", "macros.docm", "macros.xlsm", "scan.pdf", "page.rst", "notes.txt"]
)
def test_kinds_that_are_not_read_are_named_with_what_to_do(tmp_path: Path, name: str) -> None:
    ((place, reason),) = left_out(planned(written(tmp_path, {name: b"x"}))).items()

    assert place == name
    assert reason.startswith(f"files {Path(name).suffix} are not read; ")


def test_a_source_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(
        ImportRefused, match=r"nowhere cannot be read \(No such file or directory\); correct the path"
    ):
        planned(tmp_path / "nowhere")


def test_elements_that_end_at_once_hold_nothing_and_text_of_any_depth_keeps_its_order() -> None:
    short = parse('<Tabs/><p>one</p><iframe src="x"/><p>two</p><br/>three<svg/><p>four</p>')
    assert short.text == "one two three four"
    tabs = short.find("tabs")
    assert tabs is not None
    assert tabs.children == []
    for tag in ("div", "span", "ul"):
        deep = parse("".join(f"<{tag}>{number} " for number in range(5_000)) + "<p>end</p>after")
        assert deep.text.split() == [*map(str, range(5_000)), "end", "after"]
