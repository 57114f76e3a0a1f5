"""Employees of both platforms who ask, each once, and add to what they asked; Slack repeats as Slack does."""

import asyncio
import json
import time
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

import aiohttp

from bench.chaos.site import Site
from bench.questions import SYLLABLES
from tests.support.fakes.teams import Person

KNOWN = "I forgot my password"
RATE = 2.5  # questions a second, about
SLACKS, KNOWING, ADDING = 0.7, 0.3, 0.25  # shares: of Slack, of questions with an answer, of those who go on
ADDED = 3
PAUSE = 0.3  # seconds between two messages of somebody
# Slack repeats at once, after a minute and after five: here a second stands for a minute.
REPEATS = (0.0, 1.0, 5.0)
PATIENCE = {"slack": 3.0, "teams": 15.0}  # seconds that the platforms wait
JSON = "application/json"


@dataclass
class Said:
    """A message of an employee, in the place where the bot answers them; `adds_to` is an earlier question."""

    platform: str
    place: str
    text: str
    adds_to: str = ""
    acknowledged: bool = False

    @property
    def known(self) -> bool:
        """Whether an article answers it."""
        return self.text == KNOWN


@dataclass
class Crowd:
    """All who ask at a site."""

    site: Site
    adds: bool = True  # some go on about what they asked
    said: list[Said] = field(default_factory=list)
    refused: int = 0  # answers other than 200, and none
    slowest: float = 0.0  # seconds to an answer of any kind
    _count: int = 0
    _token: str = ""
    _running: set[asyncio.Task[None]] = field(default_factory=set)
    _open: bool = True

    async def ask(self) -> None:
        """Let one after the other ask until `close`."""
        self._token = self.site.teams.issuer.sign(self.site.teams.service_url)
        while self._open:
            self.one_more()
            await asyncio.sleep(self.site.dice.uniform(0.5, 1.5) / RATE)

    def one_more(self) -> None:
        """Let somebody new ask, who may have more to say."""
        self._count += 1
        slack = self.site.dice.random() < SLACKS
        known = self.site.dice.random() < KNOWING
        text = KNOWN if known else self._unheard()
        person = self._on_slack(text) if slack else self._on_teams(text)
        task = asyncio.create_task(person)
        self._running.add(task)
        task.add_done_callback(self._running.discard)

    async def close(self) -> None:
        """Let nobody begin any more, and wait for those who have: bounded, as each of their repeats is."""
        self._open = False
        while self._running:
            await asyncio.gather(*list(self._running))

    def give_up(self) -> None:
        """End everybody at once."""
        self._open = False
        for task in self._running:
            task.cancel()

    def _unheard(self) -> str:
        def word() -> str:
            return "".join(self.site.dice.choice(SYLLABLES) for _ in range(4))

        return f"{word()} {word()} {word()} {self._count}"

    def _additions(self, asked: Said) -> list[Said]:
        more = self.adds and not asked.known and self.site.dice.random() < ADDING
        texts = [f"and {number} about {asked.text}" for number in range(1, ADDED + 1)] if more else []
        return [Said(asked.platform, asked.place, text, asked.text) for text in texts]

    async def _on_slack(self, text: str) -> None:
        user = f"U{self._count:04d}"
        self.site.slack.workspace.add_person(user, f"Employee {user}")
        asked = Said("slack", f"D{user}", text)
        for said in (asked, *self._additions(asked)):
            self.said.append(said)
            event = self.site.slack.written(said.place, user, said.text)
            name = f"Ev{event['ts'].replace('.', '')}"
            for repeat, wait in enumerate((0.0, *REPEATS)):
                await asyncio.sleep(wait)
                if await self._slack_answers(event, name, repeat):
                    said.acknowledged = True
                    break
            if not said.acknowledged:  # it is given up, and what would be added belongs to nothing
                return
            await asyncio.sleep(PAUSE)

    async def _slack_answers(self, event: dict[str, Any], name: str, repeat: int) -> bool:
        body = json.dumps(self.site.slack.envelope(event, name))
        headers = self.site.slack.signature(body) | {"Content-Type": JSON}
        if repeat:
            headers |= {"X-Slack-Retry-Num": str(repeat), "X-Slack-Retry-Reason": "http_error"}
        return await self._answered("slack", "/slack/events", body, headers)

    async def _on_teams(self, text: str) -> None:
        key = f"p{self._count:04d}"
        self.site.teams.store.people[key] = Person(key, f"Employee {key}")
        asked = Said("teams", f"a:chat-{key}", text)
        headers = {"Authorization": f"Bearer {self._token}", "Content-Type": JSON}
        for said in (asked, *self._additions(asked)):
            self.said.append(said)
            body = json.dumps(self.site.teams.personal(key, said.text))
            # Teams sends nothing again: whoever was refused sees it, and here says no more.
            said.acknowledged = await self._answered("teams", "/api/messages", body, headers)
            if not said.acknowledged:
                return
            await asyncio.sleep(PAUSE)

    async def _answered(self, platform: str, path: str, body: str, headers: dict[str, str]) -> bool:
        begun, status = time.monotonic(), 0
        with suppress(aiohttp.ClientError, OSError, TimeoutError):
            async with asyncio.timeout(PATIENCE[platform]):
                status = await self._status(self.site.target() + path, body, headers)
        if platform == "slack":
            self.slowest = max(self.slowest, time.monotonic() - begun)
        good = status in (200, 201, 202)
        self.refused += not good
        return good

    async def _status(self, url: str, body: str, headers: dict[str, str]) -> int:
        async with self.site.http.post(url, data=body.encode(), headers=headers) as answer:
            await answer.read()
            return answer.status
