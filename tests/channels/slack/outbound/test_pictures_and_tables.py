"""An article's pictures and tables in Slack: its own blocks in their order, and words where it takes none."""

import json
from typing import Any

import pytest
from syrupy.assertion import SnapshotAssertion

from bot.channels.slack.outbound.blocks import notification, render, render_plainly
from bot.channels.slack.outbound.modals import notice_view
from bot.domain.charts import BarChart
from bot.domain.conversations.messages import Heading, Prose, Reply
from bot.wording import load
from tests.support.channels.shown_pictures import PICTURE, SHOWN, ShownPictures
from tests.support.channels.slack_stage import PUBLIC, Stage, delivery
from tests.support.fakes.slack import message_problems, view_problems
from tests.support.fakes.slack.blocks import too_long

REPLY = Reply((Heading("The VPN"), Prose(SHOWN)), summary="The VPN")
PICTURES = ShownPictures(PUBLIC)


def kinds(blocks: list[dict[str, Any]]) -> list[str]:
    return [block["type"] for block in blocks]


def text_of(blocks: list[dict[str, Any]]) -> str:
    return "\n".join(str(block.get("text")) for block in blocks)


def wide_table(rows: int, columns: int, cell: str = "a cell") -> str:
    lines = [["name"] * columns, ["---"] * columns, *([cell] * columns for _ in range(rows))]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)


def test_pictures_and_tables_stand_between_the_steps(snapshot: SnapshotAssertion) -> None:
    blocks = render(REPLY, pictures=PICTURES).blocks
    assert message_problems(blocks) == []
    assert kinds(blocks) == ["header", "markdown", "image", "markdown", "table", *["markdown"] * 3]
    assert blocks[3]["text"].startswith("2. Take")
    assert [block["text"] for block in blocks[5:]] == ["3. Restart.", "- Key: F1; Means: Help", "Done."]
    assert blocks == snapshot


@pytest.mark.parametrize(
    "pictures",
    [
        ShownPictures(""),
        ShownPictures(PUBLIC, shown={}),
        ShownPictures("https://help.internal", fetched=False),
    ],
    ids=["no address", "no such picture", "not reached"],
)
def test_a_picture_that_slack_cannot_fetch_is_told_in_words(pictures: ShownPictures) -> None:
    blocks = render(REPLY, pictures=pictures).blocks
    assert message_problems(blocks) == []
    assert "image" not in kinds(blocks)
    assert "🖼" in text_of(blocks)
    assert "The VPN client's window" in text_of(blocks)
    assert ("](https://help.internal/" in text_of(blocks)) is ("internal" in pictures.public_url)


async def test_where_slack_cannot_download_it_the_answer_is_posted_in_words(stage: Stage) -> None:
    stage.channel._host.pictures.public_url = "http://10.0.0.1"  # type: ignore[attr-defined]  # the stage's own
    await stage.channel.deliver(delivery(reply=REPLY))
    (post,) = stage.slack.posts("C1")
    assert "image" not in kinds(post["blocks"])
    assert "table" not in kinds(post["blocks"])
    assert "[The VPN client's window](http://10.0.0.1/pictures/" in text_of(post["blocks"])
    assert "- Site: Madrid; Address: `vpn.example.com`; Since: 2024" in text_of(post["blocks"])
    assert len(stage.slack.called("chat.postMessage")) == 2


async def test_what_slack_takes_is_posted_once(stage: Stage) -> None:
    await stage.channel.deliver(delivery(reply=REPLY))
    (post,) = stage.slack.posts("C1")
    image = next(block for block in post["blocks"] if block["type"] == "image")
    assert image["image_url"] == f"{PUBLIC}/pictures/signed-{PICTURE.name}"
    assert image["alt_text"] == "The VPN client's window"
    assert len(stage.slack.called("chat.postMessage")) == 1


async def test_where_even_words_are_refused_the_plainest_form_is_posted(stage: Stage) -> None:
    stage.slack.fail("chat.postMessage", error="invalid_blocks", times=2)
    await stage.channel.deliver(delivery(reply=REPLY))
    (post,) = stage.slack.posts("C1")
    assert "The VPN client's window" in text_of(post["blocks"])
    assert "picture:" not in text_of(post["blocks"])


@pytest.mark.parametrize(("rows", "columns"), [(1, 1), (15, 6), (99, 20), (300, 6), (3, 1_000), (0, 3)])
def test_a_table_of_any_size_is_taken(rows: int, columns: int) -> None:
    reply = Reply((Prose(wide_table(rows, columns)),), summary="x")
    blocks = render(reply, pictures=PICTURES).blocks
    assert message_problems(blocks) == []
    assert not too_long(blocks)
    assert blocks[0]["type"] == "table"
    shown = len(blocks[0]["rows"]) - 1, len(blocks[0]["rows"][0])
    assert (shown == (rows, columns)) is (len(blocks) == 1)


def test_the_pictures_of_an_answer_are_bounded() -> None:
    many = "\n\n".join(f"![{at}](picture:{PICTURE.name})" for at in range(60))
    blocks = render(Reply((Prose(many),)), pictures=PICTURES).blocks
    assert message_problems(blocks) == []
    assert not too_long(blocks)
    assert kinds(blocks) == ["image"] * 10 + ["markdown"]
    assert "59" in blocks[-1]["text"]


def test_nothing_in_a_cell_or_in_the_words_of_a_picture_becomes_a_mention() -> None:
    hostile = f"![<!channel> {'x' * 3_000}](picture:{PICTURE.name})\n\n" + wide_table(2, 2, "<!here> <@U1>")
    blocks = render(Reply((Prose(hostile),)), pictures=PICTURES).blocks
    assert message_problems(blocks) == []
    assert "<!" not in json.dumps(blocks).replace("<\\u2060!", "")
    assert "<@" not in json.dumps(blocks).replace("<\\u2060@", "")


def test_a_window_and_a_notification_tell_them_in_words() -> None:
    view = notice_view(REPLY, "en", load())
    assert view_problems(view) == []
    shown = json.dumps(view["blocks"], ensure_ascii=False)
    assert "The VPN client's window" in shown
    assert "Site: Madrid" in shown
    assert "picture:" not in shown + notification(REPLY) + json.dumps(render_plainly(REPLY).blocks)


TITLE = "Questions by week, and what became of all of them, in short"
CHART = BarChart(TITLE, ("Mar 2", "Mar 9"), (("confirmed", (3, 4)),))


def test_a_chart_is_drawn_by_slack_and_told_in_words_elsewhere() -> None:
    reply = Reply((CHART,), summary="The week")
    (drawn,) = render(reply).blocks
    assert message_problems([drawn]) == []
    assert drawn["title"] == "Questions by week, and what became of all of them…"
    assert drawn["chart"] == {
        "type": "bar",
        "series": [
            {"name": "confirmed", "data": [{"label": "Mar 2", "value": 3}, {"label": "Mar 9", "value": 4}]}
        ],
        "axis_config": {"categories": ["Mar 2", "Mar 9"]},
    }
    for told in (render(reply, rich=False), render(reply, "view"), render_plainly(reply)):
        assert "confirmed 3" in str(told.blocks)
        assert "data_visualization" not in str(told.blocks)
