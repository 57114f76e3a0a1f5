"""Runs every check at the same time and prints what they found: `firstline doctor`."""

import asyncio
import logging
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from threading import Thread
from typing import Any

import structlog

from bot.cli import terminal
from bot.cli.operate.doctor.checks import Doctor
from bot.cli.operate.doctor.report import as_data, print_report
from bot.cli.operate.doctor.rounds import Rounds
from bot.cli.operate.parts import read_parts
from bot.cli.progress import Waiting
from bot.domain.diagnosis import Check, Finding, Level, Teller


def run_doctor(*, as_json: bool) -> int:
    """Look at everything and print it; return 1 where something is an error, else 0."""
    doctor = Doctor(read_parts())
    with _quiet():
        findings = [*doctor.settings(), *looked(doctor.checks(), doctor.tell)]
    if as_json:
        terminal.print_json(as_data(findings), 1)
    else:
        print_report(terminal.console(), findings, doctor.tell)
    return 1 if any(finding.level is Level.ERROR for finding in findings) else 0


def looked(checks: Sequence[Check], tell: Teller) -> list[Finding]:
    """Everything that the checks find, shown as they go on; what hangs in the system is left behind."""
    loop = asyncio.new_event_loop()
    loop.set_default_executor(_LeftBehind())
    try:
        with Waiting(terminal.console(errors=True), len(checks), tell.say("doctor.checks")) as waiting:
            return loop.run_until_complete(Rounds(checks, tell, waiting.step).all())
    finally:
        loop.run_until_complete(loop.shutdown_asyncgens())
        loop.close()


class _LeftBehind(ThreadPoolExecutor):
    """Runs each call in a thread that Python does not wait for at its end.

    What waits for a name server or for a disk of the network cannot be ended.
    """

    def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> "Future[Any]":
        """Start the call."""
        future: Future[Any] = Future()

        def run() -> None:
            if not future.set_running_or_notify_cancel():
                return
            try:
                future.set_result(fn(*args, **kwargs))
            except BaseException as error:  # noqa: BLE001  # whoever waits for it is told
                future.set_exception(error)

        Thread(target=run, daemon=True).start()
        return future


@contextmanager
def _quiet() -> Iterator[None]:
    """Let nothing be logged meanwhile: what the channels log at work is what the findings say."""
    before = structlog.get_config()
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))
    logging.disable(logging.ERROR)
    try:
        yield
    finally:
        logging.disable(logging.NOTSET)
        structlog.configure(**before)
