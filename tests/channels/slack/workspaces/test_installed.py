"""Workspaces that come, go and get new tokens while the server runs."""

from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import partial

import pytest
from aiohttp import web
from slack_sdk.oauth.installation_store.models.bot import Bot

from bot.channels.slack.channel import SlackChannel
from bot.channels.slack.workspaces import installed
from bot.channels.slack.workspaces.installed import InstalledWorkspaces
from bot.channels.slack.workspaces.store import InstallationStore, Stored
from bot.desk.ports.channels import Delivery, Host
from bot.desk.ports.page import File
from bot.domain.conversations.messages import ConversationRef
from bot.domain.errors import DeliveryFailed, SettingsInvalid, StorageBusy
from bot.domain.people import Identity
from tests.support.channels.empty_host import Memory
from tests.support.channels.slack_stage import Recorder, delivery, make_host, settings_from, until
from tests.support.fakes.slack.several import Place, SeveralSlack


@dataclass
class Server:
    """One replica."""

    channel: SlackChannel
    recorder: Recorder
    url: str


@pytest.fixture
async def slack() -> AsyncIterator[SeveralSlack]:
    async with SeveralSlack() as fake:
        for team in ("T1", "T2"):
            place = fake.add(team)
            place.workspace.add_person("U1", f"Ana {team}")
            place.workspace.add_channel("C1", members=("U1",))
        yield fake


@pytest.fixture
async def servers(slack: SeveralSlack, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[list[Server]]:
    """Two replicas over one memory; events go to the first."""
    monkeypatch.setattr(installed, "REFRESH", 0.05)
    memory, made, runners = Memory(), [], []
    settings = settings_from(slack.environment(FIRSTLINE_SLACK_ROOM="T1/CROOM"))
    for _ in range(2):
        recorder = Recorder()
        channel = SlackChannel(settings, _at(make_host(recorder, memory)))
        app = web.Application()
        channel.mount(app)
        runner = web.AppRunner(app)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        runners.append(runner)
        made.append(Server(channel, recorder, f"http://127.0.0.1:{runner.addresses[0][1]}"))
        await channel.start()
    slack.aim(f"{made[0].url}/slack/events")
    yield made
    for server, runner in zip(made, runners, strict=True):
        await server.channel.stop()
        await runner.cleanup()


def _at(host: Host) -> Host:
    return replace(host, public_url="https://help.example.com", clock=lambda: datetime.now(UTC))


def to(tenant: str) -> ConversationRef:
    return ConversationRef("slack", tenant, "C1", private=False)


async def test_another_replica_hears_of_an_installation(slack: SeveralSlack, servers: list[Server]) -> None:
    first, second = servers
    assert "installed in no workspace" in await _trouble(second)
    assert (await slack.install(slack.places["T1"], first.url)).status == 200
    await until(lambda: second.channel.trouble() is None)
    sent = delivery()
    await second.channel.deliver(sent)
    assert len(slack.places["T1"].posts("C1")) == 1
    with pytest.raises(DeliveryFailed) as failed:
        await second.channel.deliver(_in(sent, "T2"))
    assert (failed.value.code, failed.value.permanent) == ("not_installed", False)
    assert slack.places["T2"].posts("C1") == []


async def _trouble(server: Server) -> str:
    await until(lambda: "starting" not in (server.channel._workspaces.state()[0]))
    return server.channel.trouble() or ""


def _in(sent: Delivery, tenant: str) -> Delivery:
    return replace(sent, conversation=to(tenant))


async def test_the_same_ids_in_two_workspaces_are_two_people(
    slack: SeveralSlack, servers: list[Server]
) -> None:
    for place in slack.places.values():
        await slack.install(place, servers[0].url)
        await place.say("DU1", "U1", "hello")
    seen = [(said.sender, said.conversation.tenant, said.keys[0]) for said in servers[0].recorder.utterances]
    assert [sender for sender, _, _ in seen] == [Identity("slack", "T1", "U1"), Identity("slack", "T2", "U1")]
    assert len({key for _, _, key in seen}) == 2


async def test_a_file_is_fetched_where_it_was_sent(slack: SeveralSlack, servers: list[Server]) -> None:
    for place in slack.places.values():
        place.workspace.address = slack.workspace.address
        await slack.install(place, servers[0].url)
    two: Place = slack.places["T2"]
    file = two.workspace.add_file("U1", "a.png", b"of two")
    await two.say("DU1", "U1", "see this", files=[file], subtype="file_share")
    (attachment,) = servers[0].recorder.last.attachments
    assert attachment.source == f"T2/{file['id']}"
    kept = File(1, "a.png", "image/png", 6, "slack", attachment.source)
    await until(lambda: servers[1].channel._workspaces.of("T2") is not None)
    assert await servers[1].channel.fetch(kept, 100) == b"of two"


async def test_tokens_are_renewed_by_one_replica_before_they_end(
    slack: SeveralSlack, servers: list[Server]
) -> None:
    slack.rotates = 3600  # less than is left before a renewal: at once
    place = slack.places["T1"]
    await slack.install(place, servers[0].url)
    first = place.token
    slack.rotates = 12 * 3600
    await until(lambda: place.token != first)
    renewed = place.token
    for server in servers:
        workspaces = server.channel._workspaces
        assert isinstance(workspaces, InstalledWorkspaces)
        await until(partial(_has, workspaces, renewed))
    asked = [args for name, args in slack.workspace.calls if name == "oauth.v2.access"]
    assert [args.get("grant_type") for args in asked] == [None, "refresh_token"]
    await servers[1].channel.deliver(delivery())


async def test_a_renewed_token_that_cannot_be_kept_at_once_is_kept_later(
    slack: SeveralSlack, servers: list[Server], monkeypatch: pytest.MonkeyPatch
) -> None:
    refused: list[str] = []
    renew = InstallationStore.renew

    async def not_at_first(store: InstallationStore, claimed: Stored, bot: Bot) -> bool:
        if len(refused) < 2:
            refused.append(bot.bot_token)
            raise StorageBusy
        return await renew(store, claimed, bot)

    monkeypatch.setattr(InstallationStore, "renew", not_at_first)
    slack.rotates = 3600
    place = slack.places["T1"]
    await slack.install(place, servers[0].url)
    slack.rotates = 12 * 3600
    for server in servers:
        workspaces = server.channel._workspaces
        assert isinstance(workspaces, InstalledWorkspaces)
        await until(lambda: bool(refused) and _has(workspaces, place.token))  # noqa: B023  # awaited here
    assert refused == [place.token] * 2
    asked = [args.get("grant_type") for name, args in slack.workspace.calls if name == "oauth.v2.access"]
    assert asked == [None, "refresh_token"]


def _has(workspaces: InstalledWorkspaces, token: str) -> bool:
    return workspaces.of("T1") is not None and workspaces.client_of("T1").token == token


async def test_an_organisation_is_served_as_one(slack: SeveralSlack, monkeypatch: pytest.MonkeyPatch) -> None:
    everywhere = slack.add("T5", enterprise="E1", for_all=True)
    work = everywhere.workspace
    work.add_person("U5", "Olga", team="T7")
    work.users["U5"]["enterprise_user"] = {"enterprise_id": "E1", "teams": ["T7"]}
    work.add_person("U6", "Stranger", team="T9")
    work.add_channel("CROOM", private=True, members=("U5", "U6"))
    recorder = Recorder()
    host = _at(make_host(recorder, Memory()))
    settings = settings_from(slack.environment(FIRSTLINE_SLACK_ROOM="E1/CROOM"))
    channel = SlackChannel(settings, host)
    app = web.Application()
    channel.mount(app)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    await channel.start()
    try:
        base = f"http://127.0.0.1:{runner.addresses[0][1]}"
        slack.aim(f"{base}/slack/events")
        assert (await slack.install(everywhere, base)).status == 200
        room = channel.room
        assert room == ConversationRef("slack", "E1", "CROOM", private=False)
        await channel.members(room)
        served = channel._workspaces.of("E1")
        assert served is not None
        await served.workspace.directory.settled()
        assert await channel.members(room) == {
            Identity("slack", "E1", "U5"): "Olga",
            Identity("slack", "T9", "U6"): "Stranger",
        }
        await everywhere.say("DU5", "U5", "hello")
        await everywhere.command("U5", "my vpn drops")
        for said in recorder.utterances:
            assert (said.sender, said.stranger) == (Identity("slack", "E1", "U5"), False)
            assert said.conversation.tenant == "E1"
        await everywhere.say("DU6", "U6", "hello")
        assert (recorder.last.sender.tenant, recorder.last.stranger) == ("T9", True)
    finally:
        await channel.stop()
        await runner.cleanup()


def test_without_a_public_address_it_does_not_start(slack: SeveralSlack) -> None:
    settings = settings_from(slack.environment())
    with pytest.raises(SettingsInvalid, match="FIRSTLINE_PUBLIC_URL"):
        SlackChannel(settings, replace(make_host(Recorder(), Memory()), public_url=""))
