"""Every source whose pages lie in another system keeps to the same rules; a short package is one."""

import sys
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
from aiohttp.test_utils import TestServer

from bot.desk.ports.content import SourceHost
from bot.domain.errors import SourceUnavailable
from bot.knowledge.collection import Collection
from bot.knowledge.wiki.port import Puller
from bot.server import plugins
from bot.server.content import pullers_of
from bot.server.plugins import Kind, Plugin
from bot.server.settings import Settings
from tests.support.fakes.wikis.confluence import EMAIL, TOKEN, FakeConfluence, FakePage
from tests.support.fakes.wikis.sharepoint import CLIENT, SECRET, TENANT, FakeSharePoint, FakeSitePage

TOY = """
from pathlib import Path
from bot.domain.errors import SourceUnavailable
from bot.domain.knowledge.content import Article
from bot.knowledge.wiki.port import Listing, ReadPage, Wiki
from bot.knowledge.wiki.settings import WikiSettings, page_puller, page_source, reading
class Settings(WikiSettings):
    model_config = reading("FIRSTLINE_TOY_")
    place: str = ""
def configured(settings, *, demo): return bool(settings.place)
def build(settings, host): return page_source("toy", settings)
def puller(settings, host): return page_puller("toy", settings, lambda: Toy(Path(settings.place)))
class Toy(Wiki):
    def __init__(self, place): self.place = place
    async def listed(self):
        if not self.place.is_dir(): raise SourceUnavailable(code="away")
        return Listing({one.name: one.read_text() for one in self.place.iterdir()})
    async def read(self, keys):
        for key in keys:
            yield ReadPage(key, Article(f"toy-{key}", f"Page {key}", (self.place / key).read_text()))
    def address(self, key): return f"https://toy.example/{key}"
"""


@dataclass
class System:
    """A system: what adds, changes and removes a page by its number, what breaks it, and its settings."""

    write: Callable[[int, str], None]
    remove: Callable[[int], None]
    fail: Callable[[], None]
    settings: dict[str, str]


@asynccontextmanager
async def confluence(folder: Path) -> AsyncIterator[System]:
    fake = FakeConfluence()

    def write(number: int, text: str) -> None:
        if str(number) in fake.pages:
            fake.edit(str(number), f"<p>{text}</p>")
        else:
            fake.add(FakePage(str(number), f"Page {number}", f"<p>{text}</p>"))

    async with TestServer(fake.app(), host="127.0.0.1") as server:
        yield System(
            write,
            lambda number: fake.pages.__delitem__(str(number)),
            lambda: fake.failures.append((429, {"Retry-After": "900"})),
            {
                "FIRSTLINE_CONFLUENCE_URL": f"http://127.0.0.1:{server.port}",
                "FIRSTLINE_CONFLUENCE_EMAIL": EMAIL,
                "FIRSTLINE_CONFLUENCE_TOKEN": TOKEN,
                "FIRSTLINE_CONFLUENCE_SPACES": "IT",
                "FIRSTLINE_CONFLUENCE_REQUESTS": "50",
            },
        )


@asynccontextmanager
async def sharepoint(folder: Path) -> AsyncIterator[System]:
    fake = FakeSharePoint()

    def write(number: int, text: str) -> None:
        page = FakeSitePage(number, f"Page {number}", f"<p>{text}</p>")
        page.version = fake.pages[page.id].version + 1 if page.id in fake.pages else 1
        fake.pages[page.id] = page

    async with TestServer(fake.app(), host="127.0.0.1") as server:
        url = f"http://127.0.0.1:{server.port}"
        yield System(
            write,
            lambda number: fake.pages.__delitem__(FakeSitePage(number, "").id),
            lambda: fake.failures.append((429, {"Retry-After": "900"})),
            {
                "FIRSTLINE_SHAREPOINT_TENANT": TENANT,
                "FIRSTLINE_SHAREPOINT_CLIENT_ID": CLIENT,
                "FIRSTLINE_SHAREPOINT_CLIENT_SECRET": SECRET,
                "FIRSTLINE_SHAREPOINT_SITES": "example.sharepoint.com/sites/help",
                "FIRSTLINE_SHAREPOINT_GRAPH_URL": url,
                "FIRSTLINE_SHAREPOINT_LOGIN_URL": url,
                "FIRSTLINE_SHAREPOINT_REQUESTS": "50",
            },
        )


@asynccontextmanager
async def toy(folder: Path) -> AsyncIterator[System]:
    place = folder / "toy"
    place.mkdir()

    def write(number: int, text: str) -> None:
        (place / str(number)).write_text(text, "utf-8")

    def fail() -> None:
        place.rename(folder / "away")

    yield System(
        write,
        lambda number: (place / str(number)).unlink(),
        fail,
        {"FIRSTLINE_TOY_PLACE": str(place)},
    )


SYSTEMS: dict[str, Callable[[Path], AbstractAsyncContextManager[System]]] = {
    "confluence": confluence,
    "sharepoint": sharepoint,
    "toy": toy,
}
each_system = pytest.mark.parametrize("name", SYSTEMS)


@pytest.fixture(autouse=True)
def _planted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A package of another distribution, in the path of the folder of sources."""
    (tmp_path / "plugins" / "toy").mkdir(parents=True)
    (tmp_path / "plugins" / "toy" / "__init__.py").write_text(TOY, "utf-8")
    package = sys.modules[Kind.SOURCE.value]
    monkeypatch.setattr(package, "__path__", [*package.__path__, str(tmp_path / "plugins")])
    yield
    sys.modules.pop(f"{Kind.SOURCE.value}.toy", None)


def found(
    name: str, system: System, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> tuple[Plugin, Puller, Collection]:
    """The plugin as the settings make it, its puller, and the content of its source alone."""
    for setting, value in (
        system.settings | {f"FIRSTLINE_{name.upper()}_FOLDER": str(folder / "pages")}
    ).items():
        monkeypatch.setenv(setting, value)
    mistakes: list[str] = []
    (plugin,) = plugins.configured(Kind.SOURCE, demo=False, mistakes=mistakes, only=[name])
    assert mistakes == []
    (puller,) = pullers_of(Settings(), [plugin])
    host = SourceHost(folder, folder, folder, None, "en")
    return plugin, puller, Collection([plugin.build(host)])


def bodies(content: Collection) -> dict[str, str]:
    loaded = content.load()
    assert [problem for problem in loaded.problems if problem.error] == []
    return {one.title: one.body for versions in loaded.articles.values() for one in versions.values()}


def test_every_source_with_a_puller_is_here() -> None:
    packages = plugins.packages(Kind.SOURCE)
    assert set(SYSTEMS) == {name for name, module in packages.items() if hasattr(module, "puller")}


@each_system
async def test_pages_come_change_and_go(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async with SYSTEMS[name](tmp_path) as system:
        for number in range(1, 31):
            system.write(number, f"Text {number}.")
        plugin, puller, content = found(name, system, tmp_path, monkeypatch)
        assert puller.name == plugin.name == name

        pulled = await puller.pull()

        assert pulled is not None
        assert (pulled.held, pulled.written, pulled.removed) == (30, 30, 0)
        assert bodies(content) == {f"Page {number}": f"Text {number}." for number in range(1, 31)}
        again = await puller.pull()
        assert again is not None
        assert (again.held, again.written, again.removed) == (30, 0, 0)
        system.write(7, "Other.")
        system.remove(8)
        await puller.pull(whole=True)
        after = bodies(content)
        assert (after["Page 7"], len(after)) == ("Other.", 29)
        assert "Page 8" not in after
        await puller.close()


@each_system
async def test_a_system_that_fails_takes_nothing_away(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with SYSTEMS[name](tmp_path) as system:
        system.write(1, "Text.")
        _, puller, content = found(name, system, tmp_path, monkeypatch)
        await puller.pull()
        system.fail()
        with pytest.raises(SourceUnavailable):
            await puller.pull()
        assert bodies(content) == {"Page 1": "Text."}
        await puller.close()


@each_system
async def test_one_process_writes_and_every_other_reads(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with SYSTEMS[name](tmp_path) as system:
        system.write(1, "Text.")
        _, puller, _ = found(name, system, tmp_path, monkeypatch)
        _, other, content = found(name, system, tmp_path, monkeypatch)
        await puller.pull()
        assert await other.pull() is None
        assert bodies(content) == {"Page 1": "Text."}
        await puller.close()
        assert await other.pull() is not None
        await other.close()
