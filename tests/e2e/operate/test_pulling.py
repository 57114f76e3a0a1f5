"""`firstline pull` and `firstline doctor` with Confluence and SharePoint, and a server that reads pages."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import aiohttp
import pytest
from aiohttp.test_utils import TestServer

from bot.desk.knowledge.library import Library
from bot.domain.diagnosis import Level
from tests.support.e2e.commands import CONTENT, good, refused
from tests.support.e2e.doctor import examined
from tests.support.e2e.running import Running, running, until
from tests.support.fakes.wikis.confluence import EMAIL, TOKEN, FakeConfluence, FakePage
from tests.support.fakes.wikis.sharepoint import CLIENT, SECRET, TENANT, FakeSharePoint, FakeSitePage

METRICS = "a-token-of-the-metrics"
SERVER = {
    "FIRSTLINE_WEB_TOKENS": "token-of-the-engineer-eva=eva:engineer",
    "FIRSTLINE_METRICS_TOKEN": METRICS,
}


@pytest.fixture
async def confluence(tmp_path: Path) -> AsyncIterator[tuple[FakeConfluence, dict[str, str]]]:
    fake = FakeConfluence()
    async with TestServer(fake.app(), host="127.0.0.1") as server:
        yield (
            fake,
            {
                "FIRSTLINE_CONFLUENCE_URL": f"http://127.0.0.1:{server.port}",
                "FIRSTLINE_CONFLUENCE_EMAIL": EMAIL,
                "FIRSTLINE_CONFLUENCE_TOKEN": TOKEN,
                "FIRSTLINE_CONFLUENCE_SPACES": "IT",
                "FIRSTLINE_CONFLUENCE_REQUESTS": "50",
                "FIRSTLINE_CONFLUENCE_FOLDER": str(tmp_path / "pages"),
            },
        )


@pytest.fixture
async def sharepoint(tmp_path: Path) -> AsyncIterator[tuple[FakeSharePoint, dict[str, str]]]:
    fake = FakeSharePoint()
    async with TestServer(fake.app(), host="127.0.0.1") as server:
        url = f"http://127.0.0.1:{server.port}"
        yield (
            fake,
            {
                "FIRSTLINE_SHAREPOINT_TENANT": TENANT,
                "FIRSTLINE_SHAREPOINT_CLIENT_ID": CLIENT,
                "FIRSTLINE_SHAREPOINT_CLIENT_SECRET": SECRET,
                "FIRSTLINE_SHAREPOINT_SITES": "example.sharepoint.com/sites/help",
                "FIRSTLINE_SHAREPOINT_GRAPH_URL": url,
                "FIRSTLINE_SHAREPOINT_LOGIN_URL": url,
                "FIRSTLINE_SHAREPOINT_REQUESTS": "50",
                "FIRSTLINE_SHAREPOINT_FOLDER": str(tmp_path / "site"),
            },
        )


# --- the command ------------------------------------------------------------------------------------------


async def test_pages_are_pulled_and_answered_with(
    tmp_path: Path, confluence: tuple[FakeConfluence, dict[str, str]]
) -> None:
    fake, settings = confluence
    fake.add(FakePage("7", "Order a zworkle", "<p>Ask <strong>Ana</strong> for a zworkle.</p>"))
    fake.add(FakePage("8", "Salaries", readers=("acc-9",)))
    settings |= CONTENT

    printed = await asyncio.to_thread(good, tmp_path, "pull", **settings)

    assert "confluence: 1 written, 0 taken away, 1 left out; articles in all: 1." in printed
    assert "Left out: not everybody may read it, or a page above it" in printed
    assert "pageId=8" in printed
    assert "Salaries" not in printed
    answer = await asyncio.to_thread(good, tmp_path, "ask", "how do I order a zworkle?", **settings)
    assert "Order a zworkle" in answer
    again = await asyncio.to_thread(good, tmp_path, "pull", "confluence", **settings, FIRSTLINE_LANGUAGE="es")
    assert "confluence: escritos: 0, retirados: 0, omitidos: 1; artículos en total: 1." in again
    assert "Omitidas: no puede leerla todo el mundo, o no puede leer una página superior" in again


async def test_what_went_wrong_is_said(
    tmp_path: Path, confluence: tuple[FakeConfluence, dict[str, str]]
) -> None:
    fake, settings = confluence
    fake.spaces = {}
    told = await asyncio.to_thread(refused, tmp_path, "pull", **settings)
    assert "Not there: there is no space 'IT' that our account may see." in told
    settings["FIRSTLINE_CONFLUENCE_TOKEN"] = "another"
    told = await asyncio.to_thread(refused, tmp_path, "pull", **settings)
    assert "(unauthorized)" in told


def test_without_a_source_the_command_says_where_to_read(tmp_path: Path) -> None:
    assert "`firstline docs confluence`" in refused(tmp_path, "pull")
    wrong = refused(
        tmp_path,
        "pull",
        FIRSTLINE_CONFLUENCE_URL="https://example.com/wiki",
        FIRSTLINE_CONFLUENCE_SPACES="I T!",
    )
    for name in ("URL", "EMAIL", "TOKEN", "SPACES"):
        assert f"FIRSTLINE_CONFLUENCE_{name}: " in wrong


# --- a server ---------------------------------------------------------------------------------------------


async def test_a_server_reads_pages_by_itself(
    confluence: tuple[FakeConfluence, dict[str, str]],
    monkeypatch: pytest.MonkeyPatch,
    library: Library,
    database_url: str,
    tmp_path: Path,
) -> None:
    fake, settings = confluence
    fake.add(FakePage("7", "Order a zworkle", "<p>Ask for a zworkle.</p>"))
    async with running(monkeypatch, library, database_url, settings | SERVER) as app:
        held = 'firstline_source_pages{source="confluence",state="held"} 1.0'
        await until(lambda: shows(app, "/metrics", held), "the page")
        assert (tmp_path / "pages" / "confluence-7.md").exists()
        await until(lambda: shows(app, "/readyz", '"status": "ready"'), "readiness")


async def test_a_server_whose_wiki_refuses_it_is_degraded_and_serves(
    confluence: tuple[FakeConfluence, dict[str, str]],
    monkeypatch: pytest.MonkeyPatch,
    library: Library,
    database_url: str,
) -> None:
    _, settings = confluence
    settings |= SERVER | {"FIRSTLINE_CONFLUENCE_TOKEN": "another"}
    async with running(monkeypatch, library, database_url, settings) as app:
        await until(lambda: shows(app, "/readyz", "unauthorized: "), "the reason")
        assert await shows(app, "/readyz", '"status": "degraded"')


async def shows(app: Running, path: str, text: str) -> bool:
    """Whether a path that only operators may read answers well, with this in it."""
    headers = {"Authorization": f"Bearer {METRICS}"}
    async with aiohttp.ClientSession() as session, session.get(f"{app.url}{path}", headers=headers) as answer:
        return answer.status == 200 and text in await answer.text()


# --- doctor -----------------------------------------------------------------------------------------------


async def test_doctor_says_that_all_is_well(
    confluence: tuple[FakeConfluence, dict[str, str]],
    sharepoint: tuple[FakeSharePoint, dict[str, str]],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    confluence[0].add(FakePage("1", "A"))
    sharepoint[0].add(FakeSitePage(1, "A"))
    found = await examined(monkeypatch, confluence[1] | sharepoint[1], only="source.")
    levels = {(one.check, one.about): one.level for one in found.all if one.check.startswith("source.")}
    assert levels == {
        ("source.confluence.account", ""): Level.OK,
        ("source.confluence.spaces", "IT"): Level.OK,
        ("source.confluence.folder", ""): Level.OK,
        ("source.sharepoint.sites", "example.sharepoint.com/sites/help"): Level.OK,
        ("source.sharepoint.folder", ""): Level.OK,
    }


async def test_doctor_says_what_is_wrong_in_confluence(
    confluence: tuple[FakeConfluence, dict[str, str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    fake, settings = confluence
    settings |= {"FIRSTLINE_CONFLUENCE_SPACES": "IT HR"}
    fake.space_readers = [("user", "acc-1")]
    found = await examined(monkeypatch, settings, only="source.")
    assert found.level("source.confluence.spaces", "HR") is Level.ERROR
    assert found.level("source.confluence.spaces", "IT") is Level.WARNING
    fake.anonymous = True
    found = await examined(monkeypatch, settings, only="source.")
    assert found.level("source.confluence.account") is Level.ERROR


async def test_doctor_says_what_is_wrong_in_sharepoint(
    sharepoint: tuple[FakeSharePoint, dict[str, str]], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    fake, settings = sharepoint
    fake.readable = False
    (tmp_path / "file").write_text("", "utf-8")
    settings |= {"FIRSTLINE_SHAREPOINT_FOLDER": str(tmp_path / "file" / "site")}
    found = await examined(monkeypatch, settings, only="source.")
    assert "HTTP 403" in found.one("source.sharepoint.sites").seen
    assert found.level("source.sharepoint.folder") is Level.ERROR
    settings |= {"FIRSTLINE_SHAREPOINT_CLIENT_SECRET": "another"}
    found = await examined(monkeypatch, settings, only="source.")
    assert found.level("source.sharepoint.sites") is Level.ERROR
