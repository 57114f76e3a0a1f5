"""What every backend that is mirrored both ways must keep to; a toy of twenty lines does."""

import ast
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path

import pytest

from bot import wording
from bot.backends import jira, zendesk
from bot.desk.knowledge.library import Library
from bot.desk.ports.backends import (
    BackendHost,
    InternalComment,
    NewRemoteTicket,
    PublicComment,
    TicketBackend,
    TwoWayBackend,
)
from bot.domain.errors import DeliveryFailed
from bot.domain.tickets.mirror import DONE, LIVE, NOBODY, MirrorField
from bot.server import plugins
from bot.server.plugins import Kind
from bot.storage import Database
from tests.support.clock import Clock
from tests.support.desk.helpdesk import ROOM, text_of
from tests.support.fakes.jira.playing import new_site, settings_of
from tests.support.fakes.jira.server import served
from tests.support.fakes.mirrors.desk import mirrored
from tests.support.fakes.mirrors.zendesk import FakeZendesk
from tests.support.fakes.mirrors.zendesk_desk import settings_at
from tests.support.paths import ROOT
from tests.support.unknown import UNKNOWN

TOY = """
from datetime import UTC, datetime
from pydantic_settings import BaseSettings
from bot.desk.ports import backends as port
class Settings(BaseSettings):
    toy_url: str = ""
def configured(settings, *, demo): return bool(settings.toy_url)
def build(settings, host): return Toy()
class Toy(port.TwoWayBackend):
    name, version, at = "toy", 0, datetime(2026, 1, 1, tzinfo=UTC)
    def __init__(self): self.tickets = {}
    async def create(self, new, key, *, again):
        self.tickets.setdefault(key, (dict(new.fields), {}))
        return port.Mirrored(key, "https://toy.example/" + key)
    async def read(self, remote_id):
        self.version, (fields, said) = self.version + 1, self.tickets[remote_id]
        shown = {name: port.RemoteField(value, self.at) for name, value in fields.items()}
        return port.RemoteTicket(remote_id, self.version, fields=shown, comments=tuple(said.values()))
    async def write(self, remote_id, changes, seen): self.tickets[remote_id][0].update(changes)
    async def say(self, remote_id, comment, key, *, again):
        public, said = isinstance(comment, port.PublicComment), self.tickets[remote_id][1]
        said[key] = port.RemoteComment(key, self.at, port.NOT_SAID, comment.text, public, key)
        return key
"""
NEW = NewRemoteTicket(
    "HELP-1001",
    "The printer smells",
    "Ana",
    {MirrorField.STATUS: LIVE, MirrorField.ASSIGNEE: NOBODY, MirrorField.PRIORITY: "high"},
)
Made = AbstractAsyncContextManager[TwoWayBackend]
LINKS = {"jira": "/browse/", "zendesk": "/agent/tickets/", "toy": "https://toy.example/"}


@asynccontextmanager
async def _zendesk(clock: Clock) -> AsyncIterator[TwoWayBackend]:
    async with FakeZendesk(clock).served() as url:
        backend = zendesk.build(settings_at(url), BackendHost(wording.load(), clock, "en", ""))
        yield backend
        await backend.stop()


@asynccontextmanager
async def _jira(clock: Clock) -> AsyncIterator[TwoWayBackend]:
    async with served(new_site(clock)) as url:
        backend = jira.build(settings_of(url), BackendHost(wording.load(), clock, "en", ""))
        yield backend
        await backend.stop()


@pytest.fixture
def toy(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> TwoWayBackend:
    """A backend in a folder of its own, found as every other one is."""
    (tmp_path / "toy").mkdir()
    (tmp_path / "toy" / "__init__.py").write_text(TOY)
    monkeypatch.setattr(
        "bot.backends.__path__", [*__import__("bot.backends").backends.__path__, str(tmp_path)]
    )
    monkeypatch.setenv("TOY_URL", "https://toy.example")
    mistakes: list[str] = []
    (plugin,) = plugins.configured(Kind.BACKEND, demo=False, mistakes=mistakes, only=["toy"])
    built = plugin.build(None)
    assert isinstance(built, TwoWayBackend)
    assert not isinstance(built, TicketBackend)
    return built


@asynccontextmanager
async def _as_it_is(backend: TwoWayBackend) -> AsyncIterator[TwoWayBackend]:
    yield backend


@pytest.fixture(params=["jira", "zendesk", "toy"])
def backend(request: pytest.FixtureRequest, clock: Clock) -> Callable[[], Made]:
    if request.param == "toy":
        built = request.getfixturevalue("toy")
        return lambda: _as_it_is(built)
    return lambda: _jira(clock) if request.param == "jira" else _zendesk(clock)


async def test_a_ticket_is_made_once_for_each_key(backend: Callable[[], Made]) -> None:
    async with backend() as there:
        first = await there.create(NEW, "key", again=False)
        assert await there.create(NEW, "key", again=True) == first
        assert first.url
        assert there.address(first.id) in (first.url, "")  # empty where an id does not tell it
        assert (await there.create(NEW, "other", again=False)).id != first.id


async def test_a_comment_is_read_as_it_was_said(backend: Callable[[], Made]) -> None:
    async with backend() as there:
        made = await there.create(NEW, "key", again=False)
        said = [
            await there.say(made.id, PublicComment("Eva", "open"), "1", again=False),
            await there.say(made.id, PublicComment("Eva", "open"), "1", again=True),
            await there.say(made.id, InternalComment("Eva", "secret"), "2", again=False),
            await there.say(made.id, InternalComment("Eva", "secret"), "2", again=True),
        ]
        assert said[0] == said[1]
        assert said[2] == said[3]
        comments = (await there.read(made.id)).comments
        found = [(one.id, bool(one.key), one.public) for one in comments if one.id in said]
        assert found == [(said[0], True, True), (said[2], True, False)]


async def test_fields_are_read_as_they_were_written(backend: Callable[[], Made]) -> None:
    async with backend() as there:
        made = await there.create(NEW, "key", again=False)
        before = await there.read(made.id)
        assert set(before.fields) == set(NEW.fields)
        # What was made otherwise than we wanted it counts as ours: the desk writes it anew.
        assert all(one.ours or one.value == NEW.fields[name] for name, one in before.fields.items())
        await there.write(made.id, {MirrorField.STATUS: DONE, MirrorField.PRIORITY: "low"}, before)
        after = await there.read(made.id)
        assert after.version > before.version
        values = {name: one.value for name, one in after.fields.items()}
        assert values == {MirrorField.STATUS: DONE, MirrorField.PRIORITY: "low", MirrorField.ASSIGNEE: NOBODY}


async def test_the_desk_mirrors_its_tickets_there(
    database: Database, library: Library, clock: Clock, backend: Callable[[], Made]
) -> None:
    async with backend() as there, mirrored(database, library, clock, lambda: there) as desk:
        desk.helpdesk.claimed(text=UNKNOWN)
        await desk.deliver()
        await desk.read()
        desk.helpdesk.writes("eva", "Try the red button.")
        desk.helpdesk.writes("eva", "// psst")
        await desk.deliver()
        remote = await there.read(desk.remote_id(1))
        said = {one.text.split("\n")[-1]: one.public for one in remote.comments}
        assert said["Try the red button."] is True
        assert said["// psst"] is False
        shown = [one.reply for one in desk.helpdesk.screen.values() if one.conversation.space == ROOM.space]
        assert any(LINKS[there.name] in str(reply) for reply in shown)
        assert not any("psst" in text_of(one.reply) for one in desk.helpdesk.screen.values())


@pytest.mark.parametrize("what", ["take_back", "forget", "fetch"])
async def test_what_a_backend_leaves_out_fails_and_is_not_passed_over(toy: TwoWayBackend, what: str) -> None:
    calls: dict[str, Callable[[], Awaitable[object]]] = {
        "take_back": lambda: toy.take_back("1", "2"),
        "forget": lambda: toy.forget("1"),
        "fetch": lambda: toy.fetch("1", 10),
    }
    with pytest.raises(DeliveryFailed) as failed:
        await calls[what]()
    assert failed.value.permanent


def test_words_become_public_elsewhere_in_one_place_alone() -> None:
    makers = [
        str(path.relative_to(ROOT))
        for path in sorted((ROOT / "bot").rglob("*.py"))
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "PublicComment"
    ]
    assert makers == ["bot/desk/automation/mirrors/sync.py", "bot/desk/delivery/mirror_comments.py"]
