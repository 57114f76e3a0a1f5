"""What must be true at the end of a day, as the platforms and the database show it."""

import difflib
import json
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

from bot import wording
from bot.channels.slack.outbound.blocks import render
from bot.channels.teams.outbound import adaptive_card as teams_cards
from bot.desk.cards.ticket_card import TicketCards
from bot.desk.ports.tickets import TicketEvent
from tests.support.days.day import ROOMS, Json, Stage
from tests.support.days.engineers import Presser, SlackEngineer, TeamsEngineer
from tests.support.e2e import microsoft
from tests.support.e2e.databases import rows
from tests.support.fakes.teams import Message

RELAYS = """SELECT r.id, r.ticket_id, r.author_id, r.course, t.body, c.channel, c.space FROM relays r
    JOIN texts t ON t.id = r.text_id JOIN conversations c ON c.id = r.conversation_id
    WHERE r.gone = {false} ORDER BY r.id"""
SECRET = re.compile(r"(?:note|room)-\d\d")
REFUSALS = ("Only engineers in this room", "I cannot find a ticket of yours")
AS_ASSIGNEE = ("Release", "Resolve")


def quotes(message: Json | Message) -> list[str]:
    """The texts that a message of the bot passes on."""
    if isinstance(message, Message):
        boxes = [element for element in message.card["body"] if element["type"] == "Container"]
        return [read("\n".join(_lines(box))) for box in boxes]
    parts = [part for block in message.get("blocks", ()) for part in block.get("elements", ())]
    quoted = [part for part in parts if part.get("type") == "rich_text_quote"]
    return [read("".join(run["text"] for run in part["elements"])) for part in quoted]


def _lines(box: Json) -> Iterator[str]:
    for item in box["items"]:
        yield "".join(run.get("text", "") for run in item.get("inlines", [item]))  # a table has none


class RelayedMessage(NamedTuple):
    """Something that was written, and where."""

    id: int
    ticket_id: int
    author: int
    course: str
    text: str
    channel: str
    space: str


def relays(stage: Stage) -> list[RelayedMessage]:
    """What was written in conversations of tickets, but for what was deleted, in the order of its receipt."""
    false = "0" if stage.database_url.startswith("sqlite") else "false"
    return [RelayedMessage(*row) for row in rows(stage.database_url, RELAYS.format(false=false))]


def got(stage: Stage, place: str, prefix: str) -> list[str]:
    """What reached a place through the bot, in the order in which it stands there."""
    messages: list[Any] = [*stage.slack.posts(place), *microsoft.messages(stage.teams, place)]
    return [text for message in messages for text in quotes(message) if text.startswith(prefix)]


def read(text: str) -> str:
    """A text as people read it: what keeps it from becoming markup is not to be seen."""
    return re.sub("[\u200b\u200c\u2060\ufeff]", "", text)


def same(what: str, wanted: list[str], found: list[str]) -> None:
    """Two lists are equal; else say where they differ."""
    assert wanted == found, "\n".join([what, *difflib.ndiff(wanted, found)])


def transcripts(stage: Stage, homes: dict[str, str], moved: set[int]) -> None:
    """What engineers sent is what employees got, and the reverse, in order and once; `homes` are the
    employees' chats by name, `moved` the tickets that have not been in one room all the time."""
    written = relays(stage)
    requester = {relay.ticket_id: stage.ticket(relay.ticket_id + 1000).requester.name for relay in written}
    for name, place in homes.items():
        sent = [one for one in written if (one.course, requester[one.ticket_id]) == ("sent", name)]
        in_order(name, sent, got(stage, place, "say-"))
    for ticket_id in sorted(set(requester) - moved):
        threads = {channel: _thread(stage, channel, ticket_id) for channel in ROOMS}
        for channel, shown in threads.items():
            elsewhere = [
                one
                for one in written
                if one.ticket_id == ticket_id and (one.channel != channel or one.space not in ROOMS[channel])
            ]
            in_order(f"{ticket_id} in {channel}", elsewhere, shown)
        both = set(threads["slack"]) & set(threads["teams"])
        orders = [[text for text in shown if text in both] for shown in threads.values()]
        same(f"{ticket_id} in both rooms", *orders)


def in_order(what: str, written: list[RelayedMessage], shown: list[str]) -> None:
    """Everything is shown once, and each writer's words in the order of their receipt: what two people wrote
    at one moment has no order of its own."""
    same(what, sorted(one.text for one in written), sorted(shown))
    for author in {one.author for one in written}:
        own = [one.text for one in written if one.author == author]
        same(f"{what} by {author}", own, [text for text in shown if text in own])


def _thread(stage: Stage, channel: str, ticket_id: int) -> list[str]:
    """What the bot carried under the card of a ticket."""
    number = ticket_id + 1000
    found: list[Any]
    if channel == "slack":
        room, card = SlackEngineer(stage, "UEVA", "Eva").card(number)
        found = [m for m in stage.slack.posts(room) if m.get("thread_ts") == card["ts"]]
    else:
        own = TeamsEngineer(stage, "nia", "").card(number)
        found = [m for m in stage.teams.store.messages if m.conversation == own.conversation and m is not own]
    return [text for message in found for text in quotes(message) if re.search(r"^(// )?\w+-\d\d", text)]


def events_once(stage: Stage) -> None:
    """Every event of every ticket follows from the one before it, and words have one each."""
    for (ticket_id,) in rows(stage.database_url, "SELECT id FROM tickets ORDER BY id"):
        with stage.app.application.begin() as work:
            events = work.tickets.events(ticket_id)
            ticket = work.tickets.get(ticket_id)
        assert ticket is not None
        assert ticket.status == _replayed(events), ticket.reference
        written = [event for event in events if event.kind in ("sent", "noted", "said", "added")]
        firsts = [
            event.detail["relay"] for event in written if "relay" in event.detail
        ]  # no canned responses
        assert [relay for relay, times in Counter(firsts).items() if times > 1] == []
        told = [
            (e.kind, e.detail["target"], e.detail["due"])
            for e in events
            if e.kind in ("reminded", "breached")
        ]
        assert len(told) == len(set(told)), ticket.reference


# Where an event may happen, where it leads, and whose it is: of whom has the ticket, of the desk, of anybody.
LIVE = ("open", "claimed")
COURSE = {
    "opened": (("",), "open", ""),
    "claimed": (("open",), "claimed", ""),
    "assigned": (LIVE, "claimed", ""),
    "released": (("claimed",), "open", "holder or desk"),
    "resolved": (("claimed",), "resolved", "holder"),
    "ended": (LIVE, "resolved", ""),  # with its outage
    "merged": (LIVE, "resolved", ""),
    "closed": (("claimed",), "resolved", "desk"),
    "reopened": (("resolved",), "open", ""),
    "transferred": (LIVE, "open", ""),
}


def _replayed(events: tuple[TicketEvent, ...]) -> str:
    """The state to which the events lead; each must start from where the one before it led."""
    state, holder = "", 0
    for event in events:
        actor = event.actor.id if event.actor else 0
        kind = "ended" if event.kind == "resolved" and "outage" in event.detail else event.kind
        if kind not in COURSE:
            continue
        sources, target, whose = COURSE[kind]
        assert state in sources, event
        allowed = {"holder": (holder,), "desk": (0,), "holder or desk": (holder, 0)}.get(whose, (actor,))
        assert actor in allowed, event
        if kind == "assigned":
            assert event.detail["from"] == (str(holder) if holder else ""), event
            actor = int(event.detail["to"])
        state, holder = target, actor if target == "claimed" else 0 if target == "open" else holder
    return state


def no_note_has_left(stage: Stage) -> None:
    """Nothing that stays in the rooms was ever posted elsewhere, not even for a moment."""
    for method, args in stage.slack.workspace.calls:
        if args.get("channel") not in ROOMS["slack"] or method == "chat.postEphemeral":
            assert not SECRET.search(json.dumps(args, ensure_ascii=False)), method
    for place, channel in stage.slack.workspace.channels.items():
        if place not in ROOMS["slack"]:
            assert not SECRET.search(json.dumps(channel.messages, ensure_ascii=False)), place
    assert not SECRET.search(json.dumps([stage.slack.workspace.homes, stage.slack.workspace.ephemerals]))
    for message in stage.teams.store.messages:
        if message.conversation.partition(";")[0] not in ROOMS["teams"]:
            assert not SECRET.search(microsoft.words(message)), message.conversation


def cards_are_true(stage: Stage) -> None:
    """Every card in every room is what would be rendered now."""
    cards = TicketCards(wording.load(), stage.library, "en")
    query = """SELECT k.ticket_id, k.receipt, k.left_at, c.channel, c.space FROM cards k
        JOIN conversations c ON c.id = k.conversation_id ORDER BY k.ticket_id"""
    shown = rows(stage.database_url, query)
    assert shown
    for ticket_id, receipt, left_at, channel, space in shown:
        with stage.app.application.begin() as work:
            ticket = work.tickets.get(ticket_id)
            assert ticket is not None
            reply = cards.left_card(ticket) if left_at else cards.card(work, ticket)
        if channel == "web":
            continue  # the page has no copy: it renders what is so at each look
        if channel == "slack":
            message = stage.slack.workspace.channels[space].message(receipt)
            assert message is not None
            more = wording.load().say("en", "slack.menu")
            now = render(reply, more=more, post=_shown_by(message)).blocks
            assert now == message["blocks"], (ticket.reference, space)
        else:
            found = next(m for m in microsoft.messages(stage.teams, space) if m.id == receipt)
            assert teams_cards.card(reply, wording.load()) == found.card, (ticket.reference, space)


def _shown_by(message: dict[str, Any]) -> str:
    """The post after which a long menu's block is named: each showing of a card is another one."""
    names = [block.get("block_id", "").split(":")[3:] for block in message["blocks"]]
    return next((name[0] for name in names if name), "")


def refusals(stage: Stage) -> float:
    """How many utterances were refused since the start."""
    [metric] = stage.app.application.metrics.outcomes.collect()
    return sum(
        sample.value
        for sample in metric.samples
        if sample.name.endswith("_total") and sample.labels["outcome"] == "refused"
    )


async def every_button_works(stage: Stage, people: Sequence[Presser]) -> int:
    """Press everything on each live card in each channel, as somebody who may; return how many presses."""
    pressed = 0
    live = "SELECT id FROM tickets WHERE status IN ('open','claimed') AND outage_id IS NULL ORDER BY id"
    for (ticket_id,) in rows(stage.database_url, live):
        number = ticket_id + 1000
        for person in people:
            await _taken(stage, person, number)
            for label in [label for label in await person.labels(number) if label not in AS_ASSIGNEE]:
                pressed += await _press(stage, person, number, label)
            if not person.note_on_card:  # else a press would resolve it
                pressed += await _press(stage, person, number, "Resolve")
            pressed += await _press(stage, person, number, "Release")
            for label in [label for label in await person.labels(number) if label != "Claim"]:
                pressed += await _press(stage, person, number, label)
            pressed += await _press(stage, person, number, "Claim")
    return pressed


async def _taken(stage: Stage, person: Presser, number: int) -> None:
    ticket = stage.ticket(number)
    if ticket.assignee is None:
        await person.do(number, "Claim")
    elif ticket.assignee.name != person.name:
        await person.do(number, "Assign", engineer=person.identity)
    await stage.delivered()
    assignee = stage.ticket(number).assignee
    assert assignee is not None
    assert assignee.name == person.name


async def _press(stage: Stage, person: Presser, number: int, label: str) -> int:
    before = refusals(stage)
    said = str(await (await person.prepare(number, label))())
    await stage.delivered()
    assert not any(refusal in said for refusal in REFUSALS), (label, number, said)
    assert refusals(stage) == before, (label, number, person.name, said)
    return 1
