"""The process as systemd and a container start it: it says when it serves, and ends when it is asked to."""

import os
import shutil
import signal
import socket
import subprocess
import sys
import urllib.request
from pathlib import Path

import pytest

from tests.support.e2e.commands import CONTENT, environment
from tests.support.e2e.running import free_port
from tests.support.patience import PATIENCE

TOKENS = {"FIRSTLINE_WEB_TOKENS": "token-of-wes-the-engineer=wes:engineer"}


def may_have_a_first_process() -> bool:
    """Whether a process can be the first of a container's own here."""
    command = ["unshare", "--pid", "--fork", "true"]
    return (
        bool(shutil.which("unshare"))
        and subprocess.run(command, capture_output=True, check=False).returncode == 0
    )


def test_systemd_is_told_when_it_serves_and_when_it_ends(tmp_path: Path, sqlite_template: Path) -> None:
    shutil.copy(sqlite_template, tmp_path / "firstline.db")
    port = str(free_port())
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as manager:
        manager.settimeout(PATIENCE)
        manager.bind(str(tmp_path / "notify"))
        settings = {**CONTENT, **TOKENS, "FIRSTLINE_PORT": port, "NOTIFY_SOCKET": str(tmp_path / "notify")}
        server = subprocess.Popen(
            [sys.executable, "-m", "bot", "serve"], cwd=tmp_path, env=environment(tmp_path, settings)
        )
        try:
            assert manager.recv(100) == b"READY=1"
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/healthz", timeout=PATIENCE) as answer:
                assert answer.status == 200
            server.send_signal(signal.SIGTERM)
            assert manager.recv(100) == b"STOPPING=1"
            assert server.wait(PATIENCE) == 0
        finally:
            server.kill()
            server.wait()


def test_a_manager_that_has_gone_stops_nothing(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    from bot.cli.operate.service_manager import READY, tell

    for address in ("", str(tmp_path / "nobody"), "@firstline-nobody"):
        monkeypatch.setenv("NOTIFY_SOCKET", address)
        tell(READY)


@pytest.mark.skipif(not may_have_a_first_process(), reason="needs the right to make a namespace of processes")
def test_the_first_process_of_a_container_ends_on_sigterm_before_it_serves(tmp_path: Path) -> None:
    words = tmp_path / "words.toml"
    os.mkfifo(words)  # a file whose end it waits for
    settings = {**CONTENT, **TOKENS, "FIRSTLINE_WORDS": str(words)}
    outside = subprocess.Popen(
        ["unshare", "--pid", "--fork", sys.executable, "-m", "bot", "serve"],
        cwd=tmp_path,
        env=environment(tmp_path, settings),
    )
    try:
        with words.open("w"):  # it reads its settings by now
            (first,) = Path(f"/proc/{outside.pid}/task/{outside.pid}/children").read_text().split()
            os.kill(int(first), signal.SIGTERM)
            assert outside.wait(PATIENCE) == 128 + signal.SIGTERM
    finally:
        outside.kill()
        outside.wait()
