"""Stored replies: what one version writes, those beside it read, before and after."""

import json
from datetime import UTC, datetime
from typing import Any, get_args

import pytest

from bot.domain.charts import BarChart
from bot.domain.conversations.messages import (
    Banner,
    Block,
    Button,
    Byline,
    Details,
    Facts,
    Field,
    Heading,
    Line,
    Link,
    Mention,
    More,
    Option,
    Prose,
    Quote,
    Reply,
    Small,
    When,
)
from bot.domain.people import Identity
from bot.storage.rows.reply_json import UNREADABLE, dump, load

AT = datetime(2026, 1, 1, 9, tzinfo=UTC)
DUE = When("Due", AT, "at nine")
CHART = BarChart("Tickets", ("Mar 2", "Mar 9"), (("opened", (3, 4)), ("resolved", (2, 0))))
BLOCKS: tuple[Block, ...] = (
    DUE,
    Mention("Ana", (Identity("slack", "T1", "ana"),)),
    Prose("**steps**"),
    Heading("Password"),
    Line("Hello"),
    Quote("it blinks"),
    Facts((("Queue", "Network"),)),
    Link("Article", "https://kb.example/vpn"),
    Small("VPN, 2 days old"),
    More("More", "the rest", "t", "vpn"),
    Banner("VPN is down", over=True),
    Byline("Ana", ("HELP-1001", "open"), "urgent", DUE),
    Details("Details", "t", (Line("inside"), Banner("deeper"))),
    CHART,
)
CONTROL = Button("cancel", "Cancel", "t", "a", "danger", True)
ASKED = Field("note", "Note", "hint", options=(Option("a", "A"),), initial="a")
WHOLE = Reply(BLOCKS, (CONTROL,), (ASKED,), "summary", "es", (CONTROL,), "Why?")
# What the first version reads, which knows no other kind and refuses any other field.
FIRST_BLOCKS = {
    "when": {"label", "at", "text"},
    "mention": {"name", "identities"},
    "prose": {"markdown"},
    "heading": {"text"},
    "line": {"text"},
    "quote": {"text"},
    "facts": {"rows"},
    "link": {"label", "url"},
    "small": {"text"},
    "more": {"label", "markdown", "token", "article"},
}
FIRST_BUTTON = {"action", "label", "token", "argument", "style", "with_fields"}
FIRST_FIELD = {"name", "label", "hint", "multiline", "required", "options", "initial", "copyable"}


def later(**parts: Any) -> str:
    """A reply as a later version may write it."""
    return json.dumps({**json.loads(dump(Reply((Line("plain"),)))), **parts})


def test_every_kind_of_block_comes_back_as_it_was() -> None:
    assert {type(block) for block in BLOCKS} == set(get_args(Block))
    assert load(dump(WHOLE)) == WHOLE


def test_an_earlier_version_reads_every_kind_of_block() -> None:
    written = json.loads(dump(WHOLE))
    for block in written["blocks"]:
        assert block.keys() - {"type"} == FIRST_BLOCKS[block["type"]]
    for button in (*written["buttons"], *written["menu"]):
        assert button.keys() == FIRST_BUTTON
    for field in written["fields"]:
        assert field.keys() == FIRST_FIELD
        assert [option.keys() for option in field["options"]] == [{"value", "label"}]


@pytest.mark.parametrize(
    ("block", "plain"),
    [
        (Banner("VPN is down"), (Heading("VPN is down"),)),
        (Byline("Ana", ("HELP-1001",), "urgent", DUE), (Line("Ana · urgent · HELP-1001"), DUE)),
        (Byline("Ana"), (Line("Ana"),)),
        (
            Details("Details", "t", (Line("inside"), Banner("deeper"))),
            (Heading("Details"), Line("inside"), Heading("deeper")),
        ),
        (
            CHART,
            (
                Line("Tickets"),
                Facts((("Mar 2", "opened 3, resolved 2"), ("Mar 9", "opened 4, resolved 0"))),
            ),
        ),
    ],
)
def test_a_kind_that_came_later_says_the_same_in_plain_blocks(block: Block, plain: tuple[Block, ...]) -> None:
    first = json.loads(dump(Reply((Line("before"), block))))
    del first["newer_blocks"]
    assert load(json.dumps(first)).blocks == (Line("before"), *plain)


def test_what_every_version_reads_is_stored_once() -> None:
    assert "newer_blocks" not in json.loads(dump(Reply(BLOCKS[:10])))


@pytest.mark.parametrize(
    "newer",
    [
        [{"type": "hologram", "depth": 3}],
        [{"type": "line", "text": "x"}, {"type": "details", "blocks": [{"type": "hologram"}]}],
        [{"type": "banner", "words": "another shape"}],
        7,
    ],
)
def test_blocks_that_only_a_later_version_knows_give_way_to_the_plain_ones(newer: Any) -> None:
    assert load(later(newer_blocks=newer)).blocks == (Line("plain"),)


def test_what_only_a_later_version_says_of_a_part_is_left_out() -> None:
    written = json.loads(dump(WHOLE))
    for part in (*written["newer_blocks"], *written["buttons"], *written["fields"], *written["menu"]):
        part["glow"] = 1
    for block in written["newer_blocks"]:
        for identity in block.get("identities", ()):
            identity["glow"] = 1
    written["fields"][0]["options"][0]["glow"] = 1
    assert load(json.dumps({**written, "glow": 1})) == WHOLE


def test_a_reply_without_what_it_needs_is_not_read() -> None:
    with pytest.raises(UNREADABLE):
        load(later(blocks=[{"type": "hologram"}]))
    with pytest.raises(UNREADABLE):
        load(later(buttons=[{"glow": 1}]))
