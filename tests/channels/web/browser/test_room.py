"""The pane of the engineers in a real headless Chromium: cards, claims, the queue."""

from dataclasses import replace

from playwright.async_api import expect

from bot.desk.ports.page import Message
from bot.domain.conversations.messages import OutcomeKind
from tests.support.channels.page_site import Site
from tests.support.channels.page_windows import IN_CHROMIUM, Open, ask

pytestmark = IN_CHROMIUM


async def test_two_windows_stay_in_step_until_it_is_resolved(site: Site, opened: Open) -> None:
    employee = await opened(site, "/?as=tom&desk=leo")
    engineer = await opened(site, "/?as=ana&desk=maya")
    await ask(employee, "my chair squeaks")
    for page in (employee, engineer):
        await expect(page.locator(".card .chip").first).to_have_text("Open")
    await engineer.get_by_role("button", name="Claim").click()
    await expect(employee.locator(".message:not(.waits)").last).to_contain_text(
        "Maya Patel is looking at HELP-1001"
    )
    for page in (employee, engineer):
        await expect(page.locator(".card .chip").first).to_have_text("Claimed")
    await engineer.locator("summary", has_text="Resolve").click()
    await engineer.get_by_label("Note for the employee").fill("A new chair is on its way.\nSorry!")
    await engineer.get_by_role("button", name="Resolve").click()
    await expect(employee.locator(".message:not(.waits)").last.locator("blockquote")).to_have_text(
        "A new chair is on its way.\nSorry!"
    )
    for page in (employee, engineer):
        await expect(page.locator(".card .chip").first).to_have_text("Resolved")
        await expect(page.locator(".card .buttons")).to_have_text("Reopen")


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


async def test_what_is_on_its_way_is_told_until_the_room_hears_what_came_of_it(
    site: Site, opened: Open
) -> None:
    page = await opened(site, "/?desk=leo")
    await ask(page, "a chair")
    told, sent = page.locator("#room-told"), site.desk.notice(OutcomeKind.SENT, "It is on its way to Jira.")
    site.desk.prepared = [replace(sent, ticket="HELP-1001")]
    await page.get_by_role("button", name="Claim").click()
    await expect(told).to_contain_text("It is on its way to Jira.")
    for text in ("HELP-1002 was closed.", "A chair of HELP-1001 was approved in Jira, by Leo."):
        await expect(told).to_contain_text("It is on its way to Jira.")
        site.desk.told.append(Message(f"m{len(site.desk.told)}", site.desk.now(), text=text))
        site.desk.marks += 1
        await expect(page.locator("#notices")).to_contain_text(text)
    await expect(told).to_be_empty()


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
    await expect(page.locator(".row")).to_have_count(2)
    await expect(note).to_have_value("Half a sentence")
    await expect(note).to_be_focused()
    assert await note.evaluate("(area) => area.selectionStart") == 4
    await expect(page.locator("#ask-text")).to_have_value("half a question")
    await site.post("/web/press", pane="room", action="cancel", token="t2", key="cancel-it-1")
    await expect(page.locator(".row")).to_have_count(1)
    await expect(note).to_have_value("Half a sentence")
    await expect(note).to_be_focused()


async def test_a_ticket_for_somebody_else(site: Site, opened: Open) -> None:
    page = await opened(site)
    await page.locator("#behalf summary").click()
    await page.get_by_label("Who needs help").select_option("tom")
    await page.get_by_label("What they need").fill("a chair that does not squeak")
    await page.get_by_role("button", name="Open the ticket").click()
    await expect(page.locator(".card .facts").first).to_contain_text("Tom Baker")
