"""Replies become cards: valid, small enough, and literal where they hold people's words."""

import json
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from syrupy.assertion import SnapshotAssertion

from bot.channels.teams.outbound import adaptive_card, markdown
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
from bot.wording import load
from tests.support.fakes.teams import card_problems, texts_in

WORDING = load()
ARTICLE = """\
## VPN on Windows

Open **Settings**, then type `vpn` into *search*. See [the guide](https://help.example.com/vpn).

1. Remove the old profile
   with `rasphone -r "Old VPN"`.
2. Add it again:
   - server `vpn.example.com`
   - protocol IKEv2
3. Restart.

```powershell
Get-VpnConnection
  -AllUserConnection
```

> It takes a minute.
"""
ANSWER = Reply(
    (
        Line("This should help:"),
        Prose(ARTICLE),
        Link("The whole article", "https://help.example.com/vpn"),
    ),
    (
        Button("solved", "Solved", "e1", style="primary"),
        Button("person", "Get a person", "e1"),
    ),
    summary="VPN on Windows",
)
CHOICE = Reply(
    (Line("¿Cuál de estos se parece más?"),),
    (
        Button("choose", "La VPN no conecta", "e2", "0"),
        Button("choose", "El Wi-Fi va lento", "e2", "1"),
        Button("none", "Ninguno de estos", "e2"),
    ),
    summary="¿Cuál de estos?",
    language="es",
)
TICKET = Reply(
    (
        Heading("HELP-1042 · claimed by Eva"),
        Facts((("Requester", "Ana *Ruiz*"), ("Channel", "Teams"), ("Priority", "high"))),
        Quote("my vpn is broken <at>everyone</at>\n\n[click](https://evil.example) **now**"),
        Line("Tried: VPN on Windows (0.62)"),
    ),
    (
        Button("release", "Release", "t1"),
        Button("resolve", "Resolve", "t1", style="danger", with_fields=True),
    ),
    (Field("note", "Note for the employee", "What did you do?"),),
    "HELP-1042",
    menu=(
        Button("assign", "Assign…", "t1"),
        Button("close", "Close", "t1", style="danger", with_fields=True),
    ),
)
REQUEST = Reply(
    (
        Heading("New laptop *or* computer"),
        Line("I have opened HELP-1042 for this."),
        Line("The hardware team checks the stock and writes to you with a date."),
        Link("You can also do it here yourself", "https://shop.example.com/laptops"),
        Line("The engineers see your question."),
    ),
    (
        Button("details", "Add details", "t1", style="primary"),
        Button("cancel", "Cancel HELP-1042", "t1"),
    ),
    summary="New laptop *or* computer: I have opened HELP-1042 for this.",
)
FORM = Reply(
    (Line("Who takes it?"),),
    (Button("assign", "Assign", "t1", "2"), Button("other", "Not shown", "t1")),
    (
        Field("who", "Assignee", "Pick", options=(Option("p1", "Eva"), Option("p2", "{{x}}")), initial="p2"),
        Field("why", "Why", required=False, multiline=False, initial="{{DATE}}"),
    ),
    "Assign HELP-1042",
)


@pytest.mark.parametrize(
    ("name", "reply"),
    [("answer", ANSWER), ("choice", CHOICE), ("ticket", TICKET), ("request", REQUEST)],
    ids=lambda v: str(v)[:6],
)
def test_whole_cards(name: str, reply: Reply, snapshot: SnapshotAssertion) -> None:
    card = rendered(reply)
    assert card_problems(card) == []
    assert json.dumps(card, ensure_ascii=False, indent=1) == snapshot(name=name)


def test_rows_stand_together_and_apart_from_what_is_above_them() -> None:
    at = datetime(2026, 11, 22, 22, 0, tzinfo=UTC)
    facts, when = Facts((("One", "1"), ("Two", "2"))), When("Since", at, "now")
    blocks = (Heading("Title"), when, facts, Line("Words"), when, Line("More"), facts, when)
    body = adaptive_card.card(Reply(blocks), load())["body"]
    assert [element.get("spacing", "") for element in body] == [
        *("", "Small", "None", "None"),
        *("", "Small"),
        *("", "Small", "None", "None"),
    ]


def test_a_whole_form_has_a_way_back(snapshot: SnapshotAssertion) -> None:
    card = adaptive_card.form(FORM, WORDING)
    assert card_problems(card) == []
    assert json.dumps(card, ensure_ascii=False, indent=1) == snapshot


class Long(str):
    """A text that hypothesis can report in one line."""

    def __repr__(self) -> str:
        return f"Long({self[:2]!r}, {len(self)})"


def rendered(reply: Reply) -> dict[str, Any]:
    return adaptive_card.card(reply, WORDING)


_words = st.text(max_size=300) | st.sampled_from(
    [
        "# heading",
        "- a\n- b",
        "1. x",
        "**bold** _it_ `code` [a](https://evil.example) ![i](https://evil.example/x.png)",
        "<at>everyone</at>",
        "&lt;at&gt;",
        "{{DATE(2026-01-01T00:00:00Z, SHORT)}}",
        "\0\ud800",
        "\u202eabc",
        "",
        " ",
        Long("x" * 40_000),
        Long("é\n" * 20_000),
        Long("🙂" * 10_000),
    ]
)
_whens = st.builds(When, _words, st.just(datetime(2026, 3, 2, 9, tzinfo=UTC)), _words)
_blocks: st.SearchStrategy[Block] = st.one_of(
    _words.map(Line),
    _words.map(Small),
    _words.map(Heading),
    _words.map(Quote),
    _words.map(Prose),
    st.builds(Mention, _words, st.sampled_from(((), (Identity("teams", "t", "aad-eva"),)))),
    st.lists(st.tuples(_words, _words), max_size=12).map(lambda rows: Facts(tuple(rows))),
    st.tuples(_words, _words | st.just("https://help.example.com/")).map(lambda pair: Link(*pair)),
    st.builds(Banner, _words, st.booleans()),
    st.builds(Byline, _words, st.lists(_words, max_size=4).map(tuple), _words, st.none() | _whens),
)
_buttons = st.builds(
    Button,
    st.sampled_from(["claim", "choose"]),
    _words,
    st.just("token"),
    st.just("1"),
    st.sampled_from(["", "primary", "danger"]),
    st.booleans(),
)


@settings(deadline=None, max_examples=60)
@given(
    st.lists(_blocks, max_size=30),
    st.lists(_buttons, max_size=20),
    _words,
    st.lists(_buttons, max_size=8),
    st.lists(_words, max_size=150),
    st.lists(
        st.builds(More, _words, _words, st.just("e"), st.just("a"))
        | st.builds(Details, _words, st.just("t"), st.lists(_blocks, max_size=6).map(tuple))
        | st.builds(lambda title, name: BarChart(title, ("Mar 2",), ((name, (3,)),)), _words, _words),
        max_size=1,
    ),
)
def test_every_reply_is_a_card_that_teams_takes(
    blocks: list[Block],
    buttons: list[Button],
    summary: str,
    menu: list[Button],
    labels: list[str],
    more: list[Block],
) -> None:
    options = tuple(Option(str(number), label) for number, label in enumerate(labels))
    fields = (Field("note", "Note", initial=summary), Field("pick", "Pick", options=options, initial="149"))
    reply = Reply((*blocks, *more), tuple(buttons), fields, summary, menu=tuple(menu))
    card = rendered(reply)
    assert card_problems(card) == []
    assert len(json.dumps(card)) <= adaptive_card.LARGEST
    assert len(list(_executes(card))) == len(buttons) + len(menu)
    json.dumps(card, ensure_ascii=False).encode()


def _executes(thing: Any) -> Any:
    if isinstance(thing, dict):
        if thing.get("type") == "Action.Execute":
            yield thing
        for value in thing.values():
            yield from _executes(value)
    elif isinstance(thing, list):
        for value in thing:
            yield from _executes(value)


@settings(deadline=None)
@given(_words)
def test_peoples_words_stand_in_runs_only_and_unchanged(words: str) -> None:
    folded = Details("Details", "t", (Line(words),))
    byline = Byline(words, (words,), words)
    reply = Reply(
        (Line(words), Heading(words), Quote(words), Facts(((words, words),)), byline, Banner(words), folded)
    )
    card = rendered(reply)
    assert "TextBlock" not in {found["type"] for found in _elements(card["body"])}
    assert "FactSet" not in {found["type"] for found in _elements(card["body"])}
    assert "msteams" not in card  # where a mention would have to be declared
    assert not any("{{" in text for text in texts_in(card))


def _elements(found: list[dict[str, Any]]) -> Any:
    for element in found:
        yield element
        yield from _elements(element.get("items", []) + element.get("columns", []))


CHOICES = {
    "type": "Input.ChoiceSet",
    "id": "field.who",
    "label": "Who",
    "choices": [{"title": "Eva", "value": "p1"}],
}
SUBMIT = {"type": "Action.Submit", "title": "x"}


@pytest.mark.parametrize(
    "changes",
    [
        {"body": [CHOICES | {"choices": []}]},
        {"body": [CHOICES | {"choices": CHOICES["choices"] * 2}]},  # type: ignore[operator]  # a list
        {"body": [CHOICES | {"choices": [{"title": "", "value": "p1"}]}]},
        {"body": [CHOICES | {"choices": [{"title": "Eva", "value": ""}]}]},
        {"body": [CHOICES | {"choices": [{"title": str(n), "value": str(n)} for n in range(101)]}]},
        {"body": [CHOICES | {"value": "p2"}]},
        {"body": [CHOICES | {"isRequired": True}]},
        {"body": [CHOICES, CHOICES | {"type": "Input.Text"}]},
        {"body": [{"type": "ActionSet", "actions": [SUBMIT | {"mode": "secondary"}]}], "version": "1.5"},
        {"body": [CHOICES], "actions": [SUBMIT | {"mode": "secondary"}]},
        {"body": [CHOICES], "actions": [SUBMIT | {"mode": "tertiary"}], "version": "1.5"},
        {"body": [CHOICES], "actions": [SUBMIT] * 7},
    ],
)
def test_the_fake_refuses_what_teams_refuses(changes: dict[str, Any]) -> None:
    plain = {"type": "AdaptiveCard", "version": "1.4", "body": [CHOICES], "actions": [SUBMIT] * 6}
    assert card_problems(plain) == []
    assert card_problems(plain | changes)


def test_only_somebody_of_this_channel_is_really_mentioned() -> None:
    eva = (Identity("slack", "T1", "UEVA"), Identity("teams", "tenant", "aad-eva"))
    card = rendered(Reply((Mention("**Eva** </at><at>all", eva), Mention("Sven", eva[:1]))))
    assert card_problems(card) == []
    name = "Eva atatall"
    mentioned = {"id": "aad-eva", "name": name}
    assert card["msteams"]["entities"] == [
        {"type": "mention", "text": f"<at>{name}</at>", "mentioned": mentioned}
    ]
    assert card["body"][0] == {"type": "TextBlock", "text": f"<at>{name}</at>", "wrap": True}
    assert texts_in(card)[1] == "Sven"


def test_a_line_is_shown_as_it_was_written() -> None:
    words = "**not bold** [no link](https://x.example) <at>nobody</at> & _this_"
    assert texts_in(rendered(Reply((Line(words),)))) == [words]


def test_line_breaks_of_a_question_stay() -> None:
    assert texts_in(rendered(Reply((Quote("a\n\nb\r\nc"),)))) == ["a", "\N{NO-BREAK SPACE}", "b", "c"]


def test_what_does_not_fit_ends_in_an_ellipsis_and_keeps_its_buttons() -> None:
    card = rendered(Reply((Quote("word " * 8_000), Line("after")), (Button("claim", "Claim", "t"),)))
    first, after = texts_in(card)
    assert first.endswith("…")
    assert (after, card["actions"][0]["verb"]) == ("after", "claim")


@pytest.mark.parametrize(
    "url", ["javascript:alert(1)", "file:///etc/passwd", "", "//evil.example", "msteams://x"]
)
def test_an_address_that_a_card_may_not_open_is_text(url: str) -> None:
    card = rendered(Reply((Link("Guide", url), Prose(f"[Guide](<{url}>)"))))
    assert "Action.OpenUrl" not in json.dumps(card)


@settings(deadline=None)
@given(_words)
def test_any_markdown_is_rendered(words: str) -> None:
    assert isinstance(markdown.elements(words), list)
    assert isinstance(markdown.plain(words), str)


def test_numbers_of_steps_stay() -> None:
    texts = texts_in(rendered(Reply((Prose("3. three\n4. four"),))))
    assert texts == ["3.", "three", "4.", "four"]


def test_what_is_only_to_be_taken_away_has_one_way_back_which_sends_nothing() -> None:
    def pair(*fields: Field) -> list[tuple[str, str]]:
        done = Button("report", "Done", "t1", "seen", with_fields=True)
        card = adaptive_card.form(Reply((), (done,), fields, summary="For developers"), WORDING)
        assert card_problems(card) == []
        return [(action["title"], action["associatedInputs"]) for action in card["actions"]]

    report = Field("report", "Markdown", required=False, initial="# HELP-1", copyable=True)
    assert pair(report) == [("Done", "none")]
    assert pair(report, Field("note", "Note")) == [("Done", "auto"), ("Back to the card", "none")]


def test_a_chart_is_drawn_by_newer_clients_and_told_in_lines_by_others() -> None:
    shown = BarChart("Questions by week", ("Mar 2", "Mar 9"), (("confirmed", (3, 4)), ("assumed", (1, 0))))
    made = adaptive_card.card(Reply((shown,), summary="The week"), WORDING)
    (drawn,) = made["body"]
    assert card_problems(made) == []
    assert (drawn["type"], drawn["stacked"]) == ("Chart.VerticalBar.Grouped", True)
    assert drawn["data"][0] == {
        "legend": "confirmed",
        "values": [{"x": "Mar 2", "y": 3}, {"x": "Mar 9", "y": 4}],
    }
    assert "confirmed 3, assumed 1" in str(drawn["fallback"])
