"""The inbox in a real headless Chromium: lists, links, what is new, keys, and what is written."""

import asyncio
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from playwright.async_api import Page, Route, ViewportSize, expect

from bot.desk.ports.page import Message, ReadyReply
from bot.domain.conversations.messages import Button
from bot.domain.tickets.relay import Visibility
from tests.support.channels.page_site import Site
from tests.support.channels.page_windows import IN_CHROMIUM, PHONE, WIDE, Open, ask, open_ticket
from tests.support.chromium import violations

pytestmark = IN_CHROMIUM
ENGINEER = "/?as=ana&desk=maya"
RESOLVE = "summary:has-text('Resolve')"


async def asked(site: Site, *texts: str, by: str = "tom") -> None:
    """Ask on the page's own way in, without a window."""
    for text in texts:
        number = len(site.desk.held)
        await site.post("/web/ask", text=text, key=f"asked-{number}-{len(text)}", **{"as": by})


async def claimed(page: Page, site: Site) -> None:
    await asked(site, "a chair", by="ana")
    await page.locator("#ticket").get_by_role("button", name="Claim").click()
    await expect(page.locator("#ticket .chip.claimed")).to_be_visible()


async def test_a_link_opens_its_ticket_and_the_way_back_is_the_browser_s(site: Site, opened: Open) -> None:
    await asked(site, "a chair", "a lamp")
    page = await opened(site, "/?desk=maya&ticket=help-1002")
    card = page.locator("#ticket .card")
    await expect(card).to_have_attribute("data-reference", "HELP-1002")
    await page.locator(".row [data-ticket=HELP-1001]").click()
    await expect(card).to_have_attribute("data-reference", "HELP-1001")
    assert "ticket=HELP-1001" in page.url
    await page.go_back()
    await expect(card).to_have_attribute("data-reference", "HELP-1002")
    await page.reload()
    await expect(card).to_have_attribute("data-reference", "HELP-1002")
    await expect(page.locator(".row.chosen")).to_contain_text("a lamp")


async def test_a_search_and_the_views_narrow_the_list(site: Site, opened: Open) -> None:
    await asked(site, "a chair", "urgent: a lamp")
    page = await opened(site, ENGINEER)
    rows = page.locator(".row")
    await expect(rows).to_have_count(2)
    await page.locator("#find").fill("LAMP")
    await expect(rows).to_have_count(1)
    await expect(page.locator("#found")).to_have_text("Found for “LAMP”: 1.")
    assert "q=LAMP" in page.url
    await page.get_by_role("button", name="Mine").click()
    await expect(page.locator("#empty-room")).to_contain_text("No tickets here")
    await expect(page.locator("#find")).to_have_value("")
    await page.get_by_role("button", name="Unassigned").click()
    await expect(rows).to_have_count(2)
    await page.get_by_label("Priority").select_option("3")
    await expect(rows).to_have_count(1)
    assert await violations(page) == []


async def test_escape_empties_the_search_and_shows_the_list_again(site: Site, opened: Open) -> None:
    await asked(site, "a chair", "a lamp")
    page = await opened(site, ENGINEER)
    await page.keyboard.press("/")
    await page.keyboard.type("lamp")
    await expect(page.locator(".row")).to_have_count(1)
    await page.keyboard.press("Escape")
    await expect(page.locator("#find")).to_have_value("")
    await expect(page.locator(".row")).to_have_count(2)
    assert "q=" not in page.url


async def test_what_is_overdue_alone(site: Site, opened: Open) -> None:
    await asked(site, "a chair", "a lamp")
    held = site.desk.held["t2"]
    held.ticket = replace(held.ticket, first_response_due=site.desk.now() - timedelta(hours=1))
    page = await opened(site, ENGINEER)
    await page.get_by_role("button", name="Overdue 1").click()
    await expect(page.locator(".row")).to_have_count(1)
    assert "late=1" in page.url
    assert await violations(page) == []
    await page.reload()
    await expect(page.locator(".row")).to_have_count(1)
    await page.get_by_role("button", name="Overdue 1").click()
    await expect(page.locator(".row")).to_have_count(2)


async def test_a_form_in_a_card_is_left_by_escape_and_by_its_button(site: Site, opened: Open) -> None:
    page = await opened(site, ENGINEER, viewport=PHONE)
    await page.locator("[data-tab=room]").click()
    await asked(site, "a chair", by="ana")
    await open_ticket(page, "HELP-1001")
    await page.locator("#ticket").get_by_role("button", name="Claim").click()
    note = page.get_by_label("Note for the employee")
    await page.locator(RESOLVE).click()
    await note.fill("Oiled it.")
    await page.keyboard.press("Escape")
    await expect(note).to_be_hidden()
    await expect(page.locator(RESOLVE)).to_be_focused()
    await expect(page.locator("#room-scroll")).to_be_hidden()  # the ticket stays
    await page.locator(RESOLVE).click()
    await expect(note).to_have_value("Oiled it.")
    await page.locator("#ticket .inline").get_by_role("button", name="Cancel").click()
    await expect(note).to_be_hidden()
    await page.locator(RESOLVE).focus()
    await page.keyboard.press("Escape")
    await expect(page.locator("#room-scroll")).to_be_visible()


async def test_the_number_of_another_ticket_is_found_by_its_words(site: Site, opened: Open) -> None:
    await asked(site, "a chair", "a lamp")
    page = await opened(site, f"{ENGINEER}&ticket=HELP-1001")
    await expect(page.locator(".row")).to_have_count(2)
    await page.evaluate(
        """() => {
            $("form").innerHTML = '<form><input data-input="ticket" aria-label="Number"></form>';
            inbox.suggest($("form"));
        }"""
    )
    offered = page.locator("#form datalist option")
    await expect(offered).to_have_count(1)
    await expect(offered).to_have_attribute("value", "HELP-1002")
    await expect(offered).to_have_attribute("label", "a lamp · Tom Baker")
    await expect(page.get_by_label("Number")).to_have_attribute("list", "known-tickets")


async def test_what_the_list_knows_of_a_ticket_stands_there_until_it_has_come(
    site: Site, opened: Open
) -> None:
    await asked(site, "a chair", "a lamp")
    page = await opened(site, f"{ENGINEER}&ticket=HELP-1001")
    await expect(page.locator("#ticket .card")).to_be_visible()
    come = asyncio.Event()

    async def late(route: Route) -> None:
        await come.wait()
        await route.continue_()

    await page.route("**/web/ticket?*", late)
    await page.locator(".row [data-ticket=HELP-1002]").click()
    await expect(page.locator("#ticket")).to_have_text("a lampTom Baker HELP-1002")
    come.set()
    await expect(page.locator("#ticket .card")).to_have_attribute("data-reference", "HELP-1002")
    await expect(page.locator("#ticket .coming")).to_have_count(0)


@pytest.mark.parametrize("viewport", [WIDE, PHONE], ids=["wide", "phone"])
async def test_every_entry_of_a_menu_stands_on_one_line_and_within_the_window(
    site: Site, opened: Open, viewport: ViewportSize
) -> None:
    names = ("Assign", "Set priority", "Copy for developers", "Known outage", "Ask for details", "Notes only")
    site.desk.menu = tuple(Button(f"m{n}", name, "t1") for n, name in enumerate(names * 2))
    maya = await opened(site, ENGINEER)
    await claimed(maya, site)
    leo = await opened(site, "/?as=tom&desk=leo&ticket=HELP-1001", viewport=viewport)
    await expect(leo.locator("#ticket").get_by_role("button", name="Take over")).to_be_visible()
    await leo.locator("#ticket details.menu summary").click()
    entries = leo.locator("#ticket .menu li button")
    heights = await entries.evaluate_all("all => all.map((one) => one.getBoundingClientRect().height)")
    assert len(heights) == 12
    assert max(heights) <= 44
    await entries.last.scroll_into_view_if_needed()
    await expect(entries.last).to_be_in_viewport(ratio=1)


async def test_what_is_new_is_marked_until_it_was_seen(site: Site, opened: Open) -> None:
    await asked(site, "a chair", "a lamp")
    page = await opened(site, f"{ENGINEER}&ticket=HELP-1001")
    unread = page.locator(".row.unread")
    await expect(unread).to_have_count(1)
    await expect(unread).to_contain_text("Unread.")
    await expect(page).to_have_title("(1) Firstline: ask, and get an answer or a person")
    await page.locator(".row [data-ticket=HELP-1002]").click()
    await expect(unread).to_have_count(0)
    await expect(page).to_have_title("Firstline: ask, and get an answer or a person")
    await page.reload()
    await expect(page.locator(".row")).to_have_count(2)
    await expect(unread).to_have_count(0)
    site.desk.threads[1] = [
        Message("u1", site.desk.now(), author="Tom Baker", text="hello?", visibility=Visibility.FROM_EMPLOYEE)
    ]
    site.desk.marks += 1
    await expect(page.locator(".row.unread [data-ticket=HELP-1001]")).to_be_visible()


async def test_earlier_messages_are_read_page_by_page_and_stay(site: Site, opened: Open) -> None:
    await asked(site, "a chair")
    site.desk.thread_page = 3
    then = site.desk.now() - timedelta(days=1)
    site.desk.threads[1] = [
        Message(f"u{n}", then, author="Tom Baker", text=f"line {n}", visibility=Visibility.FROM_EMPLOYEE)
        for n in range(8)
    ]
    page = await opened(site, f"{ENGINEER}&ticket=HELP-1001")
    lines = page.locator("#ticket .entry.asked:not([id$=question]) .words")
    for count in (3, 6, 8):
        await expect(lines).to_have_count(count)
        if count < 8:
            await page.get_by_role("button", name="Earlier messages").click()
    await expect(page.get_by_role("button", name="Earlier messages")).to_have_count(0)
    await expect(lines).to_have_text([f"line {n}" for n in range(8)])
    await expect(page.locator("#ticket [data-day=yesterday]").first).to_be_visible()
    site.desk.threads[1].append(
        Message("u8", site.desk.now(), author="Tom Baker", text="line 8", visibility=Visibility.FROM_EMPLOYEE)
    )
    site.desk.marks += 1
    await expect(lines.last).to_have_text("line 8")
    await expect(lines.first).to_have_text("line 0")


async def test_by_keys_alone(site: Site, opened: Open) -> None:
    await asked(site, "a chair", "a lamp")
    page = await opened(site, f"{ENGINEER}&ticket=HELP-1001")
    card, press = page.locator("#ticket .card"), page.keyboard.press
    await expect(page.locator(".row")).to_have_count(2)
    await press("j")
    await expect(card).to_have_attribute("data-reference", "HELP-1002")
    await press("k")
    await expect(card).to_have_attribute("data-reference", "HELP-1001")
    await press("c")
    await expect(page.locator("#ticket .chip.claimed")).to_be_visible()
    await press("n")
    await expect(page.get_by_label("Write about HELP-1001")).to_be_focused()
    await page.keyboard.type("j is a letter here")
    await press("Control+Enter")
    note = page.locator("#ticket .entry.note:not(.pending)")
    await expect(note.locator(".bubble")).to_have_text("j is a letter here")
    assert site.desk.threads[1][0].visibility is Visibility.NOTE
    await press("Escape")
    await press("?")
    await expect(page.get_by_role("dialog")).to_contain_text("Keyboard shortcuts")
    assert await violations(page) == []
    await page.get_by_label("Use single keys").uncheck()
    await press("Escape")
    await press("j")
    await press("Control+k")
    await expect(page.locator("#palette")).to_be_visible()
    await expect(card).to_have_attribute("data-reference", "HELP-1001")  # single keys are off
    await page.keyboard.type("lamp")
    assert await violations(page) == []
    await press("Enter")
    await expect(card).to_have_attribute("data-reference", "HELP-1002")


async def test_a_list_is_one_stop_of_the_keyboard(site: Site, opened: Open) -> None:
    await asked(site, "a chair", "a lamp", "a mat")
    page = await opened(site, f"{ENGINEER}&ticket=HELP-1002")
    await expect(page.locator(".row > a[tabindex='0']")).to_have_count(1)
    await page.locator(".row > a[tabindex='0']").focus()
    await page.keyboard.press("ArrowDown")
    await expect(page.locator(".row [data-ticket=HELP-1003]")).to_be_focused()
    await page.keyboard.press("Enter")
    await expect(page.locator("#ticket .card")).to_have_attribute("data-reference", "HELP-1003")


async def test_a_draft_outlasts_a_reload_and_is_gone_when_it_is_sent(site: Site, opened: Open) -> None:
    page = await opened(site, ENGINEER)
    await claimed(page, site)
    field = page.get_by_label("Write about HELP-1001")
    await field.fill("half a sen")
    await page.locator("#ask-text").fill("half a question")
    await page.reload()
    await expect(field).to_have_value("half a sen")
    await expect(page.locator("#ask-text")).to_have_value("half a question")
    await field.press("Control+Enter")
    await expect(page.locator("#ticket .entry.sent:not(.pending) .bubble")).to_have_text("half a sen")
    await page.reload()
    await expect(page.locator("#ticket .card")).to_be_visible()
    await expect(field).to_have_value("")


async def test_ready_replies_come_by_a_stroke_and_a_note_by_two(site: Site, opened: Open) -> None:
    site.desk.replies = (ReadyReply("Restart", "Restart it, Ana."), ReadyReply("Wait", "One moment, Ana."))
    page = await opened(site, ENGINEER)
    await claimed(page, site)
    field = page.get_by_label("Write about HELP-1001")
    await field.press_sequentially("/")
    offered = page.locator("#ticket .ready > li:visible")
    await expect(offered).to_have_count(2)
    await field.press_sequentially("mom")
    await expect(offered).to_have_count(1)
    assert await violations(page) == []
    await field.press("Enter")
    await expect(field).to_have_value("One moment, Ana.")
    await expect(offered).to_have_count(0)
    await field.fill("")
    await field.press_sequentially("// for us")
    await expect(offered).to_have_count(0)


async def test_resolving_can_be_taken_back_and_is_done_at_once_where_wanted(site: Site, opened: Open) -> None:
    page = await opened(site, ENGINEER)
    await claimed(page, site)
    note = page.get_by_label("Note for the employee")
    await page.locator(RESOLVE).click()
    await note.fill("Oiled it.")
    await note.press("Control+Enter")
    await expect(page.locator("#undo")).to_contain_text("HELP-1001 is being resolved.")
    for button in await page.locator("#ticket form.under .below .button").all():
        await button.click(trial=True, timeout=3000)  # it covers none of them
    await page.get_by_role("button", name="Undo").click()
    await expect(note).to_have_value("Oiled it.")
    assert [said.click.action for said in site.desk.received if said.click] == ["claim"]
    await note.press("Control+Enter")
    await page.get_by_role("button", name="Do it now").click()
    await expect(page.locator("#ticket .chip.resolved")).to_be_visible()
    await expect(page.locator("#ticket form.under")).to_have_count(0)


async def test_who_looks_and_who_writes_is_shown_to_the_other(site: Site, opened: Open) -> None:
    maya = await opened(site, ENGINEER)
    await claimed(maya, site)
    leo = await opened(site, "/?as=tom&desk=leo&ticket=HELP-1001")
    await expect(leo.locator("#ticket .looking")).to_have_text("Also looking: Maya Patel")
    await expect(maya.locator("#ticket .looking")).to_have_text("Also looking: Leo Fischer")
    field = maya.get_by_label("Write about HELP-1001")
    await field.press_sequentially("Hello")
    await expect(maya.locator("#ask-writing")).to_have_text("Maya Patel is writing…")
    await expect(leo.locator("#ask-writing")).to_be_empty()  # Tom is somebody else
    await field.press("Control+Enter")
    await expect(maya.locator("#ask-writing")).to_be_empty()
    await maya.locator("#ask-text").press_sequentially("It is")
    await expect(leo.locator("#ticket .under .writing")).to_have_text("Ana Costa is writing…")


async def test_a_colleague_s_ticket_is_taken_over_and_not_resolved(site: Site, opened: Open) -> None:
    page = await opened(site, ENGINEER)
    await claimed(page, site)
    leo = await opened(site, "/?as=tom&desk=leo&ticket=HELP-1001")
    await expect(leo.locator("#ticket").get_by_role("button", name="Take over")).to_be_visible()
    await expect(leo.locator(RESOLVE)).to_have_count(0)
    await expect(leo.get_by_role("radio")).to_have_count(0)  # nothing that they write reaches Ana
    await leo.locator("#ticket").get_by_role("button", name="Take over").click()
    await expect(leo.locator("#room-told, #ticket .card").first).to_be_visible()
    click = site.desk.received[-1].click
    assert click is not None
    assert (click.action, click.argument, click.inputs) == ("assign", "90", {"engineer": "web:leo"})


@pytest.mark.parametrize(
    "options", [{}, {"color_scheme": "dark", "locale": "es-ES"}], ids=["light", "dark-es"]
)
async def test_on_a_phone_it_is_one_thing_at_a_time(
    site: Site, opened: Open, options: dict[str, Any]
) -> None:
    await asked(site, "a chair", "a lamp")
    page = await opened(site, ENGINEER, viewport=PHONE, **options)
    await page.locator("[data-tab=room]").click()
    await expect(page.locator("#reading")).to_be_hidden()
    assert await violations(page) == []
    await open_ticket(page, "HELP-1001")
    await expect(page.locator("#room-scroll")).to_be_hidden()
    assert await violations(page) == []
    small = await page.evaluate(
        """() => [...document.querySelectorAll('#pane-room :is(button, summary, input, textarea, select, a)')]
            .filter((one) => one.checkVisibility() && !one.closest('.hidden, .picker, .about, .change'))
            .filter((one) => one.getBoundingClientRect().height < 44 && one.getBoundingClientRect().width > 1)
            .map((one) => one.outerHTML.slice(0, 80))"""
    )
    assert small == []
    assert await page.evaluate("() => document.documentElement.scrollWidth") <= PHONE["width"]
    await page.locator("#ticket [data-back]").click()
    await expect(page.locator(".row")).to_have_count(2)


async def test_faces_days_and_groups_of_what_was_said(site: Site, opened: Open) -> None:
    await asked(site, "a chair", by="ana")
    now = site.desk.now()
    first = Message(
        "u1", now, author="Ana Costa", text="see https://a.example/1", visibility=Visibility.FROM_EMPLOYEE
    )
    site.desk.threads[1] = [
        first,
        replace(first, id="u2", text="and one more"),
        replace(first, id="u3", text="later", at=now + timedelta(hours=1)),
    ]
    page = await opened(site, f"{ENGINEER}&ticket=HELP-1001")
    link = page.locator("#ticket .bubble a")
    await expect(link).to_have_attribute("href", "https://a.example/1")
    await expect(link).to_have_attribute("rel", "noopener noreferrer nofollow")
    # Both lines go on from the question; what came an hour later does not.
    await expect(page.locator("#ticket .entry.goes-on")).to_have_count(2)
    await ask(page, "hello")
