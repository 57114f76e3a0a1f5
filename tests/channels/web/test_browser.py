"""The page in a real headless Chromium."""

import os
import re
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from axe_playwright_python.async_playwright import Axe
from playwright.async_api import Browser, BrowserContext, Page, expect

from bot.channels.web.accounts import read_grants
from bot.domain.conversations.messages import (
    Button,
    Click,
    ConversationRef,
    Field,
    Line,
    Option,
    Outcome,
    OutcomeKind,
    Reply,
)
from tests.channels.web.conftest import ANA_TOKEN, TOKENS, Site, serve
from tests.support.chromium import a_window, launched, needs_chromium

WIDE = {"width": 1280, "height": 800}
PHONE = {"width": 360, "height": 740}
EVIL = "<img src=x onerror=\"document.title='owned'\"><script>document.title='owned'</script> & <b>bold</b>"

pytestmark = [
    pytest.mark.browser,
    pytest.mark.asyncio(loop_scope="module"),
    needs_chromium,
]

Open = Callable[..., Awaitable[Page]]


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def browser() -> AsyncIterator[Browser]:
    async with launched() as started:
        yield started


@pytest_asyncio.fixture(loop_scope="module")
async def site() -> AsyncIterator[Site]:
    started = await serve()
    yield started
    await started.client.close()


@pytest_asyncio.fixture(loop_scope="module")
async def opened(browser: Browser) -> AsyncIterator[Open]:
    """Opens windows, and asserts at the end that none asked another host or failed."""
    contexts: list[BrowserContext] = []
    asked: list[str] = []
    failed: list[str] = []

    async def window(site: Site, path: str = "/", **options: Any) -> Page:
        context = await a_window(browser, **({"viewport": WIDE} | options))
        contexts.append(context)
        page = await context.new_page()
        page.on("request", lambda request: asked.append(request.url))
        page.on("pageerror", lambda error: failed.append(str(error)))
        page.on("console", lambda line: failed.append(line.text) if "Content Security" in line.text else None)
        await page.goto(site.origin + path)
        return page

    yield window
    for context in contexts:
        await context.close()
    assert failed == []
    assert asked
    assert [url for url in asked if not url.startswith(("http://127.0.0.1:", "data:"))] == []


async def ask(page: Page, text: str) -> None:
    await page.locator("#ask-text").fill(text)
    await page.locator("#ask-text").press("Enter")
    await expect(page.locator("#ask-text")).to_have_value("")


async def violations(page: Page) -> list[str]:
    """The rules that axe-core finds broken, with the elements that break them."""
    # Half-way through a fade-in every colour is a lighter one; in a closed menu nothing ever ends.
    # What is called off, because the pointer is elsewhere by now, has ended too.
    await page.evaluate(
        """() => Promise.all(document.getAnimations()
            .filter((one) => one.effect.target.checkVisibility())
            .map((one) => one.finished.catch(() => null)))"""
    )
    found = await Axe().run(page)
    return [
        f"{rule['id']}: {node['html'][:200]} {node['failureSummary']}"
        for rule in found.response["violations"]
        for node in rule["nodes"]
    ]


async def shot(page: Page, name: str) -> None:
    """A picture for whoever wants to look: SHOTS names the folder."""
    if folder := os.environ.get("SHOTS"):
        await page.screenshot(path=Path(folder) / f"{name}.png")


async def test_ask_answer_solved(site: Site, opened: Open) -> None:
    page = await opened(site)
    await page.get_by_role("button", name="My account is locked").click()
    answer = page.locator(".message.theirs")
    await expect(answer).to_contain_text("Unlock it yourself")
    await expect(answer.locator(".prose ol > li")).to_have_count(3)
    await expect(page.locator("#ask-text")).to_have_value("")
    await page.get_by_role("button", name="Solved").click()
    await expect(page.locator(".message.theirs").last).to_contain_text("Glad it works.")
    assert [str(said.click.action) for said in site.desk.received if said.click] == ["solved"]


async def test_a_choice_carries_its_place(site: Site, opened: Open) -> None:
    page = await opened(site)
    await ask(page, "the vpn")
    await page.get_by_role("button", name="VPN on macOS").click()
    await expect(page.get_by_role("heading", name="VPN on macOS")).to_be_visible()


async def test_two_windows_stay_in_step_until_it_is_resolved(site: Site, opened: Open) -> None:
    employee = await opened(site, "/?as=tom&desk=leo")
    engineer = await opened(site, "/?as=ana&desk=maya")
    await ask(employee, "my chair squeaks")
    for page in (employee, engineer):
        await expect(page.locator(".card .chip").first).to_have_text("Open")
    await engineer.get_by_role("button", name="Claim").click()
    await expect(employee.locator(".message").last).to_contain_text("Maya Patel is looking at HELP-1001")
    for page in (employee, engineer):
        await expect(page.locator(".card .chip").first).to_have_text("Claimed")
    await engineer.locator("summary", has_text="Resolve").click()
    await engineer.get_by_label("Note for the employee").fill("A new chair is on its way.\nSorry!")
    await engineer.get_by_role("button", name="Resolve").click()
    await expect(employee.locator(".message").last.locator("blockquote")).to_have_text(
        "A new chair is on its way.\nSorry!"
    )
    for page in (employee, engineer):
        await expect(page.locator(".card .chip").first).to_have_text("Resolved")
        await expect(page.locator(".card .buttons")).to_have_count(0)


async def test_the_loser_of_a_race_is_told_privately(site: Site, opened: Open) -> None:
    page = await opened(site, "/?desk=leo")
    await ask(page, "a chair")
    held = site.desk.held["t1"]
    # Somebody was faster, and this window has not heard of it yet.
    site.desk.prepared = [site.desk.notice(OutcomeKind.REFUSED, "HELP-1001 is assigned to Maya Patel.")]
    await page.get_by_role("button", name="Claim").click()
    await expect(page.locator("#room-told")).to_contain_text("HELP-1001 is assigned to Maya Patel.")
    await expect(page.locator("#ask-told")).to_be_empty()
    await page.locator("#room-told").get_by_role("button", name="Close").click()
    await expect(page.locator("#room-told")).to_be_empty()
    assert held.ticket.assignee is None


async def test_a_double_click_presses_once(site: Site, opened: Open) -> None:
    page = await opened(site)
    await ask(page, "a chair")
    await page.get_by_role("button", name="Claim").dblclick()
    await expect(page.locator(".card .chip")).to_have_text("Claimed")
    await ask(page, "hello")
    assert [said.click.action for said in site.desk.received if said.click] == ["claim"]


async def test_a_half_typed_note_survives_a_refresh(site: Site, opened: Open) -> None:
    page = await opened(site)
    await ask(page, "a chair")
    await page.get_by_role("button", name="Claim").click()
    await page.locator("summary", has_text="Resolve").click()
    note = page.get_by_label("Note for the employee")
    await note.fill("Half a sentence")
    await note.evaluate("(area) => area.setSelectionRange(4, 4)")
    await page.locator("#ask-text").evaluate("(area) => { area.value = 'half a question' }")
    await site.post("/web/ask", text="another chair", **{"as": "tom"})
    await expect(page.locator(".card")).to_have_count(2)
    await expect(page.locator(".card h3").first).to_have_text("HELP-1002")
    await expect(note).to_have_value("Half a sentence")
    await expect(note).to_be_focused()
    assert await note.evaluate("(area) => area.selectionStart") == 4
    await expect(page.locator("#ask-text")).to_have_value("half a question")
    # What is written goes with the card when the card moves.
    await site.post("/web/press", pane="room", action="cancel", token="t2", key="cancel-it-1")
    await expect(page.locator(".card h3").first).to_have_text("HELP-1001")
    await expect(note).to_have_value("Half a sentence")
    await expect(note).to_be_focused()


async def test_by_keyboard_alone(site: Site, opened: Open) -> None:
    page = await opened(site)
    press = page.keyboard.press

    async def tab_to(name: str) -> None:
        for _ in range(40):
            await press("Tab")
            if await page.evaluate("() => document.activeElement.textContent.trim()") == name:
                return
        raise AssertionError(f"the keyboard does not reach {name!r}")

    await tab_to("Skip to your question")
    await press("Enter")
    await expect(page.locator("#ask-text")).to_be_focused()
    await page.keyboard.type("my chair")
    await press("Shift+Enter")
    await page.keyboard.type("squeaks")
    await press("Enter")
    await expect(page.locator(".mine .words")).to_have_text("my chair\nsqueaks")
    await expect(page.locator("#ask-text")).to_be_focused()
    await tab_to("Claim")
    await press("Enter")
    await expect(page.locator(".card .chip")).to_have_text("Claimed")
    await expect(page.locator(".card")).to_be_focused()
    await press("Tab")
    await press("Enter")
    await press("Tab")
    await page.keyboard.type("Oiled it.")
    await expect(page.get_by_label("Note for the employee")).to_have_value("Oiled it.")
    await press("Control+Enter")
    await expect(page.locator(".card .chip")).to_have_text("Resolved")


async def test_a_failure_keeps_the_words_and_the_key(site: Site, opened: Open) -> None:
    page = await opened(site)
    site.desk.prepared = [OSError("away")]
    await page.locator("#ask-text").fill("a chair")
    await page.locator("#ask-text").press("Enter")
    await expect(page.locator("#ask-told")).to_contain_text("That did not work")
    await expect(page.locator("#ask-text")).to_have_value("a chair")
    await page.get_by_role("button", name="Send").click()
    await expect(page.locator(".card")).to_have_count(1)
    await expect(page.locator("#ask-told")).to_be_empty()
    first, second = site.desk.received
    assert first.keys == second.keys
    await ask(page, "a chair")
    await expect(page.locator(".card")).to_have_count(2)
    assert site.desk.received[2].keys != first.keys


async def test_nothing_is_sent_for_nothing(site: Site, opened: Open) -> None:
    page = await opened(site)
    await page.get_by_role("button", name="Send").click()
    await expect(page.locator("#ask-told")).to_have_text(re.compile("Write your question first"))
    assert site.desk.received == []


async def test_a_lost_connection_is_told_and_comes_back(site: Site, opened: Open) -> None:
    page = await opened(site)
    await expect(page.locator("#lost")).to_be_hidden()
    site.desk.unreadable = True
    await expect(page.locator("#lost")).to_contain_text("Connection lost")
    site.desk.unreadable = False
    await expect(page.locator("#lost")).to_be_hidden()
    await site.post("/web/ask", text="a chair")
    await expect(page.locator(".card")).to_have_count(1)


async def test_what_comes_later_is_seen_without_scrolling(site: Site, opened: Open) -> None:
    """Who has read everything sees the next message; one that is longer than the pane from its top."""
    page = await opened(site)
    await ask(page, "my chair squeaks")
    newest = page.locator(".message.theirs").last
    await expect(newest).to_contain_text("I have opened")
    [held] = site.desk.held.values()
    for number in range(12):
        text = f"Word number {number}.\nIt is about the chair.\nThat is all."
        site.desk.add(held.back, reply=Reply((Line(text), Line("Until later."))))
        await expect(newest).to_contain_text(f"Word number {number}.")
        await expect(newest).to_be_in_viewport(ratio=1)
    site.desk.add(held.back, reply=Reply(tuple(Line(f"Step {step}") for step in range(60))))
    await expect(newest).to_contain_text("Step 59")
    await expect(newest.get_by_text("Step 0", exact=True)).to_be_in_viewport(ratio=1)
    await expect(newest.get_by_text("Step 59", exact=True)).not_to_be_in_viewport()


async def test_another_persona_is_chosen_for_this_window(site: Site, opened: Open) -> None:
    page = await opened(site)
    await ask(page, "a chair")
    await page.locator("#ask-text").fill("kept")
    await page.get_by_label("You are").first.select_option("carmen")
    await expect(page.get_by_text("Hello, Carmen Ruiz.")).to_be_visible()
    await expect(page.locator("#ask-text")).to_have_value("kept")
    await expect(page.get_by_role("button", name="Mi cuenta está bloqueada")).to_be_visible()
    assert "as=carmen" in page.url
    await page.get_by_role("link", name="Español").click()
    await expect(page.get_by_text("Hola, Carmen Ruiz.")).to_be_visible()
    assert await page.locator("html").get_attribute("lang") == "es"


async def test_the_queue_has_a_tab_of_its_own(site: Site, opened: Open) -> None:
    page = await opened(site, timezone_id="Asia/Kolkata")
    site.desk.now = lambda: datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
    await ask(page, "a chair")
    await page.get_by_role("button", name="The queue").click()
    await expect(page.locator("#room")).to_be_hidden()
    queue = page.locator("#queue")
    await expect(queue.get_by_role("heading", name="The queue")).to_be_visible()
    await expect(queue).to_contain_text("HELP-1001 · Ana Costa · due: Mar 2, 2026, 2:30")
    assert await violations(page) == []
    await site.post("/web/ask", text="another chair")
    await expect(queue).to_contain_text("2 open")  # it follows what is committed
    await page.get_by_role("button", name="Cards").click()
    await expect(queue).to_be_hidden()
    await expect(page.locator(".cards .card")).to_have_count(2)


async def test_a_ticket_for_somebody_else(site: Site, opened: Open) -> None:
    page = await opened(site)
    await page.get_by_text("Open a ticket for somebody else").click()
    await page.get_by_label("Who needs help").select_option("tom")
    await page.get_by_label("What they need").fill("a chair that does not squeak")
    await page.get_by_role("button", name="Open the ticket").click()
    await expect(page.locator(".card .facts").first).to_contain_text("Tom Baker")


async def test_a_form_that_the_core_asks_for(site: Site, opened: Open) -> None:
    page = await opened(site)
    await ask(page, "a chair")
    send = Button("claim", "Claim it", "t1")
    form = Reply((Line("Say why."),), (send,), (Field("why", "Why"),), summary="Claim HELP-1001")
    site.desk.prepared = [Outcome(OutcomeKind.FORM, card=form)]
    await page.get_by_role("button", name="Claim", exact=True).click()
    dialog = page.get_by_role("dialog")
    await expect(dialog.get_by_role("heading", name="Claim HELP-1001")).to_be_visible()
    await dialog.get_by_label("Why").fill("mine")
    assert await violations(page) == []
    await dialog.get_by_role("button", name="Claim it").click()
    await expect(dialog).to_be_hidden()
    await expect(page.locator(".card .chip")).to_have_text("Claimed")
    click = site.desk.received[-1].click
    assert click is not None
    assert (click.action, click.inputs) == ("claim", {"why": "mine"})


ASSIGN = Reply(
    (),
    (Button("assign", "Assign", "t1", style="primary"),),
    (
        Field(
            "who", "Assignee", options=(Option("p1", "Maya Patel"), Option("p2", "Leo Weber")), initial="p2"
        ),
        Field("rank", "Priority", required=False, options=(Option("high", "High"),)),
        Field("why", "Reason", multiline=False, required=False, initial="On holiday"),
    ),
    summary="Assign HELP-1001",
)
MENU = (
    Button("assign", "Assign to somebody else…", "t1"),
    Button("rank", "Set the priority…", "t1"),
    Button("merge", "Merge with another ticket…", "t1"),
    Button("drop", "Close without an answer", "t1", style="danger"),
)


async def test_a_menu_and_its_form_by_keyboard_alone(site: Site, opened: Open) -> None:
    site.desk.menu = MENU
    page = await opened(site)
    await ask(page, "a chair")
    more = page.locator(".card .menu summary")
    entries = page.locator(".card .menu button")
    await more.focus()
    await expect(entries.first).to_be_hidden()
    await page.keyboard.press("Enter")
    await expect(entries).to_have_text([button.label for button in MENU])
    await page.keyboard.press("Escape")
    await expect(entries.first).to_be_hidden()
    await expect(more).to_be_focused()
    await page.keyboard.press("Space")
    await page.keyboard.press("Tab")
    await expect(entries.first).to_be_focused()
    site.desk.prepared = [Outcome(OutcomeKind.FORM, card=ASSIGN), Outcome(OutcomeKind.DONE)]
    await page.keyboard.press("Enter")
    dialog = page.get_by_role("dialog")
    await expect(dialog.get_by_label("Assignee")).to_be_focused()
    assert [await dialog.get_by_label(f.label).input_value() for f in ASSIGN.fields] == [
        "p2",
        "",
        "On holiday",
    ]
    await page.keyboard.type("Maya")
    await page.keyboard.press("Tab")
    await page.keyboard.press("Tab")
    await page.keyboard.press("Enter")
    await expect(dialog).to_be_hidden()
    await expect(more).to_be_focused()
    clicks = [said.click for said in site.desk.received if said.click]
    written = {"who": "p1", "rank": "", "why": "On holiday"}
    assert clicks == [Click("assign", "t1"), Click("assign", "t1", inputs=written)]


async def test_a_menu_closes_beside_it_and_stays_open_over_a_refresh(site: Site, opened: Open) -> None:
    site.desk.menu = MENU
    page = await opened(site)
    await ask(page, "a chair")
    entry = page.locator(".card .menu button").first
    await page.locator(".card .menu summary").click()
    await site.post("/web/ask", text="another chair", **{"as": "tom"})
    await expect(page.locator(".card")).to_have_count(2)
    await expect(page.locator("#t-1-menu-1-assign")).to_be_visible()
    await page.locator("#room-title").click()
    await expect(page.locator("#t-1-menu-1-assign")).to_be_hidden()
    await expect(entry).to_be_hidden()


async def test_a_form_that_is_asked_again_stays(site: Site, opened: Open) -> None:
    site.desk.menu = MENU
    page = await opened(site)
    await ask(page, "a chair")
    form = Outcome(OutcomeKind.FORM, card=ASSIGN)
    wrong = Reply((Line("Leo is on holiday."),), summary="Leo is on holiday.")
    site.desk.prepared = [form, replace(form, notice=wrong), Outcome(OutcomeKind.DONE)]
    await page.locator(".card .menu summary").click()
    await page.get_by_role("button", name="Assign to somebody else").click()
    dialog = page.get_by_role("dialog")
    for left in (1, 0):
        await dialog.get_by_role("button", name="Assign").click()
        await expect(dialog.get_by_role("alert")).to_have_text(["Leo is on holiday."] * left)
        assert await violations(page) == []
    await expect(dialog).to_have_count(0)


@pytest.mark.parametrize("viewport", [WIDE, PHONE], ids=["wide", "phone"])
@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("locale", ["en-GB", "es-ES"])
async def test_axe_finds_nothing_in_menus_and_lists(
    site: Site, opened: Open, viewport: Any, scheme: str, locale: str
) -> None:
    site.desk.menu = MENU
    page = await opened(site, viewport=viewport, color_scheme=scheme, locale=locale)
    await ask(page, "a chair")
    if viewport == PHONE:
        await page.locator("[data-tab=room]").click()
    more = page.locator(".card .menu summary")
    await expect(more).to_have_text("More" if locale == "en-GB" else "Más")
    await more.click()
    assert await violations(page) == []
    box = await page.locator(".card .menu ul").bounding_box()
    assert box is not None
    assert box["x"] >= 0
    assert box["x"] + box["width"] <= viewport["width"]
    await shot(page, f"menu-{viewport['width']}-{scheme}-{locale}")
    site.desk.prepared = [Outcome(OutcomeKind.FORM, card=ASSIGN)]
    await page.locator(".card .menu button").first.click()
    await expect(page.locator("#asked-rank option").first).to_have_text(
        "Choose…" if locale == "en-GB" else "Elige…"
    )
    assert await violations(page) == []
    await shot(page, f"form-{viewport['width']}-{scheme}-{locale}")


async def test_markup_in_words_and_notes_is_shown_literally(site: Site, opened: Open) -> None:
    page = await opened(site)
    await ask(page, EVIL)
    await expect(page.locator(".mine .words")).to_have_text(EVIL)
    await expect(page.locator(".card blockquote")).to_have_text(EVIL)
    await page.get_by_role("button", name="Claim").click()
    await page.locator("summary", has_text="Resolve").click()
    await page.get_by_label("Note for the employee").fill(EVIL)
    await page.get_by_role("button", name="Resolve").click()
    await expect(page.locator(".message").last.locator("blockquote")).to_have_text(EVIL)
    site.desk.add(ConversationRef("web", "", "ana"), author=EVIL, text="hello")
    await expect(page.locator(".message").last.locator("bdi")).to_have_text(EVIL)
    assert "owned" not in await page.title()
    assert await page.locator("#main img[src='x'], #main script, #main b").count() == 0


async def test_a_token_signs_in_and_out(opened: Open) -> None:
    site = await serve(grants=read_grants(TOKENS)[0], anonymous=False)
    try:
        page = await opened(site)
        assert await violations(page) == []
        await page.get_by_label("Token").fill("not-a-token-at-all-1")
        await page.get_by_role("button", name="Sign in").click()
        await expect(page.get_by_role("status")).to_contain_text("not recognised")
        await page.get_by_label("Token").fill(ANA_TOKEN)
        await page.get_by_role("button", name="Sign in").click()
        await expect(page.get_by_role("heading", name="Ask for help")).to_be_visible()
        await expect(page.locator("#pane-room")).to_have_count(0)
        await ask(page, "my account is locked")
        await expect(page.locator(".message.theirs")).to_contain_text("Unlock it yourself")
        assert await violations(page) == []
        await page.get_by_role("button", name="Sign out").click()
        await expect(page.get_by_label("Token")).to_be_visible()
    finally:
        await site.client.close()


@pytest.mark.parametrize(
    "options",
    [
        {},
        {"color_scheme": "dark"},
        {"viewport": PHONE},
        {"viewport": PHONE, "color_scheme": "dark", "locale": "es-ES"},
        {"locale": "es-ES"},
    ],
    ids=["light", "dark", "phone", "phone-dark-es", "spanish"],
)
async def test_axe_finds_nothing(site: Site, opened: Open, options: dict[str, Any]) -> None:
    page = await opened(site, **options)
    phone = options.get("viewport") == PHONE
    assert await violations(page) == []
    site.desk.trouble = ("kb_articles/x.md:3: error: no title",)
    await ask(page, "my account is locked")
    await ask(page, "urgent: a chair. " + "words " * 400)
    await ask(page, "another chair")
    if phone:
        assert await violations(page) == []
        assert await page.evaluate("() => document.documentElement.scrollWidth") == PHONE["width"]
        await page.locator("[data-tab=room]").click()
        await expect(page.locator("#ask-text")).to_be_hidden()
    await expect(page.locator(".card")).to_have_count(2)
    await page.get_by_role("button", name="Claim").first.click()
    await page.locator("summary", has_text="Resolve").click()
    await page.locator("#behalf summary").click()
    await expect(page.locator("#behalf-text")).to_be_visible()
    assert await violations(page) == []
    assert await page.evaluate("() => document.documentElement.scrollWidth") <= page.viewport_size["width"]  # type: ignore[index]  # it was given


@pytest.mark.parametrize("path", ["/articles/signed", "/articles/gone"])
@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_axe_finds_nothing_on_an_article(site: Site, opened: Open, path: str, scheme: str) -> None:
    page = await opened(site, path, color_scheme=scheme)
    assert await violations(page) == []
