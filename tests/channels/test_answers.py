"""How an article is answered: the steps first, the rest out of the way, the buttons last."""

from dataclasses import replace
from datetime import UTC, date, datetime
from typing import cast

import pytest

from bot.channels.slack.outbound.blocks import render
from bot.channels.teams.outbound import adaptive_card
from bot.desk.context import RequestContext
from bot.desk.conversations.answering.replies import Replies
from bot.desk.knowledge.library import Library
from bot.desk.ports.unit_of_work import UnitOfWork
from bot.domain.conversations.episode import Episode, EpisodeState
from bot.domain.conversations.messages import (
    Addressed,
    ConversationRef,
    Heading,
    Line,
    Link,
    More,
    Prose,
    Reply,
    Small,
    Utterance,
)
from bot.domain.knowledge.content import Article
from bot.domain.people import Identity, Person
from bot.wording import load
from tests.support.desk.helpdesk import buttons_of
from tests.support.fakes.slack import message_problems
from tests.support.fakes.teams import card_problems

WORDING = load()
MOST_CONTROLS = 3  # under an answer
AT = datetime(2026, 6, 30, 23, 30, tzinfo=UTC)
ADDRESS = "https://help.example.com/articles/x"
ANA = Identity("slack", "T1", "UANA")
STEP = "{}. Take the cover off, look at the lamp behind it, and write down what colour it has.\n"
MANY = "".join(STEP.format(number) for number in range(1, 41))
FIRST_SCREEN = 1_400  # characters; about fifteen lines of a chat on a laptop
SHAPES = {
    "no steps": "Everybody may have a lamp.\n\n## Symptoms\n\nDark.\n\n## Which\n\nA green one.",
    "only steps": "1. Plug it in.\n2. Wait.",
    "very long steps": f"For lamps.\n\n## Symptoms\n\n- Dark.\n\n## Steps\n\n{MANY}\n## Else\n\nCall us.",
    "endless steps": MANY * 50,
    "one endless step": "1. " + "Wait. " * 5_000,
    "no headings": "The lamp is dark.\n\nIt is cold, too.\n\n1. Plug it in.\n2. Wait.",
    "symptoms first": "# Symptoms\n\n- Dark.\n\n# Steps\n\n1. Plug it in.",
    "a very long rest": "## Steps\n\n1. Wait.\n\n## Causes\n\n" + "- Dust, <!channel> and **age**.\n" * 3_000,
    "nothing": "",
}


def answered(article: Article, language: str, address: str = "") -> list[Reply]:
    """The posts that answer with an article, at a known time."""
    utterance = Utterance(
        ("k",), ANA, "Ana", ConversationRef("slack", "T1", "D1"), AT, Addressed.DIRECT, "a lamp"
    )
    context = RequestContext(cast(UnitOfWork, None), WORDING, utterance, Person(1, "Ana"), language)
    episode = Episode(1, "token", 1, 1, EpisodeState.ANSWERED, language, AT)
    return Replies(lambda _: address or None).article(context, episode, article, first_aid=False)


def seen(post: Reply) -> str:
    """What a reader sees of a post at once."""
    return "\n".join(
        block.markdown if isinstance(block, Prose) else block.text
        for block in post.blocks
        if isinstance(block, Prose | Heading | Line | Small)
    )


def assert_taken(posts: list[Reply]) -> None:
    """Only the last post has the buttons, and both platforms take all of them whole."""
    assert [buttons_of(post) for post in posts[:-1]] == [[]] * (len(posts) - 1)
    assert buttons_of(posts[-1]) == ["solved", "not_helpful", "person"]
    for post in posts:
        assert message_problems(render(post).blocks) == []
        card = adaptive_card.card(post, WORDING)
        assert card_problems(card) == []
        assert len(card.get("actions", [])) <= MOST_CONTROLS
        rows = [block["elements"] for block in render(post).blocks if "actions" in block["type"]]
        assert len([element for row in rows for element in row]) <= MOST_CONTROLS


@pytest.mark.parametrize("language", ["en", "es"])
@pytest.mark.parametrize("address", ["", ADDRESS])
def test_every_sample_fits_a_screen_with_its_steps_first(
    library: Library, language: str, address: str
) -> None:
    for versions in library.snapshot.content.articles.values():
        article = versions[language]
        (post,) = posts = answered(article, language, address)
        assert_taken(posts)
        about, steps, more, source = post.blocks
        assert isinstance(about, Prose)
        assert article.body.startswith(about.markdown)
        assert isinstance(steps, Prose)
        assert steps.markdown.startswith("1. ")
        assert isinstance(source, Small)
        assert article.title in source.text
        assert str(article.owner) in source.text
        assert not {"## Symptoms", "## Síntomas"} & {*seen(post).splitlines()}
        assert len(seen(post)) <= FIRST_SCREEN
        if address:
            assert isinstance(more, Link)
        else:
            assert isinstance(more, More)
            assert more.markdown.splitlines()[-1] == article.body.splitlines()[-1]


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("address", ["", ADDRESS])
def test_any_article_is_taken_with_its_buttons_last(shape: str, address: str) -> None:
    posts = answered(Article("lamp", "The lamp", SHAPES[shape]), "en", address)
    assert_taken(posts)
    assert isinstance(posts[-1].blocks[-1], Small)
    first = posts[0].blocks[0]
    assert isinstance(first, Prose | Heading)
    assert "\n" not in seen(posts[0]).partition("\n")[0]
    shown = "\n".join(seen(post) for post in posts)
    if "1. " in SHAPES[shape]:
        assert "Dark." not in shown
        assert "The lamp is dark." not in shown.partition("1. ")[2]


def test_steps_that_are_too_long_go_on_in_a_second_post() -> None:
    first, last = answered(Article("lamp", "The lamp", SHAPES["very long steps"]), "en")
    assert "The remaining steps follow in the next message." in seen(first)
    steps = [line for post in (first, last) for line in seen(post).splitlines() if line[0].isdigit()]
    assert steps == MANY.splitlines()
    (more,) = [block for block in last.blocks if isinstance(block, More)]
    assert more.markdown == "## Symptoms\n\n- Dark.\n\n## Else\n\nCall us."


def test_steps_that_are_too_long_go_on_at_an_address_where_there_is_one() -> None:
    (post,) = answered(Article("lamp", "La lámpara", SHAPES["very long steps"], "es"), "es", ADDRESS)
    (link,) = [block for block in post.blocks if isinstance(block, Link)]
    assert link == Link("Los pasos que faltan, en el artículo completo", ADDRESS)


@pytest.mark.parametrize(
    ("language", "updated", "line"),
    [
        ("en", date(2026, 3, 20), "Article: The lamp · updated 3 months ago · kept by facilities"),
        ("es", date(2026, 3, 20), "Artículo: The lamp · actualizado hace 3 meses · a cargo de facilities"),
        ("en", date(2026, 6, 29), "Article: The lamp · updated 1 day ago · kept by facilities"),
        ("es", date(2026, 6, 30), "Artículo: The lamp · actualizado hoy · a cargo de facilities"),
        ("en", date(2026, 7, 1), "Article: The lamp · kept by facilities"),
        ("en", None, "Article: The lamp · kept by facilities"),
    ],
)
def test_below_stand_the_name_the_age_and_the_owner(language: str, updated: date | None, line: str) -> None:
    article = Article("lamp", "The lamp", "1. Wait.", language, owner="facilities", updated=updated)
    (post,) = answered(article, language)
    assert post.blocks[-1] == Small(line)
    (post,) = answered(replace(article, owner=None, updated=None), language)
    assert isinstance(post.blocks[-1], Small)
    assert post.blocks[-1].text == line.partition(" · ")[0]


LONG_TABLE = "| a | b |\n|---|---|\n" + "".join(
    f"| key {number} | means {number} |\n" for number in range(40)
)


@pytest.mark.parametrize("address", ["", ADDRESS])
@pytest.mark.parametrize(
    ("language", "sentence"),
    [
        ("en", "Only the beginning of the table is shown here."),
        ("es", "Aquí solo se ve el principio de la tabla."),
    ],
)
def test_a_long_table_is_cut_with_a_sentence_and_the_way_to_all_of_it(
    address: str, language: str, sentence: str
) -> None:
    body = f"1. Look here:\n\n{LONG_TABLE}\n2. Press it.\n\n## Causes\n\nDust."
    (post,) = posts = answered(Article("lamp", "The lamp", body, language), language, address)
    assert_taken(posts)
    assert sentence in seen(post)
    assert "key 14" in seen(post)
    assert "key 15" not in seen(post)
    assert "2. Press it." in seen(post)
    if address:
        assert [block.url for block in post.blocks if isinstance(block, Link)] == [address]
        assert not any(isinstance(block, More) for block in post.blocks)
    else:
        (more,) = [block for block in post.blocks if isinstance(block, More)]
        assert more.markdown.startswith(LONG_TABLE.strip())
        assert "Dust." in more.markdown


def test_a_table_that_fits_is_shown_whole_and_without_a_word() -> None:
    (post,) = answered(Article("lamp", "The lamp", "1. See:\n\n   | a |\n   |---|\n   | b |"), "en", ADDRESS)
    assert [type(block) for block in post.blocks] == [Heading, Prose, Small]
