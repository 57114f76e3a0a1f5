"""The commands on machines of every kind: without time zones, on IPv6, in any terminal, without a cache."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from bot.storage import connect, migrate
from tests.support.e2e.commands import CONTENT, demo, environment, good, refused
from tests.support.e2e.running import has_ipv6, until
from tests.support.patience import PATIENCE


def test_without_time_zones_of_the_system(tmp_path: Path) -> None:
    (tmp_path / "queues.yaml").write_text(
        "queues:\n  it:\n    zone: Europe/Madrid\n    hours:\n      mon-fri: 09:00-18:00\n"
    )
    settings = {"PYTHONTZPATH": "", "FIRSTLINE_QUEUES": "queues.yaml"}
    assert "1 queue: 0 errors" in good(tmp_path, "check", **settings)


@pytest.mark.skipif(not has_ipv6(), reason="this machine has no IPv6")
@pytest.mark.parametrize("host", ["::1", "[::1]"])
async def test_the_demo_on_ipv6(tmp_path: Path, host: str) -> None:
    async with demo(tmp_path, host=host, shown="[::1]") as desk:
        assert await desk.ask("I forgot my password") == "answered"
        assert '"status": "ready"' in await desk.read("/readyz")


@pytest.mark.parametrize(
    "kind",
    [
        {"TERM": "dumb"},
        {"TERM": ""},
        {"NO_COLOR": "1"},
        {"COLUMNS": "20"},
        {"COLUMNS": "none"},
        {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"},
        {"PYTHONIOENCODING": "ascii"},
        {"PYTHONIOENCODING": "latin-1"},
    ],
    ids=str,
)
def test_in_any_terminal(tmp_path: Path, kind: dict[str, str]) -> None:
    env = environment(tmp_path, kind)
    done = subprocess.run(
        [sys.executable, "-m", "bot", "ask", "he olvidado la contraseña"],
        cwd=tmp_path,
        env=env,
        capture_output=True,
        timeout=PATIENCE,
        check=True,
    )
    assert b"olvidada" in done.stdout
    assert b"Traceback" not in done.stderr


@pytest.mark.parametrize("command", [("check",), ("ask", "vpn"), ("manifest", "slack", "--socket-mode"), ()])
def test_when_nobody_reads_the_output(tmp_path: Path, command: tuple[str, ...]) -> None:
    reading, writing = os.pipe()
    os.close(reading)
    try:
        done = subprocess.run(
            [sys.executable, "-m", "bot", *command],
            cwd=tmp_path,
            env=environment(tmp_path, {}),
            stdout=writing,
            stderr=subprocess.PIPE,
            text=True,
            timeout=PATIENCE,
            check=False,
        )
    finally:
        os.close(writing)
    assert (done.returncode in (1, 2), done.stderr) == (True, "")


def test_when_the_output_is_closed(tmp_path: Path) -> None:
    done = subprocess.run(
        ["/bin/sh", "-c", '"$0" -m bot manifest slack --socket-mode >&-', sys.executable],
        cwd=tmp_path,
        env=environment(tmp_path, {}),
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")


async def test_without_a_cache_the_server_learns_in_memory_and_says_so(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    async with demo(tmp_path, FIRSTLINE_CACHE=str(tmp_path / "file")) as desk:
        log = tmp_path / "demo.log"
        await until(lambda: "content_learned" in log.read_text(), "what is learned in memory")
        health = json.loads(await desk.read("/readyz"))
        assert health["status"] == "degraded"
        assert f"cannot be kept in {tmp_path / 'file'} (it is no folder)" in health["cache"]
        assert "firstline_cache_unwritable 1.0" in await desk.read("/metrics")
        assert await desk.ask("I forgot my password") == "answered"
        assert "cache_not_writable" in log.read_text()
    assert "cache: warning: What is learned" in good(
        tmp_path, "check", FIRSTLINE_CACHE=str(tmp_path / "file")
    )


def test_the_server_does_not_start_on_an_address_of_nobody(tmp_path: Path) -> None:
    database = connect(f"sqlite:///{tmp_path / 'firstline.db'}")
    migrate(database)
    database.close()
    settings = {**CONTENT, "FIRSTLINE_WEB_TOKENS": "a-long-enough-token=eva:engineer"}
    said = refused(tmp_path, "serve", "--host", "192.0.2.1", **settings)
    assert "FIRSTLINE_HOST: this machine cannot listen on 192.0.2.1" in said
