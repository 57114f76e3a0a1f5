"""Reads the code with bandit, with the exceptions that pyproject.toml justifies."""

import json
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

from bench.attack.attempts import Options, Row
from bench.plan import ROOT

BANDIT = "bandit's findings in bot/"
ATTACKS = (BANDIT,)
SECONDS = 180


def attack(folder: Path) -> list[Row]:
    """Let bandit read a folder; a finding is something that got through."""
    if find_spec("bandit") is None:
        return [Row(BANDIT, 0, skipped="bandit is not installed: make test installs it")]
    command = [sys.executable, "-m", "bandit", "-q", "-r", str(folder), "-f", "json"]
    command += ["-c", str(ROOT / "pyproject.toml")]
    done = subprocess.run(command, capture_output=True, text=True, timeout=SECONDS, check=False)
    if not done.stdout.startswith("{"):
        raise RuntimeError(f"bandit said nothing that can be read:\n{done.stderr[-2000:]}")
    told = json.loads(done.stdout)
    found = [f"{one['filename']}:{one['line_number']}: {one['issue_text']}" for one in told["results"]]
    found += [f"{one['filename']}: {one['reason']}" for one in told["errors"]]
    files, lines = len(told["metrics"]) - 1, told["metrics"]["_totals"]["loc"]
    return [Row(BANDIT, files, tuple(found), f"{len(found)} in {files} files, {lines:,} lines")]


def run(_options: Options) -> list[Row]:
    """Read all that runs on a server."""
    return attack(ROOT / "bot")
