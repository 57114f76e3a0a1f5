"""Which proxy a call takes, by the environment and by `.env`."""

from pathlib import Path

import pytest

from bot.cli.operate.doctor.network import proxies
from bot.runtime.network.outgoing import Proxies, open_blocking_session, open_pool
from tests.support.e2e.doctor import ENGLISH


@pytest.fixture(autouse=True)
def _nowhere(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)


def test_each_scheme_has_its_proxy_and_the_rest_that_of_all(monkeypatch: pytest.MonkeyPatch) -> None:
    assert Proxies().proxy_for("https://slack.com/") == ""
    monkeypatch.setenv("ALL_PROXY", "http://all:1")
    assert Proxies().proxy_for("https://slack.com/") == "http://all:1"
    monkeypatch.setenv("HTTPS_PROXY", "http://encrypted:1")
    monkeypatch.setenv("HTTP_PROXY", "http://plain:1")
    proxies = Proxies()
    assert [proxies.proxy_for(f"{scheme}://slack.com/") for scheme in ("https", "wss", "http", "ws")] == [
        "http://encrypted:1",
        "http://encrypted:1",
        "http://plain:1",
        "http://plain:1",
    ]


def test_the_small_letters_win_and_nothing_is_no_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTPS_PROXY", "http://capitals:1")
    monkeypatch.setenv("https_proxy", "http://small:1")
    assert Proxies().proxy_for("https://slack.com/") == "http://small:1"
    monkeypatch.setenv("https_proxy", "")
    assert Proxies().proxy_for("https://slack.com/") == "http://capitals:1"
    monkeypatch.setenv("HTTPS_PROXY", " ")
    assert Proxies().proxy_for("https://slack.com/") == ""


def test_a_file_of_settings_names_one_too(tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("HTTPS_PROXY=proxy:3128\n")
    assert Proxies().proxy_for("https://slack.com/") == "http://proxy:3128"


async def test_one_that_stands_in_a_file_of_its_own_is_used_by_all(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "proxy").write_text("http://u:secret@proxy:3128\n")
    monkeypatch.setenv("HTTPS_PROXY_FILE", str(tmp_path / "proxy"))
    url = "https://login.example.com"
    assert open_blocking_session(url).proxies["https"] == "http://u:secret@proxy:3128"
    way_there = open_pool(url, connections=1).connection_from_url(url).proxy
    assert way_there is not None
    assert way_there.host == "proxy"
    (way,) = await proxies([url], ENGLISH)
    assert way.seen == "It is called through http://proxy:3128."


@pytest.mark.parametrize(
    ("no_proxy", "url", "direct"),
    [
        ("*", "https://slack.com/", True),
        ("slack.com", "https://slack.com/", True),
        ("slack.com", "https://files.slack.com/", True),
        (".slack.com", "https://slack.com/", True),
        ("*.slack.com", "https://files.slack.com/", True),
        ("slack.com", "https://notslack.com/", False),
        ("a.example, SLACK.com", "https://slack.com/", True),
        ("a.example slack.com", "https://slack.com/", True),
        ("slack.com:8443", "https://slack.com/", False),
        ("slack.com:443", "https://slack.com/", True),
        ("10.0.0.0/8", "https://10.1.2.3/", True),
        ("10.0.0.0/8", "https://11.1.2.3/", False),
        ("10.1.2.3", "https://10.1.2.3:8443/", True),
        ("10.1.2.3:80", "https://10.1.2.3/", False),
        ("fd00::/8", "https://[fd00::1]/", True),
        ("[fd00::1]", "https://[fd00::1]/", True),
        ("[fd00::1]:443", "https://[fd00::1]/", True),
        ("http://[, ,:x", "https://slack.com/", False),
        ("", "https://127.0.0.9/", True),
        ("", "https://[::1]:3978/", True),
        ("", "http://localhost/", True),
        ("", "http://169.254.169.254/metadata", True),
        ("", "https://slack.com/", False),
    ],
)
def test_who_is_called_directly(
    monkeypatch: pytest.MonkeyPatch, no_proxy: str, url: str, direct: bool
) -> None:
    monkeypatch.setenv("ALL_PROXY", "http://all:1")
    monkeypatch.setenv("NO_PROXY", no_proxy)
    assert (Proxies().proxy_for(url) == "") is direct


@pytest.mark.parametrize(
    "good", ["http://proxy:3128", "proxy:3128", "https://u:p%40@proxy", "[::1]:3128", "", " "]
)
def test_an_address_of_a_proxy_is_no_mistake(monkeypatch: pytest.MonkeyPatch, good: str) -> None:
    monkeypatch.setenv("HTTPS_PROXY", good)
    assert Proxies().mistakes() == []


@pytest.mark.parametrize(
    "wrong",
    [
        "http://",
        "http://u:secret@proxy:port",
        "http://u:secret@proxy:99999",
        "http://[::1",
        "a proxy",
        "proxy:0",
        ":1",
    ],
)
def test_what_is_no_address_of_a_proxy_is_told_without_its_password(
    monkeypatch: pytest.MonkeyPatch, wrong: str
) -> None:
    monkeypatch.setenv("all_proxy", wrong)
    (mistake,) = Proxies().mistakes()
    assert mistake.startswith("ALL_PROXY: this is no address of a proxy; write one such as ")
    assert "secret" not in mistake


def test_a_proxy_of_another_kind_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTP_PROXY", "socks5://proxy:1080")
    (mistake,) = Proxies().mistakes()
    assert mistake.startswith("HTTP_PROXY: proxies of the kind socks5 are not supported")
