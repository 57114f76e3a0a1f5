"""Installations and the states of attempts, as they are kept."""

import json
from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from slack_sdk.oauth.installation_store.models.bot import Bot

from bot.channels.slack.workspaces.sealing import Seal, TokensUnreadable
from bot.channels.slack.workspaces.store import MOST_USED, InstallationStore, StateStore
from bot.channels.slack.workspaces.workspace import ScopedMemory
from tests.support.channels.empty_host import Memory
from tests.support.channels.slack_stage import NOW, Recorder, make_host

KEY, OTHER_KEY = "a" * 32, "b" * 32


def bot(team: str = "T1", **more: object) -> Bot:
    values = {"bot_token": f"xoxb-{team}", "bot_id": "B1", "bot_user_id": "U1", "installed_at": 1.0}
    return Bot(**{"team_id": team, **values, **more})  # type: ignore[arg-type]  # as the SDK has them


def store(memory: Memory, *keys: str) -> InstallationStore:
    return InstallationStore(make_host(Recorder(), memory), Seal(keys or (KEY,)))


async def test_a_bot_is_found_as_it_was_kept() -> None:
    memory = Memory()
    await store(memory).async_save_bot(
        bot(bot_refresh_token="xoxe-1", bot_token_expires_at=9, bot_scopes="a,b")
    )
    found = await store(memory).async_find_bot(enterprise_id=None, team_id="T1")
    assert found is not None
    kept = (found.bot_token, found.bot_refresh_token, found.bot_token_expires_at, found.bot_scopes)
    assert kept == ("xoxb-T1", "xoxe-1", 9, ["a", "b"])
    assert "xox" not in json.dumps(list(memory.kept.values()))
    assert await store(memory).async_find_bot(enterprise_id="E1", team_id="T2") is None


async def test_an_organisation_is_found_from_each_of_its_workspaces() -> None:
    memory = Memory()
    everywhere = bot("", team_id=None, enterprise_id="E1", is_enterprise_install=True, bot_token="xoxb-E1")
    await store(memory).async_save_bot(everywhere)
    await store(memory).async_save_bot(bot("T2"))
    for team, token in (("T1", "xoxb-E1"), ("T2", "xoxb-T2"), (None, "xoxb-E1")):
        found = await store(memory).async_find_bot(enterprise_id="E1", team_id=team)
        assert found is not None
        assert found.bot_token == token
    await store(memory).async_delete_all(enterprise_id="E1", team_id="T2")
    found = await store(memory).async_find_bot(enterprise_id="E1", team_id="T2")
    assert found is not None
    assert found.bot_token == "xoxb-E1"


async def test_a_key_is_replaced_while_the_former_one_is_still_named() -> None:
    memory = Memory()
    await store(memory, KEY).async_save_bot(bot())
    assert await store(memory, OTHER_KEY).all(["T1"]) == []
    (found,) = await store(memory, OTHER_KEY, KEY).all(["T1"])
    assert found.bot.bot_token == "xoxb-T1"


def test_tokens_of_one_workspace_are_none_of_another() -> None:
    sealed = Seal([KEY]).close("T1", {"bot_token": "x"})
    assert Seal([KEY]).open("T1", sealed) == {"bot_token": "x"}
    for tenant, kept in (("T2", sealed), ("T1", "nonsense")):
        with pytest.raises(TokensUnreadable):
            Seal([KEY]).open(tenant, kept)


async def test_a_renewal_is_taken_once_and_lost_where_the_app_was_installed_anew() -> None:
    memory = Memory()
    here, there = store(memory), store(memory)
    await here.async_save_bot(bot())
    (seen,) = await here.all(["T1"])
    claimed = await here.claim(seen, 60.0)
    assert claimed is not None
    assert await there.claim(seen, 60.0) is None
    await there.async_save_bot(bot(bot_token="xoxb-anew"))
    assert not await here.renew(claimed, bot(bot_token="xoxb-renewed"))
    assert not await here.remove(claimed)
    (now,) = await here.all(["T1"])
    assert now.bot.bot_token == "xoxb-anew"


def states(memory: Memory, clock: list[datetime], key: str = KEY) -> StateStore:
    return StateStore(replace(make_host(Recorder(), memory), clock=lambda: clock[0]), Seal([key]))


async def test_a_state_is_good_once_and_for_ten_minutes() -> None:
    memory, clock = Memory(), [NOW]
    here, there = states(memory, clock), states(memory, clock)
    first, second, late = [await here.async_issue() for _ in range(3)]
    assert await here.async_consume(first)
    assert first not in str(memory.kept)
    assert not await there.async_consume(first), "another replica knows that it was used"
    assert await there.async_consume(second)
    assert not await here.async_consume("forged")
    assert not await here.async_consume(await states(Memory(), clock, OTHER_KEY).async_issue())
    assert not await here.async_consume(Seal([KEY]).close("T1", {"bot_token": "x"})), "sealed, but no state"
    clock[0] += timedelta(minutes=10, seconds=1)
    assert not await here.async_consume(late)


async def test_attempts_of_others_keep_nobody_from_installing() -> None:
    memory, clock = Memory(), [NOW]
    store = states(memory, clock)
    begun = [await store.async_issue() for _ in range(MOST_USED + 2)]
    assert memory.kept == {}, "who only begins leaves nothing behind"
    for state in begun:
        assert await store.async_consume(state)
    (kept,) = memory.kept.values()
    assert len(json.loads(kept)) == MOST_USED
    clock[0] += timedelta(minutes=11)
    assert await store.async_consume(await store.async_issue())
    (kept,) = memory.kept.values()
    assert len(json.loads(kept)) == 1


def test_each_workspace_remembers_for_itself() -> None:
    memory = Memory()
    one, other = ScopedMemory(memory, "T1"), ScopedMemory(memory, "T2")
    one.remember("slack", "dm:U1", "D1")
    assert other.recall("slack", "dm:U1") is None
    assert other.once("slack", "dm:U1", "D2") == "D2"
    assert not other.replace("slack", "dm:U1", "D1", None)
    assert one.replace("slack", "dm:U1", "D1", None)
    assert (one.recall("slack", "dm:U1"), other.recall("slack", "dm:U1")) == (None, "D2")
