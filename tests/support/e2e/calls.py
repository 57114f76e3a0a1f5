"""Calls of systems outside of the chat platforms: one of each kind, to an address where nobody is."""

import aiohttp
from pydantic import SecretStr

from bot.alerts.new_relic.logs import LogSink
from bot.alerts.splunk.hec import HecSink
from bot.backends.jira.client import Client as JiraClient
from bot.backends.webhook.examination import examination as webhook_examination
from bot.backends.webhook.settings import Settings as WebhookSettings
from bot.backends.zendesk.client import ZendeskClient
from bot.backends.zendesk.settings import Settings as ZendeskSettings
from bot.channels.slack.client import make_client, make_session
from bot.channels.teams.examination import TeamsChecks
from bot.channels.teams.settings import Settings as TeamsSettings
from bot.domain.diagnosis import DoctorHost
from bot.domain.errors import SourceUnavailable
from bot.knowledge.confluence import Settings as ConfluenceSettings
from bot.knowledge.confluence.api import ConfluenceApi
from bot.knowledge.wiki.client import ApiClient
from bot.runtime.network.fetching import fetch
from tests.support.clock import START
from tests.support.e2e.doctor import ENGLISH


async def zendesk() -> None:
    settings = ZendeskSettings.model_validate({"zendesk_url": "https://acme.zendesk.example"})
    client = ZendeskClient(settings)
    try:
        await client.get("/api/v2/users/me")
    finally:
        await client.close()


async def zendesk_file() -> None:
    client = ZendeskClient(ZendeskSettings.model_validate({"zendesk_url": "https://acme.zendesk.example"}))
    try:
        await client.download("https://files.zendesk.example/a.txt", 10)
    finally:
        await client.close()


async def jira() -> None:
    client = JiraClient("https://acme.atlassian.example", "a@acme.example", "token")
    try:
        await client.account()
    finally:
        await client.close()


async def no_pause(_seconds: float) -> None:
    raise SourceUnavailable(code="once")  # the first failure is enough


async def confluence() -> None:
    settings = ConfluenceSettings.model_validate({"url": "https://acme.atlassian.example"})
    api = ConfluenceApi(settings, pause=no_pause)
    try:
        await api.account()
    finally:
        await api.close()


async def sharepoint() -> None:
    client = ApiClient("https://graph.example", a_token, 10.0, pause=no_pause)
    try:
        await client.get("/v1.0/sites")
    finally:
        await client.close()


async def a_token(_session: aiohttp.ClientSession, _anew: bool) -> str:
    return "Bearer x"


async def splunk() -> None:
    await HecSink("https://splunk.example:443", "token", acknowledged=False).probe()


async def new_relic() -> None:
    await LogSink("https://logs.newrelic.example/log/v1", "key").probe()


async def keys_of_alerts() -> None:
    await fetch("https://keys.cloud.example/certs")


async def slack_installation() -> None:
    async with make_session() as session:
        await make_client("", "https://slack.example/api/", session).oauth_v2_access(
            client_id="1", client_secret="2", code="3"
        )


async def nothing_remembered(_channel: str, _key: str) -> str | None:
    return None


def doctor_host() -> DoctorHost:
    return DoctorHost(lambda: START, "", (), False, nothing_remembered, ENGLISH)


async def teams_doctor() -> None:
    settings = TeamsSettings(openid_metadata="https://keys.example/metadata")
    await TeamsChecks(settings, doctor_host()).keys()


async def mirror_doctor() -> None:
    settings = WebhookSettings(mirror_url="https://mirror.example/", mirror_secret=SecretStr("s" * 16))
    checks = webhook_examination(settings, doctor_host()).checks
    await checks[0].look()
