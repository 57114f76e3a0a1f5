"""Tickets that are mirrored in Zendesk both ways, over a strict fake of it."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

from pydantic import SecretStr

from bot import wording
from bot.backends import zendesk
from bot.desk.knowledge.library import Library
from bot.desk.ports.backends import BackendHost
from bot.domain.tickets.ticket import Priority, Status, Ticket
from bot.storage import Database
from tests.support.clock import Clock
from tests.support.desk.helpdesk import ROOM, text_of
from tests.support.fakes.mirrors.desk import MirroredDesk, mirrored
from tests.support.fakes.mirrors.zendesk import ANN, BOB, EMAIL, SECRET, TOKEN, FakeZendesk
from tests.support.unknown import UNKNOWN

Opened = Callable[..., "AsyncIterator[tuple[MirroredDesk, FakeZendesk]]"]


def backend_at(url: str, clock: Clock, **changes: object) -> zendesk.Settings:
    """The settings for a fake at an address."""
    return zendesk.Settings(
        zendesk_url=url,
        zendesk_email=EMAIL,
        zendesk_token=SecretStr(TOKEN),
        zendesk_webhook_secret=SecretStr(SECRET),
        **changes,
    )


@asynccontextmanager
async def both(
    database: Database, library: Library, clock: Clock, **changes: object
) -> AsyncIterator[tuple[MirroredDesk, FakeZendesk]]:
    there = FakeZendesk(clock)
    host = BackendHost(wording.load(), clock, "en", "")
    async with there.served() as url:
        settings = backend_at(url, clock, **changes)
        async with mirrored(database, library, clock, lambda: zendesk.build(settings, host)) as desk:
            yield desk, there


async def opened(desk: MirroredDesk, person: str = "ana") -> str:
    """Let somebody ask what nobody can answer; return the ticket's id there."""
    desk.helpdesk.say(person, UNKNOWN)
    await desk.deliver()
    await desk.read()
    return desk.remote_id(1)


def claim(desk: MirroredDesk, by: str = "eva", ticket: str = "HELP-1001") -> None:
    helpdesk = desk.helpdesk
    helpdesk.click(by, helpdesk.button(helpdesk.card(ticket), "claim"), conversation=ROOM)


def ticket_of(desk: MirroredDesk, number: int = 1) -> Ticket:
    with desk.helpdesk.begin() as work:
        found = work.tickets.get(number)
    assert found is not None
    return found


def kinds_of(desk: MirroredDesk, number: int = 1) -> list[str]:
    with desk.helpdesk.begin() as work:
        return [event.kind for event in work.tickets.events(number)]


def read_by(desk: MirroredDesk, place: str) -> str:
    """All that is on the screens of a place."""
    shown = desk.helpdesk.screen.values()
    return "\n".join(text_of(one.reply) for one in shown if one.conversation.space == place)


async def test_a_ticket_is_there_once_with_our_number_and_its_address_on_the_card(
    database: Database, library: Library, clock: Clock
) -> None:
    async with both(database, library, clock) as (desk, there):
        remote = await opened(desk)
        assert list(map(str, there.tickets)) == [remote]
        assert "HELP-1001" in there.tickets[int(remote)]["subject"]
        assert UNKNOWN in there.comments[int(remote)][0]["body"]
        with desk.helpdesk.begin() as work:
            (address,) = work.tickets.addresses(1)
        assert address[1].endswith(f"/agent/tickets/{remote}")
        assert "Open in zendesk" in read_by(desk, "CROOM")


async def test_a_claim_and_an_answer_here_are_seen_there(
    database: Database, library: Library, clock: Clock
) -> None:
    async with both(database, library, clock) as (desk, there):
        remote = int(await opened(desk))
        claim(desk)
        desk.helpdesk.writes("eva", "Try the red button.")
        desk.helpdesk.writes("eva", "// the plumber knows")
        await desk.deliver()
        assert any("Try the red button." in text for text in there.public_texts(remote))
        assert any("the plumber knows" in text for text in there.internal_texts(remote))
        assert not any("plumber" in text for text in there.ever_public)


async def test_what_an_agent_does_there_reaches_the_employee_as_from_them(
    database: Database, library: Library, clock: Clock
) -> None:
    async with both(database, library, clock) as (desk, there):
        remote = int(await opened(desk))
        clock.move(seconds=5)
        there.update(ANN, remote, assignee_id=ANN, priority="urgent")
        there.update(ANN, remote, comment={"body": "Did you restart it?", "public": True})
        there.update(ANN, remote, comment={"body": "It is the old model", "public": False})
        await desk.hear(str(remote))
        ticket = ticket_of(desk)
        assert (ticket.status, ticket.priority) == (Status.CLAIMED, Priority.URGENT)
        assert ticket.assignee is not None
        assert ticket.assignee.name == "Ann Agent"
        assert "Did you restart it?" in read_by(desk, "Dana")
        assert "Ann Agent" in read_by(desk, "Dana")
        assert "It is the old model" not in read_by(desk, "Dana")
        assert "It is the old model" in read_by(desk, "CROOM")
        clock.move(seconds=5)
        there.update(ANN, remote, status="solved")
        await desk.hear(str(remote))
        assert ticket_of(desk).status is Status.RESOLVED
        clock.move(seconds=5)
        there.update(BOB, remote, status="open")
        await desk.hear(str(remote))
        assert ticket_of(desk).live
        assert len(there.comments[remote]) == 3  # the question, and what Ann wrote: no echo
