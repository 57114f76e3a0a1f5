"""Documents of Word, made here by a library."""

import io
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import docx
import pytest

from tests.support.evaluation.imports import articles_of, left_out, planned, written, zipped


def document(fill: Callable[[Any], None]) -> bytes:
    made = docx.Document()
    fill(made)
    data = io.BytesIO()
    made.save(data)
    return data.getvalue()


def the_lamp(made: Any) -> None:
    made.add_heading("Reset the lamp", 0)
    paragraph = made.add_paragraph("Press ")
    paragraph.add_run("it").bold = True
    made.add_paragraph("Wait a while", style="List Number")
    made.add_paragraph("Done", style="List Number")
    made.add_heading("If it stays dark", 1)
    table = made.add_table(2, 2)
    for cell, text in zip(
        [*table.rows[0].cells, *table.rows[1].cells], ("Lamp", "Do", "red", "wait"), strict=True
    ):
        cell.text = text


def changed(data: bytes, name: str, content: str) -> bytes:
    """The same archive with one more part."""
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        parts: dict[str, str | bytes] = {one: archive.read(one) for one in archive.namelist()}
    return zipped({**parts, name: content})


def test_a_document_is_an_article(tmp_path: Path) -> None:
    (article,) = articles_of(tmp_path, {"lamp.docx": document(the_lamp)}).values()

    assert (article.id, article.title) == ("lamp", "Reset the lamp")
    assert article.body == (
        "Press **it**\n\n1. Wait a while\n2. Done\n\n## If it stays dark\n\n"
        "| Lamp | Do |\n| --- | --- |\n| red | wait |"
    )


@pytest.mark.parametrize(
    ("name", "content", "reason"),
    [
        ("word/vbaProject.bin", "x", "it has macros; save a copy without them"),
        ("word/activeX/activeX1.xml", "<x/>", "it has macros; save a copy without them"),
        ("word/extra.xml", '<!DOCTYPE x [<!ENTITY a "b">]><x>&a;</x>',
         "its XML declares entities, which no program of an office does; save it again"),
        ("word/extra.xml", " " * 30_000_000,
         "a part of it unpacks to very much more than it is; save it again"),
    ],
)  # fmt: skip
def test_a_document_that_is_not_safe_is_refused(tmp_path: Path, name: str, content: str, reason: str) -> None:
    source = written(tmp_path, {"lamp.docx": changed(document(the_lamp), name, content)})
    plan = planned(source)

    assert (plan.proposals, left_out(plan)) == ([], {"lamp.docx": reason})


def test_what_is_embedded_is_named(tmp_path: Path) -> None:
    data = changed(document(the_lamp), "word/embeddings/book.xlsx", "x")
    (proposal,) = planned(written(tmp_path, {"lamp.docx": data})).proposals

    assert proposal.notes == ["left out: files that are embedded in it"]


@pytest.mark.parametrize("data", [b"", b"no archive", zipped({"a": "b"}), document(the_lamp)[:-400]])
@pytest.mark.parametrize("name", ["a.docx", "a.xlsx"])
def test_a_damaged_file_is_named(tmp_path: Path, name: str, data: bytes) -> None:
    plan = planned(written(tmp_path, {name: data}))

    assert plan.proposals == []
    assert left_out(plan)[name].endswith(("again", "archive, or is damaged; make it again"))


def test_without_the_extra_it_is_said_how_to_install_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(__import__("sys").modules, "mammoth", None)
    plan = planned(written(tmp_path, {"lamp.docx": document(the_lamp), "b.md": "# Lamp\n\nPress it now.\n"}))

    assert [one.article.title for one in plan.proposals] == ["Lamp"]
    assert "pip install 'firstline[import]'" in left_out(plan)["lamp.docx"]
