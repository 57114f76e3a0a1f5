"""Several tickets at once in a real Chromium, the next one after resolving, and keys before their form."""

import asyncio

import pytest
from playwright.async_api import Locator, Page, Route, ViewportSize, expect

from tests.support.channels.page_site import Site
from tests.support.channels.page_windows import IN_CHROMIUM, PHONE, WIDE, Open
from tests.support.chromium import violations

pytestmark = IN_CHROMIUM
ENGINEER = "/?as=ana&desk=maya"
WORDS = "restarted a router, open no more"  # nearly each letter is a key: r, n, e, a, o, p, m


async def asked(site: Site, *texts: str) -> None:
    """Ask on the page's own way in, without a window."""
    for number, text in enumerate(texts):
        await site.post("/web/ask", text=text, key=f"several-{number}-{len(text)}", **{"as": "tom"})


async def press(site: Site, name: str, action: str, *tokens: str) -> None:
    """Press a button of tickets, on the page's own way in."""
    for token in tokens:
        await site.post(
            "/web/press", pane="room", desk=name, action=action, token=token, key=f"{action}-{name}-{token}"
        )


def pressed(site: Site, action: str) -> list[str]:
    """The tickets' tokens for which an action came."""
    return [said.click.token for said in site.desk.received if said.click and said.click.action == action]


def box(page: Page, reference: str) -> Locator:
    return page.get_by_label(f"Select {reference}")


@pytest.mark.parametrize("viewport", [WIDE, PHONE], ids=["wide", "phone"])
async def test_several_are_claimed_and_each_refusal_is_named(
    site: Site, opened: Open, viewport: ViewportSize
) -> None:
    await asked(site, "a chair", "a lamp", "a mat")
    await press(site, "leo", "claim", "t2")
    page = await opened(site, ENGINEER, viewport=viewport)
    if viewport == PHONE:
        await page.locator("[data-tab=room]").click()
    await page.get_by_role("button", name="Select", exact=True).click()
    for reference in ("HELP-1001", "HELP-1002"):
        await box(page, reference).check()
    await expect(page.locator("#several-count")).to_have_text("2 tickets selected")
    assert await violations(page) == []
    await page.locator("#several").get_by_role("button", name="Claim").click()
    told = page.locator("#several-told")
    await expect(told).to_contain_text("Done: 1.")
    await expect(told).to_contain_text("HELP-1002 is assigned to Leo Fischer.")
    assert pressed(site, "claim") == ["t2", "t1", "t2"]
    await expect(box(page, "HELP-1002")).to_be_checked()  # to be looked at
    await expect(box(page, "HELP-1001")).not_to_be_checked()
    assert await violations(page) == []


async def test_several_are_resolved_with_one_note_by_keys_alone(site: Site, opened: Open) -> None:
    await asked(site, "a chair", "a lamp")
    page = await opened(site, f"{ENGINEER}&ticket=HELP-1001")
    await expect(page.locator(".row")).to_have_count(2)
    for key in ("x", "j", "x"):
        await page.keyboard.press(key)
    several = page.locator("#several")
    await several.get_by_role("button", name="Claim").press("Enter")
    await expect(several.locator("#several-told")).to_have_text("Done: 2.")
    await several.get_by_role("button", name="Select all").press("Enter")
    await several.get_by_role("button", name="Resolve").press("Enter")
    note = page.get_by_label("Note for each employee")
    await expect(note).to_be_focused()
    assert await violations(page) == []
    await page.keyboard.type("Oiled them.")
    await page.keyboard.press("Control+Enter")
    await page.get_by_role("button", name="Undo").click()
    await expect(note).to_have_value("Oiled them.")
    assert pressed(site, "resolve") == []
    await note.press("Control+Enter")
    await page.get_by_role("button", name="Do it now").click()
    await expect(page.locator("#empty-room")).to_be_visible()
    assert [one.note for one in site.desk.held.values()] == ["Oiled them.", "Oiled them."]
    await page.keyboard.press("Escape")
    await expect(several).to_be_hidden()


async def test_resolving_leads_to_the_next_ticket_and_undo_back(site: Site, opened: Open) -> None:
    await asked(site, "a chair", "a lamp", "a mat")
    await press(site, "maya", "claim", "t1", "t2", "t3")
    page = await opened(site, f"{ENGINEER}&ticket=HELP-1002")
    card = page.locator("#ticket .card")
    await expect(page.locator(".row")).to_have_count(3)
    await page.keyboard.press("e")  # whether the ticket has been read by now or not
    note = page.get_by_label("Note for the employee")
    await expect(note).to_be_focused()
    await page.keyboard.type(WORDS)
    await page.keyboard.press("Control+Enter")
    await expect(card).to_have_attribute("data-reference", "HELP-1003")
    await page.get_by_role("button", name="Undo").click()
    await expect(card).to_have_attribute("data-reference", "HELP-1002")
    await expect(note).to_have_value(WORDS)
    await note.press("Control+Enter")
    await page.get_by_role("button", name="Do it now").click()
    await expect(page.locator(".row")).to_have_count(2)
    await expect(card).to_have_attribute("data-reference", "HELP-1003")
    assert site.desk.held["t2"].note == WORDS


async def test_what_is_typed_after_a_key_goes_into_its_form_or_nowhere(site: Site, opened: Open) -> None:
    await asked(site, "a chair")
    page = await opened(site, f"{ENGINEER}&ticket=HELP-1001")
    await expect(page.locator("#ticket .card")).to_be_visible()
    await page.locator("#ticket .card").focus()
    await page.keyboard.press("e")  # nobody has claimed it: there is no such form
    await page.keyboard.type(WORDS)
    await page.keyboard.press("Control+Enter")
    await expect(page.locator("#room-told")).to_contain_text("Press Esc to go on.")
    assert await page.locator("textarea:visible").evaluate_all("all => all.map((one) => one.value)") == [
        "",
        "",
    ]
    await page.keyboard.press("Escape")
    await expect(page.locator("#room-told")).to_be_empty()
    come = asyncio.Event()

    async def late(route: Route) -> None:
        await come.wait()
        await route.continue_()

    await page.route("**/web/press", late)
    await page.keyboard.press("c")
    await page.keyboard.press("e")  # before the claim has arrived
    await page.keyboard.type(WORDS)
    come.set()
    note = page.get_by_label("Note for the employee")
    await expect(note).to_be_focused()
    await page.keyboard.type("done")
    await expect(note).to_have_value("done")
    site.desk.held["t1"].question = "a chair, and a table"  # what the card shows changes while it is written
    site.desk.marks += 1
    await expect(page.locator("#ticket h3").first).to_have_text("a chair, and a table")
    await expect(note).to_be_focused()
    assert [said.text for said in site.desk.received if said.text] == ["a chair"]


async def test_a_note_that_is_being_written_stays_one_when_the_ticket_becomes_one_s_own(
    site: Site, opened: Open
) -> None:
    await asked(site, "a chair")
    page = await opened(site, f"{ENGINEER}&ticket=HELP-1001")
    await expect(page.locator("#ticket .card")).to_be_visible()
    await page.locator("#ticket .card").focus()
    await page.keyboard.press("n")
    await press(site, "maya", "claim", "t1")  # by a colleague, or in another window
    await expect(page.get_by_label("Note", exact=True)).to_be_checked()
    await page.keyboard.type("not for Tom")
    await page.reload()
    field = page.get_by_label("Write about HELP-1001")
    await expect(field).to_have_value("not for Tom")
    await expect(page.get_by_label("Note", exact=True)).to_be_checked()
    await field.press("Control+Enter")
    await expect(page.locator("#ticket .entry.note:not(.pending)")).to_be_visible()
    assert [str(message.visibility) for message in site.desk.threads[1]] == ["note"]


async def test_words_whose_field_was_taken_away_reach_nobody(site: Site, opened: Open) -> None:
    await asked(site, "a chair")
    await press(site, "maya", "claim", "t1")
    page = await opened(site, f"{ENGINEER}&ticket=HELP-1001")
    await expect(page.locator("#ticket .card")).to_be_visible()
    await page.locator("#ticket .card").focus()
    await page.keyboard.press("e")
    await page.keyboard.type("half a ")
    await press(site, "maya", "release", "t1")
    await expect(page.locator("#ticket .chip.open")).to_be_visible()
    await page.keyboard.type(WORDS)
    await expect(page.locator("#room-told")).to_contain_text("Press Esc to go on.")
    await expect(page.get_by_label("Write about HELP-1001")).to_have_value("")
