"""Pictures of a source come along with the articles that show them, and lie beside them."""

import base64
import io
import re
from pathlib import Path

import docx
import pytest

from bot.importing.writing.changes import State, carry_out, compare
from bot.knowledge.files.source import FileSource
from tests.support.evaluation.imports import articles_of, brought, picture, planned, written

SHOWN = re.compile(r"(?<=\])\((pictures/[^)]+)\)")
TEXT = "Press the knob and wait until the lamp is on again, for a minute at most."


INLINE = f"data:image/png;base64,{base64.b64encode(picture()).decode()}"


def body_of(folder: Path, page: str) -> str:
    """What becomes of a page beside some pictures."""
    files: dict[str, str | bytes] = {
        "icon.png": picture(48, 48),
        "img/knob on.png": picture(),
        "knob.JPG": picture(kind="JPEG"),
        "static/img/deep.webp": picture(kind="WEBP"),
        "lamp.md": page,
    }
    (proposal,) = planned(written(folder, files)).proposals
    assert [one.name for one in proposal.pictures] == list(
        dict.fromkeys(SHOWN.findall(proposal.article.body))
    )
    return proposal.article.body.removeprefix(TEXT).strip()


@pytest.mark.parametrize(
    ("written_as", "begins"),
    [
        ("![On](knob.JPG)", "![On](pictures/knob-"),
        ("![On](img/knob%20on.png)", "![On](pictures/knob-on-"),
        ("![On](<img/knob on.png> 'title')", "![On](pictures/knob-on-"),
        ("![On](img/knob on.png =300x)", "![On](pictures/knob-on-"),
        ("![On](/img/deep.webp){ width=300 }", "![On](pictures/deep-"),
        ("![On](@site/static/img/deep.webp)", "![On](pictures/deep-"),
        ("![[knob on.png|300]]", "![](pictures/knob-on-"),
        ("![[knob.JPG|On]]", "![On](pictures/knob-"),
        ('{{< figure src="/img/deep.webp" alt="On" >}}', "![On](pictures/deep-"),
        ("```{figure} knob.JPG\n:width: 3\n\nOn\n```", "![On](pictures/knob-"),
        ('<img src="x" data-src="knob.JPG" alt="knob.jpg" title="On [1]">', r"![On \[1\]](pictures/knob-"),
        ('<figure><a href="knob.JPG"><img src="knob.JPG"></a><figcaption>On</figcaption></figure>',
         "![On](pictures/knob-"),
        (f'<img src="{INLINE}" alt="On">', "![On](pictures/lamp-"),
    ],
)  # fmt: skip
def test_however_it_is_written_it_is_shown(tmp_path: Path, written_as: str, begins: str) -> None:
    body = body_of(tmp_path, f"# Lamp\n\n{TEXT}\n\n{written_as}\n")

    assert body.startswith(begins)
    assert len(SHOWN.findall(body)) == 1


@pytest.mark.parametrize(
    ("page", "shown"),
    [
        ("1. Press.\n\n   ![A](knob.JPG)\n2. Wait.", "1. Press.\n\n   ![A](P)\n2. Wait."),
        ("1. Press. ![A](knob.JPG)\n2. Wait.", "1. Press.\n\n   ![A](P)\n2. Wait."),
        ("Press.<br>![A](knob.JPG)<br>Wait.", "Press.\n\n![A](P)\n\nWait."),
        ("Press\n![A](knob.JPG)\nand wait.", "Press\n\n![A](P)\n\nand wait."),
        ("Press ![A](knob.JPG) and wait.", "Press ![A](P) and wait."),
        ("![A](knob.JPG) ![B](knob.JPG)", "![A](P)\n\n![B](P)"),
        ("**[![A](knob.JPG)](https://a.example)**", "![A](P)"),
        ("Press ![the gear](icon.png) now.", "Press the gear now."),
        ("|a|b|\n|-|-|\n|![A](knob.JPG)|c|", "| a | b |\n| --- | --- |\n| A | c |"),
    ],
)
def test_it_stands_where_it_stood(tmp_path: Path, page: str, shown: str) -> None:
    body = body_of(tmp_path, f"# Lamp\n\n{TEXT}\n\n{page}\n")

    assert SHOWN.sub("(P)", body) == shown


@pytest.mark.parametrize(
    ("page", "note"),
    [
        ("![A](none.png)", "1 not in the source; import a folder that holds them too"),
        ("![A](../../knob.JPG)", "1 not in the source; import a folder that holds them too"),
        ("![A](https://a.example/a.png)", "1 at other addresses; save them beside the page"),
        ("![A](drawing.svg)", "1 in SVG; export them as PNG"),
        ("![A](plan.tiff)", "1 of a kind that no chat shows; export them as PNG"),
        ("![A](broken.png) ![B](data:image/png;base64,x)", "2 damaged or no picture; export them anew"),
        ("|a|b|\n|-|-|\n|![A](knob.JPG)|c|", "1 in cells of tables, where their words stand"),
    ],
)
def test_what_is_left_out_is_told_with_a_remedy(tmp_path: Path, page: str, note: str) -> None:
    files: dict[str, str | bytes] = {
        "lamp.md": f"# Lamp\n\n{TEXT}\n\n{page}\n",
        "drawing.svg": "<svg/>",
        "broken.png": b"<svg/>",
    }
    plan = planned(written(tmp_path, {**files, "knob.JPG": picture(), "unused.png": picture()}))

    assert plan.proposals[0].notes == [f"pictures left out: {note}"]
    assert plan.proposals[0].pictures == ()
    assert plan.unread == {".svg": 1, ".png": 2, ".jpg": 1}


def test_those_of_a_word_document_come_along(tmp_path: Path) -> None:
    made, data = docx.Document(), io.BytesIO()
    made.add_paragraph(TEXT)
    made.add_picture(io.BytesIO(picture()))
    made.save(data)

    (article,) = articles_of(tmp_path, {"lamp.docx": data.getvalue()}).values()

    (name,) = SHOWN.findall(article.body)
    assert (tmp_path / "kb" / name).read_bytes() == picture()
    (read,) = FileSource(tmp_path / "kb", tmp_path / "kb").load().articles
    assert [(one.source, one.width) for one in read.value.pictures] == [(name, 200)]


def test_a_picture_is_updated_kept_and_pruned_as_its_article_is(tmp_path: Path) -> None:
    page = f"# Lamp\n\n{TEXT}\n\n![A](knob.png)\n"
    source = written(tmp_path / "source", {"lamp.md": page, "knob.png": picture()})
    kb = tmp_path / "kb"

    def again(*, prune: bool = False) -> dict[str, State]:
        plan = planned(source)
        changes = compare(kb, plan.proposals, plan.languages)
        carry_out(changes, prune=prune)
        return {one.name: one.state for one in changes.files}

    (name,) = (one for one, state in again().items() if one.startswith("pictures/") and state is State.NEW)
    assert again() == {"lamp.md": State.UNCHANGED, name: State.UNCHANGED}
    written(source, {"knob.png": picture(300)})
    assert again() == {"lamp.md": State.UNCHANGED, name: State.CHANGED}
    assert (kb / name).read_bytes() == picture(300)

    (kb / name).write_bytes(picture(90))  # a better one, put there by hand
    written(source, {"knob.png": picture(400)})
    assert again()[name] is State.EDITED
    assert (kb / name).read_bytes() == picture(90)

    (kb / name).write_bytes(picture(300))
    (kb / "lamp.md").write_text((kb / "lamp.md").read_text() + "\nMine.\n")
    written(source, {"lamp.md": f"# Lamp\n\n{TEXT} Twice.\n"})
    assert again(prune=True) == {"lamp.md": State.EDITED}, "an edited article goes on showing it"
    assert (kb / name).exists()

    (source / "lamp.md").unlink()
    (kb / "lamp.md").unlink()
    assert again(prune=True) == {name: State.GONE}
    assert not (kb / name).exists()


def test_line_ends_of_another_system_are_no_edit(tmp_path: Path) -> None:
    source = written(tmp_path / "source", {"lamp.md": f"# Lamp\n\n{TEXT}\n"})
    brought(planned(source), tmp_path / "kb")
    article = tmp_path / "kb" / "lamp.md"
    article.write_bytes(article.read_bytes().replace(b"\n", b"\r\n"))

    assert [one.state for one in brought(planned(source), tmp_path / "kb").files] == [State.UNCHANGED]
