"""In a narrow pane what an answer is about, its first steps and its buttons are seen without scrolling."""

from typing import Any

import pytest

from bot.channels.teams.outbound import adaptive_card
from bot.channels.teams.outbound.folding import LINE, OPENER, SEEN, STEPS
from bot.domain.conversations.messages import Block, Button, Line, Prose, Reply, Small
from bot.domain.knowledge.article_parts import take_apart
from bot.runtime.resources import find
from bot.server.content import content_in
from bot.wording import load
from tests.support.fakes.teams import card_problems, texts_in

WORDING = load()
ABOUT, SOURCE = Prose("For a desk that hums."), Small("Article: Quiet the desk")
STEP = "Press the grey knob for as long as the lamp below the table is blinking, then let it go."
LONG = "\n".join(f"{number}. {STEP} ({number})" for number in range(1, 10))
SOLVED = Button("solved", "Solved", "t")


def card_of(*blocks: Block, buttons: tuple[Button, ...] = (SOLVED,), language: str = "en") -> dict[str, Any]:
    rendered = adaptive_card.card(Reply(blocks, buttons, language=language), WORDING)
    assert card_problems(rendered) == []
    return rendered


def named(card: dict[str, Any], name: str) -> dict[str, Any] | None:
    return next((element for element in card["body"] if element.get("id") == name), None)


def seen(card: dict[str, Any]) -> list[str]:
    return texts_in({"body": [element for element in card["body"] if element.get("isVisible", True)]})


@pytest.mark.parametrize(("language", "label"), [("en", "Show all steps"), ("es", "Ver todos los pasos")])
def test_the_last_steps_are_folded_and_nothing_is_lost(language: str, label: str) -> None:
    card = card_of(ABOUT, Prose(LONG), SOURCE, language=language)
    opener, rest = named(card, OPENER), named(card, STEPS)
    assert opener is not None
    assert rest is not None
    assert opener["actions"] == [
        {"type": "Action.ToggleVisibility", "title": label, "targetElements": [STEPS, OPENER]}
    ]
    shown, hidden = " ".join(seen(card)), " ".join(texts_in({"body": rest["items"]}))
    assert "For a desk that hums." in shown
    assert "Quiet the desk" in shown
    assert [f"({number})" in shown for number in range(1, 10)] == [True] * 3 + [False] * 6
    assert [f"({number})" in hidden for number in range(1, 10)] == [False] * 3 + [True] * 6


def test_an_answer_that_was_judged_stays_folded() -> None:
    assert named(card_of(ABOUT, Prose(LONG), SOURCE, Line("Glad it helped!"), buttons=()), STEPS) is not None


@pytest.mark.parametrize(
    ("blocks", "buttons"),
    [
        ((ABOUT, Prose("1. One thing.\n2. Another one."), SOURCE), (SOLVED,)),  # short
        ((ABOUT, Prose(f"Only this: {STEP * 20}"), SOURCE), (SOLVED,)),  # one paragraph
        ((ABOUT, Prose(LONG), SOURCE), ()),  # what may not wait
        ((Prose(LONG),), (SOLVED,)),  # an intent's own text
        ((ABOUT, Prose(LONG), Line("It goes on below.")), ()),  # the first of two posts
    ],
)
def test_what_is_short_or_may_not_wait_is_shown_whole(
    blocks: tuple[Block, ...], buttons: tuple[Button, ...]
) -> None:
    card = card_of(*blocks, buttons=buttons)
    assert named(card, STEPS) is None
    assert named(card, OPENER) is None


def test_pictures_and_tables_take_their_room() -> None:
    table = "| a | b |\n|---|---|\n" + "| one | two |\n" * 2 * SEEN
    assert named(card_of(ABOUT, Prose(f"1. First.\n\n{table}"), SOURCE), STEPS) is not None


def test_steps_of_the_sample_content_leave_room_for_the_buttons() -> None:
    content = content_in(find("kb_articles"), find("intents"))
    for versions in content.articles.values():
        for article in versions.values():
            card = card_of(ABOUT, Prose(take_apart(article.shown).steps), SOURCE)
            assert sum(len(text) for text in seen(card)) < LINE * 2 * SEEN, article.id
