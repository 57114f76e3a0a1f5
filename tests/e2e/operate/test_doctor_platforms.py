"""What `firstline doctor` says of Slack and of Teams."""

import time
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest
from slack_sdk.oauth.installation_store.models.bot import Bot

from bot.channels.slack.workspaces.sealing import Seal
from bot.channels.slack.workspaces.store import InstallationStore
from bot.domain.diagnosis import Level
from bot.storage import connect, migrate
from bot.storage.unit_of_work import ChannelMemory, units_of_work
from tests.support.channels import empty_host
from tests.support.e2e.doctor import examined
from tests.support.e2e.microsoft import ROOM, teams_tenant
from tests.support.e2e.slack import ENVIRONMENT, slack_workspace
from tests.support.fakes.identity.nasty import CLIENT, SECRET, Nasty
from tests.support.fakes.slack import SlackFake
from tests.support.fakes.slack.several import TOKEN_KEY, SeveralSlack
from tests.support.fakes.teams import APP_ID, TENANT, TeamsFake


@pytest.fixture(autouse=True)
def _elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


# --- Slack --------------------------------------------------------------------------------------------


@pytest.fixture
async def slack() -> AsyncIterator[SlackFake]:
    async with slack_workspace() as fake:
        yield fake


async def test_a_workspace_where_all_is_well(slack: SlackFake, monkeypatch: pytest.MonkeyPatch) -> None:
    found = await examined(monkeypatch, slack.environment(**ENVIRONMENT), only="slack")
    levels = {(one.check, one.about): one.level for one in found.all}
    assert levels == {
        ("settings", ""): Level.OK,
        ("slack.token", ""): Level.OK,
        ("slack.scopes", ""): Level.OK,
        ("slack.clock", ""): Level.OK,
        ("slack.events", ""): Level.SKIPPED,
        ("slack.room", "CROOM"): Level.OK,
        ("slack.room", "CHELP"): Level.OK,
    }
    assert "Acme (T1) as firstline" in found.one("slack.token").seen
    assert {method for method, _ in slack.workspace.calls} == {"auth.test", "conversations.info"}


async def test_a_missing_scope_is_named(slack: SlackFake, monkeypatch: pytest.MonkeyPatch) -> None:
    slack.workspace.scopes -= {"files:write", "im:history", "users:read"}
    found = await examined(monkeypatch, slack.environment(**ENVIRONMENT), only="slack.token")
    finding = found.one("slack.scopes")
    assert (finding.level, finding.seen) == (Level.ERROR, "The token lacks im:history, users:read.")
    assert "firstline manifest slack" in finding.remedy


async def test_an_optional_scope_may_be_missing(slack: SlackFake, monkeypatch: pytest.MonkeyPatch) -> None:
    slack.workspace.scopes -= {"files:write", "assistant:write"}
    found = await examined(monkeypatch, slack.environment(**ENVIRONMENT), only="slack.token")
    finding = found.one("slack.scopes")
    assert finding.level is Level.WARNING
    assert "assistant:write: no questions are suggested" in finding.seen
    assert "files:write: files are passed on as links" in finding.seen


@pytest.mark.parametrize(("off", "level"), [(-300, Level.ERROR), (300, Level.ERROR), (90, Level.WARNING)])
async def test_a_clock_that_is_off(
    slack: SlackFake, monkeypatch: pytest.MonkeyPatch, off: float, level: Level
) -> None:
    slack.workspace.clock_off = off
    found = await examined(monkeypatch, slack.environment(**ENVIRONMENT), only="slack.token")
    finding = found.one("slack.clock")
    assert finding.level is level
    assert ("behind" if off > 0 else "ahead of") in finding.seen
    assert "NTP" in finding.remedy


async def test_rooms_that_the_bot_cannot_serve(slack: SlackFake, monkeypatch: pytest.MonkeyPatch) -> None:
    work = slack.workspace
    work.add_channel("CPRIVATE", private=True, bot=False)
    work.add_channel("COUTSIDE", bot=False)
    work.add_channel("COLD").archived = True
    work.add_channel("COPEN")
    settings = {
        "FIRSTLINE_SLACK_ROOM": "COPEN",
        "FIRSTLINE_SLACK_HELP_CHANNELS": "CPRIVATE,COUTSIDE,COLD,CNONE",
    }
    found = await examined(monkeypatch, slack.environment(**settings), only="slack.rooms")
    said = {one.about: (one.level, one.seen) for one in found.named("slack.room")}
    assert said["CPRIVATE"] == said["CNONE"]
    assert said["CPRIVATE"][0] is Level.ERROR
    assert said["COUTSIDE"] == (Level.ERROR, "The bot is not in #coutside.")
    assert said["COLD"] == (Level.ERROR, "#cold is archived: nothing can be posted there.")
    assert said["COPEN"][0] is Level.WARNING
    listed = await examined(monkeypatch, {"FIRSTLINE_ENGINEERS": "slack:T1/UEVA"}, only="slack.rooms")
    assert listed.level("slack.room", "COPEN") is Level.OK


async def test_each_installation_is_looked_at(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, database_url: str
) -> None:
    async with SeveralSlack() as slack:
        for team in ("TA", "TB", "TC", "TD"):
            slack.add(team).workspace.add_channel("CROOM", private=True)
        slack.places["TB"].workspace.scopes -= {"users:read"}
        database = connect(database_url)
        memory = ChannelMemory(units_of_work(database))
        host = replace(empty_host.host(), memory=memory)
        for team, key in (("TA", TOKEN_KEY), ("TB", TOKEN_KEY), ("TD", "o" * 40)):
            place = slack.places[team]
            place.token = f"xoxb-{team}"
            kept = Bot(team_id=team, bot_token=place.token, bot_id="B", bot_user_id="U", installed_at=1.0)
            await InstallationStore(host, Seal([key])).async_save_bot(kept)
        database.close()
        settings = slack.environment(FIRSTLINE_SLACK_ROOM="TA/CROOM", FIRSTLINE_DATABASE_URL=database_url)
        found = await examined(monkeypatch, settings, only="slack")
        assert found.level("slack.token", "TA") is Level.OK
        assert found.level("slack.scopes", "TA") is Level.OK
        assert found.level("slack.room", "TA/CROOM") is Level.OK
        assert found.level("slack.token", "TB") is Level.OK
        assert found.level("slack.scopes", "TB") is Level.ERROR
        assert found.level("slack.room", "TB") is Level.WARNING
        missing = found.one("slack.token", "TC")
        assert (missing.level, missing.seen) == (Level.ERROR, "The app is not installed there.")
        assert "https://help.example.com/slack/install" in missing.remedy
        assert "another key" in found.one("slack.token", "TD").seen


async def test_the_rooms_of_queues_are_looked_at(
    slack: SlackFake, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    slack.workspace.add_channel("CNET")
    slack.workspace.add_channel("CLISTED")
    (tmp_path / "queues.yaml").write_text(
        "queues:\n  net:\n    rooms: {slack: CNET}\n"
        "  it:\n    rooms: {slack: CLISTED}\n    engineers: [slack:T1/UEVA]\n"
    )
    settings = slack.environment(FIRSTLINE_QUEUES="queues.yaml")
    found = await examined(monkeypatch, settings, only="slack.rooms")
    assert found.level("slack.room", "CNET") is Level.WARNING
    assert found.level("slack.room", "CLISTED") is Level.OK


async def test_a_token_that_slack_refuses(slack: SlackFake, monkeypatch: pytest.MonkeyPatch) -> None:
    settings = slack.environment(**ENVIRONMENT) | {"SLACK_BOT_TOKEN": "xoxb-of-somebody-else"}
    found = await examined(monkeypatch, settings, only="slack")
    assert "SLACK_BOT_TOKEN (invalid_auth)" in found.one("slack.token").seen
    assert found.level("slack.rooms") is Level.SKIPPED
    assert "xoxb-of-somebody-else" not in str(found.all)


async def test_socket_mode(slack: SlackFake, monkeypatch: pytest.MonkeyPatch) -> None:
    settings = slack.environment(SLACK_APP_TOKEN=slack.app_token)
    found = await examined(monkeypatch, settings, only="slack.events")
    assert found.level("slack.events") is Level.OK
    wrong = await examined(monkeypatch, {"SLACK_APP_TOKEN": "xapp-wrong"}, only="slack.events")
    assert "SLACK_APP_TOKEN" in wrong.one("slack.events").seen
    assert slack.sockets == [], "it only asks for one"


# --- Teams --------------------------------------------------------------------------------------------


@pytest.fixture
async def teams() -> AsyncIterator[TeamsFake]:
    async with teams_tenant() as fake:
        yield fake


def server_was_told(tmp_path: Path, teams: TeamsFake) -> None:
    """What a server remembers once somebody has written to the bot."""
    database = connect(f"sqlite:///{tmp_path / 'firstline.db'}")
    migrate(database)
    with units_of_work(database)() as work:
        work.memory.remember("teams", f"{APP_ID}:service:{TENANT}", f"{teams.address}/emea/")
    database.close()


async def test_a_tenant_where_all_is_well(
    teams: TeamsFake, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    server_was_told(tmp_path, teams)
    settings = teams.environment() | {"FIRSTLINE_TEAMS_HELP_CHANNELS": ""}
    found = await examined(monkeypatch, settings, only="teams")
    levels = {(one.check, one.about): one.level for one in found.all}
    assert levels == {
        ("settings", ""): Level.OK,
        ("teams.token", ""): Level.OK,
        ("teams.clock", ""): Level.OK,
        ("teams.keys", ""): Level.OK,
        ("teams.endpoint", ""): Level.SKIPPED,
        ("teams.room", ROOM): Level.OK,
    }
    assert f"reads {len(teams.store.people)} members" in found.one("teams.room").seen
    assert "/api/messages" in found.one("teams.endpoint").remedy


async def test_a_room_without_the_bot_and_one_of_which_nobody_told(
    teams: TeamsFake, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    untold = await examined(monkeypatch, teams.environment(), only="teams.rooms")
    assert {one.level for one in untold.named("teams.room")} == {Level.SKIPPED}
    assert not (tmp_path / "firstline.db").exists()
    server_was_told(tmp_path, teams)
    teams.store.channels.discard(ROOM)
    told = await examined(monkeypatch, teams.environment(), only="teams.rooms")
    assert told.level("teams.room", ROOM) is Level.ERROR


async def test_a_secret_that_has_expired_and_a_clock_that_is_off(
    teams: TeamsFake, monkeypatch: pytest.MonkeyPatch
) -> None:
    teams.issuer.clock = lambda: time.time() + 300
    found = await examined(monkeypatch, teams.environment(), only="teams.token")
    assert found.level("teams.token") is Level.OK
    assert found.level("teams.clock") is Level.ERROR
    wrong = await examined(monkeypatch, {"MICROSOFT_APP_PASSWORD": "old-secret"}, only="teams.token")
    assert "expired" in wrong.one("teams.token").seen
    assert "old-secret" not in str(wrong.all)


async def test_keys_that_cannot_be_had(teams: TeamsFake, monkeypatch: pytest.MonkeyPatch) -> None:
    teams.issuer.metadata_status = 503
    found = await examined(monkeypatch, teams.environment(), only="teams.keys")
    assert found.level("teams.keys") is Level.ERROR


# --- the identity provider ----------------------------------------------------------------------------


async def test_an_identity_provider_that_answers_and_one_that_is_another(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async with Nasty() as provider:
        settings = {
            "FIRSTLINE_OIDC_ISSUER": provider.issuer,
            "FIRSTLINE_OIDC_CLIENT_ID": CLIENT,
            "FIRSTLINE_OIDC_CLIENT_SECRET": SECRET,
            "FIRSTLINE_OIDC_EMPLOYEES": "*",
            "FIRSTLINE_PUBLIC_URL": "http://127.0.0.1:3978",
        }
        found = await examined(monkeypatch, settings, only="web")
        assert found.level("web.provider") is Level.OK, found.all
        assert found.one("web.people").seen == f"People sign in with {provider.issuer}."
        other = {"FIRSTLINE_OIDC_ISSUER": provider.issuer.replace("127.0.0.1", "localhost")}
        wrong = await examined(monkeypatch, other, only="web")
        assert wrong.level("web.provider") is Level.ERROR
        mistaken = await examined(monkeypatch, {"FIRSTLINE_OIDC_IDLE_MINUTES": "many"}, only="web")
        assert mistaken.level("web.provider") is Level.SKIPPED
        assert SECRET not in str([*found.all, *wrong.all, *mistaken.all])
    called = await examined(monkeypatch, {"FIRSTLINE_OIDC_ISSUER": "https://login.example"}, only="proxies")
    assert called.one("proxies", "login.example").seen == "It is called directly."
