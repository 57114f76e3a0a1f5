"""Every kind of plugin is found in its folder: a package is all that a new one needs."""

import asyncio
import subprocess
import sys
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from aiohttp import web
from pydantic import ValidationError
from pydantic_settings import BaseSettings

from bot.desk.ports import content
from bot.desk.ports.alerts import AlertHost
from bot.domain.diagnosis import DoctorHost
from bot.domain.errors import SourceUnavailable
from bot.domain.knowledge.content import Article, Draft, SourceContent
from bot.domain.tickets.outage import Alert
from bot.knowledge.collection import Collection
from bot.runtime.resources import find
from bot.runtime.secret_files import file_names
from bot.server import plugins
from bot.server.content import content_of
from bot.server.plugins import Kind, Plugin
from bot.server.settings import Settings, env_names
from bot.wording import catalogues, load
from tests.support.channels.page_host import Memory
from tests.support.e2e.doctor import ENGLISH, examined
from tests.support.fakes.alerts import settings_for

EVERY = [(kind, name) for kind in Kind for name in plugins.packages(kind)]
SECRET = "correct-horse-battery-staple"
NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
HEAVY = ("slack_bolt", "slack_sdk", "botbuilder", "msal", "jinja2", "numpy", "watchfiles")

PLANTED = """
from pydantic_settings import BaseSettings, SettingsConfigDict
class Settings(BaseSettings):
    model_config = SettingsConfigDict(env_prefix="FIRSTLINE_", extra="ignore", frozen=True)
    planted_{kind}: str = ""
def configured(settings, *, demo):
    return bool(settings.planted_{kind})
def mistakes(settings):
    return ["FIRSTLINE_PLANTED_{KIND}: no."] if settings.planted_{kind} == "wrong" else []
def build(settings, host):
    return Planted()
def doctor(settings, host):
    from bot.domain.diagnosis import Check, Examination, ok
    async def look():
        return [ok("roots", "They are wet.")]
    return Examination((Check("roots", look),))
class Planted:
    name = "planted"
    def load(self):
        from bot.domain.knowledge.content import Article, Draft, SourceContent
        article = Article("planted", "Water the plants", "1. Water.")
        return SourceContent((Draft(article, "planted:1"),), (), "1")
    async def changes(self):
        import asyncio
        await asyncio.Event().wait()
"""


@pytest.fixture
def planted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A package in the folder of each kind, as somebody else's distribution would bring it."""
    for kind in Kind:
        folder = tmp_path / kind.name.lower()
        (folder / "planted").mkdir(parents=True)
        name = kind.name.lower()
        code = PLANTED.replace("{kind}", name).replace("{KIND}", kind.name)
        (folder / "planted" / "__init__.py").write_text(code, encoding="utf-8")
        words = folder / "planted" / "locales" / "en"
        words.mkdir(parents=True)
        header = 'msgid ""\nmsgstr "Content-Type: text/plain; charset=utf-8\\n"\n\n'
        entry = f'msgid "channel.planted_{name}"\nmsgstr "the plant"\n'
        (words / "planted.po").write_text(header + entry, encoding="utf-8")
        package = sys.modules[kind.value]
        monkeypatch.setattr(package, "__path__", [*package.__path__, str(folder)])
    _forget_sentences()
    yield
    _forget_sentences()
    for kind in Kind:
        sys.modules.pop(f"{kind.value}.planted", None)


def _forget_sentences() -> None:
    for kept in (catalogues._read, catalogues._branded):
        kept.cache_clear()


@pytest.mark.parametrize("kind", Kind)
def test_a_package_in_its_folder_is_all_that_a_new_plugin_needs(
    kind: Kind, planted: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    mistakes: list[str] = []
    setting = f"FIRSTLINE_PLANTED_{kind.name}"
    assert "planted" not in [
        plugin.name for plugin in plugins.configured(kind, demo=False, mistakes=mistakes)
    ]
    monkeypatch.setenv(setting, "yes")

    found = {plugin.name: plugin for plugin in plugins.configured(kind, demo=False, mistakes=mistakes)}

    assert found["planted"].build(None).name == "planted"
    assert mistakes == []
    assert setting in plugins.known_names(Settings)
    assert load().say("en", f"channel.planted_{kind.name.lower()}") == "the plant"
    monkeypatch.setenv(setting, "wrong")
    plugins.configured(kind, demo=False, mistakes=mistakes)
    assert mistakes == [f"FIRSTLINE_PLANTED_{kind.name}: no."]


@pytest.mark.parametrize("kind", [kind for kind in Kind if kind is not Kind.SOURCE])
async def test_the_doctor_finds_the_checks_of_a_new_plugin(
    kind: Kind, planted: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = await examined(monkeypatch, {f"FIRSTLINE_PLANTED_{kind.name}": "yes"})

    prefix = "planted" if kind is Kind.CHANNEL else f"{kind.name.lower()}.planted"
    assert found.one(f"{prefix}.roots").seen == "They are wet."


@pytest.mark.parametrize(("kind", "name"), [(kind, name) for kind, name in EVERY if kind is not Kind.SOURCE])
def test_every_plugin_in_the_box_brings_checks(kind: Kind, name: str) -> None:
    module = plugins.packages(kind)[name]
    host = DoctorHost(lambda: NOW, "", (), engineers_listed=False, recall=nothing_remembered, tell=ENGLISH)
    examination = Plugin(kind, name, module, module.Settings()).examine(host)
    assert examination is not None
    assert examination.checks


async def nothing_remembered(channel: str, key: str) -> str | None:
    return None


def test_a_new_source_is_content_beside_the_files(planted: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FIRSTLINE_PLANTED_SOURCE", "yes")
    settings = Settings(articles=find("kb_articles"), intents=find("intents"))

    content = content_of(settings).load()

    assert content.articles["planted"]["en"].title == "Water the plants"
    assert {"vpn-windows", "planted"} <= set(content.articles)


@pytest.mark.parametrize(("kind", "name"), EVERY)
def test_a_package_is_light_and_quiet(kind: Kind, name: str) -> None:
    module = plugins.packages(kind)[name]
    assert isinstance(module, ModuleType)
    settings = module.Settings()
    assert isinstance(settings, BaseSettings)
    assert module.mistakes(settings) == []
    if kind is not Kind.SOURCE:
        assert module.configured(settings, demo=False) is False
    with pytest.raises((ValidationError, AttributeError, TypeError)):
        setattr(settings, next(iter(module.Settings.model_fields), "anything"), "1")
    code = f"import sys, {kind.value}.{name}\nprint([n for n in {HEAVY!r} if n in sys.modules])"
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert run.stdout.strip() == "[]"


@pytest.mark.parametrize(("kind", "name"), EVERY)
def test_no_mistake_shows_a_secret(kind: Kind, name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    module = plugins.packages(kind)[name]
    for setting in env_names(module.Settings):
        monkeypatch.setenv(setting, SECRET)
    for setting in file_names(module.Settings):  # somebody who takes a path for a secret
        monkeypatch.setenv(setting, SECRET)
    mistakes: list[str] = []
    plugins.configured(kind, demo=False, mistakes=mistakes, only=[name])
    assert SECRET not in "".join(mistakes)
    assert all(any(setting in mistake for setting in env_names(module.Settings)) for mistake in mistakes)


def test_every_source_of_alerts_has_tests_of_its_own() -> None:
    tested = {path.stem for path in (Path(__file__).parent.parent / "alerts").glob("test_*.py")}
    assert {f"test_{name}" for name in plugins.packages(Kind.ALERTS)} <= tested


@pytest.mark.parametrize("name", plugins.packages(Kind.ALERTS))
async def test_a_source_of_alerts_starts_and_ends(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    async def alerted(source: str, *alerts: Alert) -> int:
        raise AssertionError("nothing was sent")

    async def run(function: Callable[..., Any], *values: Any) -> Any:
        return function(*values)

    for setting, value in settings_for(plugins.packages(Kind.ALERTS)[name]).items():
        monkeypatch.setenv(setting, value)
    mistakes: list[str] = []
    (plugin,) = plugins.configured(Kind.ALERTS, demo=False, mistakes=mistakes, only=[name])
    source = plugin.build(AlertHost(alerted, run, Memory(), load(), lambda: NOW, "en", ""))
    app = web.Application()
    source.mount(app)
    await source.start()
    assert mistakes == []
    assert source.name == name
    assert source.trouble() is None
    assert list(app.router.resources())
    await source.stop()


class Remote:
    """A source that can be cut off."""

    name = "remote"

    def __init__(self) -> None:
        self.there = True

    def load(self) -> SourceContent:
        if not self.there:
            raise SourceUnavailable
        return SourceContent((Draft(Article("a", "A title", "Text."), "remote:a"),), (), "1")

    async def changes(self) -> None:
        return


def test_a_source_that_is_cut_off_keeps_what_it_held() -> None:
    remote: content.KnowledgeSource = (source := Remote())
    collection = Collection([remote])
    before = collection.load()
    source.there = False

    after = collection.load()

    assert after.articles == before.articles
    assert after.hash == before.hash
    assert [(p.file, p.error) for p in after.problems if p.file == "remote"] == [("remote", False)]


def test_a_source_that_was_never_there_is_an_error() -> None:
    source = Remote()
    source.there = False

    content = Collection([source]).load()

    assert [(problem.file, problem.error) for problem in content.problems] == [("remote", True)]


async def test_a_change_of_any_source_counts() -> None:
    await Collection([Remote(), Waiting()]).changes()


class Waiting(Remote):
    """A source in which nothing ever changes."""

    name = "waiting"

    async def changes(self) -> None:
        await asyncio.Event().wait()
