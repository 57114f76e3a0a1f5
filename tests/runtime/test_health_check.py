"""The question that a container asks its server."""

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from bot.runtime import health_check
from tests.support.e2e.running import free_port


@contextmanager
def answering(line: bytes, host: str = "127.0.0.1") -> Iterator[tuple[str, list[bytes]]]:
    """A server that gives one answer; its port, and what it was sent."""
    sent: list[bytes] = []
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.create_server((host, 0), family=family) as server:

        def serve() -> None:
            connection, _ = server.accept()
            with connection:
                sent.append(connection.recv(4096))
                connection.sendall(line)

        thread = threading.Thread(target=serve)
        thread.start()
        yield str(server.getsockname()[1]), sent
        thread.join()


@pytest.mark.parametrize(
    ("listened", "asked"),
    [
        ("", "127.0.0.1"),
        ("0.0.0.0", "127.0.0.1"),  # noqa: S104  # nothing is bound to it
        ("::", "::1"),
        ("[::1]", "::1"),
        ("127.0.0.1", "127.0.0.1"),
    ],
)
def test_it_asks_where_the_server_listens(
    listened: str, asked: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    with answering(b"HTTP/1.1 200 OK\r\n\r\n", asked) as (port, sent):
        monkeypatch.setenv("FIRSTLINE_HOST", listened)
        monkeypatch.setenv("FIRSTLINE_PORT", port)
        assert health_check.main() == 0
    assert sent[0].startswith(b"GET /healthz HTTP/1.1\r\n")
    assert capsys.readouterr().err == ""


@pytest.mark.parametrize("line", [b"HTTP/1.1 503 Service Unavailable\r\n\r\n", b"", b"SSH-2.0\r\n"])
def test_another_answer_is_a_failure_and_told(
    line: bytes, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    with answering(line) as (port, sent):
        monkeypatch.setenv("FIRSTLINE_PORT", port)
        assert health_check.main("/readyz") == 1
    assert b"/readyz" in sent[0]
    assert f"/readyz on port {port}" in capsys.readouterr().err


@pytest.mark.parametrize("port", ["", "http"])
def test_nobody_is_a_failure_and_no_traceback(
    port: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("FIRSTLINE_PORT", port or str(free_port()))
    assert health_check.main() == 1
    assert capsys.readouterr().err.startswith("firstline: /healthz on port")


def test_a_silent_server_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(health_check, "SECONDS", 0.05)
    with socket.create_server(("127.0.0.1", 0)) as server:
        monkeypatch.setenv("FIRSTLINE_PORT", str(server.getsockname()[1]))
        assert health_check.main() == 1
