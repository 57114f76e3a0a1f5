"""Runs `firstline serve`, the apps that it is compared with and the fakes, and sends loads to them."""

import json
import re
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from urllib.parse import quote

from bench.events import HELP, ROOM, ROUND, TEAMS_HELP, TEAMS_ROOM, Message, Sender
from bench.load import Job, Measured
from bench.plan import Plan
from bench.processes import BenchFailed, Child, free_port, get, run, until
from bot.runtime.resources import find
from tests.support.fakes.teams.issuer import APP_ID, APP_SECRET, TENANT

SECRET = "bench-signing-secret"
_OUTCOME = re.compile(r'^firstline_utterances_total\{.*outcome="(\w+)"\} (\S+)$', re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Platforms:
    """The process of the fakes: their ports, and what was called there."""

    api: int
    issuer: int

    @property
    def service_url(self) -> str:
        """The URL that posts to Teams go to."""
        return f"http://127.0.0.1:{self.api}/teams/"

    def count(self, call: str) -> int:
        """The number of calls of a method; `posts` are all that a person would see."""
        return int(json.loads(get(self.api, "/bench/counts")[1]).get(call, 0))

    def token(self) -> str:
        """A token of the test issuer, good for an hour."""
        answer = get(self.api, f"/bench/token?service_url={quote(self.service_url, safe='')}")[1]
        return str(json.loads(answer)["token"])

    def environment(self, channel: str) -> dict[str, str]:
        """The settings of `slack`, `teams` (signed) or `teams-anonymous`."""
        if channel == "slack":
            return {
                "SLACK_BOT_TOKEN": "xoxb-bench",
                "SLACK_SIGNING_SECRET": SECRET,
                "SLACK_API_URL": f"http://127.0.0.1:{self.api}/slack/",
                "FIRSTLINE_SLACK_ROOM": ROOM,
                "FIRSTLINE_SLACK_HELP_CHANNELS": HELP,
            }
        places = {
            "MICROSOFT_APP_TENANT_ID": TENANT,
            "FIRSTLINE_TEAMS_ROOM": TEAMS_ROOM,
            "FIRSTLINE_TEAMS_HELP_CHANNELS": TEAMS_HELP,
        }
        if channel == "teams-anonymous":
            return places
        issuer = f"http://127.0.0.1:{self.issuer}"
        return places | {
            "MICROSOFT_APP_ID": APP_ID,
            "MICROSOFT_APP_PASSWORD": APP_SECRET,
            "MICROSOFT_APP_TYPE": "SingleTenant",
            "MICROSOFT_OPENID_METADATA": f"{issuer}/openid",
            "MICROSOFT_TOKEN_ISSUER": issuer,
            "MICROSOFT_LOGIN_URL": issuer,
        }


@contextmanager
def platforms(folder: Path) -> Iterator[Platforms]:
    """Run the fakes in a process of their own."""
    with Child("fakes", ["-m", "bench.fakes"], folder) as child:
        yield Platforms(**child.first_line())


def sender(fakes: Platforms, channel: str, people: int) -> Sender:
    """The sender of a load in this channel, from three days ago on."""
    made = Sender(channel.partition("-")[0], people, time.time() - 72 * ROUND)
    match channel:
        case "slack":
            return replace(made, secret=SECRET)
        case "teams":
            return replace(made, token=fakes.token(), service_url=fakes.service_url)
        case _:
            return replace(made, service_url=fakes.service_url)


class Target:
    """A server that loads are sent to; people go on asking where the last load ended."""

    def __init__(self, url: str, sender: Sender, plan: Plan, folder: Path) -> None:
        self._url = url
        self._sender = sender
        self._plan = plan
        self._folder = folder

    def send(self, messages: tuple[Message, ...], *, rate: float = 0.0) -> Measured:
        """Send messages from a process of its own; raise `BenchFailed` unless every one was acknowledged."""
        measured = self.offer(messages, rate)
        if set(measured.statuses) != {"200"}:
            raise BenchFailed(f"{self._url} answered {measured.statuses}")
        return measured

    def offer(self, messages: tuple[Message, ...], rate: float = 0.0) -> Measured:
        """Send messages from a process of its own, whatever is answered."""
        job = Job(self._url, self._sender, messages, self._plan.concurrency, rate)
        measured = Measured.parse(run(["-m", "bench.load"], self._folder, {}, job.dumped()))
        rounds = len(messages) // self._sender.people + 1
        self._sender = replace(self._sender, since=self._sender.since + rounds * ROUND)
        if self._sender.since > time.time():
            raise BenchFailed("the questions would come from the future: use more people")
        return measured


@contextmanager
def bare(
    fakes: Platforms, channel: str, plan: Plan, folder: Path, database: str = "", *, sdk: bool = False
) -> Iterator[Target]:
    """Run the app that only acknowledges, or with a database makes four inserts before."""
    port, platform = free_port(), "sdk" if sdk else channel.partition("-")[0]
    arguments = ["-m", "bench.bare", platform, str(port), *([database] if database else [])]
    with Child("bare", arguments, folder, fakes.environment(channel)) as child:
        _listening(child, port, "/")
        yield Target(f"http://127.0.0.1:{port}/", sender(fakes, channel, plan.people), plan, folder)


@dataclass(frozen=True, slots=True)
class Drained:
    """The posts that waited when a load ended, and how long it took to deliver them."""

    waiting: int
    seconds: float
    posts: int

    @property
    def a_second(self) -> float | None:
        """Posts a second after the load, where anything waited."""
        return self.posts / self.seconds if self.waiting and self.seconds else None


class Served(Target):
    """A running `firstline serve`."""

    def __init__(self, child: Child, port: int, fakes: Platforms, channel: str, plan: Plan) -> None:
        path = "/slack/events" if channel == "slack" else "/api/messages"
        super().__init__(
            f"http://127.0.0.1:{port}{path}", sender(fakes, channel, plan.people), plan, child.log.parent
        )
        self.child = child
        self.page = f"http://127.0.0.1:{port}"
        self._port = port
        self._fakes = fakes

    def introduce_people(self) -> None:
        """Let every person greet, so that the desk knows them, as it does after its first days."""
        looked_up = self._fakes.count("users.info")
        people = self._sender.people
        self.send(tuple(Message("hello") for _ in range(people)))
        if self._sender.platform == "slack":
            until(lambda: self._fakes.count("users.info") >= looked_up + people, "the profiles")
        self.drain()

    def outcomes(self) -> dict[str, int]:
        """The number of utterances with each outcome so far."""
        found = _OUTCOME.findall(get(self._port, "/metrics")[1])
        return {outcome: int(float(count)) for outcome, count in found}

    def drain(self) -> Drained:
        """Wait until nothing waits to be posted."""
        posts, begun = self._fakes.count("posts"), time.perf_counter()
        waiting = self._waiting()
        if waiting:
            until(lambda: self._waiting() == 0, "an empty outbox", pause=0.1)
        return Drained(waiting, time.perf_counter() - begun, self._fakes.count("posts") - posts)

    def _waiting(self) -> int:
        self.child.check()
        return int(json.loads(get(self._port, "/readyz")[1])["courier"]["waiting"])


@contextmanager
def serve(
    fakes: Platforms,
    channel: str,
    plan: Plan,
    folder: Path,
    database: str,
    content: tuple[Path, Path] | None = None,
    settings: Mapping[str, str] | None = None,
) -> Iterator[tuple[Served, float]]:
    """Run `firstline serve`; yields it with the seconds from its start until it was ready."""
    port = free_port()
    articles, intents = content or (find("kb_articles"), find("intents"))
    environment = {
        "FIRSTLINE_DATABASE_URL": database,
        "FIRSTLINE_ARTICLES": str(articles),
        "FIRSTLINE_INTENTS": str(intents),
        "FIRSTLINE_PORT": str(port),
        **fakes.environment(channel),
        **(settings or {}),
    }
    arguments = ["-m", "bot", "serve"]
    if channel == "teams-anonymous":
        arguments.append("--allow-anonymous-teams")
    with Child("serve", arguments, folder, environment) as child:
        seconds = _listening(child, port, "/readyz", status=200)
        yield Served(child, port, fakes, channel, plan), seconds


def bare_imports(fakes: Platforms, channel: str, database: str, folder: Path) -> float:
    """The seconds of a process that only imports what the server imports when this is configured."""
    modules = ["bot.cli.server", "bot.knowledge.files", "bot.matching.matcher"]
    modules += ["bot.storage", "alembic.script", "alembic.runtime.migration", "watchfiles"]
    name = channel.partition("-")[0]
    modules.append(f"bot.channels.{name}.channel")
    if channel == "teams":
        modules.append("bot.channels.teams.outbound.client")
    modules.append("sqlite3" if database.startswith("sqlite") else "psycopg")
    modules.append(f"sqlalchemy.dialects.{'sqlite' if database.startswith('sqlite') else 'postgresql'}")
    begun = time.perf_counter()
    run(["-c", f"import {', '.join(modules)}"], folder, fakes.environment(channel))
    return time.perf_counter() - begun


def _listening(child: Child, port: int, path: str, status: int = 0) -> float:
    def answers() -> bool:
        child.check()
        answered = get(port, path)[0]
        return answered == status if status else answered > 0

    return until(answers, f"{child.name} listening", pause=0.01)


def grown(before: Mapping[str, int], after: Mapping[str, int]) -> dict[str, int]:
    """The differences of two counts that are not 0."""
    differences = {outcome: count - before.get(outcome, 0) for outcome, count in after.items()}
    return {outcome: count for outcome, count in sorted(differences.items()) if count}
