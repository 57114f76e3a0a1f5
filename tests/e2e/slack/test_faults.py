"""Processes that are killed, stopped or doubled, while Slack goes on sending: nothing lost, nothing twice."""

import asyncio
import json
import random
import signal
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import aiohttp
from sqlalchemy import select, update

from bot.storage import connect
from bot.storage.schema.tables import conversations
from tests.support.e2e.databases import on_postgresql, rows
from tests.support.e2e.running import STOPS_WITHIN, Command, free_port, until
from tests.support.e2e.slack import button, words
from tests.support.fakes.slack import SlackFake
from tests.support.fakes.slack.workspace import Json
from tests.support.paths import ROOT
from tests.support.patience import PATIENCE

KNOWN = "I forgot my password"
ROUNDS, IN_A_ROUND = 3, 12
TOKEN = "token-of-wes-the-engineer"
LETTERS = "bcdfghjklmnpqrstvwxz"


def unknown(number: int) -> str:
    """A question that no article answers."""
    # Unlike the others: like ones would share a card.
    first, second = (LETTERS[(number + shift) % len(LETTERS)] for shift in (0, 7))
    return f"the {first * 3}{second * 2}ork no. {number} {second * 3}{first * 2}ates"


@dataclass
class Employees:
    """Slack with people who each ask one question, and send it until it is acknowledged."""

    slack: SlackFake
    dice: random.Random
    asked: dict[str, str] = field(default_factory=dict)
    acknowledged: set[str] = field(default_factory=set)
    servers: list[Command] = field(default_factory=list)

    async def start(self, *servers: Command) -> None:
        """Start servers, which end with the test however it ends: they share a database with the next one."""
        self.servers += [server for server in servers if server not in self.servers]
        await asyncio.gather(*(server.start() for server in servers))

    def event(self, question: str) -> Json:
        """A new employee's question in their DM."""
        user = f"U{len(self.asked):04d}"
        self.slack.workspace.add_person(user, f"Employee {user}")
        self.asked[user] = question
        return self.slack.written(f"D{user}", user, question)

    async def send(self, event: Json, target: str = "") -> None:
        """Send one event until it got a 200, as Slack does but for the length of its waits."""
        event_id, retry = f"Ev{event['user']}", 0
        async with asyncio.timeout(3 * PATIENCE), aiohttp.ClientSession() as http:
            while not await self._sent(http, event, event_id, retry, target or self.slack.target):
                retry += 1
                await asyncio.sleep(0.05)
        self.acknowledged.add(event["user"])

    async def _sent(
        self, http: aiohttp.ClientSession, event: Json, event_id: str, retry: int, target: str
    ) -> bool:
        body = json.dumps(self.slack.envelope(event, event_id))
        headers = self.slack.signature(body) | {"Content-Type": "application/json"}
        if retry:
            headers |= {"X-Slack-Retry-Num": str(retry), "X-Slack-Retry-Reason": "http_timeout"}
        try:
            async with http.post(target, data=body.encode(), headers=headers) as answer:
                return answer.status == 200
        except (aiohttp.ClientError, TimeoutError):
            return False

    def questions(self, count: int) -> list[Json]:
        """Questions of new employees, about a third of them with an answer."""
        first = len(self.asked)
        kinds = [KNOWN if self.dice.random() < 0.33 else unknown(first + i) for i in range(count)]
        return [self.event(question) for question in kinds]


@asynccontextmanager
async def employees(seed: int) -> AsyncIterator[Employees]:
    async with SlackFake() as slack:
        slack.workspace.add_person("UEVA", "Eva")
        slack.workspace.add_channel("CROOM", private=True, members=("UEVA",))
        people = Employees(slack, random.Random(seed))  # noqa: S311  # moments, no secrets
        try:
            yield people
        finally:
            for server in people.servers:
                await server.end(signal.SIGKILL)


def command(slack: SlackFake, database_url: str, folder: Path, **more: str) -> Command:
    folder.mkdir(exist_ok=True)
    environment = slack.environment(
        FIRSTLINE_SLACK_ROOM="CROOM",
        FIRSTLINE_DATABASE_URL=database_url,
        FIRSTLINE_ARTICLES=str(ROOT / "kb_articles"),
        FIRSTLINE_INTENTS=str(ROOT / "intents"),
        **more,
    )
    return Command(environment, folder, free_port())


def leases_run_out(database_url: str) -> int:
    """What half a minute does: leases end, one at a time beside whoever still serves. Return how many."""
    database = connect(database_url)
    with database.transaction() as connection:
        held = connection.scalars(select(conversations.c.id).where(conversations.c.lease_until.is_not(None)))
        leased = list(held)
    ended = 0
    for conversation in leased:
        of = (conversations.c.id == conversation) & conversations.c.lease_until.is_not(None)
        with database.transaction() as connection:
            now = datetime.now(UTC)
            ended += connection.execute(update(conversations).where(of).values(lease_until=now)).rowcount
    database.close()
    return ended


def waiting(database_url: str) -> int:
    """How many posts are still to be delivered."""
    found: int = rows(database_url, "SELECT count(*) FROM outbox WHERE status = 'waiting'")[0][0]
    return found


def sent(database_url: str) -> set[str]:
    """The messages that Slack has, as the outbox sees it; one that was changed has several rows there."""
    query = """SELECT DISTINCT receipt FROM outbox JOIN conversations ON conversations.id = conversation_id
        WHERE status = 'sent' AND channel = 'slack'"""
    return {row[0] for row in rows(database_url, query)}


def check(people: Employees, database_url: str) -> None:
    """Each question has one ticket and one card, or one answer; each employee was told once."""
    slack = people.slack
    assert set(people.asked) == people.acknowledged
    tickets = Counter(
        row[0] for row in rows(database_url, "SELECT t.body FROM tickets JOIN texts t ON t.id = question_id")
    )
    assert Counter(q for q in people.asked.values() if q != KNOWN) == tickets
    events = rows(database_url, "SELECT kind, count(*) FROM ticket_events GROUP BY kind")
    assert [("opened", tickets.total())] == events
    cards = [words(message) for message in slack.posts("CROOM")]
    assert len(cards) == tickets.total()
    for question in tickets:
        assert [sum(f'{question}"' in card or f"{question}\\n" in card for card in cards)] == [1], question
    for user, question in people.asked.items():
        told = [words(message) for message in slack.posts(f"D{user}")]
        if question == KNOWN:
            assert [sum("Solved" in message for message in told)] == [1], user
        else:
            assert [sum("Your ticket is HELP-" in message for message in told)] == [1], user
            assert len(told) == 1
    assert_posted_once(slack, database_url)


def assert_posted_once(slack: SlackFake, database_url: str) -> None:
    """Every message of the outbox that was sent is there once, by its metadata."""
    posted = [
        message
        for channel in slack.workspace.channels.values()
        for message in channel.messages
        if message.get("bot_id")
    ]
    rows_of = Counter(message["metadata"]["event_payload"]["outbox_id"] for message in posted)
    assert [number for number, times in rows_of.items() if times > 1] == []
    assert sent(database_url) == {message["ts"] for message in posted}
    # A card is drawn again when its requester's name comes, which may be just at the end.
    left = """SELECT id FROM outbox
        WHERE status NOT IN ('sent', 'superseded') AND NOT (kind = 'card' AND status = 'waiting')"""
    assert rows(database_url, left) == []


async def test_killed_again_and_again(database_url: str, tmp_path: Path) -> None:
    async with employees(seed=20260302) as people:
        server = command(people.slack, database_url, tmp_path / "server")
        people.slack.target = f"{server.url}/slack/events"
        await people.start(server)
        for number in range(ROUNDS):
            unanswered = number == ROUNDS - 1
            if unanswered:  # the posts take effect, and nobody ever hears of it
                people.slack.fail("chat.postMessage", hang=True, after=True, times=2)
            stream = [asyncio.create_task(people.send(event)) for event in people.questions(IN_A_ROUND)]
            await a_random_moment(people, IN_A_ROUND)
            assert await server.end(signal.SIGKILL) == -signal.SIGKILL
            if on_postgresql(database_url):  # on SQLite the next start ends the leases itself
                assert leases_run_out(database_url) >= 2 * unanswered
            people.slack.workspace.failures.clear()
            await people.start(server)
            await asyncio.gather(*stream)
        await until(lambda: waiting(database_url) == 0, "an empty outbox")
        assert await server.end(signal.SIGTERM) == 0
        check(people, database_url)


async def a_random_moment(people: Employees, most: int) -> None:
    """Somewhere between the first acknowledgements and the last posts of this round."""
    failures = people.slack.workspace.failures.get("chat.postMessage")
    if failures:
        await until(lambda: not failures, "posts without an answer")
        return
    if people.dice.random() < 0.5:
        wanted = len(people.acknowledged) + people.dice.randint(1, most)
        await until(lambda: len(people.acknowledged) >= wanted, "acknowledgements")
        return
    posts = people.slack.called("chat.postMessage")
    wanted = len(posts) + people.dice.randint(1, most)
    await until(lambda: len(people.slack.called("chat.postMessage")) >= wanted, "posts")


async def test_a_term_finishes_what_is_in_flight(database_url: str, tmp_path: Path) -> None:
    async with employees(seed=2) as people, aiohttp.ClientSession() as http:
        tokens = f"{TOKEN}=wes:engineer"
        server = command(people.slack, database_url, tmp_path / "server", FIRSTLINE_WEB_TOKENS=tokens)
        people.slack.target = f"{server.url}/slack/events"
        await people.start(server)
        bearer = {"Authorization": f"Bearer {TOKEN}"}
        async with http.get(f"{server.url}/web/events", headers=bearer) as events:
            assert await events.content.readline() == b"event: refresh\n"
            stream = [asyncio.create_task(people.send(event)) for event in people.questions(12)]
            await until(lambda: len(people.acknowledged) >= 4, "some acknowledgements")
            async with asyncio.timeout(STOPS_WITHIN):
                assert await server.end(signal.SIGTERM) == 0
            await events.content.read()  # the stream was ended, not cut
        # Nobody answers any more: the rest of the stream stays with Slack, which sends it again later.
        for sender in stream:
            sender.cancel()
        await asyncio.gather(*stream, return_exceptions=True)
        assert rows(database_url, "SELECT id FROM conversations WHERE lease_until IS NOT NULL") == []
        assert len(sent(database_url)) == len(people.slack.called("chat.postMessage"))
        kept = rows(database_url, "SELECT external_id FROM identities WHERE channel = 'slack'")
        assert people.acknowledged <= {row[0] for row in kept}
        assert "Traceback" not in (tmp_path / "server" / "serve.log").read_text()


@on_postgresql
async def test_two_replicas_that_get_every_event_are_as_one(database_url: str, tmp_path: Path) -> None:
    async with employees(seed=3) as people:
        replicas = [command(people.slack, database_url, tmp_path / name) for name in ("one", "two")]
        await people.start(*replicas)
        targets = [f"{replica.url}/slack/events" for replica in replicas]
        stream = people.questions(16)
        await asyncio.gather(*(people.send(event, target) for event in stream for target in targets))
        # One more round, in which one of them dies; what only it was told, Slack sends to the other.
        late = people.questions(8)
        doomed = [asyncio.create_task(people.send(event, targets[0])) for event in late]
        await a_random_moment(people, len(late))
        await replicas[0].end(signal.SIGKILL)
        await asyncio.gather(*(people.send(event, targets[1]) for event in late))
        for sender in doomed:
            sender.cancel()
        await asyncio.gather(*doomed, return_exceptions=True)
        leases_run_out(database_url)
        await until(lambda: waiting(database_url) == 0, "an empty outbox")
        assert await replicas[1].end(signal.SIGTERM) == 0
        check(people, database_url)


@on_postgresql
async def test_a_claim_at_two_replicas_has_one_winner(database_url: str, tmp_path: Path) -> None:
    async with employees(seed=4) as people:
        slack = people.slack
        slack.workspace.add_person("UERIC", "Eric")
        slack.workspace.channels["CROOM"].members.append("UERIC")
        replicas = [command(slack, database_url, tmp_path / name) for name in ("one", "two")]
        await people.start(*replicas)
        targets = [f"{replica.url}/slack/events" for replica in replicas]
        slack.target = targets[0]
        members = "SELECT count(*) FROM roster_members"
        await until(lambda: rows(database_url, members) == [(2,)], "the roster")
        for event in (people.event(unknown(number)) for number in range(6)):
            await people.send(event, targets[0])
        await until(lambda: len(slack.posts("CROOM")) == 6, "six cards")
        for card in list(slack.posts("CROOM")):
            claims = []
            for user, target in (("UEVA", targets[0]), ("UERIC", targets[1])):
                slack.target = target
                claims.append(
                    asyncio.create_task(slack.click(user, "CROOM", card["ts"], button(card, "claim")))
                )
                await asyncio.sleep(0)  # the request takes the target with it
            assert [answer.status for answer in await asyncio.gather(*claims)] == [200, 200]
        await until(lambda: waiting(database_url) == 0, "an empty outbox")
        for replica in replicas:
            assert await replica.end(signal.SIGTERM) == 0
        kinds = dict(rows(database_url, "SELECT kind, count(*) FROM ticket_events GROUP BY kind"))
        assert kinds == {"opened": 6, "claimed": 6, "refused": 6}
        assert len(slack.workspace.ephemerals) == 6
        assert all("Claimed" in words(card) for card in slack.posts("CROOM"))
        told = [words(message) for user in people.asked for message in slack.posts(f"D{user}")]
        assert sum("is now working on" in message for message in told) == 6
