"""From a gap to an approved article on the page: the whole application, in a real headless Chromium."""

import shutil
import subprocess
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager, closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from playwright.async_api import Browser, Page, expect

from bot.cli.operate.setup.starter import write_starter
from bot.desk.ports.content import DraftsGo
from bot.server.content import library_of
from bot.server.settings import Settings
from bot.storage import connect
from tests.support.channels.page_windows import shot
from tests.support.chromium import a_window, launched, needs_chromium, violations
from tests.support.clock import Clock
from tests.support.desk.helpdesk import Helpdesk
from tests.support.desk.outcomes import press
from tests.support.e2e.running import Running, running, until
from tests.support.matching.gaps import GREENHOUSE, SPECTROMETER, ask_all

pytestmark = [pytest.mark.browser, needs_chromium, pytest.mark.asyncio(loop_scope="module")]
SOLVED = ("it says that my password is wrong today", "i need another new password pls")
HELPED = "1. Open the lid\n2. Press Calibrate and wait for the green light"
Desk = Callable[..., AbstractAsyncContextManager[tuple[Running, Path]]]


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def browser() -> AsyncIterator[Browser]:
    async with launched() as started:
        yield started


@pytest.fixture
def desk(sqlite_template: Path, cache: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Desk:
    """Serve a desk that was asked two things in vain, over content of its own."""

    @asynccontextmanager
    async def served(solved: Sequence[str] = (), **environment: str) -> AsyncIterator[tuple[Running, Path]]:
        content = starter(tmp_path)
        url = f"sqlite:///{shutil.copy(sqlite_template, tmp_path)}"
        folders = {"articles": content / "kb_articles", "intents": content / "intents"}
        library = library_of(Settings(cache=str(cache), **folders))  # type: ignore[arg-type]  # by name
        assert library.load(), library.errors
        clock = Clock()
        clock.now = datetime.now(UTC) - timedelta(days=1)
        with closing(connect(url)) as database:
            helpdesk = Helpdesk(database, library, clock)
            ask_all(helpdesk, GREENHOUSE, "ines")
            tickets = ask_all(helpdesk, SPECTROMETER, "olga")
            for number, text in enumerate(solved):
                helpdesk.say(f"pia{number}", text)
                press(helpdesk, f"pia{number}", "solved")
            helpdesk.click("eva", helpdesk.button(helpdesk.card(tickets[0]), "claim"))
            helpdesk.writes("eva", HELPED, tickets[0])
            clock.move(minutes=90)
            helpdesk.click(
                "eva", helpdesk.button(helpdesk.card(tickets[0]), "resolve"), inputs={"note": "Done"}
            )
        given = {f"FIRSTLINE_{name.upper()}": str(folder) for name, folder in folders.items()}
        given |= {"FIRSTLINE_CACHE": str(cache)} | environment
        async with running(monkeypatch, library, url, given, demo=True) as app:
            yield app, content

    return served


def starter(folder: Path) -> Path:
    """A small content, so that what learns from it takes no time."""
    content = folder / "content"
    if not content.exists():
        content.mkdir()
        write_starter(content, ("en",))
    return content


async def found(browser: Browser, app: Running, **options: Any) -> Page:
    """The gaps, once they are found."""
    page = await (await a_window(browser, **options)).new_page()
    await page.goto(f"{app.url}/gaps")
    await expect(page.locator(".gap")).to_have_count(2)
    return page


async def drafted(page: Page, words: str) -> None:
    """Draft the gap with these words."""
    await page.locator(".gap", has_text=words).get_by_role("link").click()
    await expect(page.locator("#article")).to_be_visible()


def git(folder: Path, *arguments: str) -> str:
    who = ("-c", "user.name=Test", "-c", "user.email=test@example.com", "-c", "commit.gpgsign=false")
    done = subprocess.run(["git", *who, "-C", folder, *arguments], check=True, capture_output=True, text=True)
    return done.stdout


async def test_a_gap_is_closed_on_the_page(browser: Browser, desk: Desk) -> None:
    async with desk() as (app, content):
        page = await found(browser, app)
        assert await violations(page) == []
        await shot(page, "gaps")
        await drafted(page, "spectrometer")
        article = page.locator("#article")
        assert "Press Calibrate and wait for the green light" in await article.input_value()
        examples = await page.locator("#intent").input_value()
        assert sum(sentence in examples for sentence in SPECTROMETER) == 5, "the gap's questions are examples"
        await article.fill((await article.input_value()).replace("Open the lid", "Open the **front** lid"))
        await expect(page.locator(".column strong", has_text="front").first).to_be_visible()
        assert await violations(page) == []
        await page.locator(".columns").scroll_into_view_if_needed()
        await shot(page, "draft")

        await page.get_by_role("button", name="What would it change?").click()
        await expect(page.locator("#told")).to_contain_text("Questions asked again: 10")
        await expect(page.locator("#told")).to_contain_text("Tickets that would not exist")
        assert await violations(page) == []
        await page.locator("#told").scroll_into_view_if_needed()
        await shot(page, "replayed")

        await page.get_by_role("button", name="Approve").click()
        await expect(page.locator(".approval")).to_contain_text("is in the content")
        assert await violations(page) == []
        (written,) = (content / "kb_articles").glob("*spectrometer*.md")
        assert "Open the **front** lid" in written.read_text("utf-8")
        assert (content / "intents" / f"{written.stem}.yaml").exists()
        await until(lambda: written.stem in app.application._library.snapshot.content.articles, "the article")

        await page.get_by_role("link", name="Draft it in Spanish").click()
        await expect(page.locator("#intent")).to_have_count(0)
        version = page.locator("#article")
        await expect(version).to_have_attribute("lang", "es")
        assert f"id: {written.stem}\n" in await version.input_value()
        await page.get_by_role("button", name="Approve").click()
        await expect(page.locator(".approval")).to_contain_text("is in the content")
        assert written.with_name(f"{written.stem}.es.md").exists()

        await page.goto(f"{app.url}/gaps")
        await page.get_by_role("button", name="Look again").click()
        await expect(page.locator(".gap")).to_have_count(1)
        await expect(page.locator(".told-of")).to_contain_text("answered by the content of now")


async def editor(browser: Browser, app: Running) -> Page:
    """The editor of the ticket that was resolved."""
    page = await (await a_window(browser)).new_page()
    await page.goto(f"{app.url}/drafts?ticket=HELP-1006")
    return page


async def test_one_of_two_who_approve_writes_and_nothing_that_is_refused(
    browser: Browser, desk: Desk
) -> None:
    async with desk() as (app, content):
        pages = [await editor(browser, app), await editor(browser, app)]
        article, approve = pages[0].locator("#article"), pages[0].get_by_role("button", name="Approve")
        fine = await article.input_value()
        await article.fill("---\ntitle: No end")
        await expect(pages[0].locator(".problems .wrong").first).to_be_visible()
        await expect(approve).to_be_disabled()
        await article.fill(fine)
        await expect(approve).to_be_enabled()
        for page in pages:
            await page.get_by_role("button", name="Approve").click()
        for page in pages:
            await expect(page.locator(".approval")).to_be_visible()
        said = sorted([await page.locator(".approval").inner_text() for page in pages])
        assert "is in the content" in said[0]
        assert "Somebody approved this draft before" in said[1]
        assert len(list((content / "kb_articles").glob("*spectrometer*"))) == 1
        await pages[0].reload()
        await expect(pages[0].locator(".approval")).to_contain_text("Somebody approved this draft before")


async def test_in_a_checkout_a_branch_is_made_and_nothing_else(
    browser: Browser, desk: Desk, tmp_path: Path
) -> None:
    content = starter(tmp_path)
    git(content, "init", "-q", "-b", "main")
    git(content, "add", ".")
    git(content, "commit", "-q", "-m", "Content")
    async with desk() as (app, _):
        page = await editor(browser, app)
        await expect(page.locator("#editor")).to_contain_text("on a branch of their own")
        await page.get_by_role("button", name="Approve").click()
        await expect(page.locator(".approval")).to_contain_text("is on the branch drafts/")
    names = git(content, "branch", "--list", "--format=%(refname:short)").split()
    (branch,) = set(names) - {"main"}
    assert branch.startswith("drafts/")
    assert len(git(content, "diff", "--name-only", "main", branch).split()) == 2
    assert git(content, "status", "--porcelain") == ""


async def test_axe_finds_nothing_in_spanish_where_files_are_downloaded(browser: Browser, desk: Desk) -> None:
    async with desk(FIRSTLINE_DRAFTS=DraftsGo.DOWNLOAD.value) as (app, _):
        for viewport in ({"width": 1280, "height": 800}, {"width": 390, "height": 844}):
            page = await found(browser, app, viewport=viewport, color_scheme="dark", locale="es-ES")
            assert await violations(page) == []
            assert await page.evaluate("() => document.documentElement.scrollWidth") == viewport["width"]
            await shot(page, f"huecos-{viewport['width']}")
            await drafted(page, "invernadero")
            assert await violations(page) == []
            assert await page.evaluate("() => document.documentElement.scrollWidth") == viewport["width"]
            await shot(page, f"borrador-{viewport['width']}")
            await expect(page.locator("#editor")).to_contain_text("solo puede leer el contenido")
            await expect(page.get_by_role("button", name="Aprobar")).to_have_count(0)
            async with page.expect_download() as first:
                await page.get_by_role("button", name="Descargar").click()
            assert (await first.value).suggested_filename.endswith((".md", ".yaml"))


async def proposed(browser: Browser, app: Running, look: str, **options: Any) -> Page:
    """The examples, once what was solved is proposed."""
    page = await (await a_window(browser, **options)).new_page()
    await page.goto(f"{app.url}/gaps/examples")
    await page.get_by_role("button", name=look).click()
    await expect(page.locator(".example-list li")).to_have_count(len(SOLVED))
    return page


async def test_examples_are_approved_and_taken_back_by_keyboard(browser: Browser, desk: Desk) -> None:
    async with desk(solved=SOLVED) as (app, content):
        page = await proposed(browser, app, "Look for proposals")
        target = page.locator(".gap", has_text="forgotten-password")
        for text in SOLVED:
            await expect(target).to_contain_text(text)
        assert await violations(page) == []
        await shot(page, "examples")
        await target.get_by_role("button", name="Approve these").focus()
        await page.keyboard.press("Enter")
        await expect(page.locator(".approval")).to_contain_text("Approved: 2.")
        await expect(page.locator(".approval")).to_be_focused()
        learned = content / "intents" / "learned" / "forgotten-password.yaml"
        assert all(text in learned.read_text("utf-8") for text in SOLVED)

        def answered_by() -> tuple[str, ...]:
            return app.application._library.snapshot.content.intents["ask-forgotten-password"].examples["en"]

        await until(lambda: SOLVED[0] in answered_by(), "the examples")
        assert await violations(page) == []
        await shot(page, "examples-approved")

        approved = page.locator("li", has_text=SOLVED[0])
        await approved.get_by_role("button", name="Take back").focus()
        await page.keyboard.press("Enter")
        await expect(page.locator(".approval")).to_contain_text("Taken back")
        await expect(page.locator(".example-list li")).to_have_count(1)
        assert SOLVED[0] not in learned.read_text("utf-8")


async def test_what_means_something_else_is_left_out(browser: Browser, desk: Desk) -> None:
    async with desk(solved=SOLVED) as (app, content):
        page = await proposed(browser, app, "Look for proposals")
        approve = page.get_by_role("button", name="Approve these")
        for text in SOLVED:
            await page.get_by_label(text).uncheck()
        await expect(approve).to_be_disabled()
        await page.get_by_label(SOLVED[0]).check()
        await approve.click()
        await expect(page.locator(".approval")).to_contain_text("Approved: 1.")
        written = (content / "intents" / "learned" / "forgotten-password.yaml").read_text("utf-8")
        assert [text in written for text in SOLVED] == [True, False]
        await expect(page.get_by_label(SOLVED[1])).to_be_checked()


async def test_of_two_who_approve_the_same_one_is_told(browser: Browser, desk: Desk) -> None:
    async with desk(solved=SOLVED) as (app, _):
        first = await proposed(browser, app, "Look for proposals")
        second = await first.context.new_page()
        await second.goto(first.url)
        await expect(second.locator(".example-list li")).to_have_count(2)
        await first.get_by_role("button", name="Approve these").click()
        await expect(first.locator(".approval")).to_be_visible()
        await second.get_by_role("button", name="Approve these").click()
        await expect(second.locator("#refused")).to_contain_text("Somebody else has decided")


async def test_axe_finds_nothing_in_the_examples_in_spanish(browser: Browser, desk: Desk) -> None:
    async with desk(solved=SOLVED) as (app, _):
        for viewport in ({"width": 1280, "height": 800}, {"width": 390, "height": 844}):
            page = await proposed(
                browser, app, "Buscar propuestas", viewport=viewport, color_scheme="dark", locale="es-ES"
            )
            assert await violations(page) == []
            assert await page.evaluate("() => document.documentElement.scrollWidth") == viewport["width"]
            await shot(page, f"ejemplos-{viewport['width']}")


async def test_what_was_typed_is_there_when_the_window_was_closed(browser: Browser, desk: Desk) -> None:
    async with desk() as (app, _):
        page = await editor(browser, app)
        made = await page.locator("#article").input_value()
        await page.locator("#article").fill(f"{made}\nTyped before lunch")
        await page.close(run_before_unload=False)
        again = await editor(browser, app)

        async def opened() -> bool:
            await again.reload()
            return "Typed before lunch" in await again.locator("#article").input_value()

        await until(opened, "what was typed")
        assert await violations(again) == []
        await shot(again, "typed")
        await again.get_by_role("button", name="Begin anew").click()
        await expect(again.locator("#article")).to_have_value(made)
        await expect(again.locator(".typed")).to_have_count(0)
