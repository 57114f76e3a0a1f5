"""Servers that are killed in the middle of their work, or replaced by those of a newer version."""

import asyncio
import io
import subprocess
import tarfile
import time
from pathlib import Path

from bench.chaos.books import rows
from bench.chaos.site import Site
from bench.plan import ROOT
from bench.processes import run

KILLS = 4
UP_SECONDS = (1.0, 3.0)  # between a start and the next kill
TOGETHER_SECONDS = 5.0  # of two versions side by side
SCHEMA = "SELECT version_num FROM alembic_version"
MIGRATIONS = "migrations/versions"


async def kills(site: Site) -> None:
    """Kill one server after the other, and start it again."""
    for _ in range(KILLS):
        await asyncio.sleep(site.dice.uniform(*UP_SECONDS))
        victim = site.dice.choice(site.servers)
        site.killed.append(time.monotonic())
        await victim.kill()
        await asyncio.sleep(0.5)
        await victim.start(site.http)


def _git(*arguments: str) -> bytes:
    done = subprocess.run(["git", "-C", str(ROOT), *arguments], capture_output=True, check=False)
    return done.stdout if done.returncode == 0 else b""


def previous_version() -> str:
    """The commit before the one that brought the newest migration; "" where there is no history."""
    newest = max((ROOT / MIGRATIONS).glob("[0-9]*.py")).name
    brought = _git(
        *(
            "log",
            "-1",
            "-m",
            "--first-parent",
            "--follow",  # a migration that was renumbered before it was published is none that was there
            "--diff-filter=A",
            "--format=%H",
            "--",
            f"{MIGRATIONS}/{newest}",
        )
    )
    before = _git("rev-parse", "--verify", "--quiet", f"{brought.decode().strip()}^1") if brought else b""
    return before.decode().strip()


def unpack(commit: str, folder: Path) -> Path:
    """Put the files of a commit into a folder."""
    with tarfile.open(fileobj=io.BytesIO(_git("archive", commit))) as archive:
        archive.extractall(folder, filter="data")
    return folder


def migrate(code: Path, folder: Path, url: str) -> None:
    """Migrate a database as this version of the code does."""
    run(["-m", "bot", "migrate"], folder, {"PYTHONPATH": str(code), "FIRSTLINE_DATABASE_URL": url})


async def new_version(site: Site) -> None:
    """Migrate under the version that serves, start the present one beside it, then end the old one."""
    before = await asyncio.to_thread(rows, site.url, SCHEMA)
    await asyncio.to_thread(migrate, ROOT, site.folder, site.url)
    await asyncio.sleep(TOGETHER_SECONDS)  # the old version alone, on the new schema
    old, new = site.servers[0], site.add_server("new", ("-m", "bot", "serve"))
    site.servers.remove(new)  # nobody is sent there before it is ready
    await new.start(site.http)
    site.servers.append(new)
    after = await asyncio.to_thread(rows, site.url, SCHEMA)
    if before == after:
        site.broken.append(f"both versions have schema {after}: nothing was shown")
    site.notes.append(f"schema {before[0][0]} to {after[0][0]} while the old version served")
    await asyncio.sleep(TOGETHER_SECONDS)
    site.servers.remove(old)
    await old.stop()
    await asyncio.sleep(1.0)
