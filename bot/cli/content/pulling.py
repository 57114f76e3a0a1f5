"""Reads other systems' pages into their folders: `firstline pull`."""

import asyncio
from collections.abc import Sequence
from itertools import groupby

from rich.console import Console

from bot.cli import terminal
from bot.cli.reader import said
from bot.domain.errors import SettingsInvalid, SourceUnavailable
from bot.knowledge.wiki.port import Pulled, Puller
from bot.server.content import pullers_of
from bot.server.plugins import Kind, configured
from bot.server.settings import complain, read_core

SHOWN = 20  # pages left out for one reason


def pull_all(name: str | None, *, whole: bool) -> int:
    """Read one source's pages, or every one's; return 1 where that failed."""
    mistakes: list[str] = []
    settings = read_core(mistakes)
    plugins = configured(Kind.SOURCE, demo=False, mistakes=mistakes)
    complain(mistakes)
    assert settings is not None  # noqa: S101  # `complain` has raised otherwise
    pullers = pullers_of(settings, plugins)
    chosen = [one for one in pullers if name is None or one.name == name]
    if not chosen:
        names = ", ".join(one.name for one in pullers)
        raise SettingsInvalid(_nothing(name, names))
    return asyncio.run(_pull(chosen, terminal.console(), whole=whole))


def _nothing(name: str | None, names: str) -> str:
    if name is None:
        return "No other system's pages are configured; see `firstline docs confluence`."
    if names:
        return f"There is no source '{name}' that is configured; there are: {names}."
    return f"There is no source '{name}' that is configured; see `firstline docs confluence`."


async def _pull(pullers: Sequence[Puller], console: Console, *, whole: bool) -> int:
    failed = False
    for puller in pullers:
        try:
            pulled = await puller.pull(whole=whole)
        except SourceUnavailable as error:
            console.print(f"{puller.name}: {said(str(error))} ({error.code})", markup=False, soft_wrap=True)
            failed = True
            continue
        finally:
            await puller.close()
        for line in _told(puller.name, pulled):
            console.print(line, markup=False, soft_wrap=True)
        failed = failed or pulled is None or bool(pulled.faults)
    return int(failed)


def _told(name: str, pulled: Pulled | None) -> list[str]:
    if pulled is None:
        return [said(f"{name}: a server reads these pages already, and goes on by itself.")]
    written, gone, left = pulled.written, pulled.removed, len(pulled.left_out)
    told = f"{name}: {written} written, {gone} taken away, {left} left out; articles in all: {pulled.held}."
    lines = [said(told)]
    lines += [said(f"Not there: {fault}.") for fault in pulled.faults]
    by_reason = sorted(pulled.left_out.items(), key=lambda one: (one[1], one[0]))
    for reason, group in groupby(by_reason, key=lambda one: one[1]):
        pages = [address for address, _ in group]
        lines.append(said(f"Left out: {reason}"))
        lines += [f"  {address}" for address in pages[:SHOWN]]
        if len(pages) > SHOWN:
            lines.append(said(f"  and {len(pages) - SHOWN} more"))
    return lines
