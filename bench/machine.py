"""Says on which machine a run takes place."""

import json
import os
import platform
import re
import statistics
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path


def heading() -> str:
    """The date, the machine, and how busy it was before the run."""
    load = ", ".join(f"{value:.1f}" for value in os.getloadavg())
    return (
        f"{today()}: {name()}, Python {platform.python_version()}, load before the run {load}; "
        "server, generator, fakes and database share the cores."
    )


def today() -> str:
    """The date, in UTC."""
    return f"{datetime.now(UTC):%Y-%m-%d}"


def name() -> str:
    """Cores and processor."""
    return f"{os.cpu_count()} cores ({processor()})"


def processor() -> str:
    """The name of the processor."""
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        return platform.machine()
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.machine()


def pace_ms(times: int = 5) -> float:
    """The milliseconds of processor time for a fixed piece of work in Python, a median.

    It reads, sorts, groups and searches what is larger than a processor's nearest caches, as a message's way
    does. A machine's pace differs from hour to hour by half: processor times of two runs are compared by it.
    """
    found = []
    for _ in range(times):
        begun = time.process_time()
        _work()
        found.append((time.process_time() - begun) * 1000)
    return statistics.median(found)


def _work() -> None:
    text = json.dumps({f"word{number % 977}-{number}": number for number in range(60_000)})
    read: dict[str, int] = json.loads(text)
    groups: dict[str, list[str]] = {}
    for word in sorted(read, key=lambda word: (read[word] % 97, word)):
        groups.setdefault(word.partition("-")[0], []).append(word)
    re.findall(r"word9\d+-\d+5", text)


def fsync_ms(folder: Path | None = None, times: int = 100) -> float:
    """The milliseconds that it takes to write some bytes down to the disk."""
    with tempfile.TemporaryFile(dir=folder) as file:
        begun = time.perf_counter()
        for _ in range(times):
            file.write(b"x" * 4096)
            file.flush()
            os.fsync(file.fileno())
        return (time.perf_counter() - begun) / times * 1000
