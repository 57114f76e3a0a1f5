"""Opens the doors that are fuzzed: each channel on a loopback port, with a real desk behind it."""

import asyncio
import hashlib
import hmac
import itertools
import json
import random
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import aiohttp
from aiohttp import web

from bench.hostile.mutations import mutated, written
from bench.plan import ROOT
from bot.channels.slack.channel import SlackChannel
from bot.channels.teams.channel import TeamsChannel
from bot.channels.teams.settings import Settings as TeamsSettings
from bot.channels.web.access.limits import Allowance
from bot.channels.web.channel import WebChannel
from bot.desk.knowledge.library import Library
from bot.desk.ports.channels import Host
from bot.domain.conversations.messages import Outcome, Utterance
from bot.storage import connect, migrate
from bot.storage.unit_of_work import ChannelMemory
from tests.support.channels.empty_host import host as empty_host
from tests.support.channels.slack_stage import settings_from, until
from tests.support.clock import Clock
from tests.support.desk.helpdesk import Given, Helpdesk
from tests.support.fakes.slack import SlackFake
from tests.support.fakes.teams import TeamsFake
from tests.support.fakes.teams.issuer import TENANT
from tests.support.matching.tiny_model import content
from tests.support.matching.words_alone import WORDS

SEEDS = ROOT / "tests" / "fixtures" / "payloads"
SERVICE = "https://smba.trafficmanager.net/emea/"  # the fake's address takes its place
SECONDS = 60.0  # for one answer: a bound, never a wait


@dataclass(frozen=True, slots=True)
class Answer:
    """What a door answered to a seed, and what came in by it."""

    seed: str
    sent: bytes
    status: int
    taken: tuple[Utterance, ...]


# Sends a payload, by its name and body, as it is or with random changes.
Door = Callable[[str, Any, random.Random | None], Awaitable[Answer]]


def seeds(platform: str) -> dict[str, Any]:
    """The payloads of a platform by name, as its documentation has them."""
    files = sorted((SEEDS / platform).rglob("*.json"))
    return {file.stem: json.loads(file.read_text(encoding="utf-8")) for file in files}


class _Taking:
    """A desk that takes in what comes, and remembers what it has not told yet."""

    def __init__(self, desk: Helpdesk) -> None:
        self._desk = desk
        self._heard: list[Utterance] = []

    async def receive(self, utterance: Utterance) -> Outcome:
        self._heard.append(utterance)
        return self._desk.desk.intake.receive(utterance)

    def answer(self, seed: str, sent: bytes, status: int) -> Answer:
        heard, self._heard = tuple(self._heard), []
        return Answer(seed, sent, status, heard)

    def host(self) -> Host:
        memory = ChannelMemory(self._desk.begin)
        return replace(empty_host(), receive=self.receive, memory=memory, clock=lambda: datetime.now(UTC))


@asynccontextmanager
async def slack(desk: Helpdesk) -> AsyncIterator[Door]:
    """Slack's door, for signed requests."""
    taking = _Taking(desk)
    async with SlackFake() as fake, aiohttp.ClientSession() as http:
        named = fake.environment(FIRSTLINE_SLACK_ROOM="CROOM", FIRSTLINE_SLACK_HELP_CHANNELS="CHELP")
        channel = SlackChannel(settings_from(named), taking.host())
        async with _served(channel.mount) as address:
            await channel.start()
            await until(lambda: channel.trouble() is None)

            async def send(name: str, body: Any, choice: random.Random | None) -> Answer:
                raw, kind = _of_slack(name, body, choice)
                headers = {"Content-Type": kind, **_signature(fake.signing_secret, raw)}
                status = await _post(http, f"{address}/slack/events", raw, headers)
                return taking.answer(name, raw, status)

            try:
                yield send
            finally:
                await channel.stop()


def _of_slack(name: str, body: Any, choice: random.Random | None) -> tuple[bytes, str]:
    form = "application/x-www-form-urlencoded"
    changed = mutated(body, choice) if choice else body
    raw, kind = _raw(changed, choice)
    if name == "command":
        fields = {str(key): str(value) for key, value in changed.items() if value is not None}
        return urlencode(fields, errors="replace").encode(), form
    if "event" in body or name == "url_verification":
        return raw, kind
    return urlencode({"payload": raw}).encode(), form


def _signature(secret: str, raw: bytes) -> dict[str, str]:
    moment = str(int(time.time()))
    mark = hmac.new(secret.encode(), f"v0:{moment}:".encode() + raw, hashlib.sha256).hexdigest()
    return {"X-Slack-Request-Timestamp": moment, "X-Slack-Signature": f"v0={mark}"}


@asynccontextmanager
async def teams(desk: Helpdesk) -> AsyncIterator[Door]:
    """Teams' door, for activities with a valid token."""
    taking = _Taking(desk)
    async with TeamsFake() as fake, aiohttp.ClientSession() as http:
        settings = TeamsSettings.model_validate(fake.environment())
        channel = TeamsChannel(settings, taking.host())
        async with _served(channel.mount) as address:
            await channel.start()
            headers = {"Authorization": f"Bearer {fake.issuer.sign(fake.service_url)}"}

            async def send(name: str, body: Any, choice: random.Random | None) -> Answer:
                ours = json.loads(
                    json.dumps(body).replace("TENANT", TENANT).replace(SERVICE, fake.service_url)
                )
                raw, kind = _raw(mutated(ours, choice) if choice else ours, choice)
                status = await _post(http, f"{address}/api/messages", raw, headers | {"Content-Type": kind})
                return taking.answer(name, raw, status)

            try:
                yield send
            finally:
                await channel.stop()


@asynccontextmanager
async def page(desk: Helpdesk) -> AsyncIterator[Door]:
    """The page's door, as it is in the demo."""
    taking = _Taking(desk)
    # Nobody asks too much here: each look at the clock is a second later.
    seconds = itertools.count()
    allowance = Allowance(messages_a_minute=1_000_000)
    channel = WebChannel((), taking.host(), pause=0, allowance=allowance, clock=lambda: float(next(seconds)))
    async with _served(channel.mount) as address, aiohttp.ClientSession() as http:

        async def send(name: str, seed: Any, choice: random.Random | None) -> Answer:
            body = seed["body"] | ({"key": f"{choice.getrandbits(64):016x}"} if choice else {})
            raw, kind = _raw(mutated(body, choice) if choice else body, choice)
            headers = {"Origin": address, "Content-Type": kind}
            status = await _post(http, address + seed["path"], raw, headers)
            return taking.answer(name, raw, status)

        yield send


@asynccontextmanager
async def _served(mount: Callable[[web.Application], None]) -> AsyncIterator[str]:
    app = web.Application()
    mount(app)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    try:
        yield f"http://127.0.0.1:{runner.addresses[0][1]}"
    finally:
        await runner.cleanup()


async def _post(http: aiohttp.ClientSession, url: str, raw: bytes, headers: Mapping[str, str]) -> int:
    async with asyncio.timeout(SECONDS), http.post(url, data=raw, headers=headers) as answer:
        await answer.read()
        return answer.status


@contextmanager
def a_desk(folder: Path) -> Iterator[Helpdesk]:
    """A desk with a small content over an SQLite file in a folder."""
    database = connect(f"sqlite:///{folder / 'firstline.db'}")
    migrate(database)
    library = Library(Given(content()), lambda _content, _before: WORDS)
    library.load()
    try:
        yield Helpdesk(database, library, Clock())
    finally:
        database.close()


def _raw(body: Any, choice: random.Random | None) -> tuple[bytes, str]:
    return written(body, choice) if choice else (json.dumps(body).encode(), "application/json")
