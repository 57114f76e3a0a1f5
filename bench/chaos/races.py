"""Engineers and employees who press at the same moment through different replicas."""

import asyncio
from collections.abc import Awaitable
from dataclasses import dataclass
from typing import Any

from bench.chaos.books import rows
from bench.chaos.crowd import Crowd
from bench.chaos.site import ENGINEERS, ROOM, Site, until
from bot.domain.tickets.ticket import format_reference
from tests.support.e2e.slack import button, words

TICKETS = 10
MEMBERS = "SELECT count(*) FROM roster_members"
NUMBERS = "SELECT t.body, tickets.id FROM tickets JOIN texts t ON t.id = question_id"
HISTORY = "SELECT ticket_id, kind FROM ticket_events ORDER BY ticket_id, id"
STATUS = "SELECT id, status FROM tickets"
# From which status an event leads to which; one of any other kind changes none.
STEPS = {
    "opened": ("", "open"),
    "claimed": ("open", "claimed"),
    "released": ("claimed", "open"),
    "resolved": ("claimed", "resolved"),
    "withdrawn": ("open claimed", "withdrawn"),
}


@dataclass(frozen=True)
class Case:
    """A ticket to press on: its number, its card, and whose it is."""

    number: int
    card: str
    employee: str


@dataclass
class Presses:
    """Sends presses, each to the replica that is next."""

    site: Site
    crowd: Crowd
    sent: int = 0

    async def click(self, user: str, card: str, action: str) -> None:
        """Press a button of a card, as the card is now."""
        message = self.site.slack.workspace.channels[ROOM].message(card) or {}
        await self._sent(self.site.slack.click(user, ROOM, card, button(message, action)))

    async def submit(self, view: dict[str, Any]) -> None:
        """Send a form."""
        await self._sent(self.site.slack.submit(view["user"], view, note="done"))

    async def withdraw(self, case: Case) -> None:
        """Withdraw a ticket by the word for it."""
        event = self.site.slack.written(
            f"D{case.employee}", case.employee, f"withdraw {format_reference(case.number)}"
        )
        await self._sent(self.site.slack.event(event, f"Ev{event['ts'].replace('.', '')}"))

    async def _sent(self, request: Awaitable[Any]) -> None:
        self.sent += 1
        # It reads the target before anybody else has a turn.
        self.site.slack.target = f"{self.site.target()}/slack/events"
        status = (await request).status
        if status == 503:  # who presses is told so, and presses again
            self.crowd.refused += 1
        elif status != 200:
            self.site.broken.append(f"a press was answered with {status}")


async def races(site: Site, crowd: Crowd) -> None:
    """Claim twice and withdraw each ticket at once; then release, resolve and withdraw it at once."""
    cases = await _cases(site, crowd)
    presses = Presses(site, crowd)
    for case in cases:
        both = [presses.click(user, case.card, "claim") for user in ENGINEERS]
        gone = [presses.withdraw(case)] if case.number % 3 == 0 else []
        await asyncio.gather(*both, *gone)
    await asyncio.sleep(2.0)  # the cards show who has them
    for case in cases:
        await _at_once(site, presses, case)
    broken = inconsistent(
        await asyncio.to_thread(rows, site.url, HISTORY),
        dict(await asyncio.to_thread(rows, site.url, STATUS)),
    )
    site.broken += broken
    site.notes.append(f"{presses.sent} presses at once on {len(cases)} tickets")


async def _at_once(site: Site, presses: Presses, case: Case) -> None:
    card = site.slack.workspace.channels[ROOM].message(case.card) or {}
    owner = next((user for user, name in ENGINEERS.items() if f"Claimed by {name}" in words(card)), None)
    if owner is None:  # withdrawn already
        return
    await presses.click(owner, case.card, "resolve")
    views: list[dict[str, Any]] = []

    async def opened() -> bool:
        views[:] = [view for view in site.slack.workspace.views.values() if view["user"] == owner]
        return bool(views)

    await until(opened, "the form of a resolution")
    site.slack.workspace.views.clear()
    released = presses.click(owner, case.card, "release")
    await asyncio.gather(released, presses.submit(views[-1]), presses.withdraw(case))


async def _cases(site: Site, crowd: Crowd) -> list[Case]:
    """The first tickets of Slack's people that have a card there, once the engineers are known."""
    found: list[Case] = []

    async def enough() -> bool:
        found[:] = _with_card(site, crowd, dict(await asyncio.to_thread(rows, site.url, NUMBERS)))
        engineers = (await asyncio.to_thread(rows, site.url, MEMBERS))[0][0]
        return len(found) >= TICKETS and engineers >= len(ENGINEERS)

    await until(enough, f"{TICKETS} tickets, and a roster")
    return found[:TICKETS]


def _with_card(site: Site, crowd: Crowd, numbers: dict[str, int]) -> list[Case]:
    of_text = {body.partition("\n")[0]: number for body, number in numbers.items()}
    cards = [message for message in site.slack.posts(ROOM) if "thread_ts" not in message]
    asked = [said for said in crowd.said if said.platform == "slack" and said.text in of_text]
    return [
        Case(of_text[said.text], card["ts"], said.place.removeprefix("D"))
        for said in asked
        for card in cards
        if said.text in words(card)
    ]


def inconsistent(history: list[tuple[int, str]], now: dict[int, str]) -> list[str]:
    """The tickets whose history could not have happened, or ends elsewhere than the ticket is."""
    found, status = [], dict.fromkeys(now, "")
    for ticket, kind in history:
        if kind not in STEPS:
            continue
        sources, target = STEPS[kind]
        if status[ticket] not in sources.split() and status[ticket] != sources:
            found.append(f"HELP-{ticket} was {kind} while {status[ticket] or 'not there'}")
        status[ticket] = target
    found += [
        f"HELP-{one} is {now[one]}, its history says {status[one]}" for one in now if now[one] != status[one]
    ]
    return found
