"""What happens to a database: killed, silent, full, read-only; and to the machine's clock."""

import asyncio
import contextlib
import os
import shutil
import signal
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import NullPool, create_engine, make_url, text

from bench.chaos.books import WAITING, rows
from bench.chaos.gate import Trouble
from bench.chaos.platform_faults import both_in
from bench.chaos.site import Site
from tests.support.e2e.relay import Relay

SECONDS = 12.0  # of a fault in which no question can be kept
KILLS, BETWEEN = 3, 3.0
JUMP = 3600  # seconds
OUT_WITHIN = 30.0  # seconds, though the clock is still wrong
NEWEST = "SELECT coalesce(max(id), 0) FROM outbox"
POSTGRES_USER = "pgserver"
DISK_MB, TABLESPACE_MB = 6, 48
BACKENDS = "SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"


def _administer(url: str, *statements: str) -> None:
    """Run statements outside of a transaction, and outside of this database."""
    address = make_url(url).set(database="postgres")
    engine = create_engine(address, isolation_level="AUTOCOMMIT", poolclass=NullPool)
    with engine.connect() as connection:
        for statement in statements:
            connection.execute(text(statement))


async def killed_backends(site: Site) -> None:
    """End every connection, then kill a backend, at which PostgreSQL starts anew; and again."""
    for turn in range(KILLS):
        pids = [int(row[0]) for row in await asyncio.to_thread(rows, site.url, BACKENDS)]
        if turn % 2 == 0:
            for pid in pids:
                with contextlib.suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGTERM)
        elif pids:
            os.kill(pids[0], signal.SIGKILL)
        await asyncio.sleep(BETWEEN)


async def silent(relay: Relay) -> None:
    """Let a relay before PostgreSQL forward nothing and end nothing."""
    relay.fall_silent()
    await asyncio.sleep(SECONDS)
    relay.go_on()


async def locked(site: Site) -> None:
    """Hold SQLite's only lock for writing."""
    engine = create_engine(site.url, connect_args={"isolation_level": None})
    with engine.connect() as connection:
        connection.exec_driver_sql("BEGIN IMMEDIATE")
        await asyncio.sleep(SECONDS)
        connection.exec_driver_sql("ROLLBACK")
    engine.dispose()


async def read_only(site: Site) -> None:
    """Let no transaction write, as a standby does."""
    await _said(site, "database", "read-only")


async def _said(site: Site, name: str, word: str) -> None:
    site.say(name, word)
    await asyncio.sleep(SECONDS)
    site.say(name, "")


async def full(site: Site, disk: Path | None) -> None:
    """Fill the disk of the database, or say so to each of its transactions."""
    if disk is None:
        site.notes.append("full disk: injected, as a small disk takes root")
        await _said(site, "database", "full")
        return
    ballast = disk / "ballast"
    free = shutil.disk_usage(disk).free
    with contextlib.suppress(OSError), ballast.open("wb") as file:
        while free > 0:
            file.write(b"x" * 4096)
            file.flush()
    await asyncio.sleep(SECONDS)
    ballast.unlink()


@contextmanager
def small_disk(folder: Path, megabytes: int) -> Iterator[Path | None]:
    """A file system of this size in memory; None where nobody may mount one."""
    mounted = False
    if os.geteuid() == 0 and shutil.which("mount"):
        folder.mkdir()
        command = ["mount", "-t", "tmpfs", "-o", f"size={megabytes}m", "tmpfs", str(folder)]
        mounted = subprocess.run(command, capture_output=True, check=False).returncode == 0
    try:
        yield folder if mounted else None
    finally:
        if mounted:
            subprocess.run(["umount", "--lazy", str(folder)], check=False)


@contextmanager
def on_small_disk(kind: str, url: str, disk: Path) -> Iterator[str]:
    """Move a fresh database onto this disk; its new address."""
    address = make_url(url)
    if kind == "sqlite":
        name = disk / "desk.db"
        shutil.move(str(address.database), name)
        yield f"sqlite:///{name}"
        return
    shutil.chown(disk, POSTGRES_USER)
    _administer(
        url,
        f"CREATE TABLESPACE {disk.name} LOCATION '{disk}'",
        f"ALTER DATABASE {address.database} SET TABLESPACE {disk.name}",
    )
    try:
        yield url
    finally:  # the server would miss it
        _administer(url, f"DROP DATABASE {address.database} WITH (FORCE)", f"DROP TABLESPACE {disk.name}")


async def clock(site: Site, seconds: int) -> None:
    """Set the clock while posts wait; they must be out before it is put right."""
    async with both_in(site, Trouble.BROKEN):
        await asyncio.sleep(3.0)
        site.say("clock", str(seconds))
        await asyncio.sleep(3.0)
    recovered = time.monotonic()
    newest = (await asyncio.to_thread(rows, site.url, NEWEST))[0][0]
    while (await asyncio.to_thread(rows, site.url, f"{WAITING} AND id <= {newest}"))[0][0]:
        if time.monotonic() - recovered > OUT_WITHIN:
            site.broken.append("posts waited for the clock to be put right")
            break
        await asyncio.sleep(0.5)
    await asyncio.sleep(max(0.0, recovered + SECONDS - time.monotonic()))
    site.say("clock", "0")
