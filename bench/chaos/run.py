"""Runs one scenario on one database: load, fault, recovery, reconciliation."""

import asyncio
import random
import re
import time
from dataclasses import dataclass, field
from pathlib import Path

from bench.chaos import books, crowd, watch
from bench.chaos.kills import migrate, previous_version, unpack
from bench.chaos.reconcile import Findings, reconcile
from bench.chaos.scenarios import Fault, Scenario
from bench.chaos.site import Site, site
from bench.databases import Databases

BEFORE, AFTER = 1.5, 2.0  # seconds of load around a fault
OUT_WITHIN = 30.0
SETTLED_WITHIN = 75.0  # a bound for what is late all the same
CALM = 2.0  # seconds in which nothing waits: a name that is learned late shows its card once more
SLACKS_PATIENCE = 3.0
TEAMS_LOST = 3.0  # seconds before a kill in which a post's receipt may die with its server
UNDER_WAY = 1.0  # seconds after it in which a post arrives that was on its way
SHOWN = 2  # findings of a kind


@dataclass
class Row:
    """A row of the table."""

    scenario: str
    database: str
    acknowledged: int = 0
    refused: int = 0
    lost: int = 0
    doubled: int = 0
    out_of_order: int = 0
    out: float = 0.0
    readiness: str = ""
    log: float = 0.0
    broken: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    skipped: str = ""


async def play(scenario: Scenario, kind: str, made: Databases, folder: Path, seed: int) -> Row:
    """Play a scenario; whatever breaks is in the row."""
    row = Row(scenario.name, kind)
    if kind not in scenario.databases:
        row.skipped = scenario.why_not
        return row
    commit = previous_version() if scenario.old_version else ""
    if scenario.old_version and not commit:
        row.skipped = "there is no git history with the version before the newest migration"
        return row
    await asyncio.to_thread(folder.mkdir)
    url = await asyncio.to_thread(made.fresh, kind, migrated=not scenario.old_version)
    dice = random.Random(f"{seed} {scenario.name} {kind}")
    try:
        async with (
            scenario.ground(kind, url, folder) as ground,
            site(kind, folder, ground.url, ground.through, dice) as at,
        ):
            await asyncio.to_thread(_add_servers, scenario, at, commit)
            await _play(scenario, at, ground.fault, row)
    except Exception as error:  # noqa: BLE001  # whatever it is, it is told, and the other scenarios go on
        row.broken.append(f"{type(error).__name__}: {str(error)[-600:]}")
    return row


def _add_servers(scenario: Scenario, at: Site, commit: str) -> None:
    if commit:
        code = at.folder / "code"
        migrate(unpack(commit, code), at.folder, at.url)
        content = {
            "FIRSTLINE_ARTICLES": str(code / "kb_articles"),
            "FIRSTLINE_INTENTS": str(code / "intents"),
        }
        at.add_server("old", ("-m", "bot", "serve"), PYTHONPATH=str(code), **content)
        return
    many = scenario.replicas and at.kind == "postgresql"
    for number in range(3 if many else 1):
        at.add_server(f"server{number + 1}")


async def _play(scenario: Scenario, at: Site, fault: Fault, row: Row) -> None:
    people, watcher = crowd.Crowd(at, adds=scenario.adds), watch.Watch(at)
    await at.start_all()
    looking = asyncio.create_task(watcher.look_on())
    asking = asyncio.create_task(people.ask())
    try:
        await asyncio.sleep(BEFORE)
        span = _Span(at)
        await fault(at, people)
        span.end()
        await asyncio.sleep(AFTER)
        await people.close()
        row.out = await _all_out(at) - span.ended
    finally:
        people.give_up()
        for task in (asking, looking):
            task.cancel()
        await asyncio.gather(asking, looking, return_exceptions=True)
    row.readiness, faults = watch.judge(watcher.looks, span.began, span.ended, scenario.expected)
    row.broken += [*at.broken, *faults, *watch.dead(watcher.lives)]
    row.log = span.kilobytes_a_second
    _look_at_log(scenario, at, row)
    _count(people, scenario, row)
    await asyncio.gather(*(server.stop() for server in at.known))  # what is on its way is finished
    kept = await asyncio.to_thread(books.read, at, people)
    row.notes += [*at.notes, *_excuse(at, kept)]
    _settle(reconcile(kept), row)


class _Span:
    """The time of a fault, and how much was logged in it."""

    def __init__(self, at: Site) -> None:
        self._at = at
        self._sizes = self._logged()
        self.began = self.ended = time.monotonic()
        self.kilobytes_a_second = 0.0

    def _logged(self) -> dict[str, int]:
        return {server.name: server.logged() for server in self._at.known}

    def end(self) -> None:
        """Note the end."""
        self.ended = time.monotonic()
        grown = [size - self._sizes.get(name, 0) for name, size in self._logged().items()]
        self.kilobytes_a_second = max(grown) / 1000 / (self.ended - self.began)


async def _all_out(at: Site) -> float:
    """When nothing waited any more (monotonic seconds); after a bounded time now, whatever waits."""
    until = time.monotonic() + SETTLED_WITHIN
    since: float | None = None
    while (now := time.monotonic()) < until:
        if (await asyncio.to_thread(books.rows, at.url, books.WAITING))[0][0]:
            since = None
        elif since is None:
            since = now
        elif now - since >= CALM:
            return since
        await asyncio.sleep(0.2)
    return time.monotonic()


def _look_at_log(scenario: Scenario, at: Site, row: Row) -> None:
    written = "".join(server.log_since(0) for server in at.known)
    if scenario.cause and not re.search(scenario.cause, written, re.IGNORECASE):
        row.broken.append(f"no line of the log names the cause ({scenario.cause})")
    row.broken += [f"a traceback in the log, {said}" for said in tracebacks(written)]
    if row.log > watch.MOST_LOG:
        row.broken.append(f"{row.log:.1f} KB of log a second")


def tracebacks(written: str) -> list[str]:
    """Where each traceback of a log ends, and how; each kind once."""
    found = dict[str, None]()
    where, inside = "", False
    for line in written.splitlines():
        if line.startswith("Traceback"):
            inside = True
        elif inside and line.startswith("  File "):
            where = line.strip()
        elif inside and line and not line.startswith(" "):
            found[f"{where}: {line[:160]}"], inside = None, False
    return list(found)


def _count(people: crowd.Crowd, scenario: Scenario, row: Row) -> None:
    row.acknowledged = sum(said.acknowledged for said in people.said)
    row.refused = people.refused
    if row.acknowledged == 0:
        row.broken.append("nothing was acknowledged: nothing was shown")
    if row.out > OUT_WITHIN:
        row.broken.append(f"out only {row.out:.0f} s after the end")
    if people.slowest >= SLACKS_PATIENCE and not scenario.kills:
        row.broken.append(f"an answer took {people.slowest:.1f} s")


def _excuse(at: Site, kept: books.Books) -> list[str]:
    """Take out what Teams got twice since its receipt died with a server: nothing can look it up there."""
    named = {(sent.channel, sent.receipt) for sent in kept.outbox}
    posted = at.gates[1].posted

    def excused(shown: books.Shown) -> bool:
        when = posted.get(shown.id)
        return (
            shown.channel == "teams"
            and (shown.channel, shown.id) not in named
            and when is not None
            and any(-UNDER_WAY <= killed - when <= TEAMS_LOST for killed in at.killed)
        )

    again = [shown for shown in kept.shown if excused(shown)]
    kept.shown = [shown for shown in kept.shown if shown not in again]
    return [f"{len(again)} posts came twice on Teams, whose receipts died with their server"] if again else []


def _settle(found: Findings, row: Row) -> None:
    row.lost, row.doubled, row.out_of_order = len(found.lost), len(found.doubled), len(found.out_of_order)
    kinds = {
        "lost": found.lost,
        "doubled": found.doubled,
        "out of order": found.out_of_order,
        "left": found.left,
    }
    for name, sentences in kinds.items():
        if sentences:
            row.broken.append(f"{len(sentences)} {name}: {'; '.join(sentences[:SHOWN])}")
