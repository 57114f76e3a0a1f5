"""What `firstline doctor` says of certificates, proxies, and of hosts that say nothing."""

import asyncio
import ssl
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from bot.domain.diagnosis import Level
from tests.support.e2e.certificates import Authority, showing
from tests.support.e2e.commands import CONTENT
from tests.support.e2e.doctor import examined
from tests.support.e2e.running import free_port
from tests.support.fakes.proxy import Proxy

SECRET = "a-secret-of-the-mirrors-own"


@pytest.fixture
def authority(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Authority:
    """An authority that this machine knows."""
    made = Authority(tmp_path)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("SSL_CERT_FILE", str(made.root))
    return made


@pytest.mark.parametrize(
    ("kind", "level", "said"),
    [
        ("good", Level.OK, "by The Tests' Authority with its chain; days left: 90"),
        ("soon", Level.WARNING, "days left: 5"),
        ("expired", Level.ERROR, "has expired"),
        ("self-signed", Level.ERROR, "self-signed"),
        ("of another name", Level.ERROR, "other names than 127.0.0.1"),
        ("of nobody known", Level.ERROR, "this machine knows"),
    ],
)
async def test_a_certificate(
    authority: Authority, monkeypatch: pytest.MonkeyPatch, kind: str, level: Level, said: str
) -> None:
    contexts: dict[str, Callable[[], ssl.SSLContext]] = {
        "good": lambda: authority.signed(days=90),
        "soon": lambda: authority.signed(days=5),
        "expired": lambda: authority.signed(days=-3),
        "self-signed": authority.self_signed,
        "of another name": lambda: authority.signed(days=90, host="help.example.com"),
        "of nobody known": lambda: authority.signed(days=90),
    }
    if kind == "of nobody known":
        monkeypatch.setenv("SSL_CERT_FILE", "/dev/null")
    async with showing(contexts[kind]()) as url:
        found = await examined(monkeypatch, {"FIRSTLINE_PUBLIC_URL": url}, only="certificate")
    finding = found.one("certificate")
    assert (finding.level, said in finding.seen) == (level, True), finding
    assert bool(finding.remedy) is (level is not Level.OK)


async def test_a_certificate_is_looked_at_through_the_proxy(
    authority: Authority, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = {"FIRSTLINE_PUBLIC_URL": "https://help.example.com"}
    good = authority.signed(days=90, host="help.example.com")
    async with showing(good) as url, Proxy(url) as proxy:
        monkeypatch.setenv("HTTPS_PROXY", f"http://ana:hidden@{proxy.address}")
        found = await examined(monkeypatch, settings, only="certificate")
    finding = found.one("certificate")
    assert (finding.level, "days left: 90" in finding.seen) == (Level.OK, True), finding
    assert (proxy.asked, len(proxy.logins)) == (["CONNECT help.example.com:443"], 1)
    # Whoever signs it may be the proxy itself: that is no mistake of the public address.
    async with showing(authority.self_signed()) as url, Proxy(url) as proxy:
        monkeypatch.setenv("HTTPS_PROXY", f"http://{proxy.address}")
        found = await examined(monkeypatch, settings, only="certificate")
    assert found.level("certificate") is Level.WARNING
    assert "NO_PROXY" in found.one("certificate").remedy


async def test_a_proxy_that_leads_nowhere_says_nothing_of_the_certificate(
    authority: Authority, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = {"FIRSTLINE_PUBLIC_URL": "https://help.example.com"}
    async with Proxy() as proxy:
        monkeypatch.setenv("HTTPS_PROXY", f"http://ana:hidden@{proxy.address}")
        refused = await examined(monkeypatch, settings, only="certificate")
    away = await examined(monkeypatch, settings, only="certificate")
    for found in (refused, away):
        assert found.level("certificate") is Level.SKIPPED
        assert proxy.address in found.one("certificate").seen
        assert "hidden" not in str(found.all)
    assert "502 Bad Gateway" in refused.one("certificate").seen


async def test_an_address_where_nobody_listens(authority: Authority, monkeypatch: pytest.MonkeyPatch) -> None:
    url = f"https://127.0.0.1:{free_port()}"
    found = await examined(monkeypatch, {"FIRSTLINE_PUBLIC_URL": url}, only="certificate")
    assert found.level("certificate") is Level.WARNING


async def test_without_https_there_is_no_certificate(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    found = await examined(monkeypatch, {}, only="certificate")
    assert found.level("certificate") is Level.SKIPPED


async def test_each_host_is_named_with_its_proxy_and_no_login(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    settings = {
        "SLACK_BOT_TOKEN": "xoxb-1",
        "SLACK_SIGNING_SECRET": "secret",
        "FIRSTLINE_MIRROR_URL": "https://tickets.intranet.example/in",
        "FIRSTLINE_MIRROR_SECRET": SECRET,
        "HTTPS_PROXY": "http://ana:hidden@proxy.example:3128",
        "NO_PROXY": "intranet.example",
    }
    found = await examined(monkeypatch, settings, only="proxies")
    assert found.one("proxies", "slack.com").seen == "It is called through http://proxy.example:3128."
    assert found.one("proxies", "tickets.intranet.example").seen == "It is called directly."
    assert "hidden" not in str(found.all)


@asynccontextmanager
async def silent_host() -> AsyncIterator[str]:
    """The address of a host that takes connections, and never says a word."""
    held: list[asyncio.StreamWriter] = []

    async def hold(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        held.append(writer)

    server = await asyncio.start_server(hold, "127.0.0.1", 0)
    try:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    finally:
        for writer in held:
            writer.transport.abort()
        server.close()
        await server.wait_closed()


async def test_a_silent_host_holds_up_nothing_else(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    async with silent_host() as url:
        settings = {
            "SLACK_BOT_TOKEN": "xoxb-1",
            "SLACK_SIGNING_SECRET": "secret",
            "SLACK_API_URL": f"{url}/api/",
            "FIRSTLINE_SLACK_ROOM": "C1",
            "FIRSTLINE_MIRROR_URL": f"{url}/in",
            "FIRSTLINE_MIRROR_SECRET": SECRET,
            "MICROSOFT_APP_ID": "app",
            "MICROSOFT_APP_PASSWORD": "password",
            "MICROSOFT_APP_TENANT_ID": "tenant",
            "MICROSOFT_LOGIN_URL": url,
            "MICROSOFT_OPENID_METADATA": f"{url}/openid",
            "FIRSTLINE_PUBLIC_URL": url.replace("http://", "https://"),
        }
        asked = [f"slack.{name}" for name in ("token", "rooms")]
        asked += [f"teams.{name}" for name in ("token", "keys")]
        asked += ["backend.webhook.address", "certificate"]
        found = await examined(monkeypatch, CONTENT | settings, seconds=0.5, of=asked)
    for check in asked:
        assert found.level(check) is Level.ERROR, check
        assert "no answer within 0.5 seconds" in found.one(check).seen
    assert found.level("cache") is Level.OK


async def test_a_mirror_that_answers_and_one_that_is_away(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    settings = {
        "FIRSTLINE_MIRROR_URL": f"http://127.0.0.1:{free_port()}/in",
        "FIRSTLINE_MIRROR_SECRET": SECRET,
        "FIRSTLINE_ALERTS_SECRET": SECRET,
    }
    found = await examined(monkeypatch, settings, only="backend")
    assert "FIRSTLINE_MIRROR_URL is not reached" in found.one("backend.webhook.address").seen
    alerts = await examined(monkeypatch, {}, only="alerts")
    assert "/alerts/webhook" in alerts.one("alerts.webhook.address").remedy
    public = {"FIRSTLINE_ALERTMANAGER_TOKEN": SECRET, "FIRSTLINE_PUBLIC_URL": "https://help.example.com"}
    system = await examined(monkeypatch, public, only="alerts")
    assert "FIRSTLINE_ALERTMANAGER_" in system.one("alerts.alertmanager.address").remedy
