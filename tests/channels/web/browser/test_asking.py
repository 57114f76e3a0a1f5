"""What helps whoever asks, in a real headless Chromium: examples, drafts, lines at once, changes told."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace

import pytest
from playwright.async_api import expect

from bot.domain.conversations.messages import (
    Button,
    ConversationRef,
    Line,
    Outcome,
    OutcomeKind,
    Reply,
    Utterance,
)
from tests.support.channels.page_site import Site, serve
from tests.support.channels.page_windows import ASSIGN, IN_CHROMIUM, PHONE, WIDE, Open, ask, shot, write
from tests.support.chromium import violations

pytestmark = IN_CHROMIUM
ANA = ConversationRef("web", "", "ana")
# What live regions tell of: what is added to them, and which text changes, where they call it relevant.
SPOKEN = """() => {
    window.spoken = [];
    for (const region of document.querySelectorAll("[role=log], [role=status], [role=alert]"))
        new MutationObserver((changes) => {
            for (const { type, target, addedNodes } of changes)
                for (const node of type === "characterData" ? [target] : addedNodes) {
                    const around = node.nodeType === Node.ELEMENT_NODE ? node : node.parentElement;
                    const relevant = region.getAttribute("aria-relevant") || "additions text";
                    const told = relevant.includes(type === "characterData" ? "text" : "additions");
                    const silent = around?.closest("[aria-hidden=true], [aria-live=off]");
                    const words = node.textContent.trim();
                    if (told && !silent && words) window.spoken.push(words);
                }
        }).observe(region, { childList: true, subtree: true, characterData: true });
}"""


class Slow:
    """A desk that answers when it is told to."""

    def __init__(self, receive: Callable[[Utterance], Awaitable[Outcome]]) -> None:
        self._receive = receive
        self.go_on = asyncio.Event()

    async def receive(self, utterance: Utterance) -> Outcome:
        await self.go_on.wait()
        return await self._receive(utterance)


async def test_a_line_shows_at_once_and_dots_while_the_answer_is_worked_on(opened: Open) -> None:
    site = await serve()
    slow = Slow(site.desk.receive)
    site.channel._api._host = replace(site.host, receive=slow.receive)
    try:
        page = await opened(site)
        await write(page, "my account is locked")
        await write(page, "the vpn")  # nobody waits with the next line
        waits = page.locator(".message.sending .words")
        await expect(waits).to_have_text(["my account is locked", "the vpn"])
        await expect(page.locator(".typing")).to_be_visible()
        slow.go_on.set()
        await expect(page.get_by_role("button", name="VPN on macOS")).to_be_visible()
        await expect(page.locator(".waits")).to_have_count(0)
        await expect(page.locator(".mine:not(.waits) .words")).to_have_text(
            ["my account is locked", "the vpn"]
        )
        assert [said.text for said in site.desk.received] == ["my account is locked", "the vpn"]
    finally:
        await site.client.close()


async def test_what_was_not_sent_is_in_the_composer_again(site: Site, opened: Open) -> None:
    page = await opened(site)
    slow = Slow(site.desk.receive)
    site.channel._api._host = replace(site.host, receive=slow.receive)
    site.desk.prepared = [OSError("away")]
    await write(page, "first")
    await write(page, "second")
    await page.locator("#ask-text").fill("third")
    slow.go_on.set()
    await expect(page.locator("#ask-text")).to_have_value("first\nsecond\nthird")
    await expect(page.locator("#ask-told")).to_contain_text("That did not work")
    await expect(page.locator(".waits")).to_have_count(0)
    assert [said.text for said in site.desk.received] == ["first"]


async def test_a_draft_outlives_a_reload_and_is_gone_when_it_is_sent(site: Site, opened: Open) -> None:
    page = await opened(site)
    await page.locator("#ask-text").fill("half a quest")
    await page.reload()
    await expect(page.locator("#ask-text")).to_have_value("half a quest")
    await ask(page, "a whole question")
    await expect(page.locator(".mine:not(.waits) .words")).to_have_text("a whole question")
    await page.reload()
    await expect(page.locator(".mine:not(.waits) .words")).to_be_visible()
    await expect(page.locator("#ask-text")).to_have_value("")


@pytest.mark.parametrize("viewport", [WIDE, PHONE], ids=["wide", "phone"])
@pytest.mark.parametrize("locale", ["en-GB", "es-ES"])
async def test_examples_and_something_else_are_always_at_hand(
    site: Site, opened: Open, viewport: dict[str, int], locale: str
) -> None:
    english = locale == "en-GB"
    path = "/" if english else "/?as=carmen"
    page = await opened(site, path, viewport=viewport, locale=locale)
    await ask(page, "a chair")
    await page.get_by_text("What can I ask?" if english else "¿Qué puedo preguntar?").click()
    menu = page.locator("#suggestions ul")
    await expect(menu.get_by_role("button")).to_have_count(5)
    box = await menu.bounding_box()
    assert box is not None
    assert box["x"] >= 0
    assert box["y"] >= 0
    assert box["x"] + box["width"] <= viewport["width"]
    assert await violations(page) == []
    await shot(page, f"suggestions-{viewport['width']}-{locale}")
    await menu.get_by_role("button", name="Something else" if english else "Otra cosa").click()
    await expect(menu).to_be_hidden()
    await expect(page.locator("#ask-text")).to_be_focused()
    await page.locator("#suggestions summary").click()
    await menu.get_by_role("button", name="Get a person" if english else "Hablar con una persona").click()
    words = "I want to talk to a person" if english else "Quiero hablar con una persona"
    await expect(page.locator(".mine:not(.waits) .words").last).to_have_text(words)


@pytest.mark.parametrize("viewport", [WIDE, PHONE], ids=["wide", "phone"])
async def test_own_tickets_are_a_list(site: Site, opened: Open, viewport: dict[str, int]) -> None:
    page = await opened(site, viewport=viewport, timezone_id="Europe/Madrid")
    await page.get_by_text("My tickets").click()
    await expect(page.locator("#own ul")).to_contain_text("You have no tickets")
    await page.keyboard.press("Escape")
    await ask(page, "a chair")
    await page.get_by_text("My tickets").click()
    listed = page.locator("#own .own-ticket")
    await expect(listed).to_contain_text("a chair")
    await expect(listed).to_contain_text("HELP-1001 · open Europe/Madrid")
    assert await violations(page) == []
    await shot(page, f"own-{viewport['width']}")
    await listed.get_by_role("button", name="Cancel HELP-1001").click()
    await expect(page.locator("#own ul")).to_be_hidden()
    assert site.desk.received[-1].click is not None
    assert (site.desk.received[-1].click.action, site.desk.received[-1].click.token) == ("cancel", "t1")


async def test_a_message_that_changes_is_announced_and_its_growth_is_seen(site: Site, opened: Open) -> None:
    page = await opened(site)
    rate = tuple(Button("rate", str(mark), "e1", str(mark)) for mark in range(1, 6))
    for number in range(12):
        site.desk.add(ANA, reply=Reply((Line(f"Line {number}"),)))
    site.desk.add(ANA, reply=Reply((Line("How was it?"),), rate))
    await expect(page.get_by_text("How was it?")).to_be_in_viewport()
    await page.evaluate(SPOKEN)
    asked = site.desk.messages[ANA][-1]
    sorry = [Line(f"I am sorry. {at}") for at in range(6)]
    grown = Reply((Line("How was it?"), *sorry), (Button("add", "Add a sentence", "e1"),))

    async def rated(utterance: Utterance) -> Outcome:
        site.desk.messages[ANA][-1] = replace(asked, reply=grown)
        return await site.desk.receive(utterance)

    site.channel._api._host = replace(site.host, receive=rated)
    await page.get_by_role("button", name="2", exact=True).click()
    await expect(page.get_by_role("button", name="Add a sentence")).to_be_in_viewport(ratio=1)
    await expect(page.get_by_text("I am sorry. 0", exact=True)).to_be_in_viewport(ratio=1)
    spoken: list[str] = await page.evaluate("() => window.spoken")
    assert [sum(f"I am sorry. {at}" in one for one in spoken) for at in range(6)] == [1] * 6
    assert not [one for one in spoken if "How was it?" in one]


async def test_addresses_in_words_lead_there_in_a_window_of_their_own(site: Site, opened: Open) -> None:
    page = await opened(site)
    words = 'see https://example.com/"onclick="x or javascript:alert(1)'
    await ask(page, words)
    await page.get_by_text("I have opened").wait_for()
    link = page.locator(".mine:not(.waits) .words a")
    await expect(link).to_have_text("https://example.com/")
    assert await link.get_attribute("target") == "_blank"
    assert await link.get_attribute("onclick") is None
    await expect(page.locator(".mine:not(.waits) .words")).to_have_text(words)
    assert await violations(page) == []


async def test_a_form_that_is_refused_stays_open_with_what_was_typed(site: Site, opened: Open) -> None:
    """The core refuses it without showing another one."""
    page = await opened(site)
    site.desk.add(ANA, reply=Reply((Line("Tell us more"),), (Button("details", "Fill in", "t1"),)))
    site.desk.prepared = [
        Outcome(OutcomeKind.FORM, card=ASSIGN),
        site.desk.notice(OutcomeKind.REFUSED, "There is no other ticket with that number."),
    ]
    await page.get_by_role("button", name="Fill in").click()
    dialog = page.get_by_role("dialog")
    await dialog.get_by_label("Reason").fill("My own words")
    await dialog.get_by_role("button", name="Assign").click()
    await expect(dialog.get_by_role("alert")).to_have_text("There is no other ticket with that number.")
    await expect(dialog.get_by_label("Reason")).to_have_value("My own words")
    await expect(page.locator("#ask-told")).to_be_empty()
    assert await violations(page) == []
