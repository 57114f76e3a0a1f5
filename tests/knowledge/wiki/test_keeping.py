"""What cannot be read, what is killed, and who else looks at the folder."""

import asyncio
from pathlib import Path

import pytest

from bot.domain.errors import SourceUnavailable
from bot.knowledge.wiki.folder import LOCK, PROGRESS, STATE
from bot.knowledge.wiki.port import Reason
from tests.support.fakes.wikis.confluence import FakePage
from tests.support.fakes.wikis.wiki_site import WikiSite, add, article, held, reasons, wiki_site

# --- what cannot be read ----------------------------------------------------------------------------------


async def test_a_page_that_cannot_be_read_is_named_and_the_rest_stays(site: WikiSite) -> None:
    add(site, *(FakePage(str(number), "A") for number in range(1, 31)))
    site.fake.broken = {"13"}
    pulled = await site.pull()
    assert len(held(site)) == 29
    assert reasons(dict(pulled.left_out)) == {"13": Reason.FAILED.sentence}

    site.fake.broken = set()
    await site.look_at_all()
    assert len(held(site)) == 30


async def test_where_every_page_fails_it_is_the_system(site: WikiSite) -> None:
    add(site, *(FakePage(str(number), "A") for number in range(1, 31)))
    site.fake.broken = set(site.fake.pages)
    with pytest.raises(SourceUnavailable) as failure:
        await site.pull()
    assert failure.value.code == "failed"
    site.fake.broken = set()
    assert (await site.pull()).held == 30


async def test_a_page_that_fails_at_its_next_version_keeps_the_last(site: WikiSite) -> None:
    add(site, FakePage("1", "A", "<p>Old.</p>"))
    await site.pull()
    site.fake.edit("1", "<p>New.</p>")
    site.fake.broken = {"1"}
    await site.look_at_all()
    assert article(site, "1").body == "Old."


@pytest.mark.parametrize(
    ("body", "reason"),
    [("<p>&nbsp;</p>", Reason.EMPTY), ("<p>" + "word " * 100_000 + "</p>", Reason.TOO_LARGE)],
    ids=["empty", "large"],
)
async def test_what_makes_no_article_is_named_and_not_read_again(
    site: WikiSite, body: str, reason: Reason
) -> None:
    add(site, FakePage("1", "A"), FakePage("2", "B", body))
    pulled = await site.pull()
    assert reasons(dict(pulled.left_out)) == {"2": reason.sentence}
    site.fake.asked.clear()
    await site.look_at_all()
    assert [query for _, _, query in site.fake.asked if "body-format" in query] == []
    site.fake.edit("2", "<p>Now.</p>")
    await site.pull()
    assert held(site) == {"1", "2"}


# --- kills, and others ------------------------------------------------------------------------------------


@pytest.mark.parametrize("at", range(1, 14))
async def test_a_kill_at_any_request_loses_nothing(site: WikiSite, at: int) -> None:
    site.fake.most = 10
    add(site, *(FakePage(str(number), f"Page {number}") for number in range(1, 61)))
    add(site, FakePage("61", "For one", readers=("x",)))
    hit = asyncio.Event()

    def reached(path: str) -> None:
        if len(site.fake.asked) >= at:
            hit.set()

    site.fake.on_request = reached
    task = asyncio.create_task(site.puller.pull())
    await hit.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    await site.puller.close()  # the system does so for a process that is killed
    for name, text in site.texts().items():
        assert text.endswith("Text.\n"), name
    site.puller = site.another_puller()
    site.fake.on_request = lambda path: None

    pulled = await site.pull()

    assert pulled.held == 60
    assert held(site) == {str(number) for number in range(1, 61)}
    assert not (site.folder / PROGRESS).exists()


async def test_what_was_read_before_a_kill_is_not_read_again(site: WikiSite) -> None:
    add(site, *(FakePage(str(number), f"Page {number}") for number in range(1, 161)))
    site.fake.edit("1", "<p>Text.</p>")  # the newest one is read first

    def fail(path: str) -> None:
        if sum("body-format" in query for _, _, query in site.fake.asked) == 4:
            site.fake.failures.extend([(503, {"Retry-After": "900"})])

    site.fake.on_request = fail
    with pytest.raises(SourceUnavailable):
        await site.pull()
    assert len(held(site)) == 75
    site.fake.on_request = lambda path: None
    site.fake.asked.clear()
    site.fake.failures.clear()
    await site.pull()
    bodies = [query["id"].split(",") for _, _, query in site.fake.asked if "body-format" in query]
    assert sum(map(len, bodies)) == 85


async def test_what_a_kill_left_half_written_is_swept_and_never_read(site: WikiSite) -> None:
    add(site, FakePage("1", "A"))
    site.folder.mkdir()
    half = site.folder / ".new-half"
    half.write_text("---\ntitle: ha", "utf-8")
    await site.pull()
    assert not half.exists()
    assert site.source.load().problems == ()


async def test_a_folder_is_read_into_by_one_process(site: WikiSite) -> None:
    add(site, FakePage("1", "A"))
    other = site.another_puller()
    await site.pull()
    assert await other.pull() is None
    await site.puller.close()
    pulled = await other.pull()
    assert pulled is not None
    assert pulled.held == 1
    await other.close()


async def test_files_of_others_in_the_folder_stay(site: WikiSite) -> None:
    site.folder.mkdir()
    mine = site.folder / "mine.md"
    mine.write_text("---\ntitle: Mine\n---\nText.\n", "utf-8")
    add(site, FakePage("1", "A"))
    await site.pull()
    await site.look_at_all()
    assert mine.exists()
    assert {draft.value.id for draft in site.source.load().articles} == {"mine", "confluence-1"}


async def test_a_state_that_cannot_be_read_costs_time_alone(site: WikiSite) -> None:
    add(site, FakePage("1", "A"), FakePage("2", "B"))
    await site.pull()
    (site.folder / STATE).write_text("{", "utf-8")
    del site.fake.pages["2"]
    pulled = await site.look_at_all()
    assert (pulled.held, held(site)) == (1, {"1"})


async def test_a_folder_that_cannot_be_written_is_said(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("", "utf-8")
    async with wiki_site(tmp_path / "file" / "pages") as site:
        with pytest.raises(SourceUnavailable, match="account may write") as failure:
            await site.puller.pull()
    assert failure.value.code == "folder"


# --- the source -------------------------------------------------------------------------------------------


async def test_a_change_is_told_when_a_look_has_ended(site: WikiSite) -> None:
    site.source._poll = 0.001
    add(site, FakePage("1", "A"))
    site.source.load()
    waiting = asyncio.create_task(site.source.changes())
    await site.pull()
    await waiting
    assert len(site.source.load().articles) == 1


async def test_where_nothing_was_read_yet_a_warning_says_so(site: WikiSite) -> None:
    found = site.source.load()
    assert [(problem.file, problem.error) for problem in found.problems] == [("confluence", False)]
    assert found.articles == ()


async def test_everything_in_the_folder_is_hidden_or_an_article(site: WikiSite) -> None:
    add(site, FakePage("1", "A"))
    await site.pull()
    assert {path.name for path in site.folder.iterdir()} == {"confluence-1.md", STATE, LOCK}
    assert site.source.load().problems == ()
