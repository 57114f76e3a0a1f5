"""Taking the address and the port to listen on: what is taken, and what each refusal says."""

import errno
import socket
from collections.abc import Iterator
from contextlib import closing

import pytest

from bot.cli.operate.listening import bind, taken_meanwhile, url_of
from bot.domain.errors import SettingsInvalid
from bot.runtime.network.loopback import is_loopback
from tests.support.e2e.running import free_port, has_ipv6

ipv6 = pytest.mark.skipif(not has_ipv6(), reason="this machine has no IPv6")


@pytest.fixture
def port() -> int:
    return free_port()


def names(host: str, port: int) -> Iterator[str]:
    for one in bind(host, port):
        with closing(one):
            yield one.getsockname()[0]


@ipv6
@pytest.mark.parametrize("host", ["127.0.0.1", "::1", "127.0.0.9"])
def test_an_address_is_taken_as_it_is(host: str, port: int) -> None:
    assert list(names(host, port)) == [host]


@ipv6
def test_all_addresses_of_ipv6_leave_those_of_ipv4_alone(port: int) -> None:
    with closing(bind("::", port)[0]), closing(bind("0.0.0.0", port)[0]) as other:  # noqa: S104  # for a moment
        assert other.getsockname()[1] == port


@pytest.mark.parametrize(
    ("host", "said"),
    [
        ("nobody.invalid", "FIRSTLINE_HOST: there is no address nobody.invalid"),
        ("x" * 200, "FIRSTLINE_HOST: there is no address xxx"),
        ("192.0.2.1", "FIRSTLINE_HOST: this machine cannot listen on 192.0.2.1"),
    ],
)
def test_an_address_of_nobody_is_told(
    monkeypatch: pytest.MonkeyPatch, host: str, said: str, port: int
) -> None:
    known = socket.getaddrinfo

    def resolve(name: str, *values: object, **more: object) -> object:
        if name.endswith(".invalid"):  # nothing is asked outside of this machine
            raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")
        return known(name, *values, **more)  # type: ignore[arg-type]

    monkeypatch.setattr(socket, "getaddrinfo", resolve)
    with pytest.raises(SettingsInvalid) as refused:
        bind(host, port)
    assert str(refused.value).startswith(said)
    assert "such as 127.0.0.1, ::1 or 0.0.0.0." in str(refused.value)


def test_a_port_that_is_in_use_is_told(port: int) -> None:
    with socket.create_server(("127.0.0.1", port)), pytest.raises(SettingsInvalid) as refused:
        bind("127.0.0.1", port)
    assert str(refused.value) == (
        f"FIRSTLINE_PORT: 127.0.0.1:{port} is in use already; stop what uses it, or choose another port."
    )


def test_a_port_that_was_taken_meanwhile_or_is_not_ours_is_told() -> None:
    said = str(taken_meanwhile("::1", 80, OSError(errno.EADDRINUSE, "in use")))
    assert said.startswith("FIRSTLINE_PORT: [::1]:80 is in use already")
    said = str(taken_meanwhile("::1", 80, OSError(errno.EACCES, "denied")))
    assert said.startswith("FIRSTLINE_PORT: this account must not listen on port 80")
    assert said.endswith("choose one from 1024 on.")


def test_an_address_of_ipv6_stands_in_brackets_in_a_link() -> None:
    assert url_of("::1", 3978) == "http://[::1]:3978"
    assert url_of("127.0.0.1", 3978) == "http://127.0.0.1:3978"


@pytest.mark.parametrize(
    ("host", "near"),
    [
        ("127.0.0.1", True),
        ("127.9.9.9", True),
        ("::1", True),
        ("[::1]", True),
        ("::ffff:127.0.0.1", True),
        ("localhost", True),
        ("LOCALHOST", True),
        ("128.0.0.1", False),
        ("::2", False),
        ("::ffff:8.8.8.8", False),
        ("localhost.example", False),
        ("", False),
    ],
)
def test_what_is_this_machine(host: str, near: bool) -> None:
    assert is_loopback(host) is near
