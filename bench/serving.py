"""Runs `firstline serve`, the apps that it is compared with and the fakes, and sends loads to them."""

import json
import re
import time
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from urllib.parse import quote

from bench.events import HELP, ROOM, ROUND, TEAMS_HELP, TEAMS_ROOM, Message, Sender
from bench.load import Job, Measured
from bench.plan import Plan
from bench.processes import PATIENCE, BenchFailed, Child, free_port, get, run, until
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

    def arrivals(self) -> dict[str, float]:
        """When the first post came to each thread since this was last asked, by the monotonic clock."""
        return {place: float(at) for place, at in json.loads(get(self.api, "/bench/arrivals")[1]).items()}

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
    """Servers that loads are sent to in turn; people go on asking where the last load ended."""

    def __init__(self, urls: Sequence[str], sender: Sender, plan: Plan, folder: Path) -> None:
        self.urls = tuple(urls)
        self.sender = sender
        self._plan = plan
        self._folder = folder

    def send(self, messages: tuple[Message, ...], *, rate: float = 0.0) -> Measured:
        """Send messages from a process of its own; raise `BenchFailed` unless every one was acknowledged."""
        measured = self.offer(messages, rate)
        if set(measured.statuses) != {"200"}:
            raise BenchFailed(f"{', '.join(self.urls)} answered {measured.statuses}")
        return measured

    def offer(self, messages: tuple[Message, ...], rate: float = 0.0) -> Measured:
        """Send messages from a process of its own, whatever is answered."""
        job = Job(self.urls, self.sender, messages, self._plan.concurrency, rate)
        measured = Measured.parse(run(["-m", "bench.load"], self._folder, {}, job.dumped()))
        rounds = len(messages) // self.sender.people + 1
        self.sender = replace(self.sender, since=self.sender.since + rounds * ROUND)
        if self.sender.since > time.time():
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
        yield Target([f"http://127.0.0.1:{port}/"], sender(fakes, channel, plan.people), plan, folder)


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
    """The running replicas of `firstline serve` on one database, mostly one."""

    def __init__(self, replicas: Mapping[int, Child], fakes: Platforms, channel: str, plan: Plan) -> None:
        """`replicas`: the processes by their ports."""
        path = "/slack/events" if channel == "slack" else "/api/messages"
        self._ports, self.children = tuple(replicas), tuple(replicas.values())
        urls = [f"http://127.0.0.1:{port}{path}" for port in self._ports]
        folder = self.children[0].log.parent
        super().__init__(urls, sender(fakes, channel, plan.people), plan, folder)
        self._fakes = fakes

    @property
    def pages(self) -> list[str]:
        """The address of each replica, from which it serves the page."""
        return [f"http://127.0.0.1:{port}" for port in self._ports]

    def introduce_people(self) -> None:
        """Let every person greet, so that the desk knows them, as it does after its first days."""
        looked_up = self._fakes.count("users.info")
        people = self.sender.people
        self.send(tuple(Message("hello") for _ in range(people)))
        if self.sender.platform == "slack":
            wanted = looked_up + people  # one after the other, however busy the machine is
            until(lambda: self._fakes.count("users.info") >= wanted, "the profiles", patience=5 * PATIENCE)
        self.drain()

    def cpu_seconds(self) -> float:
        """The processor time that all have used so far, in seconds."""
        return sum(child.cpu_seconds() for child in self.children)

    def megabytes(self) -> float:
        """The resident memory of the one that has most, in megabytes."""
        return max(child.megabytes() for child in self.children)

    def outcomes(self) -> dict[str, int]:
        """The number of utterances with each outcome so far."""
        counted: Counter[str] = Counter()
        for port in self._ports:
            for outcome, count in _OUTCOME.findall(get(port, "/metrics")[1]):
                counted[outcome] += int(float(count))
        return dict(counted)

    def drain(self) -> Drained:
        """Wait until nothing waits to be posted."""
        posts, begun = self._fakes.count("posts"), time.perf_counter()
        waiting = self._waiting()
        if waiting:
            until(lambda: self._waiting() == 0, "an empty outbox", pause=0.1)
        return Drained(waiting, time.perf_counter() - begun, self._fakes.count("posts") - posts)

    def _waiting(self) -> int:
        for child in self.children:
            child.check()
        return int(json.loads(get(self._ports[0], "/readyz")[1])["courier"]["waiting"])


@contextmanager
def serve(
    fakes: Platforms,
    channel: str,
    plan: Plan,
    folder: Path,
    database: str,
    content: tuple[Path, Path] | None = None,
    settings: Mapping[str, str] | None = None,
    replicas: int = 1,
    behind: bool = False,
) -> Iterator[tuple[Served, float]]:
    """Run `firstline serve`; yields it with the seconds from its start until all replicas were ready.

    With `behind` they let others go before them: who sends the load is not to be late because of them.
    """
    articles, intents = content or (find("kb_articles"), find("intents"))
    environment = {
        "FIRSTLINE_DATABASE_URL": database,
        "FIRSTLINE_ARTICLES": str(articles),
        "FIRSTLINE_INTENTS": str(intents),
        **fakes.environment(channel),
        **(settings or {}),
    }
    arguments = ["-m", "bot", "serve"]
    if channel == "teams-anonymous":
        arguments.append("--allow-anonymous-teams")
    with ExitStack() as stack:
        ports, seconds = [free_port() for _ in range(replicas)], 0.0
        children = [
            Child("serve", arguments, folder, {**environment, "FIRSTLINE_PORT": str(port)}) for port in ports
        ]
        running = dict(zip(ports, map(stack.enter_context, children), strict=True))
        for child in children if behind else ():
            child.step_back()
        for port, child in running.items():
            seconds += _listening(child, port, "/readyz", status=200)
        yield Served(running, fakes, channel, plan), seconds


def bare_imports(fakes: Platforms, channel: str, database: str, folder: Path) -> float:
    """The seconds of a process that only imports what the server imports when this is configured."""
    modules = ["bot.cli.operate.server", "bot.knowledge.files", "bot.matching.matcher"]
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
