"""What an engineer with forty tickets meets in a day: keys before their ticket, rows in full, a phone."""

import asyncio
from dataclasses import replace
from datetime import timedelta
from typing import Any

from playwright.async_api import Page, Route, expect

from bot.desk.ports.page import ReadyReply
from bot.domain.tickets.ticket import Status
from tests.support.channels.page_site import Site
from tests.support.channels.page_windows import IN_CHROMIUM, PHONE, Open
from tests.support.chromium import violations

pytestmark = IN_CHROMIUM
ENGINEER = "/?as=ana&desk=maya"
LONG = "the barcode reader in the warehouse reads everything backwards since the move of last week"


async def asked(site: Site, *texts: str) -> None:
    """Ask on the page's own way in, without a window."""
    for number, text in enumerate(texts):
        await site.post("/web/ask", text=text, key=f"day-{number}-012345", **{"as": "tom"})


async def on(page: Page, reference: str) -> None:
    """Wait until a ticket is open and read."""
    await expect(page.locator(f"#ticket .card[data-reference={reference}]")).to_be_visible()


def gate_of(page: Page) -> tuple[asyncio.Event, Any]:
    """A gate before what is read of tickets, and what sets it up."""
    gate = asyncio.Event()

    async def late(route: Route) -> None:
        await gate.wait()
        await route.continue_()

    return gate, page.route("**/web/ticket?*", late)


async def test_a_key_pressed_before_its_ticket_is_there_counts_once_it_is(site: Site, opened: Open) -> None:
    await asked(site, "a chair", "a lamp")
    page = await opened(site, ENGINEER)
    await on(page, "HELP-1001")
    gate, set_up = gate_of(page)
    await set_up
    await page.keyboard.press("j")
    await expect(page.locator("#ticket .coming")).to_be_visible()
    await page.keyboard.press("c")
    gate.set()
    await expect(page.locator("#ticket .chip.claimed")).to_be_visible()
    statuses = {one.ticket.reference: one.ticket.status for one in site.desk.held.values()}
    assert statuses == {"HELP-1001": Status.OPEN, "HELP-1002": Status.CLAIMED}


async def test_such_a_key_is_not_for_the_ticket_after_it(site: Site, opened: Open) -> None:
    await asked(site, "a chair", "a lamp", "a desk")
    page = await opened(site, ENGINEER)
    await on(page, "HELP-1001")
    gate, set_up = gate_of(page)
    await set_up
    await page.keyboard.press("j")
    await page.keyboard.press("c")
    await page.keyboard.press("j")  # on, before anything was there
    gate.set()
    await on(page, "HELP-1003")
    await page.keyboard.press("m")
    assert {one.ticket.status for one in site.desk.held.values()} == {Status.OPEN}


async def test_on_a_row_a_key_is_about_its_ticket_and_not_about_the_open_one(
    site: Site, opened: Open
) -> None:
    await asked(site, "a chair", "a lamp")
    page = await opened(site, ENGINEER)
    await on(page, "HELP-1001")
    await page.locator("#find").fill("lamp")
    await page.locator("#find").press("Enter")
    await expect(page.locator(".row [data-ticket=HELP-1002]")).to_be_focused()
    await page.keyboard.press("c")
    await on(page, "HELP-1002")
    await expect(page.locator("#ticket .chip.claimed")).to_be_visible()
    statuses = {one.ticket.reference: one.ticket.status for one in site.desk.held.values()}
    assert statuses == {"HELP-1001": Status.OPEN, "HELP-1002": Status.CLAIMED}


async def test_the_end_of_a_conversation_stays_in_sight_whatever_opens_below_it(
    site: Site, opened: Open
) -> None:
    site.desk.replies = tuple(ReadyReply(f"Reply {number}", "Words") for number in range(12))
    await asked(site, "a chair\n" + "and more\n" * 60)
    await site.post("/web/press", pane="room", action="claim", token="t1", key="claim-it-01")
    page = await opened(site, ENGINEER)
    await on(page, "HELP-1001")
    at_end = (
        "() => ((t) => t.scrollHeight - t.scrollTop - t.clientHeight < 2)(document.querySelector('.talk'))"
    )
    await page.wait_for_function(at_end)
    await page.keyboard.press("r")
    await page.keyboard.type("/")
    await expect(page.locator(".ready")).to_be_visible()
    await page.wait_for_function(at_end)
    # Who has scrolled up to read is left there.
    await page.evaluate("() => { document.querySelector('.talk').scrollTop = 0; }")
    await page.evaluate(
        "() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))"
    )
    await page.keyboard.press("Escape")
    await expect(page.locator(".ready")).to_be_hidden()
    await page.keyboard.press("Backspace")
    await page.keyboard.type("/")
    await expect(page.locator(".ready")).to_be_visible()
    assert await page.evaluate("() => document.querySelector('.talk').scrollTop") == 0


async def test_a_row_gives_its_words_all_the_room_there_is(site: Site, opened: Open) -> None:
    await asked(site, LONG)
    held = site.desk.held["t1"]
    held.ticket = replace(held.ticket, first_response_due=site.desk.now() + timedelta(days=3))
    page = await opened(site, ENGINEER)
    await on(page, "HELP-1001")
    row = await page.evaluate(
        """() => Object.fromEntries(['subject', 'whose', 'facts-line', 'when', 'number'].map((name) =>
            [name, document.querySelector('.row .' + name).getBoundingClientRect().toJSON()]))"""
    )
    assert row["whose"]["left"] - row["subject"]["right"] <= 9
    assert row["when"]["top"] >= row["subject"]["bottom"] - 1
    assert abs(row["when"]["bottom"] - row["facts-line"]["bottom"]) <= 4
    assert row["number"]["right"] <= row["when"]["left"]  # a number is never cut


async def test_on_a_phone_all_that_is_pressed_has_44_pixels(site: Site, opened: Open) -> None:
    await asked(site, "a chair", "a lamp")
    page = await opened(site, "/?as=tom&desk=maya", viewport=PHONE)
    await expect(page.locator("#conversation .message")).not_to_have_count(0)
    await page.locator("#own > summary").click()
    await expect(page.locator(".own-ticket")).to_have_count(2)
    small = await page.evaluate(
        """() => [...document.querySelectorAll(':is(.masthead, .tabs, #pane-ask) *')]
            .filter((one) => one.matches('button, summary, input, textarea, select, a'))
            .filter((one) => one.checkVisibility() && !one.closest('.hidden, .picker'))
            .filter((one) => one.getBoundingClientRect().height < 44 && one.getBoundingClientRect().width > 1)
            .map((one) => one.outerHTML.slice(0, 80))"""
    )
    assert small == []
    assert await page.evaluate("() => document.documentElement.scrollWidth") <= PHONE["width"]
    assert await violations(page) == []


async def test_a_browser_that_blocks_notifications_says_so(site: Site, opened: Open) -> None:
    page = await opened(site, ENGINEER)
    await page.evaluate(
        """() => {
            Notification.requestPermission = async () => 'denied';
            Object.defineProperty(Notification, 'permission', { value: 'denied' });
        }"""
    )
    await page.locator("#behalf > summary").click()
    await page.locator("#notify").click()
    await expect(page.locator("#room-told")).to_contain_text("blocks notifications")
    await expect(page.locator("#notify")).to_have_attribute("aria-pressed", "false")


async def test_a_notification_comes_once_for_what_is_new_while_nobody_looks(site: Site, opened: Open) -> None:
    await asked(site, "a chair")
    page = await opened(site, ENGINEER)
    await on(page, "HELP-1001")
    await page.evaluate(
        """() => {
            window.told = [];
            window.Notification = class {
                static permission = 'granted';
                static requestPermission = async () => 'granted';
                constructor(title, { body }) { told.push(`${title}: ${body}`); }
                close() {}
            };
        }"""
    )
    await page.locator("#behalf > summary").click()
    await page.locator("#notify").click()
    await expect(page.locator("#notify")).to_have_attribute("aria-pressed", "true")
    await page.evaluate("() => Object.defineProperty(document, 'hidden', { value: true })")
    await site.post("/web/ask", text="a lamp", key="day-new-0123456", **{"as": "tom"})

    await page.wait_for_function("() => told.length > 0")
    await site.post("/web/ask", text="a desk", key="day-new-1123456", **{"as": "tom"})
    await page.wait_for_function("() => told.length > 1")
    assert await page.evaluate("() => told") == [
        "Tom Baker · HELP-1002: a lamp",
        "Tom Baker · HELP-1003: a desk",
    ]
