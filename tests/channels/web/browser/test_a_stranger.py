"""What somebody who has never seen the inbox reaches for: the next row, what was found, the end, undoing."""

from dataclasses import replace
from datetime import timedelta

from playwright.async_api import Page, expect

from bot.desk.ports.page import Message
from bot.domain.conversations.messages import Banner, Button, Line, Outcome, OutcomeKind, Reply
from bot.domain.tickets.relay import Visibility
from bot.domain.tickets.ticket import Status
from tests.support.channels.page_site import Site
from tests.support.channels.page_windows import ASSIGN, IN_CHROMIUM, PHONE, Open
from tests.support.chromium import violations

pytestmark = IN_CHROMIUM
ENGINEER = "/?as=ana&desk=maya"
LOW = {"width": 1280, "height": 720}


async def asked(site: Site, *texts: str) -> None:
    """Ask on the page's own way in, without a window."""
    for number, text in enumerate(texts):
        await site.post("/web/ask", text=text, key=f"stranger-{number}", **{"as": "tom"})


async def on(page: Page, reference: str) -> None:
    """Wait until a ticket is open and read."""
    await expect(page.locator(f"#ticket .card[data-reference={reference}]")).to_be_visible()


def outage(token: str, title: str) -> Reply:
    return Reply((Banner(title), Line("Since noon")), (Button("outage_end", "End outage", token),))


async def test_what_was_found_is_reached_from_the_search(site: Site, opened: Open) -> None:
    await asked(site, "a chair", "a lamp", "a lampshade")
    page = await opened(site, ENGINEER)
    await on(page, "HELP-1001")
    for key in ("Enter", "ArrowDown"):
        await page.keyboard.press("/")
        await page.keyboard.type("lamp")
        await page.keyboard.press(key)  # before the list has followed the words
        first = page.locator(".row > a").first
        await expect(first).to_be_focused()
        await expect(page.locator(".row")).to_have_count(2)
        await on(page, "HELP-1001")  # found, and not yet opened
        await page.locator("#find").fill("")
        await page.locator("#find").press("Escape")
        await expect(page.locator(".row")).to_have_count(3)
    await page.locator("#find").fill("shade")
    await page.locator("#find").press("Enter")
    await expect(page.locator(".row")).to_have_count(1)
    await expect(page.locator(".row > a")).to_be_focused()
    await page.keyboard.press("Enter")
    await on(page, "HELP-1003")


async def test_a_ticket_that_left_the_list_leads_to_the_one_in_its_place(site: Site, opened: Open) -> None:
    await asked(site, "a chair", "a lamp", "a desk", "a door")
    page = await opened(site, f"{ENGINEER}&view=unclaimed")
    await on(page, "HELP-1001")
    await page.keyboard.press("j")
    await on(page, "HELP-1002")
    await page.keyboard.press("c")
    await expect(page.locator(".row")).to_have_count(3)
    await page.keyboard.press("j")
    await on(page, "HELP-1003")
    await page.keyboard.press("c")
    await expect(page.locator(".row")).to_have_count(2)
    await expect(page.locator("#ticket .chip.claimed")).to_be_visible()
    await page.keyboard.press("k")
    await on(page, "HELP-1001")


async def test_resolving_what_left_the_list_goes_on_from_its_place(site: Site, opened: Open) -> None:
    await asked(site, "a chair", "a lamp", "a desk")
    page = await opened(site, f"{ENGINEER}&view=unclaimed")
    await on(page, "HELP-1001")
    await page.keyboard.press("j")
    await on(page, "HELP-1002")
    await page.keyboard.press("c")
    await expect(page.locator(".row")).to_have_count(2)
    await page.keyboard.press("e")
    await page.keyboard.type("A new bulb.")
    await page.keyboard.press("Control+Enter")
    await on(page, "HELP-1003")
    await page.keyboard.press("z")  # undone without the pointer, with every word
    await on(page, "HELP-1002")
    await expect(page.get_by_label("Note for the employee")).to_have_value("A new bulb.")
    assert site.desk.held["t2"].ticket.status is Status.CLAIMED


async def test_after_the_last_ticket_the_keyboard_is_where_it_was(site: Site, opened: Open) -> None:
    await asked(site, "a chair")
    page = await opened(site, ENGINEER)
    await on(page, "HELP-1001")
    await page.keyboard.press("c")
    await expect(page.locator("#ticket .chip.claimed")).to_be_visible()
    await page.keyboard.press("e")
    await page.keyboard.type("Oiled.")
    await page.keyboard.press("Control+Enter")
    await expect(page.locator("#undo")).to_be_visible()
    await expect(page.locator("#reading")).to_be_focused()


async def test_everything_that_can_be_done_begins_with_the_open_ticket(site: Site, opened: Open) -> None:
    site.desk.menu = (Button("group", "Known outage", "t1"),)
    await asked(site, "a chair", "a lamp")
    page = await opened(site, ENGINEER)
    await on(page, "HELP-1001")
    await page.keyboard.press("Control+k")
    entries = page.locator("#palette-list > li")
    await expect(entries.first).to_have_text("Claim")
    await expect(entries.filter(has_text="Unassigned")).to_have_text("Unassigned")  # without its number
    await page.keyboard.type("known")
    await expect(entries).to_have_text(["Known outage", "Known outage…"])
    await page.keyboard.press("Escape")
    await expect(page.locator("#palette")).to_be_hidden()
    await page.keyboard.press("c")
    await expect(page.locator("#ticket .chip.claimed")).to_be_visible()
    await page.keyboard.press("Control+k")
    await expect(entries.first).to_have_text("Resolve")
    await expect(entries.filter(has_text="Note for the employee")).to_have_count(0)  # a form is no entry


async def test_what_can_be_done_changes_with_the_ticket_while_it_is_listed(site: Site, opened: Open) -> None:
    await asked(site, "a chair")
    page, other = await opened(site, ENGINEER), await opened(site, ENGINEER)
    for window in (page, other):
        await on(window, "HELP-1001")
    await page.keyboard.press("Control+k")
    entries, chosen = page.locator("#palette-list > li"), page.locator("#palette-list > [aria-selected=true]")
    await expect(entries.first).to_have_text("Claim")
    await page.keyboard.press("ArrowDown")
    kept = await chosen.inner_text()
    await other.keyboard.press("c")
    await expect(entries.first).to_have_text("Resolve")
    await expect(chosen).to_have_text(kept)


async def test_outages_leave_the_tickets_in_sight(site: Site, opened: Open) -> None:
    site.desk.lasting = [outage("o2", "Known outage: mail"), outage("o1", "Known outage: payroll")]
    await asked(site, "a chair")
    page = await opened(site, ENGINEER, viewport=LOW)
    await expect(page.locator(".row")).to_be_in_viewport(ratio=1)
    end = page.locator("#sign-o1").get_by_role("button", name="End outage")
    await expect(end).to_be_hidden()
    await page.locator("#sign-o1 > summary").focus()
    await page.keyboard.press("Enter")
    await expect(end).to_be_visible()
    assert await violations(page) == []
    # What was opened stays the same one when another begins before it.
    site.desk.lasting.insert(0, outage("o3", "Known outage: printers"))
    site.desk.marks += 1
    await expect(page.locator(".sign")).to_have_count(3)
    await expect(end).to_be_visible()
    await expect(page.locator(".sign[open]")).to_have_count(1)


async def test_an_outage_is_a_target_for_a_thumb(site: Site, opened: Open) -> None:
    site.desk.lasting = [outage("o1", "Known outage: payroll")]
    page = await opened(site, ENGINEER, viewport=PHONE)
    await page.locator("[data-tab=room]").click()
    box = await page.locator("#sign-o1 > summary").bounding_box()
    assert box is not None
    assert box["height"] >= 44


async def test_what_was_added_to_a_question_stands_there_once(site: Site, opened: Open) -> None:
    await asked(site, "a chair\nit squeaks\na chair")
    at = site.desk.held["t1"].ticket.opened_at + timedelta(seconds=20)
    said = Message("u1", at, author="tom", text="it squeaks", visibility=Visibility.FROM_EMPLOYEE)
    site.desk.threads[1] = [
        said,
        replace(said, id="u2", text="a chair"),
        replace(said, id="u3", text="it is blue", at=at + timedelta(minutes=9)),
    ]
    page = await opened(site, ENGINEER)
    bubbles = page.locator("#ticket .entry .bubble")
    await expect(bubbles).to_have_text(["a chair", "it squeaks", "a chair", "it is blue"])


async def test_how_a_ticket_ended_stands_at_its_end(site: Site, opened: Open) -> None:
    await asked(site, "a chair")
    held = site.desk.held["t1"]
    held.note = "A new wheel."
    site.desk.threads[1] = [
        Message(f"u{n}", site.desk.now(), author="tom", text=f"line {n}\n\n\n") for n in range(30)
    ]
    page = await opened(site, f"{ENGINEER}&ticket=HELP-1001", viewport=LOW)
    tried = page.locator("#ticket .about")
    await on(page, "HELP-1001")
    await expect(page.locator("#t-1-talk > :first-child")).to_have_class("card-body about")
    held.ticket = replace(held.ticket, status=Status.RESOLVED, closed_at=site.desk.now())
    site.desk.marks += 1
    await expect(page.locator("#t-1-talk > :last-child")).to_have_class("card-body about")
    await expect(tried).to_have_count(1)
    await page.reload()
    await expect(tried.get_by_text("A new wheel.")).to_be_in_viewport()


async def test_a_search_in_vain_says_what_it_does_not_know(site: Site, opened: Open) -> None:
    await asked(site, "a chair")
    page = await opened(site, f"{ENGINEER}&q=spreadsheet")
    await expect(page.locator("#empty-room")).to_contain_text("not what is inside the files")


async def test_the_greeting_is_read_from_its_beginning(site: Site, opened: Open) -> None:
    page = await opened(site, ENGINEER, viewport={"width": 1280, "height": 520})
    await expect(page.locator("#empty-ask h3")).to_be_in_viewport(ratio=1)
    assert await page.locator("#ask-scroll").evaluate("pane => pane.scrollHeight > pane.clientHeight")


async def test_a_draft_is_there_with_its_ticket_and_what_was_sent_is_not(site: Site, opened: Open) -> None:
    await asked(site, "a chair", "a lamp")
    page = await opened(site, ENGINEER)
    await on(page, "HELP-1001")
    # Nothing but what is chosen is read from here on: no change of a row, and nobody who looks.
    await page.evaluate("refresh = () => Promise.resolve()")
    field = page.locator("#ticket form.under textarea")
    for reference, text in (("HELP-1002", "Half a no"), ("HELP-1001", "It is blue")):
        await page.locator(f".row [data-ticket={reference}]").click()
        await on(page, reference)
        await page.keyboard.press("n")
        await page.keyboard.type(text)
    await page.keyboard.press("Control+Enter")
    await expect(page.locator("#ticket .pending")).to_have_count(0)
    await expect(field).to_have_value("")
    await page.locator(".row [data-ticket=HELP-1002]").click()
    await on(page, "HELP-1002")
    await expect(field).to_have_value("Half a no")
    await page.locator(".row [data-ticket=HELP-1001]").click()
    await on(page, "HELP-1001")
    await expect(field).to_have_value("")


async def test_up_in_an_empty_field_edits_what_was_written_last_in_sight(site: Site, opened: Open) -> None:
    await asked(site, "a chair")
    page = await opened(site, ENGINEER, viewport=LOW)
    await on(page, "HELP-1001")
    await page.keyboard.press("n")
    for count, text in enumerate(("It is blue", "It is gren"), 1):
        await page.keyboard.type(text)
        await page.keyboard.press("Control+Enter")
        await expect(
            page.locator("#ticket .entry.room:not(.pending), #ticket .entry.note:not(.pending)")
        ).to_have_count(count)
    await page.keyboard.press("ArrowUp")
    field = page.locator("#ticket .change[open] textarea")
    await expect(field).to_be_focused()
    await expect(field).to_have_value("// It is gren")
    await expect(field).to_be_in_viewport(ratio=1)
    await page.keyboard.press("Escape")
    await expect(field).to_be_hidden()


async def test_a_form_of_choices_is_sent_by_the_key_that_sends(site: Site, opened: Open) -> None:
    site.desk.menu = (Button("assign", "Assign", "t1"),)
    await asked(site, "a chair")
    page = await opened(site, ENGINEER)
    await on(page, "HELP-1001")
    site.desk.prepared = [Outcome(OutcomeKind.FORM, card=ASSIGN)]
    await page.keyboard.press("a")
    await expect(page.locator("#asked-who")).to_be_focused()
    await page.keyboard.press("Control+Enter")
    await expect(page.locator("#form")).to_be_hidden()
    clicks = [said.click for said in site.desk.received if said.click]
    assert [click.inputs and click.inputs["who"] for click in clicks] == [None, "p2"]
