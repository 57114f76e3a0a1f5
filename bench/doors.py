"""Tries the doors of a real server: half-sent requests, wrong tokens, windows and uploads without end.

python -m bench.doors [--quick]
"""

import argparse
import asyncio
import json
import tempfile
import time
from collections import Counter
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path

import aiohttp

from bench.databases import databases
from bench.plan import plan
from bench.processes import Child
from bench.report import Goal
from bench.serving import Platforms, platforms, serve

PEOPLE = 6
TOKEN = "bench-door-token-"  # and the person's number
MANAGER = "bench-door-token-of-a-manager"
ALERTS = "bench-alerts-secret"
MEGABYTE = 1024**2
SILENT, DRIPPING, HEADERS = 15.0, 40.0, 85.0  # seconds within which each must be closed
WRONG = 200  # sign-ins at once
FREE = 21  # of them that may be looked at: those of the setting, and the one that begins the wait
STREAMS, WINDOWS = 500, 20
GROWTH = 200.0  # MB that all uploads may add to the server's memory


@dataclass(frozen=True, slots=True)
class Door:
    """A door that reads a body, with headers by which it does."""

    path: str
    headers: Mapping[str, str]


def run(*, quick: bool = False) -> list[Goal]:
    """Try everything, and return a row for what must hold; `quick` leaves out what takes minutes."""
    people = (f"{TOKEN}{number}=person{number}:employee" for number in range(PEOPLE))
    tokens = ", ".join((*people, f"{MANAGER}=manager:manager"))
    with tempfile.TemporaryDirectory(prefix="firstline-bench-") as name:
        folder = Path(name)
        folder.chmod(0o755)
        with platforms(folder) as fakes, databases(folder, postgresql=False) as made:
            settings = fakes.environment("teams") | {
                "FIRSTLINE_WEB_TOKENS": tokens,
                "FIRSTLINE_ALERTS_SECRET": ALERTS,
                "FIRSTLINE_ALERTMANAGER_TOKEN": ALERTS,
            }
            sizes = plan(quick=True)
            with serve(fakes, "slack", sizes, folder, made.fresh("sqlite"), settings=settings) as (server, _):
                return asyncio.run(_tried(server.pages[0], server.children[0], doors(fakes), quick=quick))


def doors(fakes: Platforms) -> tuple[Door, ...]:
    """Every door that reads a body of somebody who is not known yet, and the page's for one who is."""
    body = {"Content-Type": "application/json"}
    slack = body | {"X-Slack-Request-Timestamp": str(int(time.time())), "X-Slack-Signature": "v0=00"}
    signed_in = {"Authorization": f"Bearer {TOKEN}0"}
    return (
        Door("/slack/events", slack),
        Door("/api/messages", body | {"Authorization": f"Bearer {fakes.token()}"}),
        Door("/alerts/webhook", body),
        Door("/alerts/alertmanager", body),
        Door("/web/sign-in", body),
        Door("/web/ask", body | signed_in),
        Door("/drafts/shown", body | {"Authorization": f"Bearer {MANAGER}"}),
        Door("/web/ask", {"Content-Type": "multipart/form-data; boundary=b"} | signed_in),
    )


async def _tried(url: str, child: Child, all_doors: tuple[Door, ...], *, quick: bool) -> list[Goal]:
    found = list(await asyncio.gather(*(_half_sent(url, door) for door in all_doors)))
    if not quick:
        found += await asyncio.gather(
            *(_half_sent(url, door, drip=True) for door in all_doors), _half_headers(url)
        )
    found.append(await _streams(url))
    found += await _uploads(url, child)
    found.append(await _wrong_tokens(url))  # last: after it this address has to wait
    return found


# --- half-sent --------------------------------------------------------------------------------------


async def _half_sent(url: str, door: Door, *, drip: bool = False) -> Goal:
    head = [f"POST {door.path} HTTP/1.1", "Host: 127.0.0.1", "Content-Length: 5000"]
    head += [f"{name}: {value}" for name, value in door.headers.items()]
    within = DRIPPING if drip else SILENT
    said, seconds = await _until_closed(url, "\r\n".join([*head, "", "{"]), within, drip=drip)
    kind = door.headers["Content-Type"].partition(";")[0]
    what = f"{'a byte a second' if drip else 'half a body'} to {door.path} ({kind})"
    return Goal(
        what,
        f"408, closed within {within:.0f} s",
        f"{said or 'nothing'}, {seconds:.1f} s",
        said == "408" and seconds <= within,
    )


async def _half_headers(url: str) -> Goal:
    _, seconds = await _until_closed(url, "GET /readyz HTTP/1.1\r\nHost: 127.0", HEADERS)
    return Goal(
        "headers without an end", f"closed within {HEADERS:.0f} s", f"{seconds:.1f} s", seconds <= HEADERS
    )


async def _until_closed(url: str, begin: str, within: float, *, drip: bool = False) -> tuple[str, float]:
    """The status that was answered, and the seconds until the connection was closed."""
    port = int(url.rpartition(":")[2])
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    began, answer = time.perf_counter(), b""
    writer.write(begin.encode())
    dripping = asyncio.create_task(_drip(writer)) if drip else None
    with suppress(ConnectionError, TimeoutError, asyncio.IncompleteReadError):
        async with asyncio.timeout(within + 5):
            answer = await reader.readuntil(b"\r\n")
            await reader.read()
    seconds = time.perf_counter() - began
    if dripping is not None:
        dripping.cancel()
    writer.close()
    parts = answer.decode("latin-1").split()
    return parts[1] if len(parts) > 1 else "", seconds


async def _drip(writer: asyncio.StreamWriter) -> None:
    while True:
        writer.write(b" ")
        await asyncio.sleep(1)


# --- the page ---------------------------------------------------------------------------------------


async def _wrong_tokens(url: str) -> Goal:
    async with _page(url) as page:

        async def one(number: int) -> int:
            body = {"token": f"wrong-token-of-the-bench-{number}"}
            async with page.post("/web/sign-in", json=body) as answer:
                return answer.status

        statuses = Counter(await asyncio.gather(*(one(number) for number in range(WRONG))))
    met = statuses[403] <= FREE and statuses[429] == WRONG - statuses[403]
    return Goal(f"{WRONG} wrong sign-ins at once", f"at most {FREE} are looked at", f"{dict(statuses)}", met)


async def _streams(url: str) -> Goal:
    async with _page(url) as page:

        async def opened(person: int) -> aiohttp.ClientResponse:
            return await page.get("/web/events", headers=_bearer(person))

        streams = await asyncio.gather(*(opened(1) for _ in range(STREAMS)))
        statuses = Counter(one.status for one in streams)
        other = await opened(2)
        streams.append(other)
        for one in streams:
            one.close()
    return Goal(
        f"{STREAMS} windows of one token",
        f"{WINDOWS} open, and others get in",
        f"{dict(statuses)}; another person {other.status}",
        statuses == {200: WINDOWS, 429: STREAMS - WINDOWS} and other.status == 200,
    )


async def _uploads(url: str, child: Child) -> list[Goal]:
    before = child.megabytes()
    async with _page(url) as page, _watched(child.megabytes) as peak:
        statuses = Counter(
            await asyncio.gather(
                *(_upload(page, number % PEOPLE, (10,) * 10) for number in range(4)),
                *(_upload(page, number % PEOPLE, (9, 9, 6)) for number in range(2 * PEOPLE)),
            )
        )
    growth = max(peak) - before
    return [
        Goal(
            "4 uploads of 100 MB and 12 of 24 MB at once: the server's memory",
            f"grows by at most {GROWTH:.0f} MB",
            f"{growth:.0f} MB beyond {before:.0f}",
            growth <= GROWTH,
        ),
        Goal(
            "they are answered with a clear word",
            "200, 413, 429 or 503",
            f"{dict(statuses)}",
            set(statuses) <= {200, 413, 429, 503} and statuses[413] == 4 and statuses[200] > 0,
        ),
    ]


async def _upload(page: aiohttp.ClientSession, person: int, megabytes: tuple[int, ...]) -> int:
    form = aiohttp.FormData()
    body = {"pane": "ask", "text": "see these files", "key": f"upload-{time.perf_counter_ns()}"}
    form.add_field("body", json.dumps(body), content_type="application/json")
    for size in megabytes:
        form.add_field("file", BytesIO(b"x" * (size * MEGABYTE)), filename="scan.pdf")
    try:
        async with page.post("/web/ask", data=form, headers=_bearer(person)) as answer:
            return answer.status
    except aiohttp.ClientError:
        return 0


@asynccontextmanager
async def _watched(figure: Callable[[], float]) -> AsyncIterator[list[float]]:
    """Note a figure again and again while the block lasts."""
    found = [figure()]

    async def watch() -> None:
        while True:
            found.append(figure())
            await asyncio.sleep(0.05)

    task = asyncio.create_task(watch())
    try:
        yield found
    finally:
        task.cancel()


def _page(url: str) -> aiohttp.ClientSession:
    connector = aiohttp.TCPConnector(limit=0)
    return aiohttp.ClientSession(url, connector=connector, timeout=aiohttp.ClientTimeout(total=120))


def _bearer(person: int) -> dict[str, str]:
    return {"Authorization": f"Bearer {TOKEN}{person}"}


def main() -> None:
    """Try everything, and print a line for each row."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true")
    for row in run(quick=parser.parse_args().quick):
        print(f"{'held' if row.met else 'NOT HELD'}: {row.what}: {row.measured} (wanted {row.wanted})")


if __name__ == "__main__":
    main()
