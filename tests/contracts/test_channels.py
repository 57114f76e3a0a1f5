"""What every plugin must keep to; each is found in its folder, hence a new one from its first day."""

import asyncio
import importlib
import inspect
import json
import pkgutil
import subprocess
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from aiohttp import web
from pydantic import ValidationError
from pydantic_settings import BaseSettings

import bot.channels
import bot.matching
from bot.channels.web.access.accounts import PERSONAS
from bot.desk.ports import channels
from bot.desk.ports.channels import Delivery, Receipt
from bot.desk.ports.content import KnowledgeSource, Matcher
from bot.domain.conversations.messages import (
    Button,
    ConversationRef,
    Facts,
    Field,
    Heading,
    Line,
    Prose,
    Quote,
    Reply,
)
from bot.domain.errors import DeliveryFailed, RosterUnavailable
from bot.domain.knowledge.content import Content
from bot.domain.people import Identity
from bot.knowledge.collection import Collection
from bot.knowledge.files.source import FileSource
from bot.matching.matcher import WordMatcher
from bot.runtime.resources import find
from bot.server import plugins
from bot.server.content import content_in
from bot.server.settings import Settings, env_names
from bot.wording import load as load_wording
from tests.support.channels.empty_host import host
from tests.support.patience import PATIENCE

PACKAGES = plugins.packages(plugins.Kind.CHANNEL)
HEAVY = ("slack_bolt", "slack_sdk", "botbuilder", "botframework", "msal", "jinja2", "jwt", "numpy")
SECRET = "correct-horse-battery-staple"
REPLY = Reply(
    (
        Heading("<!channel> HELP-1001"),
        Line("@everyone *literal* <b>"),
        Quote("“quoted” \u202e <at>x</at>"),
        Facts((("Requester", "<@U1>"),)),
        Prose("1. **One**\n2. Two\n"),
    ),
    (Button("claim", "Claim", "token", style="primary"),),
    (Field("note", "Note"),),
    summary="HELP-1001 · Open",
)
each_package = pytest.mark.parametrize("package", PACKAGES.values(), ids=PACKAGES.keys())


@pytest.fixture(autouse=True)
def _no_env_file(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)


def public_methods(protocol: type) -> list[str]:
    """The methods that a protocol asks for."""
    return [n for n, v in vars(protocol).items() if inspect.isfunction(v) and not n.startswith("_")]


# --- channels: the package ----------------------------------------------------------------------------


def test_the_channels_are_found_in_their_folder() -> None:
    folders = {path.parent.name for path in Path(bot.channels.__path__[0]).glob("*/__init__.py")}
    assert set(PACKAGES) == folders
    assert {"slack", "teams", "web"} <= folders


@each_package
def test_a_package_is_light(package: ModuleType) -> None:
    code = f"import sys, json; import {package.__name__}; print(json.dumps(sorted(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    loaded = {name.partition(".")[0] for name in json.loads(done.stdout)}
    assert loaded & set(HEAVY) == set()


@each_package
def test_a_package_offers_what_the_server_asks_for(package: ModuleType) -> None:
    assert issubclass(package.Settings, BaseSettings)
    assert list(inspect.signature(package.configured).parameters) == ["settings", "demo"]
    assert list(inspect.signature(package.mistakes).parameters) == ["settings"]
    assert list(inspect.signature(package.build).parameters) == ["settings", "host"]
    assert list(inspect.signature(package.fault_in_room).parameters) == ["room"]


@each_package
def test_a_wrong_room_is_explained(package: ModuleType) -> None:
    fault = package.fault_in_room("no room of anybody's")
    assert fault is None or fault.strip()


@each_package
def test_without_an_environment_nothing_is_configured_and_nothing_is_wrong(package: ModuleType) -> None:
    settings = package.Settings()
    assert package.configured(settings, demo=False) is False
    assert package.mistakes(settings) == []


@each_package
def test_settings_are_frozen_and_say_nothing_of_secrets(
    package: ModuleType, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in env_names(package.Settings):
        if any(part in name for part in ("TOKEN", "SECRET", "PASSWORD")) and "ISSUER" not in name:
            monkeypatch.setenv(name, f"{SECRET}=x:employee" if name == "FIRSTLINE_WEB_TOKENS" else SECRET)
    settings = package.Settings()
    assert SECRET not in repr(settings) + str(settings)
    assert SECRET not in " ".join(package.mistakes(settings))
    with pytest.raises(ValidationError):
        setattr(settings, next(iter(package.Settings.model_fields)), "other")
    config = package.Settings.model_config
    assert (config.get("frozen"), config.get("hide_input_in_errors"), config.get("env_file")) == (
        True,
        True,
        ".env",
    )


@each_package
def test_the_env_file_is_read(package: ModuleType, tmp_path: Path) -> None:
    names = [name for name in env_names(package.Settings) if name not in env_names(Settings)]
    (tmp_path / ".env").write_text(
        "".join(f"{name}=value-of-{name}\n" for name in names if "ALLOW" not in name)
    )
    read = package.Settings()
    values = [getattr(v, "get_secret_value", lambda v=v: v)() for v in read.model_dump().values()]
    assert any("value-of-" in str(value) for value in values)


@each_package
def test_each_mistake_names_a_setting(package: ModuleType, monkeypatch: pytest.MonkeyPatch) -> None:
    names = env_names(package.Settings)
    for name in names:
        if "ALLOW" not in name and name not in env_names(Settings):
            monkeypatch.setenv(name, "wrong!")
    found = package.mistakes(package.Settings())
    assert found
    for mistake in found:
        assert any(name in mistake for name in names), mistake


def test_no_two_channels_read_the_same_name() -> None:
    names = [n for model in plugins.settings_models().values() for n in env_names(model)]
    assert len(names) == len(set(names))
    assert all(name.isupper() for name in names)


# --- channels: what is built --------------------------------------------------------------------------


@asynccontextmanager
async def built(package: ModuleType) -> AsyncIterator[Any]:
    """The channel, on a server of its own, with nobody at the other end."""
    channel = package.build(package.Settings(), host())
    app = web.Application()
    channel.mount(app)
    runner = web.AppRunner(app)
    await runner.setup()
    try:
        yield channel
    finally:
        await channel.stop()
        await runner.cleanup()


@pytest.fixture
def elsewhere(monkeypatch: pytest.MonkeyPatch) -> None:
    """Addresses where nobody answers, so that no test calls a vendor."""
    monkeypatch.setenv("SLACK_API_URL", "http://127.0.0.1:1/api/")
    monkeypatch.setenv("SLACK_BOT_TOKEN", "xoxb-none")
    monkeypatch.setenv("SLACK_SIGNING_SECRET", "none")


@each_package
@pytest.mark.usefixtures("elsewhere")
async def test_a_channel_has_the_protocols_shape(package: ModuleType) -> None:
    async with built(package) as channel:
        assert channel.name == package.__name__.rpartition(".")[2]
        assert channel.room is None or (channel.room.channel, channel.room.thread) == (channel.name, "")
        for name in public_methods(channels.Channel):
            wanted, given = getattr(channels.Channel, name), getattr(channel, name)
            assert inspect.iscoroutinefunction(wanted) == inspect.iscoroutinefunction(given), name
            assert len(inspect.signature(wanted).parameters) == len(inspect.signature(given).parameters) + 1


@each_package
@pytest.mark.usefixtures("elsewhere")
async def test_a_channel_starts_at_once_and_stops_twice(package: ModuleType) -> None:
    async with built(package) as channel, asyncio.timeout(PATIENCE):
        await channel.start()
        trouble = channel.trouble()
        assert trouble is None or trouble.strip()
        await channel.stop()
        await channel.stop()


@each_package
@pytest.mark.usefixtures("elsewhere")
async def test_a_delivery_has_a_receipt_or_an_honest_failure(package: ModuleType) -> None:
    async with built(package) as channel, asyncio.timeout(PATIENCE):
        await channel.start()
        place = ConversationRef(channel.name, "T1", "space", "new:token", private=False)
        delivery = Delivery(1, 1, 1, place, REPLY, card=True)
        for one in (delivery, replace(delivery, edit="gone"), replace(delivery, attempt=2)):
            result = await _result(channel, one)
            if isinstance(result, DeliveryFailed):
                assert (bool(result.code), result.permanent) == (True, False)
            else:
                assert (bool(result.message), bool(result.anchor)) == (True, True)


async def _result(channel: channels.Channel, delivery: Delivery) -> Receipt | DeliveryFailed:
    try:
        return await channel.deliver(delivery)
    except DeliveryFailed as failed:
        return failed


@each_package
@pytest.mark.usefixtures("elsewhere")
async def test_a_roster_is_read_or_refused(package: ModuleType) -> None:
    async with built(package) as channel, asyncio.timeout(PATIENCE):
        await channel.start()
        try:
            place = ConversationRef(channel.name, "T1", "space", private=False)
            members = await channel.members(channel.find_room("space") or place)
        except RosterUnavailable:
            return
        assert all(isinstance(name, str) for name in members.values())
        assert {member.channel for member in members} <= {channel.name}


@each_package
@pytest.mark.usefixtures("elsewhere")
async def test_a_chat_with_somebody_is_private_to_them(package: ModuleType) -> None:
    async with built(package) as channel:
        identity = Identity(channel.name, "T1", "ana")
        place = channel.chat_with(identity, "key")
        assert place is None or (place.channel, place.private) == (channel.name, True)
        assert place is None or place != channel.chat_with(replace(identity, external_id="bob"), "key")


def test_every_channel_has_a_name_that_people_read() -> None:
    wording = load_wording()
    for language in wording.languages:
        for name in PACKAGES:
            assert wording.say(language, f"channel.{name}") != f"channel.{name}"
    assert len({person.id for person in PERSONAS}) == len(PERSONAS)


# --- sources and matchers -----------------------------------------------------------------------------


def implementations(package: ModuleType, protocol: type) -> list[type]:
    """Every class of a package that has all the methods of a protocol."""
    found = []
    for module in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
        for _, one in inspect.getmembers(importlib.import_module(module.name), inspect.isclass):
            wanted = public_methods(protocol)
            if one.__module__ == module.name and all(hasattr(one, name) for name in wanted):
                found.append(one)
    return found


SOURCES: dict[type, Callable[[], KnowledgeSource]] = {
    FileSource: lambda: FileSource(find("kb_articles"), find("intents"))
}
MATCHERS: dict[type, Callable[[Content], Matcher]] = {WordMatcher: lambda c: WordMatcher(c, "en")}
TEXTS = (
    "I forgot my password",
    "vpn",
    "",
    "🔥",
    "no me funciona la impresora",
    "x" * 40_000,
    "\ud800",
    "it is broken",
)


def test_every_source_and_matcher_is_held_to_the_contract() -> None:
    packages = plugins.packages(plugins.Kind.SOURCE).values()
    sources = {one for package in packages for one in implementations(package, KnowledgeSource)}
    assert sources == set(SOURCES)
    assert set(implementations(bot.matching, Matcher)) == set(MATCHERS)


@pytest.mark.parametrize("make", SOURCES.values(), ids=lambda _: "source")
def test_a_source_gives_content_that_names_itself(
    make: Callable[[], KnowledgeSource],
) -> None:
    source = make()
    first, second = source.load(), make().load()
    assert source.name
    assert first.hash == second.hash != ""
    assert first.articles
    assert first.intents
    assert not [problem for problem in first.problems if problem.error]
    assert all(draft.file and draft.line("title") >= 1 for draft in first.articles)
    assert all(draft.file and draft.line("intent") >= 1 for draft in first.intents)
    content = Collection([source]).load()
    for target, versions in content.articles.items():
        assert {target} == {article.id for article in versions.values()}
        assert all(language == article.language for language, article in versions.items())
    for intent in content.intents.values():
        assert (intent.article is None) or intent.article in content.articles


@pytest.mark.parametrize("make", MATCHERS.values(), ids=lambda _: "matcher")
def test_a_matcher_finds_probabilities_best_first(make: Callable[[Content], Matcher]) -> None:
    content = content_in(find("kb_articles"), find("intents"))
    matcher = make(content)
    targets = {*content.articles, *(intent.target for intent in content.intents.values())}
    assert matcher.version
    for text in TEXTS:
        result = matcher.find(text)
        confidences = [match.confidence for match in result.matches]
        assert confidences == sorted(confidences, reverse=True)
        assert all(0 <= confidence <= 1 for confidence in confidences)
        assert {match.target for match in result.matches} <= targets
        assert len(result.matches) == len({match.target for match in result.matches})
        assert result == matcher.find(text)
    assert matcher.find("I forgot my password", "es").matches
