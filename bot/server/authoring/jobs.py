"""Runs long computations one after another, each in a process of its own: nobody's answer waits for them."""

import multiprocessing
import os
import signal
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess
from threading import Lock
from typing import Any

import structlog

from bot.domain.errors import FirstlineError, Overloaded, details

log = structlog.get_logger()
MOST_WAITING = 4
NICE = 5  # the server goes first
_SPAWN = multiprocessing.get_context("spawn")

Reached = Callable[[int, int], None]


class JobFailed(FirstlineError):
    """A computation ended without a result; the message says why."""


class Job:
    """One computation: how far it is, and its result once there is one."""

    def __init__(
        self,
        work: Callable[..., Any],
        prepare: Callable[[], tuple[Any, ...]],
        keep: Callable[[Any], Any] | None = None,
    ) -> None:
        """`prepare` reads on a thread what `work` is given in the process, after what tells its progress.

        `keep` is given what `work` found, on that thread, and returns what is the result.
        """
        self._work = work
        self._prepare = prepare
        self._keep = keep or _as_it_is
        self._process: BaseProcess | None = None
        self.done, self.of = 0, 0
        self.result: Any = None
        self.failed = ""
        self.over = False

    def run(self) -> None:
        """Run it to its end, on a thread that waits for it."""
        try:
            self.result = self._keep(self._computed(self._prepare()))
        except Exception as error:  # noqa: BLE001  # whatever it is, the page tells it and goes on
            self.failed = str(error) if isinstance(error, FirstlineError) else type(error).__name__
            log.warning(
                "job_failed", **details(error), next_step="see the cause; the page can start it again"
            )
        finally:
            self.over = True

    def end(self) -> None:
        """End its process, if there is one."""
        if self._process is not None:
            with suppress(ValueError):  # it is closed already
                self._process.terminate()

    def _computed(self, arguments: tuple[Any, ...]) -> Any:
        receiver, sender = _SPAWN.Pipe(duplex=False)
        process = _SPAWN.Process(target=_compute, args=(sender, self._work, arguments), daemon=True)
        process.start()
        self._process = process
        sender.close()  # so that the end of the process is the end of what it sends
        try:
            while True:
                kind, *said = receiver.recv()
                if kind == "reached":
                    self.done, self.of = said
                elif kind == "failed":
                    raise JobFailed(said[0])
                else:
                    return said[0]
        except EOFError:
            raise JobFailed("the process that computes ended; see that there is enough memory") from None
        finally:
            receiver.close()
            process.join()
            process.close()


class Jobs:
    """Runs jobs in the order in which they come, and refuses more than can wait."""

    def __init__(self, most_waiting: int = MOST_WAITING) -> None:
        self._most = most_waiting
        self._thread = ThreadPoolExecutor(1, "job")
        self._lock = Lock()
        self._open: list[Job] = []
        self._closed = False

    def start(
        self,
        work: Callable[..., Any],
        prepare: Callable[[], tuple[Any, ...]],
        keep: Callable[[Any], Any] | None = None,
    ) -> Job:
        """Take a job; raise `Overloaded` where too many wait."""
        job = Job(work, prepare, keep)
        with self._lock:
            self._open = [one for one in self._open if not one.over]
            if self._closed or len(self._open) > self._most:
                raise Overloaded
            self._open.append(job)
        self._thread.submit(job.run)
        return job

    def stop(self) -> None:
        """End what runs and forget what waits."""
        with self._lock:
            self._closed = True
            for job in self._open:
                job.end()
        self._thread.shutdown(wait=True, cancel_futures=True)


def _as_it_is(found: Any) -> Any:
    return found


def _compute(sender: Connection, work: Callable[..., Any], arguments: tuple[Any, ...]) -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the server ends it
    if hasattr(os, "nice"):
        os.nice(NICE)
    told = -1

    def reached(done: int, of: int) -> None:
        nonlocal told
        if (part := 100 * done // max(of, 1)) != told:
            told = part
            sender.send(("reached", done, of))

    try:
        answer = "done", work(reached, *arguments)
    except FirstlineError as error:
        answer = "failed", str(error)
    sender.send(answer)
