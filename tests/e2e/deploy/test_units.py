"""The units for systemd, read by systemd itself."""

import re
import shutil
import subprocess
from pathlib import Path

import pytest

from bot.server.application import SHUTDOWN_SECONDS
from tests.support.paths import ROOT
from tests.support.patience import PATIENCE

UNITS = ROOT / "deploy/systemd"
MOST_EXPOSED = 15  # tenths of systemd's points, of 100
FIRST_OF_CREDENTIALS = 250  # the version that takes a folder of them
PROGRAM = Path("opt/firstline/bin/firstline")


def systemd() -> int:
    """The version of systemd's tool, 0 where there is none."""
    tool = shutil.which("systemd-analyze")
    if tool is None:
        return 0
    said = subprocess.run([tool, "--version"], capture_output=True, text=True, check=True).stdout
    return int(said.split()[1])


needs_systemd = pytest.mark.skipif(
    systemd() < FIRST_OF_CREDENTIALS,
    reason=f"there is no systemd-analyze of version {FIRST_OF_CREDENTIALS} or newer",
)


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A file system in which the units and what they start are installed."""
    program = tmp_path / PROGRAM
    program.parent.mkdir(parents=True)
    program.write_text("#!/bin/sh\n")
    program.chmod(0o755)
    place = tmp_path / "etc/systemd/system"
    place.mkdir(parents=True)
    for unit in UNITS.iterdir():
        shutil.copy(unit, place)
    for target in ("sysinit", "shutdown", "basic", "sockets", "network-online", "multi-user"):
        (place / f"{target}.target").write_text(f"[Unit]\nDescription={target}\n")
    return tmp_path


def analyze(*arguments: str) -> subprocess.CompletedProcess[str]:
    """What the tool says."""
    return subprocess.run(
        ["systemd-analyze", *arguments], capture_output=True, text=True, timeout=PATIENCE, check=False
    )


@needs_systemd
@pytest.mark.parametrize("unit", sorted(path.name for path in UNITS.iterdir()))
def test_systemd_understands_every_line(unit: str, root: Path) -> None:
    done = analyze("verify", f"--root={root}", "--man=no", f"/etc/systemd/system/{unit}")
    assert (done.returncode, done.stderr.strip(), done.stdout.strip()) == (0, "", "")


@needs_systemd
def test_a_line_that_systemd_does_not_know_is_seen(root: Path) -> None:
    unit = root / "etc/systemd/system/firstline.service"
    unit.write_text(unit.read_text().replace("ProtectClock=yes", "ProtectClocks=yes"))
    assert (
        "ProtectClocks"
        in analyze("verify", f"--root={root}", "--man=no", "/etc/systemd/system/firstline.service").stderr
    )


@needs_systemd
def test_the_service_is_hardly_exposed() -> None:
    unit = str(UNITS / "firstline.service")
    done = analyze("security", "--offline=true", f"--threshold={MOST_EXPOSED}", "--no-pager", unit)
    assert done.returncode == 0, done.stdout


def lines(name: str) -> list[tuple[str, str]]:
    """The settings of a unit, in their order."""
    text = (UNITS / name).read_text(encoding="utf-8")
    return [(key, value) for key, value in re.findall(r"^(\w+)=(.*)$", text, re.MULTILINE)]


def test_the_service_has_the_time_to_end_and_a_place_to_write() -> None:
    unit = dict(lines("firstline.service"))
    assert int(unit["TimeoutStopSec"]) > SHUTDOWN_SECONDS * 2 - 5
    assert unit["Type"] == "notify"
    assert unit["WorkingDirectory"] == f"/var/lib/{unit['StateDirectory']}"
    assert unit["Environment"] == f"FIRSTLINE_CACHE=/var/cache/{unit['CacheDirectory']}"
    assert unit["ExecStart"].startswith(f"/{PROGRAM}")
