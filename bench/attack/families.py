"""All families of attacks, in the order in which they are tried."""

import asyncio
import os
from collections.abc import Awaitable, Callable
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from multiprocessing import get_context

from bench import doors, floods, fuzz, hostile_texts
from bench.attack import (
    alerts,
    browser,
    buttons,
    code,
    installing,
    links,
    masking,
    mirrors,
    page,
    privacy,
    routes,
    shipped,
    sign_in,
    signatures,
    teams_tokens,
)
from bench.attack.attempts import Options, Row, rows_of

FLOOD, QUICK_FLOOD_SECONDS = floods.FloodPlan(seconds=8.0), 1.0
FUZZED, QUICK_FUZZED = 20_000, 100  # payloads for each door
MIXTURES, QUICK_MIXTURES = 10, 1  # random texts beside those of one thing


@dataclass(frozen=True, slots=True)
class Family:
    """Attacks of one kind; those whose names are not given are named by what they measure."""

    name: str
    run: Callable[[Options], list[Row]]
    attacks: tuple[str, ...] = ()


def _on_a_site(attack: Callable[[Options], Awaitable[list[Row]]]) -> Callable[[Options], list[Row]]:
    async def awaited(options: Options) -> list[Row]:
        return await attack(options)

    return lambda options: asyncio.run(awaited(options))


def _doors(options: Options) -> list[Row]:
    return rows_of(doors.run(quick=options.quick))


def _floods(options: Options) -> list[Row]:
    """Times on a machine that does other things, too: what was not met must fail twice to count."""
    plan = floods.FloodPlan(seconds=QUICK_FLOOD_SECONDS, turns=1) if options.quick else FLOOD
    goals = floods.run(plan)
    return rows_of(goals if all(one.met for one in goals) else floods.run(plan))


def _hostile_texts(options: Options) -> list[Row]:
    return rows_of(hostile_texts.run(options.seed, QUICK_MIXTURES if options.quick else MIXTURES))


def _fuzz(options: Options) -> list[Row]:
    """Every door in a process of its own, side by side."""
    number = QUICK_FUZZED if options.quick else FUZZED
    with ProcessPoolExecutor(os.cpu_count(), get_context("spawn")) as processes:
        begun = [processes.submit(fuzz.run, options.seed, number, (door,)) for door in fuzz.DOORS]
        return rows_of(goal for one in begun for goal in one.result())


FAMILIES = (
    Family("routes", _on_a_site(routes.run), routes.ATTACKS),
    Family("page", _on_a_site(page.run), page.ATTACKS),
    Family("signatures", _on_a_site(signatures.run), signatures.ATTACKS),
    Family("alerts", _on_a_site(alerts.run), alerts.ATTACKS),
    Family("mirrors", _on_a_site(mirrors.run), mirrors.ATTACKS),
    Family("teams", _on_a_site(teams_tokens.run), teams_tokens.ATTACKS),
    Family("oidc", _on_a_site(sign_in.run), sign_in.ATTACKS),
    Family("install", _on_a_site(installing.run), installing.ATTACKS),
    Family("buttons", _on_a_site(buttons.run), buttons.ATTACKS),
    Family("links", _on_a_site(links.run), links.ATTACKS),
    Family("browser", _on_a_site(browser.run), browser.ATTACKS),
    Family("masking", masking.run, masking.ATTACKS),
    Family("privacy", privacy.run, privacy.ATTACKS),
    Family("code", code.run, code.ATTACKS),
    Family("shipped", shipped.run, shipped.ATTACKS),
    Family("doors", _doors),
    Family("floods", _floods),
    Family("texts", _hostile_texts),
    Family("fuzz", _fuzz),
)
