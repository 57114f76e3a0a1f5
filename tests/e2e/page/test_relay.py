"""An employee and an engineer write to each other on the page, in a real browser over everything."""

import re
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from playwright.async_api import Page, expect

from bot.desk.knowledge.library import Library
from tests.support.chromium import a_window, launched, needs_chromium, violations
from tests.support.e2e.running import running
from tests.support.paths import ROOT
from tests.support.unknown import UNKNOWN

pytestmark = [
    pytest.mark.browser,
    pytest.mark.parametrize("database_url", ["sqlite"], indirect=True),
    needs_chromium,
]


@pytest.fixture
async def window(monkeypatch: pytest.MonkeyPatch, library: Library, database_url: str) -> AsyncIterator[Page]:
    """The demo's page: Ana on the left, Maya in the room on the right."""
    async with (
        running(monkeypatch, library, database_url, {}, demo=True) as app,
        launched() as browser,
    ):
        page = await (await a_window(browser)).new_page()
        failed: list[str] = []
        page.on("pageerror", lambda error: failed.append(str(error)))
        await page.goto(f"{app.url}/?as=ana&desk=maya")
        yield page
        assert failed == []


async def claimed(page: Page) -> None:
    await page.locator("#ask-text").fill(UNKNOWN)
    await page.locator("#ask-text").press("Enter")
    await page.get_by_role("button", name="Claim").click()
    await expect(page.locator(".message:not(.waits)").last).to_contain_text(
        "You can write to Maya Patel right here"
    )
    await expect(page.get_by_label("Reply", exact=True)).to_be_checked()  # before: for notes


async def write(page: Page, text: str) -> None:
    await page.get_by_label("Write about HELP-1001").fill(text)
    await page.locator("form.under").get_by_role("button", name="Send").click()
    await expect(page.get_by_label("Write about HELP-1001")).to_have_value("")


async def test_both_write_and_a_note_stays_in_the_room(window: Page) -> None:
    await claimed(window)
    await write(window, "which <b>colour</b>?")
    conversation, thread = window.locator("#conversation"), window.locator(".thread").first
    await expect(conversation).to_contain_text("which <b>colour</b>?")
    said = conversation.locator(".message.person").last
    await expect(said.locator(".by")).to_contain_text(re.compile(r"Maya Patel\s+HELP-1001"))
    await expect(said.locator(".bubble.said")).to_have_count(0)  # their words, and not the bot's about them
    await expect(thread).to_contain_text("✓ sent to Ana Costa")
    await write(window, "// she is in a hurry")
    await expect(thread).to_contain_text("internal note")
    await expect(conversation).not_to_contain_text("hurry")
    await window.locator("#ask-text").fill("it is green")
    await window.locator("#ask-text").press("Enter")
    heard = thread.locator(".entry.asked").last
    await expect(heard).to_contain_text("Ana Costa")
    await expect(heard.locator(".words")).to_have_text("it is green")
    assert await violations(window) == []


async def test_an_edit_into_a_note_and_a_deletion_follow(window: Page) -> None:
    await claimed(window)
    conversation, thread = window.locator("#conversation"), window.locator(".thread").first
    for text in ("too much", "just right"):
        await write(window, text)
        await expect(conversation).to_contain_text(text)
    changes = thread.locator("details.change")
    await changes.first.locator("summary").click()
    await changes.first.get_by_label("Your message").fill("// too much")
    await changes.first.get_by_role("button", name="Save").click()
    await expect(conversation).not_to_contain_text("too much")
    await changes.nth(1).locator("summary").click()
    await changes.nth(1).get_by_role("button", name="Delete").click()
    await expect(conversation).not_to_contain_text("just right")
    await expect(thread).to_contain_text("deleted")
    mine = window.locator(".message.mine:not(.waits)").last
    await window.locator("#ask-text").fill("grean")
    await window.locator("#ask-text").press("Enter")
    await expect(thread).to_contain_text("grean")
    await mine.locator("details.change summary").click()
    await mine.get_by_label("Your message").fill("green it is")
    await mine.get_by_role("button", name="Save").click()
    await expect(thread).to_contain_text("green it is")
    await expect(thread).not_to_contain_text("grean")


async def test_a_picture_is_shown_to_the_other_side(window: Page, tmp_path: Path) -> None:
    await claimed(window)
    picture = tmp_path / "mark.png"
    picture.write_bytes((ROOT / "docs/images/page.png").read_bytes())
    form = window.locator("form.under")
    await form.locator("[type=file]").set_input_files(picture)
    await write(window, "look here")
    shown = window.locator("#conversation .file img")
    await expect(shown).to_be_visible()
    assert await shown.evaluate("(image) => image.decode().then(() => image.naturalWidth > 100)")
    note = tmp_path / "report.html"
    note.write_text("<script>alert(1)</script>")
    await window.locator("#ask-file").set_input_files(note)
    await window.locator("#ask-text").fill("my report")
    await window.locator("#ask-text").press("Enter")
    link = window.locator(".thread .file a", has_text="report.html")
    await expect(link).to_be_visible()
    address = await link.evaluate("(link) => link.href")
    answer = await window.request.get(address)
    assert (answer.status, answer.headers["content-disposition"].split(";")[0]) == (200, "attachment")
    stranger = address.replace("as=ana", "as=tom").replace("desk=maya", "desk=nobody")
    assert (await window.request.get(stranger)).status == 400
