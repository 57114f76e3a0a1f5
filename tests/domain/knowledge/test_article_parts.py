"""How an article is taken apart, and where its steps are cut."""

import re
from textwrap import dedent

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.knowledge.article_parts import ONE_LINE, ArticleParts, split, take_apart

SHAPES = {
    "steps after symptoms": (
        """
        For lamps that stay dark.

        ## Symptoms

        - The lamp is dark.

        ## Steps

        1. Plug it in.
        2. Switch it on.

        ## If it does not help

        - Call us.
        """,
        ArticleParts(
            "For lamps that stay dark.",
            "1. Plug it in.\n2. Switch it on.",
            "## Symptoms\n\n- The lamp is dark.\n\n## If it does not help\n\n- Call us.",
        ),
    ),
    "steps under a heading of its own": (
        "Lamps in the hall.\n\n## Síntomas\n\nOscuro.\n\n## Encender la lámpara\n\nAntes:\n\n1) Enchúfala.",
        ArticleParts(
            "Lamps in the hall.",
            "## Encender la lámpara\n\nAntes:\n\n1) Enchúfala.",
            "## Síntomas\n\nOscuro.",
        ),
    ),
    "bullets under a heading that says steps": (
        "## **2. Solución:**\n\n- Enchúfala.\n\n## Notas\n\n1. Nota.",
        ArticleParts("", "- Enchúfala.", "## Notas\n\n1. Nota."),
    ),
    "numbered symptoms": (
        "# Problem\n\n1. It is dark.\n\n# Now\n\n1. Plug it in.",
        ArticleParts("", "# Now\n\n1. Plug it in.", "# Problem\n\n1. It is dark."),
    ),
    "one fix for each system": (
        "## Symptoms\n\nDark.\n\n## Windows\n\n1. Plug.\n\n## Mac\n\n1. Pull.\n\n## Afterwards\n\nRest.",
        ArticleParts(
            "",
            "## Windows\n\n1. Plug.\n\n## Mac\n\n1. Pull.",
            "## Symptoms\n\nDark.\n\n## Afterwards\n\nRest.",
        ),
    ),
    "steps with headings below": (
        "## Fix\n\n### Windows\n\n1. Plug.\n\n### Mac\n\nPull.\n\n## Causes\n\nNone.",
        ArticleParts("", "### Windows\n\n1. Plug.\n\n### Mac\n\nPull.", "## Causes\n\nNone."),
    ),
    "no headings": (
        "Lamps stay dark at times. It is the bulb.\n\nIt flickers.\n\n1. Turn it.\n2. Change it.\n\nOr call.",
        ArticleParts(
            "Lamps stay dark at times.",
            "1. Turn it.\n2. Change it.\n\nOr call.",
            "It is the bulb.\n\nIt flickers.",
        ),
    ),
    "words for headings": (
        "**Symptoms**\n\nDark.\n\n__Steps:__\n\nPlug it in.\n\nCause:\nDust.",
        ArticleParts("", "Plug it in.", "**Symptoms**\n\nDark.\n\nCause:\nDust."),
    ),
    "underlined headings": (
        "Lamp\n====\n\nSymptoms\n--------\n\nDark.\n\nSteps\n-----\n\n1. Plug it in.",
        ArticleParts("", "1. Plug it in.", "Lamp\n====\n\nSymptoms\n--------\n\nDark."),
    ),
    "only steps": ("1. Plug it in.\n2. Wait.", ArticleParts("", "1. Plug it in.\n2. Wait.", "")),
    "no steps": (
        "Who may have a lamp?\n\nEverybody.\n\n## Causes\n\nThe law.\n\n## How many\n\nTwo.",
        ArticleParts("Who may have a lamp?", "Everybody.\n\n## How many\n\nTwo.", "## Causes\n\nThe law."),
    ),
    "nothing but symptoms": ("## Symptoms\n\nDark.", ArticleParts("", "## Symptoms\n\nDark.", "")),
    "one sentence": ("Ask the desk.", ArticleParts("Ask the desk.", "", "")),
    "a heading in code": (
        "Run this.\n\n```\n# Steps\n1. no\n```\n\n## Then\n\n1. Look.",
        ArticleParts("Run this.", "## Then\n\n1. Look.", "```\n# Steps\n1. no\n```"),
    ),
    "nothing": ("", ArticleParts("", "", "")),
}


@pytest.mark.parametrize("shape", SHAPES)
def test_the_steps_are_found_by_what_stands_there(shape: str) -> None:
    body, parts = SHAPES[shape]
    assert take_apart(dedent(body)) == parts


@pytest.mark.parametrize(
    "opening",
    [
        "- A list is no sentence.",
        "> A quotation is none.",
        "This one sentence goes on and on, " + "and on, " * 20 + "and fits into no line.",
        "Write to **Dr. Lamp** or to nobody.",
        "![picture](https://example.com/a.png) of a lamp.",
        "| a | table |",
    ],
)
def test_what_an_article_is_about_is_one_whole_line_or_nothing(opening: str) -> None:
    parts = take_apart(f"{opening}\n\n## Steps\n\n1. Wait.")
    assert parts == ArticleParts("", "1. Wait.", opening)


texts = st.lists(
    st.one_of(
        st.sampled_from(["## Steps", "# Symptoms", "**Fix**", "1. Wait.", "   Go on.", "", "```", "Cause:"]),
        st.text(alphabet="xy .1)#*", max_size=40),
    ),
    max_size=20,
).map("\n".join)


@given(texts)
def test_no_word_is_lost_but_headings(body: str) -> None:
    parts = take_apart(body)
    assert "\n" not in parts.about
    assert len(parts.about) <= ONE_LINE
    kept = re.findall(r"[xy]+", f"{parts.about}\n{parts.steps}\n{parts.rest}")
    for line in body.splitlines():
        if not line.lstrip().startswith(("#", "*", "_")):
            assert all(word in kept for word in re.findall(r"[xy]+", line))


@given(st.lists(st.text(alphabet="ab c\n-1.#", min_size=1, max_size=60), max_size=40), st.integers(20, 400))
def test_cut_steps_lose_nothing(parts: list[str], limit: int) -> None:
    body = "\n".join(parts)
    head, rest = split(body, limit)
    assert "".join(body.split()) == "".join((head + rest).split())


def test_steps_are_cut_at_a_whole_one() -> None:
    steps = "\n".join(f"{n}. Do step number {n} with care.\n   Then look." for n in range(1, 30))
    head, rest = split(f"## Steps\n\n{steps}", 300)
    assert len(head) <= 300
    assert head.endswith("Then look.")
    assert rest[0].isdigit()


def test_a_heading_stays_with_what_follows_it() -> None:
    text = "1. Restart.\n\n## On a Mac\n\n- Call us, at any time of the day."
    head, rest = split(text, len(text) - 10)
    assert head == "1. Restart."
    assert rest.startswith("## On a Mac")
