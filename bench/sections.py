"""Measures the sections of a run: acknowledgements through Slack and Teams, the start, memory."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median

from bench import content, figures
from bench.databases import Databases
from bench.load import Measured
from bench.plan import Plan
from bench.questions import Questions
from bench.report import Goal, Table
from bench.serving import Platforms, Served, bare, bare_imports, grown, serve

NAMES = {"sqlite": "SQLite", "postgresql": "PostgreSQL"}
CHANNELS = {"slack": "Slack", "teams-anonymous": "Teams, anonymous", "teams": "Teams, signed"}
ANSWERED, TICKETS, MIXTURE = (1.0, 0.0, 0.0), (0.0, 1.0, 0.0), (0.6, 0.3, 0.1)
SORTS = {"answered": ANSWERED, "tickets": TICKETS, "mixture": MIXTURE}
COLUMNS = ("what", "requests/s", "p50 ms", "p99 ms", "of (1)", "of (2)", "backlog", "posts/s after")
# What is wanted, and what is aimed at beyond it.
SHARE, SHARE_GOAL = 0.2, 0.3  # of what four inserts reach, for the mixture
CPU = {"sqlite": (4.5, 3.0), "postgresql": (6.0, 4.0)}  # milliseconds of processor time a message of it
PACE_P99 = 30.0  # milliseconds
BEYOND_IMPORTS, MEGABYTES = 2.0, 200.0  # of the start in seconds, of the memory
PACED = ("what", "sent/s", "p50 ms", "p99 ms", "longest ms", "refused", "backlog")


@dataclass
class Bench:
    """One run: its plan and fixtures, and its tables and goals so far."""

    plan: Plan
    folder: Path
    fakes: Platforms
    databases: Databases
    questions: Questions
    tables: list[Table] = field(default_factory=list)
    goals: list[Goal] = field(default_factory=list)
    figures: dict[str, dict[str, float]] = field(default_factory=dict)

    @contextmanager
    def served(self, channel: str, kind: str) -> Iterator[Served]:
        """Run `firstline serve` on a fresh database, with people whom it knows already."""
        url = self.databases.fresh(kind)
        with serve(self.fakes, channel, self.plan, self.folder, url) as (server, _):
            server.introduce_people()
            yield server

    def bare(self, channel: str, database: str = "", *, sdk: bool = False) -> Measured:
        """Send the same requests to an app that only acknowledges, or that makes four inserts."""
        with bare(self.fakes, channel, self.plan, self.folder, database, sdk=sdk) as target:
            target.send(self.questions.messages(self.plan.requests // 4, MIXTURE))
            return target.send(self.questions.messages(self.plan.requests, MIXTURE))


def acknowledgements(bench: Bench, channel: str, paced: Table) -> None:
    """Measure from an event to its acknowledgement: bare, with four inserts, and the whole path."""
    name = CHANNELS[channel]
    table = Table(f"{name}: from an event to its acknowledgement", COLUMNS)
    only = bench.bare(channel)
    if channel != "slack":
        stock = bench.bare(channel, sdk=True)
        table.rows.append(_row("Bot Framework's own adapter, acknowledges only", stock, only, None))
    table.rows.append(_row("(1) bare, acknowledges only", only, only, None))
    for kind in bench.plan.databases:
        inserts = bench.bare(channel, bench.databases.fresh(kind, migrated=False))
        table.rows.append(_row(f"(2) four inserts, {NAMES[kind]}", inserts, only, inserts))
        with bench.served(channel, kind) as server:
            for sort in SORTS:
                row, outcomes, found = _firstline(bench, server, kind, sort, only, inserts)
                table.rows.append(row)
                table.notes.append(f"{NAMES[kind]}, {sort}: {outcomes}.")
                what = f"{name}, {sort}, {NAMES[kind]}"
                bench.figures[what] = found
                if sort == "mixture":
                    bench.goals += _goals(what, kind, found)
            _pace(bench, server, f"{name}, {NAMES[kind]}", paced)
    bench.tables.append(table)


def _goals(what: str, kind: str, found: Mapping[str, float]) -> list[Goal]:
    share, cpu = found[figures.SHARE], found[figures.CPU]
    most, aim = CPU[kind]
    return [
        Goal(f"{what}: share of (2)", f"≥ {SHARE}, goal {SHARE_GOAL}", f"{share:.2f}", share >= SHARE),
        Goal(f"{what}: processor time a message", f"≤ {most} ms, goal {aim:g}", f"{cpu:.1f} ms", cpu <= most),
    ]


def _firstline(
    bench: Bench, server: Served, kind: str, sort: str, only: Measured, inserts: Measured
) -> tuple[tuple[str, ...], str, dict[str, float]]:
    before, cpu = server.outcomes(), server.cpu_seconds()
    measured = server.send(bench.questions.messages(bench.plan.requests, SORTS[sort]))
    cpu = server.cpu_seconds() - cpu
    drained = server.drain()
    rate = f"{drained.a_second:.0f}" if drained.a_second else "-"
    row = _row(f"(3) firstline, {sort}, {NAMES[kind]}", measured, only, inserts, str(drained.waiting), rate)
    outcomes = ", ".join(f"{count} {what}" for what, count in grown(before, server.outcomes()).items())
    each = cpu / bench.plan.requests * 1000
    found = {figures.SHARE: measured.a_second / inserts.a_second, figures.CPU: each}
    return row, f"{outcomes}; {each:.1f} ms of processor time for each, posts included", found


def _row(
    name: str,
    measured: Measured,
    only: Measured,
    inserts: Measured | None,
    waiting: str = "",
    rate: str = "",
) -> tuple[str, ...]:
    return (
        name,
        f"{measured.a_second:.0f}",
        f"{measured.p50:.1f}",
        f"{measured.p99:.1f}",
        f"{measured.a_second / only.a_second:.2f}",
        f"{measured.a_second / inserts.a_second:.2f}" if inserts else "",
        waiting,
        rate,
    )


def paced_table(plan: Plan) -> Table:
    """The table for what is sent at a steady pace."""
    return Table(f"At {plan.pace.rate:.0f} events a second for {plan.pace.seconds:g} s, the mixture", PACED)


def _pace(bench: Bench, server: Served, name: str, table: Table) -> None:
    plan = bench.plan
    messages = bench.questions.messages(int(plan.pace.rate * plan.pace.seconds), MIXTURE)
    measured = server.offer(messages, plan.pace.rate)
    refused = len(messages) - measured.statuses.get("200", 0)
    waiting = server.drain().waiting
    row = (measured.a_second, measured.p50, measured.p99, measured.longest)
    table.rows.append((name, *(f"{figure:.1f}" for figure in row), str(refused), str(waiting)))
    met = measured.p99 < PACE_P99 and not refused
    what = f"{name}: p99 at {plan.pace.rate:.0f} events/s"
    bench.goals.append(Goal(what, f"< {PACE_P99:.0f} ms", f"{measured.p99:.0f} ms", met))


def start(bench: Bench) -> None:
    """Measure the start and the memory, with many articles."""
    plan = bench.plan
    columns = (
        "what",
        "bare imports s",
        "until ready s",
        "beyond s",
        "MB at start",
        "MB after the load",
        "load/s",
    )
    table = Table(f"Start and memory, with {plan.articles} articles in two languages", columns)
    written = content.write(bench.folder / "content", plan.articles)
    for channel in ("slack", "teams"):
        for kind in plan.databases:
            _start(bench, channel, kind, written, table)
    table.notes.append(
        f"Medians of {plan.starts}; 10 examples in each language for every article; memory is the resident "
        "set; the load is the mixture."
    )
    bench.tables.append(table)


def _start(bench: Bench, channel: str, kind: str, written: tuple[Path, Path], table: Table) -> None:
    plan, url = bench.plan, bench.databases.fresh(kind)
    imports, starts, fresh, loaded, rate = [], [], [], 0.0, 0.0
    for number in range(plan.starts):
        imports.append(bare_imports(bench.fakes, channel, url, bench.folder))
        with serve(bench.fakes, channel, plan, bench.folder, url, written) as (server, seconds):
            starts.append(seconds)
            fresh.append(server.megabytes())
            if number == plan.starts - 1:
                rate = server.send(bench.questions.messages(plan.requests, MIXTURE)).a_second
                server.drain()
                loaded = server.megabytes()
    beyond = median(starts) - median(imports)
    name = f"{CHANNELS[channel]}, {NAMES[kind]}"
    times = (median(imports), median(starts), beyond)
    table.rows.append(
        (name, *(f"{t:.2f}" for t in times), f"{median(fresh):.0f}", f"{loaded:.0f}", f"{rate:.0f}")
    )
    met = beyond < BEYOND_IMPORTS
    wanted = f"< {BEYOND_IMPORTS:.0f} s"
    bench.goals.append(Goal(f"{name}: start beyond imports", wanted, f"{beyond:.2f} s", met))
    for what, megabytes in (("ready", median(fresh)), ("after the load", loaded)):
        met, wanted = megabytes < MEGABYTES, f"< {MEGABYTES:.0f} MB"
        bench.goals.append(Goal(f"{name}: memory {what}", wanted, f"{megabytes:.0f} MB", met))
        bench.figures[f"{name}, {plan.articles} articles, {what}"] = {figures.MEMORY: megabytes}
