"""Everything that is asked of each vendor, played with its stand-in behind a gateway."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any

from aiohttp.test_utils import TestServer
from pydantic import SecretStr

from bot.backends import jira, zendesk
from bot.desk.knowledge.library import Library
from bot.desk.ports.backends import (
    ApprovingBackend,
    Decision,
    InternalComment,
    NewRemoteTicket,
    OutgoingFile,
    PublicComment,
    TwoWayBackend,
)
from bot.domain.diagnosis import DoctorHost, Level
from bot.domain.tickets.mirror import DONE, LIVE, NOBODY, MirrorField
from bot.knowledge import confluence, sharepoint
from bot.knowledge.wiki.port import Puller
from bot.server.content import pullers_of
from bot.server.plugins import Kind, Plugin
from bot.server.settings import Settings
from bot.storage import Database
from tests.support.clock import Clock
from tests.support.e2e.doctor import ENGLISH
from tests.support.fakes.jira.in_play import in_jira
from tests.support.fakes.jira.playing import settings_of
from tests.support.fakes.jira.site import US, Account
from tests.support.fakes.mirrors.desk import Through
from tests.support.fakes.mirrors.play import Play
from tests.support.fakes.mirrors.zendesk import ANN
from tests.support.fakes.mirrors.zendesk_desk import in_zendesk, settings_at
from tests.support.fakes.wikis.confluence import EMAIL, TOKEN, FakeConfluence, FakePage
from tests.support.fakes.wikis.sharepoint import CLIENT, SECRET, TENANT, FakeSharePoint, FakeSitePage

OPERATIONS = 300  # of a play with both sides
NEW = NewRemoteTicket(
    "HELP-1001",
    "The printer smells",
    "Ana García",
    {MirrorField.STATUS: LIVE, MirrorField.ASSIGNEE: NOBODY, MirrorField.PRIORITY: "high"},
    "ana@acme.example",
)
FILE = OutgoingFile("señal 1.png", "image/png", b"\x89PNG")


@dataclass(frozen=True)
class Stage:
    """What a play may use."""

    database: Database
    library: Library
    folder: Path


async def play_zendesk(stage: Stage, through: Through) -> None:
    """Play both sides, then everything that a play leaves out."""
    async with in_zendesk(stage.database, stage.library, Clock(), through, zendesk_match_addresses=True) as (
        desk,
        there,
    ):
        await Play(desk, there, 5).run(OPERATIONS)
        there.failing.clear()
        there.away = False
        await every_call(desk.backend, str(ANN))
        url = desk.backend.address("1").removesuffix("/agent/tickets/1")
        await examine(zendesk, settings_at(url))


async def play_jira(stage: Stage, through: Through) -> None:
    """Play both sides, then everything that a play leaves out."""
    urls: list[str] = []

    @asynccontextmanager
    async def noted(url: str) -> AsyncIterator[str]:
        async with through(url) as address:
            urls.append(address)
            yield address

    async with in_jira(stage.database, stage.library, Clock(), noted, match_addresses=True) as (desk, there):
        site = there.site
        site.accounts["qm:ana"] = Account("qm:ana", "Ana", "ana@acme.example", kind="customer", customer=True)
        await Play(desk, there, 5).run(OPERATIONS)
        there.failing.clear()
        site.away = False
        issue = site.issues[(await desk.backend.create(NEW, "approval", again=False)).id]
        assert isinstance(desk.backend, ApprovingBackend)
        for approve in (True, False):
            asked = site.ask_approval(issue, "A new laptop", US)
            await desk.backend.read(issue.id)
            await desk.backend.decide(issue.id, Decision(asked["id"], approve, "By Eva"), again=False)
        await every_call(desk.backend, str(ANN))
        site.remove(issue)
        await desk.backend.read(issue.id)
        await examine(jira, settings_of(urls[0]))


async def every_call(backend: TwoWayBackend, agent: str) -> None:
    """Call everything that a backend of both ways has."""
    remote = (await backend.create(NEW, "made", again=False)).id
    assert (await backend.create(NEW, "made", again=True)).id == remote
    for changes in (
        {MirrorField.PRIORITY: "urgent", MirrorField.ASSIGNEE: agent},
        {MirrorField.STATUS: DONE},
        {MirrorField.STATUS: LIVE},
        {MirrorField.ASSIGNEE: NOBODY},
        {MirrorField.STATUS: DONE},
        {MirrorField.STATUS: LIVE},
    ):
        await backend.write(remote, changes, await backend.read(remote))
    words, said = "It *still* smells\n", ""
    for files in ((), (FILE,), (FILE, FILE)):
        for comment in (PublicComment("Ana", words, files), InternalComment("Eva", words, files)):
            key = f"{type(comment).__name__}-{len(files)}"
            said = await backend.say(remote, comment, key, again=False)
            assert await backend.say(remote, comment, key, again=True) == said
    for there in (await backend.read(remote)).comments:
        for file in there.files:
            assert await backend.fetch(file.source, 1000) == FILE.content
    first = await backend.changes("")
    assert await backend.changes(first.cursor)
    await backend.take_back(remote, said)
    await backend.forget(remote)


async def play_confluence(stage: Stage, through: Through) -> None:
    """Read pages of every kind, changes, and what the search leaves out."""
    fake = FakeConfluence(most=25)
    fake.folders["900"] = FakePage("900", "A folder")
    for number in range(1, 61):
        fake.add(FakePage(str(number), f"Page {number}", labels=("vpn",) if number % 7 == 0 else ()))
    fake.pages["3"].parent, fake.pages["3"].parent_type = "900", "folder"
    fake.pages["4"].parent = "3"
    fake.pages["5"].readers = ("acc-1",)
    fake.unsearchable = {"6", "8"}
    async with (
        TestServer(fake.app(), host="127.0.0.1") as server,
        through(f"http://127.0.0.1:{server.port}") as url,
    ):
        settings = confluence.Settings(
            url=url, email=EMAIL, token=SecretStr(TOKEN), spaces="IT", requests=50, folder=str(stage.folder)
        )
        puller = puller_of(confluence, settings)
        await pulled(puller, lambda: fake.edit("9", "<p>Changed.</p>"), lambda: fake.broken.add("10"))
        await examine(confluence, settings)


async def play_sharepoint(stage: Stage, through: Through) -> None:
    """Read pages with their texts in the list and without, and one that changed."""
    fake = FakeSharePoint(most=25)
    for number in range(1, 61):
        fake.add(FakeSitePage(number, f"Page {number}"))
    async with (
        TestServer(fake.app(), host="127.0.0.1") as server,
        through(f"http://127.0.0.1:{server.port}") as url,
    ):
        settings = sharepoint.Settings(
            tenant=TENANT,
            client_id=CLIENT,
            client_secret=SecretStr(SECRET),
            sites="example.sharepoint.com/sites/help",
            graph_url=url,
            login_url=url,
            requests=50,
            folder=str(stage.folder),
        )
        puller = puller_of(sharepoint, settings)

        def change() -> None:
            page = next(iter(fake.pages.values()))
            page.html, page.version, fake.texts_in_lists = "<p>Changed.</p>", 2, False

        await pulled(puller, change, lambda: fake.broken.add(list(fake.pages)[1]))
        await examine(sharepoint, settings)


def puller_of(module: ModuleType, settings: Any) -> Puller:
    """Make what reads a system's pages."""
    return pullers_of(Settings(), [Plugin(Kind.SOURCE, module.NAME, module, settings)])[0]


async def pulled(puller: Puller, *changes: Callable[[], object]) -> None:
    """Read all pages, then what each change left, first what is new and then everything."""
    try:
        for change in (lambda: None, *changes):
            change()
            await puller.pull()
            await puller.pull(whole=True)
    finally:
        await puller.close()


async def examine(module: ModuleType, settings: Any) -> None:
    """Let `firstline doctor` look at everything."""

    async def nothing(_channel: str, _key: str) -> str | None:
        return None

    host = DoctorHost(
        Clock(), "https://help.example.com", (), engineers_listed=False, recall=nothing, tell=ENGLISH
    )
    for check in module.doctor(settings, host).checks:
        assert all(finding.level is not Level.ERROR for finding in await check.look())


PLAYS: dict[str, Callable[[Stage, Through], Awaitable[None]]] = {
    "zendesk": play_zendesk,
    "jira": play_jira,
    "confluence": play_confluence,
    "graph": play_sharepoint,
}
