"""An article's pictures and tables in an Adaptive Card: its own elements, in their order, small enough."""

import json
from typing import Any

import pytest
from syrupy.assertion import SnapshotAssertion

from bot.channels.teams.outbound import adaptive_card
from bot.domain.conversations.messages import Heading, Line, More, Prose, Reply
from bot.wording import load
from tests.support.channels.shown_pictures import PICTURE, SHOWN, ShownPictures
from tests.support.fakes.teams import card_problems, texts_in

WORDING = load()
PICTURES = ShownPictures("https://firstline.example")
REPLY = Reply((Heading("The VPN"), Prose(SHOWN)), summary="The VPN")


def kinds(card: dict[str, Any]) -> list[str]:
    return [element["type"] for element in card["body"]]


def table(rows: int, columns: int) -> str:
    lines = [["name"] * columns, ["---"] * columns, *(["a cell"] * columns for _ in range(rows))]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)


def test_pictures_and_tables_stand_between_the_steps(snapshot: SnapshotAssertion) -> None:
    card = adaptive_card.card(REPLY, WORDING, PICTURES)
    assert card_problems(card) == []
    assert card["version"] == "1.5"
    order = [kind for kind in kinds(card) if kind in ("Image", "Table", "ColumnSet")]
    assert order == ["ColumnSet", "Image", "ColumnSet", "Table", "ColumnSet", "Table"]
    assert [text for text in texts_in(card) if text in ("1.", "2.", "3.")] == ["1.", "2.", "3."]
    assert card == snapshot


@pytest.mark.parametrize(
    "pictures",
    [
        ShownPictures(""),
        ShownPictures("https://x.example", shown={}),
        ShownPictures("https://a", fetched=False),
    ],
    ids=["no address", "no such picture", "not reached"],
)
def test_a_picture_that_nobody_can_fetch_is_told_in_words(pictures: ShownPictures) -> None:
    card = adaptive_card.card(REPLY, WORDING, pictures)
    assert card_problems(card) == []
    assert "Image" not in kinds(card)
    assert "🖼 The VPN client's window" in texts_in(card)


@pytest.mark.parametrize(("rows", "columns"), [(1, 1), (15, 6), (99, 20), (500, 6), (3, 1_000), (0, 3)])
@pytest.mark.parametrize("folded", [False, True])
def test_a_table_of_any_size_leaves_a_card_that_teams_takes(rows: int, columns: int, folded: bool) -> None:
    said = table(rows, columns)
    block = More("More", said, "t", "vpn") if folded else Prose(said)
    card = adaptive_card.card(Reply((Line("Look:"), block), summary="x"), WORDING, PICTURES)
    assert card_problems(card) == []
    assert '"Table"' in json.dumps(card)


def test_the_words_of_a_picture_are_never_markup() -> None:
    said = f"![{{{{DATE(2026-01-01)}}}} {'x' * 5_000}](picture:{PICTURE.name})"
    card = adaptive_card.card(Reply((Prose(said),)), WORDING, PICTURES)
    assert card_problems(card) == []
    assert "{{" not in card["body"][0]["altText"]


def test_a_notice_tells_them_in_words() -> None:
    said = adaptive_card.text(REPLY)
    assert "🖼 The VPN client's window" in said
    assert "Site: Madrid; Address: vpn.example.com; Since: 2024" in said
    assert "picture:" not in said
