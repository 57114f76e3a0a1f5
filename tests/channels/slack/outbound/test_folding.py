"""In a thread’s pane what an answer is about, its first steps and its buttons are seen without scrolling."""

from math import ceil
from typing import Any

import pytest

from bot.channels.slack.outbound.blocks import render
from bot.channels.slack.outbound.folding import LINE, WHOLE, fold
from bot.domain.conversations.messages import Block, Button, Line, Link, More, Prose, Reply, Small
from bot.domain.knowledge.article_parts import take_apart
from bot.runtime.resources import find
from bot.server.content import content_in
from tests.support.fakes.slack import message_problems, pressable

ABOUT, SOURCE = Prose("For a desk that hums."), Small("Article: Quiet the desk")
STEP = "Press the grey knob for as long as the lamp below the table is blinking, then let it go."
LONG = "\n".join(f"{number}. {STEP} ({number})" for number in range(1, 10))
PICTURE = "![The knob](picture:6e7bf38a921abe3f5035bd0dc5d908df)"
REST = More("Read more", "Why it hums.", "t", "hum")
SOLVED, PERSON = Button("solved", "Solved", "t"), Button("person", "Get a person", "t")
LABEL = "Show all steps"


def folded(*blocks: Block, buttons: tuple[Button, ...] = (SOLVED, PERSON)) -> Reply:
    return fold(Reply(blocks, buttons), LABEL)


def seen(reply: Reply) -> list[dict[str, Any]]:
    shown = render(reply).blocks
    assert message_problems(shown) == []
    return shown


def steps_of(reply: Reply) -> str:
    return [block.markdown for block in reply.blocks if isinstance(block, Prose)][-1]


def test_the_last_steps_are_behind_the_button_for_more() -> None:
    reply = folded(ABOUT, Prose(LONG), REST, SOURCE)
    assert [f"({number})" in steps_of(reply) for number in range(1, 10)] == [True] * 3 + [False] * 6
    assert steps_of(reply).endswith("…")
    assert ABOUT in reply.blocks
    labels = [element["text"]["text"] for element in pressable({"blocks": seen(reply)}) if "text" in element]
    assert LABEL in labels
    assert REST.label not in labels


def test_an_address_leads_to_all_steps_too() -> None:
    link = Link("The whole article", "https://kb.example.com/hum")
    reply = folded(ABOUT, Prose(LONG), link, SOURCE)
    assert "(9)" not in steps_of(reply)
    assert link in reply.blocks


def test_an_answer_that_was_judged_stays_folded() -> None:
    assert "(9)" not in steps_of(folded(ABOUT, Prose(LONG), REST, SOURCE, Line("Glad!"), buttons=()))


@pytest.mark.parametrize(
    ("blocks", "buttons"),
    [
        ((ABOUT, Prose("1. One thing.\n2. Another one."), REST, SOURCE), (SOLVED,)),  # short
        ((ABOUT, Prose(LONG), REST, SOURCE), ()),  # what may not wait
        ((ABOUT, Prose(LONG), SOURCE), (SOLVED,)),  # nothing leads to the others
        ((Prose(LONG), REST), (SOLVED,)),  # no article
        ((ABOUT, Prose(f"{LONG}\n\n{PICTURE}"), REST, SOURCE), (SOLVED,)),  # a modal shows none
        ((ABOUT, Prose("one long step " * 90), REST, SOURCE), (SOLVED,)),  # nothing to cut at
    ],
)
def test_other_replies_are_shown_whole(blocks: tuple[Block, ...], buttons: tuple[Button, ...]) -> None:
    assert folded(*blocks, buttons=buttons) == Reply(blocks, buttons)


def test_a_list_in_code_is_no_step() -> None:
    code = "1. Write:\n```\n" + "- a line of it\n" * 30 + "```\n2. Run it."
    assert steps_of(folded(ABOUT, Prose(code), REST, SOURCE)).count("```") == 2


def test_each_answer_of_the_sample_content_fits_a_pane_of_640_pixels() -> None:
    articles = content_in(find("kb_articles"), find("intents")).articles
    for article in (article for versions in articles.values() for article in versions.values()):
        parts = take_apart(article.shown)
        reply = folded(Prose(parts.about), Prose(parts.steps), REST, SOURCE)
        lines = [ceil(len(line) / LINE) for line in steps_of(reply).splitlines() if line.strip()]
        pictures = steps_of(reply).count("](picture:")
        assert pictures == parts.steps.count("](picture:")
        assert pictures or sum(lines) <= WHOLE + 1, article.title
