"""Menus and forms of the cards in a real headless Chromium."""

from dataclasses import replace

import pytest
from playwright.async_api import expect

from bot.channels.web.view import in_parts
from bot.domain.conversations.messages import Button, Click, Field, Line, Outcome, OutcomeKind, Reply
from tests.support.channels.page_site import Site
from tests.support.channels.page_windows import ASSIGN, IN_CHROMIUM, MENU, Open, ask
from tests.support.chromium import violations

pytestmark = IN_CHROMIUM


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


async def test_a_menu_and_its_form_by_keyboard_alone(site: Site, opened: Open) -> None:
    site.desk.menu = MENU
    page = await opened(site)
    await ask(page, "a chair")
    more = page.locator(".card .menu summary")
    entries = page.locator(".card .menu button")
    await more.focus()
    await expect(entries.first).to_be_hidden()
    await page.keyboard.press("Enter")
    await expect(entries).to_have_text([button.label for button in in_parts(MENU)])
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


@pytest.mark.parametrize("label", ["Assignee", "Priority", "Reason"])
async def test_ctrl_and_enter_send_a_form_from_each_of_its_fields(
    site: Site, opened: Open, label: str
) -> None:
    site.desk.menu = MENU
    page = await opened(site)
    await ask(page, "a chair")
    await page.locator(".card .menu summary").click()
    site.desk.prepared = [Outcome(OutcomeKind.FORM, card=ASSIGN), Outcome(OutcomeKind.DONE)]
    await page.locator(".card .menu button").first.click()
    dialog = page.get_by_role("dialog")
    await dialog.get_by_label(label).press("Control+Enter")
    await expect(dialog).to_be_hidden()


async def test_a_menu_closes_beside_it_and_stays_open_over_a_refresh(site: Site, opened: Open) -> None:
    site.desk.menu = MENU
    page = await opened(site)
    await ask(page, "a chair")
    entry = page.locator(".card .menu button").first
    await page.locator(".card .menu summary").click()
    await site.post("/web/ask", text="another chair", **{"as": "tom"})
    await expect(page.locator(".row")).to_have_count(2)
    await expect(page.locator("#t-1-menu-assign")).to_be_visible()
    await page.locator("#room-title").click()
    await expect(page.locator("#t-1-menu-assign")).to_be_hidden()
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
