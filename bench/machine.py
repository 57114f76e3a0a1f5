"""Says on which machine a run takes place."""

import os
import platform
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


def fsync_ms(folder: Path | None = None, times: int = 100) -> float:
    """The milliseconds that it takes to write some bytes down to the disk."""
    with tempfile.TemporaryFile(dir=folder) as file:
        begun = time.perf_counter()
        for _ in range(times):
            file.write(b"x" * 4096)
            file.flush()
            os.fsync(file.fileno())
        return (time.perf_counter() - begun) / times * 1000
