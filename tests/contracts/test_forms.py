"""Menus and forms mean the same in every channel."""

from collections.abc import AsyncIterator

import pytest

from bot.domain.conversations.messages import (
    Button,
    Click,
    Field,
    Heading,
    Line,
    Option,
    Outcome,
    OutcomeKind,
    Reply,
)
from bot.server import plugins
from tests.support.channels.empty_host import host
from tests.support.channels.players import found_players
from tests.support.channels.players.player import Input, NotAcknowledgedError, Player, hosted
from tests.support.paths import ROOT

PACKAGES = plugins.packages(plugins.Kind.CHANNEL)
PLAYERS = found_players()
FORM = Reply(
    (Line("Who takes it?"),),
    (Button("assign", "Assign", "t1", "now", with_fields=True),),
    (
        Field("who", "Assignee", options=(Option("p1", "Eva <b>"), Option("p2", "Eric")), initial="p2"),
        Field("why", "Reason", multiline=False, required=False, initial="a “reason” & <more>"),
        Field("what", "More", required=False, initial="\nfirst\nsecond"),
        Field("rank", "Priority", required=False, options=(Option("high", "High"), Option("low", "Low"))),
    ),
    summary="Assign HELP-1042",
)
UNTOUCHED = {"who": "p2", "why": "a “reason” & <more>", "what": "\nfirst\nsecond"}


@pytest.fixture(params=sorted(PACKAGES))
async def player(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Player]:
    make = PLAYERS.get(request.param)
    if make is None:
        pytest.skip(f"nobody can click yet: write tests/support/channels/players/{request.param}.py")
    async with make(hosted(host()), monkeypatch) as one:
        yield one


def test_every_channel_that_has_tests_is_held_to_this() -> None:
    tested = {path.parent.name for path in (ROOT / "tests/channels").glob("*/__init__.py")}
    assert {"slack", "teams", "web"} <= tested
    assert set(PLAYERS) == tested


def with_menu(*entries: Button) -> Reply:
    buttons = (Button("claim", "Claim", "t1", style="primary"),)
    return Reply((Heading("HELP-1042"),), buttons, (Field("note", "Note"),), "HELP-1042", menu=entries)


def entry(number: int, argument: str = "") -> Button:
    style = "danger" if number == 1 else ""
    return Button("do", f"Entry {number}", "t1", argument or str(number), style, with_fields=number == 2)


@pytest.mark.parametrize("size", [1, 2, 5, 6, 12])
async def test_what_is_in_the_menu_is_pressed_like_a_button(player: Player, size: int) -> None:
    await player.see(with_menu(*(entry(number) for number in range(size))))
    for number in range(size):
        await player.click(f"Entry {number}")
        pressed = player.ear.click
        assert (pressed.action, pressed.token, pressed.argument) == ("do", "t1", str(number))
    await player.click("Claim")
    assert player.ear.click == Click("claim", "t1")


async def test_what_the_desk_could_not_keep_is_not_acknowledged(player: Player) -> None:
    await player.see(with_menu(entry(0), entry(1)))
    player.ear.broken = True
    with pytest.raises(NotAcknowledgedError):
        await player.click("Claim")
    player.ear.broken = False
    await player.click("Claim")
    assert player.ear.click == Click("claim", "t1")


async def test_keys_tell_each_click_apart_and_begin_with_the_channels_name(player: Player) -> None:
    await player.see(with_menu(entry(0), entry(1)))
    await player.click("Claim")
    await player.click("Claim")
    first, second = player.ear.heard[-2:]
    assert set(first.keys).isdisjoint(second.keys)
    for utterance in (first, second):
        assert all(key.startswith(f"{utterance.conversation.channel}:") for key in utterance.keys)


async def test_the_menu_stands_behind_one_control(player: Player) -> None:
    await player.see(with_menu(*(entry(number) for number in range(4))))
    assert player.behind() == ["Entry 0", "Entry 1", "Entry 2", "Entry 3"]


async def test_a_menu_without_buttons(player: Player) -> None:
    await player.see(Reply((Line("HELP-1042"),), summary="HELP-1042", menu=(entry(0), entry(3))))
    await player.click("Entry 3")
    assert player.ear.click == Click("do", "t1", "3")


async def test_the_longest_argument_is_carried(player: Player) -> None:
    long = "x" * 100
    await player.see(with_menu(entry(0), entry(1), Button("assign_to", "Long", "t" * 40, long)))
    await player.click("Long")
    assert player.ear.click == Click("assign_to", "t" * 40, long)


async def test_a_menus_form_is_shown_and_comes_back(player: Player) -> None:
    await player.see(with_menu(entry(0), Button("assign", "Assign…", "t1")))
    player.ear.outcome = Outcome(OutcomeKind.FORM, card=FORM)
    await player.click("Assign…")
    assert player.ear.click == Click("assign", "t1")
    assert player.asked() == {
        "who": Input(("p1", "p2"), "p2"),
        "why": Input((), UNTOUCHED["why"]),
        "what": Input((), UNTOUCHED["what"]),
        "rank": Input(("high", "low"), ""),
    }
    await player.send({"who": "p1", "rank": "low", "why": "ill"})
    expected = {"who": "p1", "rank": "low", "why": "ill", "what": UNTOUCHED["what"]}
    assert player.ear.click == Click("assign", "t1", "now", expected)


async def test_a_form_that_nobody_touched_sends_what_was_there(player: Player) -> None:
    await player.see(with_menu(entry(0), Button("assign", "Assign…", "t1")))
    player.ear.outcome = Outcome(OutcomeKind.FORM, card=FORM)
    await player.click("Assign…")
    await player.send({})
    inputs = player.ear.click.inputs
    assert inputs is not None
    assert {name: value for name, value in inputs.items() if value} == UNTOUCHED


async def test_a_form_in_which_nothing_is_picked_is_a_form_that_was_sent(player: Player) -> None:
    await player.see(with_menu(entry(0), Button("pick", "Pick…", "t1")))
    field = Field("who", "Assignee", required=False, options=(Option("p1", "Eva"),))
    form = Reply((), (Button("pick", "Pick", "t1"),), (field,), summary="Pick")
    player.ear.outcome = Outcome(OutcomeKind.FORM, card=form)
    await player.click("Pick…")
    await player.send({})
    assert player.ear.click.inputs is not None
    assert not any(player.ear.click.inputs.values())


async def test_more_options_than_a_platform_shows(player: Player) -> None:
    await player.see(with_menu(entry(0), Button("assign", "Assign…", "t1")))
    many = tuple(Option(f"p{number}", f"Person {number} " + "é" * 200) for number in range(300))
    field = Field("who", "Assignee", options=many, initial="p299")
    form = Reply((), (Button("assign", "Assign", "t1"),), (field,), summary="Assign")
    player.ear.outcome = Outcome(OutcomeKind.FORM, card=form)
    await player.click("Assign…")
    shown = player.asked()["who"]
    assert len(shown.values) >= 50
    assert (shown.values[:2], shown.values[-1], shown.initial) == (("p0", "p1"), "p299", "p299")
    await player.send({})
    assert player.ear.click.inputs == {"who": "p299"}
