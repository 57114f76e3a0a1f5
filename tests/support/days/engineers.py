"""The engineers of the day, in Slack and in Teams: they write under cards, and press what stands on them."""

from collections.abc import Awaitable, Callable
from copy import deepcopy
from dataclasses import dataclass
from typing import Any, Protocol

from tests.support.days.day import ROOMS, Stage
from tests.support.e2e import microsoft
from tests.support.e2e.running import until
from tests.support.e2e.slack import buttons
from tests.support.fakes.teams import TENANT, Message

Json = dict[str, Any]
Act = Callable[[], Awaitable[Any]]


class Presser(Protocol):
    """Somebody who presses on cards; `number` is a ticket's, such as 1001."""

    name: str
    note_on_card: bool  # whether the field of “Resolve” stands on the card itself

    @property
    def identity(self) -> str:
        """As it stands in the list of engineers."""

    async def labels(self, number: int) -> list[str]:
        """What can be pressed on the card."""

    async def prepare(self, number: int, label: str, **fields: str) -> Act:
        """Open what a button opens; what is returned does it, and returns what was answered."""

    async def do(self, number: int, label: str, **fields: str) -> None:
        """Press it, and fill in its form."""


class Engineer(Presser, Protocol):
    """Somebody who works in the rooms and writes there."""

    async def write(self, number: int, text: str) -> Json:
        """Write under the card."""

    async def edit(self, written: Json, text: str) -> None:
        """Edit what was written."""

    async def delete(self, written: Json) -> None:
        """Delete it."""


@dataclass
class SlackEngineer:
    """An engineer in Slack."""

    stage: Stage
    user: str
    name: str
    note_on_card: bool = False

    @property
    def identity(self) -> str:
        return f"slack:T1/{self.user}"

    def card(self, number: int) -> tuple[str, Json]:
        """The room of the ticket's card, and the card."""
        return next(
            (room, message)
            for room in ROOMS["slack"]
            for message in self.stage.slack.posts(room)
            if "thread_ts" not in message and is_card(message.get("text", ""), number)
        )

    async def write(self, number: int, text: str) -> Json:
        room, card = self.card(number)
        return await self.stage.slack.say(room, self.user, text, thread_ts=card["ts"])

    async def edit(self, written: Json, text: str) -> None:
        assert (await self.stage.slack.edit(written, text))[-1] == 200

    async def delete(self, written: Json) -> None:
        assert (await self.stage.slack.delete(written))[-1] == 200

    async def labels(self, number: int) -> list[str]:
        return list(pressable(self.card(number)[1]))

    async def prepare(self, number: int, label: str, **fields: str) -> Act:
        slack = self.stage.slack
        room, card = self.card(number)
        card, pressed = deepcopy(card), deepcopy(pressable(card)[label])
        if not fields:
            return lambda: slack.click(self.user, room, card["ts"], pressed, message=card)
        before = set(slack.workspace.views)
        await slack.click(self.user, room, card["ts"], pressed, message=card)
        [view] = await until(lambda: set(slack.workspace.views) - before, f"a modal of {label!r}")
        return lambda: slack.submit(self.user, slack.workspace.views[view], **fields)

    async def do(self, number: int, label: str, **fields: str) -> None:
        answer = await (await self.prepare(number, label, **fields))()
        assert answer.status == 200


@dataclass
class TeamsEngineer:
    """An engineer in Teams."""

    stage: Stage
    key: str
    name: str
    note_on_card: bool = True

    @property
    def identity(self) -> str:
        return f"teams:{TENANT}/aad-{self.key}"

    def card(self, number: int) -> Message:
        """The ticket's card."""
        return next(
            message
            for room in ROOMS["teams"]
            for message in microsoft.messages(self.stage.teams, room)
            if message.conversation.endswith(f"={message.id}")
            and is_card(message.card["fallbackText"], number)
        )

    async def write(self, number: int, text: str) -> Json:
        channel, _, thread = self.card(number).conversation.partition(";messageid=")
        written = self.stage.teams.in_channel(self.key, text, channel, thread)
        assert (await self.stage.teams.send(written))[0] == 200
        return written

    async def edit(self, written: Json, text: str) -> None:
        assert (await self.stage.teams.edits(written, text))[0] == 200

    async def delete(self, written: Json) -> None:
        assert (await self.stage.teams.deletes(written))[0] == 200

    async def labels(self, number: int) -> list[str]:
        card = self.card(number).card
        actions = [*card.get("actions", ()), *(a for e in card["body"] for a in e.get("actions", ()))]
        return [action["title"] for action in actions if action["type"] == "Action.Execute"]

    async def prepare(self, number: int, label: str, **fields: str) -> Act:
        teams, message = self.stage.teams, self.card(number)
        shown = deepcopy(message.card)
        inputs = {f"field.{name}": value for name, value in fields.items()}
        if fields and label != "Resolve":  # whose field is on the card itself
            status, body = await teams.clicks(self.key, message, label, card=shown)
            assert (status, body["type"]) == (200, microsoft.CARD)
            shown = body["value"]
        return lambda: teams.clicks(self.key, message, label, inputs, card=shown)

    async def do(self, number: int, label: str, **fields: str) -> None:
        status, _ = await (await self.prepare(number, label, **fields))()
        assert status == 200


def is_card(title: str, number: int) -> bool:
    """Whether this is the notification of a ticket's card, where it is still at work."""
    return f" · HELP-{number} · " in title


def pressable(message: Json) -> dict[str, Json]:
    """Everything that can be pressed on a card in Slack, by what it says."""
    found = {}
    for element in buttons(message):
        if element["type"] == "button" and "url" not in element:
            found[element["text"]["text"]] = element
        for option in element.get("options", ()):
            chosen = {"type": element["type"], "action_id": element["action_id"], "selected_option": option}
            found[option["text"]["text"]] = chosen
    return found
