"""Treats questions on several sides at once, in a process of its own for each."""

from collections.abc import Sequence
from concurrent.futures import Future, ProcessPoolExecutor, as_completed
from contextlib import ExitStack
from multiprocessing import get_context

from rich.console import Console

from bot.cli.progress import Waiting
from bot.desk.ports.feedback import PastQuestion
from bot.evaluation.replay import Treated
from bot.server.authoring.replaying import CHUNK, Side, Treating


class _Here:
    """What this process treats; kept between the calls of its pool."""

    treating: Treating


def _learn(side: Side) -> None:
    _Here.treating = Treating(side)


def _match(texts: Sequence[str]) -> int:
    return _Here.treating.match(texts)


def _decide(helped: Sequence[str | None]) -> list[Treated]:
    return _Here.treating.decide(helped)


def ask_again(
    sides: Sequence[Side], questions: Sequence[PastQuestion], errors: Console
) -> list[list[Treated]]:
    """Treat the questions on each side, every one in a process of its own."""
    texts = [question.text for question in questions]
    helped = [question.right for question in questions]
    chunks = [texts[at : at + CHUNK] for at in range(0, len(texts), CHUNK)]
    with ExitStack() as stack:
        pools = [stack.enter_context(ProcessPoolExecutor(1, mp_context=get_context("spawn"))) for _ in sides]
        waiting = stack.enter_context(Waiting(errors, len(texts) * len(sides), "questions"))
        learned = [pool.submit(_learn, side) for pool, side in zip(pools, sides, strict=True)]
        matched: list[Future[int]] = [pool.submit(_match, chunk) for chunk in chunks for pool in pools]
        decided = [pool.submit(_decide, helped) for pool in pools]
        for one in learned:
            one.result()
        done = 0
        for ready in as_completed(matched):
            done += ready.result()
            waiting.reach(done, len(texts) * len(sides))
        return [one.result() for one in decided]
