"""Every call out of the process goes through the proxy of the environment, and none within this machine."""

import asyncio
import re
from base64 import b64encode
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from ssl import create_default_context
from typing import Any

import aiohttp
import pytest
from aiohttp import web
from pydantic import SecretStr

from bot import wording
from bot.backends.webhook.backend import WebhookBackend
from bot.backends.webhook.settings import Settings as WebhookSettings
from bot.channels.slack.client import ERRORS, make_client, make_session, make_socket
from bot.channels.slack.diagnosis.rooms import warnings
from bot.channels.slack.outbound.files import Files as SlackFiles
from bot.channels.slack.settings import Settings as SlackSettings
from bot.channels.teams.channel import TeamsChannel
from bot.channels.teams.inbound.activities import DOWNLOADED
from bot.channels.teams.inbound.auth import SigningKeys
from bot.channels.teams.outbound import messages
from bot.channels.teams.outbound.client import TeamsClient
from bot.channels.teams.outbound.onedrive import OneDriveUploads, UploadLocation
from bot.channels.teams.settings import Settings as TeamsSettings
from bot.channels.web import Settings as PageSettings
from bot.channels.web.sign_in.errors import ProviderUnavailable
from bot.channels.web.sign_in.options import provider_options
from bot.channels.web.sign_in.provider import Provider
from bot.desk.ports.backends import BackendHost
from bot.desk.ports.channels import Delivery
from bot.desk.ports.page import File
from bot.domain.conversations.messages import ConversationRef, Line, Reply
from bot.domain.errors import DeliveryFailed, EncoderUnavailable, SourceUnavailable
from bot.matching.encoders.http import HttpEncoder
from bot.runtime.network.fetching import NotFetched
from bot.runtime.network.outgoing import open_blocking_session, open_machine_session, open_pool, open_session
from bot.runtime.network.tunnel import ProxyRefused, open_encrypted
from tests.support.channels.empty_host import host
from tests.support.clock import START
from tests.support.e2e.calls import (
    confluence,
    jira,
    keys_of_alerts,
    mirror_doctor,
    new_relic,
    sharepoint,
    slack_installation,
    splunk,
    teams_doctor,
    zendesk,
    zendesk_file,
)
from tests.support.fakes.proxy import Proxy
from tests.support.paths import ROOT
from tests.support.patience import PATIENCE

Call = Callable[[], Awaitable[Any]]
REPLY = Reply((Line("It is done."),))
FAILURES = (
    ProxyRefused,
    *ERRORS,
    DeliveryFailed,
    EncoderUnavailable,
    NotFetched,
    ProviderUnavailable,
    SourceUnavailable,
    OSError,
)
SHAREPOINT = "contoso.sharepoint.com"


@pytest.fixture
async def proxy(
    monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Proxy]:
    """The proxy that the environment names, with a login."""
    monkeypatch.chdir(tmp_path_factory.mktemp("empty"))  # no .env
    async with Proxy() as running:
        monkeypatch.setenv("HTTPS_PROXY", f"http://firstline:p%40ss@{running.address}")
        yield running


# --- Slack --------------------------------------------------------------------------------------------


async def slack_web_api() -> None:
    async with make_session() as session:
        await make_client("xoxb-1", "https://slack.example/api/", session).auth_test()


async def slack_room_check() -> None:
    settings = SlackSettings.model_validate(
        {"bot_token": "xoxb-1", "api_url": "https://slack.example/api/", "room": "C0123456789"}
    )
    await warnings(settings, wording.load(), "en")


async def slack_socket_address() -> None:
    async with make_session() as session:
        socket = await make_socket("xapp-1", make_client("", "https://slack.example/api/", session))
        try:
            await socket.issue_new_wss_url()
        finally:
            await socket.close()  # type: ignore[no-untyped-call]


async def slack_socket() -> None:
    async with make_session() as session:
        socket = await make_socket("xapp-1", make_client("", "https://slack.example/api/", session))
        try:
            await socket.aiohttp_client_session.ws_connect("wss://socket.slack.example/", proxy=socket.proxy)
        finally:
            await socket.close()  # type: ignore[no-untyped-call]


@asynccontextmanager
async def slack_files() -> AsyncIterator[SlackFiles]:
    """Files beside a Web API on this machine, which names addresses of Slack's for their contents."""

    async def info(_request: web.Request) -> web.Response:
        return web.json_response({"ok": True, "file": {"url_private": "https://files.slack.com/F1"}})

    async def upload(_request: web.Request) -> web.Response:
        return web.json_response({"ok": True, "upload_url": "https://upload.slack.com/F1", "file_id": "F1"})

    app = web.Application()
    app.router.add_route("*", "/api/files.info", info)
    app.router.add_route("*", "/api/files.getUploadURLExternal", upload)
    runner = web.AppRunner(app)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    try:
        async with make_session() as session:
            client = make_client("xoxb-1", f"http://127.0.0.1:{runner.addresses[0][1]}/api/", session)
            yield SlackFiles(lambda: client, host())
    finally:
        await runner.cleanup()


async def slack_download() -> None:
    async with slack_files() as files:
        await files.fetch(a_file("F1", "slack"), 10)


async def slack_upload() -> None:
    place = ConversationRef("slack", "T1", "C1", private=False)
    async with slack_files() as files:
        await files.post(Delivery(1, 1, 1, place, REPLY), a_file("F1", "slack"), "C1")


# --- Teams --------------------------------------------------------------------------------------------


@asynccontextmanager
async def teams(app_id: str = "") -> AsyncIterator[TeamsChannel]:
    settings = TeamsSettings(
        app_id=app_id,
        app_password="secret",
        tenant_id="contoso",
        login_url="https://login.example",
        openid_metadata="https://keys.example/metadata",
    )
    channel = TeamsChannel(settings, host())
    try:
        yield channel
    finally:
        await channel.stop()


async def teams_login() -> None:
    async with teams("11111111-2222-3333-4444-555555555555") as channel:
        await channel._credentials.token()


async def teams_keys() -> None:
    async with teams() as channel:
        await SigningKeys("https://keys.example/metadata", channel._session)._fetch()


async def teams_connector() -> None:
    async with teams() as channel:
        client = TeamsClient(channel._session, channel._credentials, lambda: START, "")
        await client.post("https://smba.example/", "19:chat", messages.card(REPLY, wording.load()))


async def teams_download() -> None:
    async with teams() as channel:
        await channel.fetch(a_file(f"{DOWNLOADED}https://{SHAREPOINT}/report", "teams"), 10)


async def teams_onedrive() -> None:
    address = f"https://{SHAREPOINT}/upload"
    async with teams() as channel:
        uploads = OneDriveUploads(channel._session, host(), "", local=False)
        await uploads.fill(1, UploadLocation(address, address, "a.txt", "1", "txt"), b"x", again=False)


# --- what else speaks HTTP ----------------------------------------------------------------------------


async def ticket_mirror() -> None:
    settings = WebhookSettings(mirror_url="https://mirror.example/", mirror_secret=SecretStr("s" * 16))
    backend = WebhookBackend(settings, BackendHost(wording.load(), lambda: START, "en", ""))
    try:
        await backend.comment("1", REPLY, "key")
    finally:
        await backend.stop()


async def embeddings() -> None:
    encoder = HttpEncoder("https://embeddings.example", "a-model", seconds=5)
    await asyncio.to_thread(encoder.encode, ["hello"])


async def traces() -> None:
    with open_blocking_session("https://traces.example/v1/traces") as session:
        await asyncio.to_thread(session.post, "https://traces.example/v1/traces", data=b"", timeout=PATIENCE)


def a_file(source: str, channel: str) -> File:
    return File(1, "a.txt", "text/plain", 1, channel, source, b"x")


async def identity_provider() -> None:
    settings = PageSettings.model_validate({"oidc_issuer": "https://login.example"})
    options = provider_options(settings)
    assert options is not None
    provider = Provider(options)
    try:
        await provider.metadata()
    finally:
        await provider.close()


async def certificate() -> None:
    await open_encrypted("help.example", 443, create_default_context(), PATIENCE)


KINDS: list[tuple[Call, str]] = [
    (slack_web_api, "slack.example"),
    (slack_room_check, "slack.example"),
    (slack_socket_address, "slack.example"),
    (slack_socket, "socket.slack.example"),
    (slack_download, "files.slack.com"),
    (slack_upload, "upload.slack.com"),
    (teams_login, "login.example"),
    (teams_keys, "keys.example"),
    (teams_connector, "smba.example"),
    (teams_download, SHAREPOINT),
    (teams_onedrive, SHAREPOINT),
    (ticket_mirror, "mirror.example"),
    (embeddings, "embeddings.example"),
    (traces, "traces.example"),
    (identity_provider, "login.example"),
    (certificate, "help.example"),
    (zendesk, "acme.zendesk.example"),
    (zendesk_file, "files.zendesk.example"),
    (jira, "acme.atlassian.example"),
    (confluence, "acme.atlassian.example"),
    (sharepoint, "graph.example"),
    (splunk, "splunk.example"),
    (new_relic, "logs.newrelic.example"),
    (keys_of_alerts, "keys.cloud.example"),
    (slack_installation, "slack.example"),
    (teams_doctor, "keys.example"),
    (mirror_doctor, "mirror.example"),
]


@pytest.mark.parametrize(("call", "target"), KINDS, ids=lambda value: getattr(value, "__name__", ""))
async def test_every_call_asks_the_proxy(proxy: Proxy, call: Call, target: str) -> None:
    with suppress(*FAILURES):  # some note the failure, others raise theirs
        await call()
    assert proxy.asked == [f"CONNECT {target}:443"]
    assert proxy.logins == ["Basic " + b64encode(b"firstline:p@ss").decode()]


CALLED = {  # modules that make clients, with the calls above that go through them
    "alerts/new_relic/logs.py": new_relic,
    "alerts/splunk/hec.py": splunk,
    "backends/jira/client.py": jira,
    "backends/webhook/backend.py": ticket_mirror,
    "backends/webhook/examination.py": mirror_doctor,
    "backends/zendesk/client.py": zendesk,
    "channels/slack/client.py": slack_web_api,
    "channels/teams/channel.py": teams_connector,
    "channels/teams/examination.py": teams_doctor,
    "channels/web/sign_in/provider.py": identity_provider,
    "knowledge/wiki/client.py": confluence,
    "matching/encoders/http.py": embeddings,
    "runtime/network/fetching.py": keys_of_alerts,
    "server/monitoring/tracing/setup.py": traces,
}


def test_every_module_that_makes_a_client_is_called_here() -> None:
    makers = {
        str(path.relative_to(ROOT / "bot"))
        for path in (ROOT / "bot").rglob("*.py")
        if path.name != "outgoing.py"
        and re.search(r"\bopen_(?:session|pool|blocking_session)\(", path.read_text())
    }
    assert makers == set(CALLED)
    assert set(CALLED.values()) <= {call for call, _ in KINDS}


async def test_what_is_not_encrypted_is_asked_of_the_proxy_itself(
    proxy: Proxy, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HTTP_PROXY", f"me:secret@{proxy.address}")
    async with open_session(5) as session, session.get("http://plain.example/x") as answer:
        assert answer.status == 502
    pool = open_pool("http://plain.example", connections=1)
    reply = await asyncio.to_thread(pool.request, "GET", "http://plain.example/y")
    assert reply.status == 502
    assert proxy.asked == ["GET http://plain.example/x", "GET http://plain.example/y"]
    assert proxy.logins == ["Basic " + b64encode(b"me:secret").decode()] * 2


async def test_this_machine_and_what_no_proxy_names_are_called_directly(
    proxy: Proxy, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HTTP_PROXY", f"http://{proxy.address}")
    async with Proxy() as target, open_session(5) as session:  # it answers like any server
        async with session.get(f"http://{target.address}/a") as answer:
            assert answer.status == 502
        pool = open_pool(f"http://{target.address}", connections=1)
        await asyncio.to_thread(pool.request, "GET", f"http://{target.address}/b")
        assert target.asked == ["GET /a", "GET /b"]
    monkeypatch.setenv("NO_PROXY", ".example")
    async with open_session(5) as session:
        with pytest.raises(aiohttp.ClientConnectorError):
            await session.get("https://nobody.example/")
    assert open_machine_session().trust_env is False
    assert proxy.asked == []
