"""Replies as blocks: within Slack's limits, and literal."""

import json
import re
from datetime import UTC
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from syrupy.assertion import SnapshotAssertion

from bot.channels.slack.outbound.blocks import render, render_plainly
from bot.channels.slack.outbound.elements import read_value
from bot.channels.slack.outbound.modals import form_view, notice_view
from bot.channels.slack.text import cut, literal, mentioned, readable, without_mention
from bot.domain.charts import BarChart
from bot.domain.conversations.messages import (
    Banner,
    Block,
    Button,
    Byline,
    ConversationRef,
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
from bot.wording import load
from tests.support.channels.slack_stage import Stage, delivery
from tests.support.fakes.slack import markup_in, message_problems, view_problems
from tests.support.fakes.slack.blocks import too_long

ATTACKS = (
    "<!channel>",
    "<!here|x>",
    "<@U1>",
    "<#C1|general>",
    "<!subteam^S1>",
    "<https://evil.example|click>",
    "<mailto:a@b|c>",
    "*bold*",
    "_it_",
    "~gone~",
    "`code`",
    "```\nx\n```",
    "> quote",
    "&lt;!channel&gt;",
    "@here @everyone",
    "[a](https://evil.example)",
    "# heading",
    "\u202eright to left\u202c",
    "\u200b",
    "\0",
    "\ud800",
    '"',
    "\\",
)
WORDING = load()
words = st.lists(st.one_of(st.sampled_from(ATTACKS), st.text(max_size=20), st.characters()), max_size=6).map(
    "".join
)
long_words = st.builds(lambda text, times: text * times, words, st.sampled_from([1, 1, 1, 40, 400]))
short = st.text(st.characters(codec="ascii", exclude_categories=["Cc"]), min_size=1, max_size=30)

whens = st.builds(When, words, st.datetimes(timezones=st.just(UTC)), words)

literal_blocks: st.SearchStrategy[Block] = st.one_of(
    st.builds(Heading, long_words),
    st.builds(Line, long_words),
    st.builds(Small, long_words),
    st.builds(Quote, long_words),
    st.builds(Facts, st.lists(st.tuples(words, long_words), max_size=12).map(tuple)),
    whens,
    st.builds(Mention, words),
    st.builds(Link, words, st.one_of(words, st.just("https://kb.example/a?b=1&c=2"))),
    st.builds(Banner, long_words, st.booleans()),
    st.builds(Byline, long_words, st.lists(long_words, max_size=4).map(tuple), words, st.none() | whens),
)
called = st.builds(Mention, words, st.just((Identity("slack", "T1", "UEVA"),)))
any_block = st.one_of(
    literal_blocks,
    st.builds(Prose, long_words),
    called,
    st.builds(More, long_words, long_words, short, short),
    st.builds(Details, long_words, short, st.lists(literal_blocks, max_size=3).map(tuple)),
    st.builds(BarChart, long_words, st.just(("Mar 2",)), st.just((("a longer name than fits", (3,)),))),
)
buttons = st.builds(
    Button,
    action=short,
    label=long_words,
    token=short,
    argument=words,
    style=st.sampled_from(["", "primary", "danger", "odd"]),
)


def replies(blocks: st.SearchStrategy[Block]) -> st.SearchStrategy[Reply]:
    return st.builds(
        Reply,
        blocks=st.lists(blocks, max_size=12).map(tuple),
        buttons=st.lists(buttons, max_size=8).map(tuple),
        menu=st.lists(buttons, max_size=8).map(tuple),
        summary=long_words,
    )


QUICK = settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))


@QUICK
@given(reply=replies(any_block))
def test_every_reply_is_taken(reply: Reply) -> None:
    for rendered in (render(reply), render_plainly(reply)):
        assert message_problems(rendered.blocks) == []
        assert rendered.text
        assert len(rendered.text) <= 3000
    view = {"type": "home", "blocks": render(reply, "view").blocks}
    assert view_problems(view) == []


@QUICK
@given(reply=replies(literal_blocks))
def test_nobodys_words_are_markup(reply: Reply) -> None:
    for rendered in (render(reply), render_plainly(reply), render(reply, "view")):
        message = {"text": rendered.text, "blocks": rendered.blocks, "mrkdwn": False, "parse": "none"}
        assert markup_in(message) == []
        texts = [part["text"] for part in _parts(message) if isinstance(part.get("text"), str)]
        assert not [text for text in texts if re.search("<[!@#]|<https?:|<mailto:", text)]
        assert "mrkdwn" not in {part.get("type") for part in _parts(rendered.blocks)}


options = st.lists(st.builds(Option, short | st.just("x" * 151) | st.just("\0"), words), max_size=4)


@QUICK
@given(
    title=long_words,
    label=long_words,
    hint=words,
    name=short,
    body=st.lists(any_block, max_size=12),
    offered=options,
    initial=long_words,
)
def test_every_form_is_taken(
    title: str, label: str, hint: str, name: str, body: list[Block], offered: list[Option], initial: str
) -> None:
    picked = offered[-1].value if offered else ""
    card = Reply(
        tuple(body),
        buttons=(Button("resolve", label, "t", "a"),),
        fields=(
            Field(name, label, hint, initial=initial),
            Field(name + "2", label),
            Field(name + "3", label, hint, options=tuple(offered), initial=picked),
        ),
        summary=title,
    )
    origin = ConversationRef("slack", "T1", "C1", "17.1")
    assert view_problems(form_view(card, origin, WORDING)) == []
    assert view_problems(notice_view(card, "es", WORDING)) == []


@pytest.mark.parametrize("attack", ATTACKS)
async def test_no_attack_reaches_slack_as_markup(stage: Stage, attack: str) -> None:
    reply = Reply(
        (
            Heading(attack),
            Line(attack),
            Quote(attack),
            Facts(((attack, attack),)),
            Link(attack, "https://x.example"),
        ),
        buttons=(Button("solved", attack, "t"),),
        summary=attack,
    )
    await stage.channel.deliver(delivery(reply=reply))
    (call,) = stage.slack.called("chat.postMessage")
    assert markup_in(call) == []
    assert len(stage.slack.posts("C1")) == 1


def test_words_are_shown_as_they_were_written() -> None:
    text = "I  typed *this*, <b>& that</b>\nand _this_ #1 @bob a<b"
    shown = json.dumps(render(Reply((Quote(text),))).blocks, ensure_ascii=False)
    assert (
        json.dumps(text, ensure_ascii=False)[1:-1]
        == json.loads(json.dumps(shown.replace("\u2060", ""))).split('"text": "')[1].split('"}')[0]
    )


def test_long_words_are_split_and_finally_cut() -> None:
    rendered = render(Reply((Line("word " * 1000), Quote("x" * 40_000), Line("the end")), summary="s"))
    texts = [part["text"] for part in _parts(rendered.blocks) if isinstance(part.get("text"), str)]
    assert texts[-1] == "the end"
    assert texts[-2].endswith("…")
    assert 8_500 < sum(len(text) for text in texts) <= 9_000
    assert all(len(text) <= 3000 for text in texts)
    assert not too_long(rendered.blocks)


def test_what_weighs_twice_is_cut_further() -> None:
    for text in ('"' * 40_000, "a\n" * 20_000, "\\" * 40_000):
        rendered = render(Reply((Quote(text), Line("the end"))))
        assert not too_long(rendered.blocks)
        assert rendered.blocks[-1]["text"]["text"] == "the end"


def test_only_somebody_of_this_channel_is_really_mentioned() -> None:
    eva = (Identity("teams", "tenant", "aad-eva"), Identity("slack", "T1", "UEVA"))
    blocks = render(Reply((Mention("Eva <!here>", eva), Mention("Tina", eva[:1])))).blocks
    runs = [element for block in blocks for part in block["elements"] for element in part["elements"]]
    assert runs[0] == {"type": "user", "user_id": "UEVA"}
    assert runs[1] == {"type": "text", "text": "Tina", "style": {"bold": True}}


def test_many_blocks_end_in_an_ellipsis_before_the_buttons() -> None:
    reply = Reply(tuple(Line(str(n)) for n in range(80)), buttons=(Button("a", "A", "t"),))
    blocks = render(reply).blocks
    assert len(blocks) == 50
    assert blocks[-2]["text"]["text"] == "…"
    assert blocks[-1]["type"] == "actions"


def test_buttons_are_unlike_and_carry_their_press() -> None:
    buttons = tuple(Button("choose", f"Choice {n}", "tok", str(n)) for n in range(7))
    rows = render(Reply((), buttons=buttons)).blocks
    pressed = [element for row in rows if row["type"] == "actions" for element in row["elements"]]
    assert [element["action_id"] for element in pressed] == [f"firstline:choose:{n}" for n in range(7)]
    assert [read_value(element["value"]) for element in pressed] == [
        ("choose", "tok", str(n)) for n in range(7)
    ]


def test_a_button_says_to_a_screen_reader_what_it_is_about() -> None:
    def labels_of(summary: str) -> list[str]:
        (row,) = render(Reply((Line("x"),), (Button("claim", "Claim", "t"),), summary=summary)).blocks[1:]
        return [element.get("accessibility_label", "") for element in row["elements"]]

    assert labels_of("HELP-1001 · Ana:\nno sound") == ["Claim: HELP-1001 · Ana: no sound"]
    assert [len(label) for label in labels_of("word " * 50)] == [75]
    assert labels_of("") == [""]


def test_a_menu_holds_five_things_a_longer_one_is_a_list_with_a_name() -> None:
    def last_of(size: int) -> dict[str, Any]:
        menu = tuple(Button("do", f"Do {n} " + "x" * 90, "tok", str(n)) for n in range(size))
        rendered = render(Reply((), (Button("claim", "Claim", "tok"),), menu=menu), more="Más")
        assert message_problems(rendered.blocks) == []
        element: dict[str, Any] = rendered.blocks[-1]["elements"][-1]
        return element

    assert last_of(1)["type"] == "button"
    assert [last_of(size)["type"] for size in (2, 5)] == ["overflow", "overflow"]
    many = last_of(6)
    assert (many["type"], many["placeholder"]["text"]) == ("static_select", "Más")
    assert {len(option["text"]["text"]) for option in many["options"]} == {75}
    assert all(option["text"]["text"].endswith("x…") for option in many["options"])


def test_a_list_is_another_one_in_each_post_and_an_overflow_menu_the_same() -> None:
    def names(size: int) -> list[str]:
        menu = tuple(Button("do", f"Do {n}", "tok", str(n)) for n in range(size))
        rendered = [render(Reply((), menu=menu), post=post) for post in ("7", "8", "")]
        return [one.blocks[-1]["block_id"] for one in rendered]

    assert names(6) == ["firstline:buttons:0:7", "firstline:buttons:0:8", "firstline:buttons:0"]
    assert names(5) == ["firstline:buttons:0"] * 3


def test_a_long_menu_leaves_less_room_for_words() -> None:
    menu = tuple(Button("do", "x" * 75, "t" * 16, "a" * 90 + str(n)) for n in range(20))
    rendered = render(Reply((Quote('"' * 9_000), Line("the end")), menu=menu))
    assert not too_long(rendered.blocks)


def test_an_address_that_is_no_web_address_is_no_link() -> None:
    for url in ("javascript:alert(1)", "file:///etc", "https://", "https://a b", "http://[", "x" * 4000):
        (block,) = render(Reply((Link("Article", url),))).blocks
        assert block["type"] == "section"


@pytest.mark.parametrize(
    ("slack", "shown"),
    [
        ("plain", "plain"),
        ("a &lt;b&gt; &amp;amp; c", "a <b> &amp; c"),
        ("<@U1|ana> <@U2> <@U3>", "@ana @Bob @U3"),
        ("<https://a.example> <https://a.example|a.example>", "https://a.example https://a.example"),
        ("<https://a.example|the wiki>", "the wiki (https://a.example)"),
        ("<mailto:a@b.example|a@b.example>", "a@b.example"),
        ("<tel:+34600|+34600>", "+34600"),
        ("<#C1|general> <#C2>", "#general #…"),
        ("<!here> <!channel|channel> <!subteam^S1|@it> <!subteam^S1>", "@here @channel @it @…"),
        ("<!date^1^{date}|Monday>", "Monday"),
        ("<>", ""),
    ],
)
def test_slacks_text_becomes_readable(slack: str, shown: str) -> None:
    assert readable(slack, {"U2": "Bob"}.get) == shown


@given(words)
def test_any_text_can_be_read(text: str) -> None:
    readable(text)
    mentioned(text)
    assert literal(literal(text)) == literal(text)
    assert len(cut(text, 10)) <= 10


@pytest.mark.parametrize(
    ("said", "left"),
    [
        ("<@UBOT> help", "help"),
        ("<@UBOT|firstline>: help", "help"),
        ("please <@UBOT>, help", "please help"),
        ("<@UBOT>", ""),
        ("<@UBOTHER> help", "<@UBOTHER> help"),
        ("one\n<@UBOT> two", "one\n two"),
    ],
)
def test_our_own_mention_is_left_out(said: str, left: str) -> None:
    assert without_mention(said, "UBOT") == left


# --- snapshots ----------------------------------------------------------------------------------------

ANSWER = Reply(
    (
        Heading("VPN on macOS"),
        Prose("1. Quit the **VPN** app.\n2. Open [the portal](https://vpn.example).\n   - Sign in."),
        Link("Read the whole article", "https://kb.example/vpn-macos"),
    ),
    buttons=(Button("solved", "Solved", "e1", style="primary"), Button("person", "Get a person", "e1")),
    summary="VPN on macOS",
)
CHOICE = Reply(
    (Line("Which of these is it?"),),
    buttons=(
        Button("choose", "VPN on macOS", "e1", "0"),
        Button("choose", "VPN on Windows", "e1", "1"),
        Button("none", "None of these", "e1"),
    ),
    summary="Which of these is it?",
)
TICKET = Reply(
    (
        Heading("HELP-1042"),
        Facts((("Requester", "Ana <!channel>"), ("Priority", "*High*"), ("Language", "Spanish"))),
        Quote("The VPN drops & <@U1> can't help\nsince 9:00"),
        Line("Shown: VPN on macOS (82 %)"),
        Link("Open the conversation", "https://acme.slack.com/archives/C1/p1"),
    ),
    buttons=(Button("claim", "Claim", "t1", style="primary"),),
    menu=(Button("assign", "Assign…", "t1"), Button("merge", "Merge <b>", "t1", "2", style="danger")),
    summary="HELP-1042: Ana <!channel>",
)


@pytest.mark.parametrize("reply", [ANSWER, CHOICE, TICKET], ids=["answer", "choice", "ticket"])
def test_whole_cards(reply: Reply, snapshot: SnapshotAssertion) -> None:
    rendered = render(reply)
    assert message_problems(rendered.blocks) == []
    assert {"text": rendered.text, "blocks": rendered.blocks} == snapshot


def test_a_whole_form(snapshot: SnapshotAssertion) -> None:
    fields = (
        Field(
            "who", "Assignee", "Pick one", options=(Option("p1", "Eva"), Option("p2", "<@U1>")), initial="p2"
        ),
        Field("why", "Why", required=False, initial="Because of <@U1>"),
    )
    card = Reply((), (Button("assign", "Assign", "t1"),), fields, summary="Assign HELP-1042")
    view = form_view(card, ConversationRef("slack", "T1", "C1", "17.1"), WORDING)
    assert view_problems(view) == []
    assert view["blocks"] == snapshot


def _parts(value: Any) -> list[dict[str, Any]]:
    if isinstance(value, list):
        return [part for item in value for part in _parts(item)]
    if isinstance(value, dict):
        return [value, *(part for item in value.values() for part in _parts(item))]
    return []
