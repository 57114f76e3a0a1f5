"""SharePoint's pages as articles: what is read, what is left out, and what goes."""

from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

import pytest
from aiohttp.test_utils import TestServer
from pydantic import SecretStr

from bot.domain.errors import SourceUnavailable
from bot.domain.knowledge.content import Article
from bot.knowledge.sharepoint import NAME, Settings
from bot.knowledge.sharepoint.wiki import SharePointWiki
from bot.knowledge.wiki.folder import PageFolder
from bot.knowledge.wiki.port import Pulled, PullHost, Reason
from bot.knowledge.wiki.puller import WikiPuller
from bot.knowledge.wiki.source import PageSource
from tests.support.fakes.wikis.sharepoint import CLIENT, SECRET, TENANT, FakeSharePoint, FakeSitePage


@dataclass
class Site:
    fake: FakeSharePoint
    puller: WikiPuller
    folder: Path
    waits: list[float] = field(default_factory=list)

    async def pull(self) -> Pulled:
        pulled = await self.puller.pull()
        assert pulled is not None
        return pulled

    def articles(self) -> dict[str, Article]:
        found = PageSource(NAME, self.folder).load()
        assert found.problems == ()
        return {draft.value.title: draft.value for draft in found.articles}


@pytest.fixture
async def site(tmp_path: Path) -> AsyncIterator[Site]:
    fake, waits = FakeSharePoint(), []

    async def pause(seconds: float) -> None:
        waits.append(seconds)

    async with TestServer(fake.app(), host="127.0.0.1") as server:
        url = f"http://127.0.0.1:{server.port}"
        settings = Settings(
            tenant=TENANT,
            client_id=CLIENT,
            client_secret=SecretStr(SECRET),
            sites="example.sharepoint.com/sites/help",
            graph_url=url,
            login_url=url,
            requests=50,
        )
        host = PullHost("en", lambda text: None)
        folder = PageFolder(tmp_path / "pages", NAME)
        puller = WikiPuller(NAME, folder, lambda: SharePointWiki(settings, host, pause), 30)
        yield Site(fake, puller, tmp_path / "pages", waits)
        await puller.close()


async def test_a_page_is_an_article_with_its_address_owner_and_date(site: Site) -> None:
    site.fake.add(FakeSitePage(1, "Use the VPN", "<h2>First</h2><p>Open <strong>it</strong>.</p>"))
    pulled = await site.pull()
    assert (pulled.held, pulled.left_out, pulled.faults) == (1, {}, ())
    found = site.articles()["Use the VPN"]
    assert found.body == "## First\n\nOpen **it**."
    assert found.url == "https://example.sharepoint.com/sites/help/SitePages/1.aspx"
    assert (found.owner, found.updated) == ("ana@example.com", date(2026, 11, 2))


async def test_other_web_parts_are_named_and_link_to_the_page(site: Site) -> None:
    video = {
        "@odata.type": "#microsoft.graph.standardWebPart",
        "data": {
            "title": "Stream",
            "serverProcessedContent": {"searchablePlainTexts": [{"key": "title", "value": "How it looks"}]},
        },
    }
    divider = {"@odata.type": "#microsoft.graph.standardWebPart", "data": {"title": "Divider"}}
    site.fake.add(FakeSitePage(1, "A", "<p>See.</p>", parts=[video, divider]))
    await site.pull()
    address = "https://example.sharepoint.com/sites/help/SitePages/1.aspx"
    assert site.articles()["A"].body == f"See.\n\nHow it looks\n\n[Stream]({address})"


async def test_scripts_pictures_and_addresses_do_no_harm(site: Site) -> None:
    html = (
        "<script>alert(1)</script><p onclick='x'>See <a href='javascript:x'>this</a>, "
        "<a href='http://plain.example'>that</a> and <a href='/sites/help/x.aspx'>x</a>"
        "<img src='/sites/help/a.png' alt='a'> &lt;b&gt;</p>"
    )
    site.fake.add(FakeSitePage(1, "A", html))
    await site.pull()
    root = "https://example.sharepoint.com/sites/help"
    assert site.articles()["A"].body == (f"See this, that and [x]({root}/x.aspx)[a]({root}/a.png) \\<b>")


async def test_only_what_is_published_is_read(site: Site) -> None:
    site.fake.add(FakeSitePage(1, "A"))
    draft = site.fake.add(FakeSitePage(2, "B", level="draft"))
    pulled = await site.pull()
    assert set(site.articles()) == {"A"}
    assert list(pulled.left_out.values()) == [Reason.DRAFT.sentence]
    draft.level = "published"
    await site.pull()
    assert set(site.articles()) == {"A", "B"}
    site.fake.pages[draft.id].level = "checkout"
    await site.pull()
    assert set(site.articles()) == {"A"}


async def test_many_pages_are_read_with_their_list_and_few_by_themselves(site: Site) -> None:
    for number in range(1, 61):
        site.fake.add(FakeSitePage(number, f"Page {number}"))
    await site.pull()
    assert len(site.articles()) == 60
    assert len(site.fake.asked) == 1 + 3 + 3

    page = next(iter(site.fake.pages.values()))
    page.html, page.version = "<p>New.</p>", 2
    site.fake.asked.clear()
    pulled = await site.pull()
    assert pulled.written == 1
    assert site.articles()["Page 1"].body == "New."
    assert len(site.fake.asked) == 1 + 3 + 1


async def test_where_a_list_has_no_texts_each_page_is_asked_for(site: Site) -> None:
    for number in range(1, 16):
        site.fake.add(FakeSitePage(number, f"Page {number}"))
    site.fake.texts_in_lists = False
    await site.pull()
    assert {found.body for found in site.articles().values()} == {"Text."}
    assert len(site.articles()) == 15


async def test_what_is_deleted_goes(site: Site) -> None:
    page = site.fake.add(FakeSitePage(1, "A"))
    site.fake.add(FakeSitePage(2, "B"))
    await site.pull()
    del site.fake.pages[page.id]
    await site.pull()
    assert set(site.articles()) == {"B"}


async def test_a_page_that_cannot_be_read_is_named_and_the_rest_stays(site: Site) -> None:
    for number in range(1, 16):
        site.fake.add(FakeSitePage(number, f"Page {number}"))
    bad = next(iter(site.fake.pages))
    site.fake.broken = {bad}
    pulled = await site.pull()
    assert len(site.articles()) == 14
    assert list(pulled.left_out.values()) == [Reason.FAILED.sentence]


async def test_a_token_that_ends_is_fetched_anew(site: Site) -> None:
    for number in range(1, 61):
        site.fake.add(FakeSitePage(number, f"Page {number}"))
    site.fake.expires = 2
    pulled = await site.pull()
    assert pulled.held == 60
    assert site.fake.tokens > 1


async def test_a_secret_that_ran_out_takes_nothing_away(site: Site) -> None:
    site.fake.add(FakeSitePage(1, "A"))
    await site.pull()
    site.fake.expires = 0
    with pytest.raises(SourceUnavailable) as failure:
        await site.pull()
    assert failure.value.code == "unauthorized"
    assert set(site.articles()) == {"A"}


async def test_where_it_is_told_to_wait_it_waits_as_long_and_goes_on(site: Site) -> None:
    site.fake.add(FakeSitePage(1, "A"))
    site.fake.failures.extend([(429, {"Retry-After": "17"}), (503, {"Retry-After": "4"}), (500, {})])
    pulled = await site.pull()
    assert pulled.held == 1
    assert [wait for wait in site.waits if wait >= 4][:2] == [17.0, 4.0]


async def test_a_site_that_the_app_may_not_read_is_named_and_its_pages_go(site: Site) -> None:
    site.fake.add(FakeSitePage(1, "A"))
    await site.pull()
    site.fake.readable = False
    pulled = await site.pull()
    assert pulled.faults == ("there is no site 'example.sharepoint.com/sites/help' that our app may read",)
    assert site.articles() == {}
