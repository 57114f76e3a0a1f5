"""Starts, measures and ends the processes of a run, and waits for them."""

import http.client
import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import psutil

from bench.plan import ROOT

PATIENCE = 120.0  # seconds until something that we wait for counts as failed
STOPPING = 20.0  # seconds that a process may take for its end
STEPPED_BACK = 5  # how nice a process is that lets others go before it
OURS = ("FIRSTLINE_", "SLACK_", "MICROSOFT_")


class BenchFailed(Exception):
    """Something that was to be measured failed, so that there is nothing to report."""


class Child:
    """A Python process of ours as a context manager; at the end it is asked to stop, then killed."""

    def __init__(
        self,
        name: str,
        arguments: Sequence[str],
        folder: Path,
        environment: Mapping[str, str] | None = None,
    ) -> None:
        self.name = name
        self.log = folder / f"{name}.log"
        self._arguments = [sys.executable, *arguments]
        kept = {key: value for key, value in os.environ.items() if not key.startswith(OURS)}
        self._environment = {**kept, "PYTHONPATH": str(ROOT), **(environment or {})}
        self._folder = folder
        self.process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Self:
        with self.log.open("ab") as log:
            # Its standard input ends with this process, however that ends: so the fakes know when to end.
            self.process = subprocess.Popen(
                self._arguments,
                cwd=self._folder,
                env=self._environment,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=log,
            )
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        process = self._running
        if process.poll() is None:
            process.terminate()
        try:
            process.wait(STOPPING)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait(STOPPING)
        for pipe in (process.stdin, process.stdout):
            if pipe is not None:
                with suppress(BrokenPipeError):
                    pipe.close()

    @property
    def _running(self) -> "subprocess.Popen[bytes]":
        if self.process is None:
            raise BenchFailed(f"{self.name} was not started")
        return self.process

    def step_back(self) -> None:
        """Let others go before it, as if on a machine of their own; to be called right after its start."""
        psutil.Process(self._running.pid).nice(STEPPED_BACK)

    def check(self) -> None:
        """Raise `BenchFailed` when the process has ended."""
        if self._running.poll() is not None:
            raise BenchFailed(f"{self.name} ended:\n{self.log.read_text()[-2000:]}")

    def megabytes(self) -> float:
        """The resident memory of the process in megabytes."""
        return float(psutil.Process(self._running.pid).memory_info().rss) / 1e6

    def descriptors(self) -> int:
        """The number of its open descriptors."""
        return int(psutil.Process(self._running.pid).num_fds())

    def cpu_seconds(self) -> float:
        """The processor time that the process has used, in seconds."""
        times = psutil.Process(self._running.pid).cpu_times()
        return float(times.user + times.system)

    def finish(self) -> None:
        """Close its standard input, at which it ends, and wait for it."""
        if self._running.stdin is not None:
            self._running.stdin.close()
        self._running.wait(STOPPING)

    def first_line(self) -> Any:
        """The first line that the process prints, decoded from JSON."""
        pipe = self._running.stdout
        line = pipe.readline() if pipe is not None else b""
        if not line:
            self._running.wait(STOPPING)
            self.check()
        return json.loads(line)


def run(arguments: Sequence[str], folder: Path, environment: Mapping[str, str], given: str = "") -> str:
    """Run a Python process to its end; return what it printed, raise `BenchFailed` when it failed."""
    kept = {key: value for key, value in os.environ.items() if not key.startswith(OURS)}
    done = subprocess.run(
        [sys.executable, *arguments],
        cwd=folder,
        env={**kept, "PYTHONPATH": str(ROOT), **environment},
        input=given,
        capture_output=True,
        text=True,
        timeout=900,
        check=False,
    )
    if done.returncode:
        raise BenchFailed(f"{' '.join(arguments)} failed:\n{done.stderr[-2000:]}")
    return done.stdout


def until(condition: Callable[[], bool], what: str, pause: float = 0.02, patience: float = PATIENCE) -> float:
    """Wait until a condition holds; return the seconds, raise `BenchFailed` after a bounded time."""
    begun = time.perf_counter()
    while not condition():
        if time.perf_counter() - begun > patience:
            raise BenchFailed(f"{what} did not come about within {patience:.0f} s")
        time.sleep(pause)
    return time.perf_counter() - begun


def get(port: int, path: str) -> tuple[int, str]:
    """The status and text that a server on this machine answers; status 0 where nobody listens."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
    try:
        connection.request("GET", path)
        answer = connection.getresponse()
        return answer.status, answer.read().decode()
    except (ConnectionError, http.client.HTTPException, TimeoutError):
        return 0, ""
    finally:
        connection.close()


def free_port() -> int:
    """A port that nobody uses at this moment."""
    import socket

    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
