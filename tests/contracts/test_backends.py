"""What every ticket backend must keep to, against a system that refuses and fails."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from pydantic import SecretStr

from bot import wording
from bot.backends import webhook
from bot.desk.ports.backends import BackendHost, TicketBackend, TicketRecord
from bot.domain.conversations.messages import Line, Quote, Reply
from bot.domain.errors import DeliveryFailed
from bot.domain.people import Person
from bot.domain.tickets.ticket import Priority, Status, Ticket
from bot.server import plugins
from bot.server.plugins import Kind
from tests.support.fakes.tickets import SECRET, Elsewhere

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
HOST = BackendHost(wording.load(), lambda: NOW, "en", "")
TICKET = Ticket(
    1, "token", Status.OPEN, Priority.HIGH, "", "en", Person(1, "<b>Ana</b>", "en"), 1, 1, NOW, channel="web"
)
RECORD = TicketRecord(TICKET, 'It "broke" \u202e <!channel>', "", Reply((Line("HELP-1001"),)))


def _webhook(url: str) -> TicketBackend:
    return webhook.build(webhook.Settings(mirror_url=url, mirror_secret=SecretStr(SECRET)), HOST)


BACKENDS: dict[str, Callable[[str], TicketBackend]] = {"webhook": _webhook}
BOTH_WAYS = {"jira", "zendesk"}  # held to a contract of their own: test_mirrors.py
each = pytest.mark.parametrize("make", BACKENDS.values(), ids=BACKENDS)


@asynccontextmanager
async def started(make: Callable[[str], TicketBackend]) -> AsyncIterator[tuple[TicketBackend, Elsewhere]]:
    elsewhere = Elsewhere()
    async with elsewhere.served() as url:
        backend = make(url)
        await backend.start()
        yield backend, elsewhere
        await backend.stop()


def test_every_backend_is_held_to_the_contract() -> None:
    assert set(plugins.packages(Kind.BACKEND)) == set(BACKENDS) | BOTH_WAYS


@each
async def test_one_ticket_however_often_it_is_sent(make: Callable[[str], TicketBackend]) -> None:
    async with started(make) as (backend, elsewhere):
        first = await backend.mirror(RECORD, "", "key")
        again = await backend.mirror(RECORD, "", "key")
        claimed = RECORD.ticket, Person(2, "Eva", "en")
        record = replace(RECORD, ticket=replace(claimed[0], status=Status.CLAIMED, assignee=claimed[1]))
        later = await backend.mirror(record, first.id, "key")
        assert first == again == later
        assert (first.id, first.url) == ("ELSE-1", "https://else.example/1")
        assert elsewhere.made == 1
        assert elsewhere.newest["question"] == RECORD.question
        assert (elsewhere.newest["status"], elsewhere.newest["assignee"]) == ("claimed", "Eva")


@each
async def test_words_are_added_to_their_ticket(make: Callable[[str], TicketBackend]) -> None:
    async with started(make) as (backend, elsewhere):
        mirrored = await backend.mirror(RECORD, "", "key")
        await backend.comment(mirrored.id, Reply((Line("Ana added:"), Quote("it smells"))), "7")
        assert [comment["id"] for comment in elsewhere.comments] == [mirrored.id]
        assert "it smells" in elsewhere.comments[0]["text"]


@each
@pytest.mark.parametrize(
    ("status", "permanent"),
    [(500, False), (503, False), (429, False), (401, False), (404, False), (422, True)],
)
async def test_a_failure_says_what_is_next(
    make: Callable[[str], TicketBackend], status: int, permanent: bool
) -> None:
    async with started(make) as (backend, elsewhere):
        elsewhere.failing = [status]
        with pytest.raises(DeliveryFailed) as failed:
            await backend.mirror(RECORD, "", "key")
        assert failed.value.permanent is permanent
        assert (failed.value.retry_after is not None) is (status in (429, 503))
        assert backend.trouble()
        await backend.mirror(RECORD, "", "key")
        assert backend.trouble() is None


@each
async def test_nobody_there_is_a_failure_too(make: Callable[[str], TicketBackend]) -> None:
    backend = make("http://127.0.0.1:9/tickets")
    await backend.start()
    with pytest.raises(DeliveryFailed) as failed:
        await backend.mirror(RECORD, "", "key")
    assert not failed.value.permanent
    await backend.stop()
