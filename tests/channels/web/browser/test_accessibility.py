"""The page by keyboard alone, and under the rules of axe-core, in a real headless Chromium."""

from typing import Any

import pytest
from playwright.async_api import expect

from bot.domain.conversations.messages import Button, ConversationRef, Line, Outcome, OutcomeKind, Reply
from tests.support.channels.page_site import Site
from tests.support.channels.page_windows import (
    ASSIGN,
    IN_CHROMIUM,
    MENU,
    PHONE,
    WIDE,
    Open,
    ask,
    open_ticket,
    shot,
)
from tests.support.chromium import violations

pytestmark = IN_CHROMIUM
ANA = ConversationRef("web", "", "ana")


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
    await expect(page.locator(".mine:not(.waits) .words")).to_have_text("my chair\nsqueaks")
    await expect(page.locator("#ask-text")).to_be_focused()
    await tab_to("Claim")
    await press("Enter")
    await expect(page.locator(".card .chip")).to_have_text("Claimed")
    await expect(page.locator(".card")).to_be_focused()
    await tab_to("Resolve")
    await press("Enter")
    await press("Tab")
    await page.keyboard.type("Oiled it.")
    await expect(page.get_by_label("Note for the employee")).to_have_value("Oiled it.")
    await press("Control+Enter")
    await expect(page.locator(".card .chip")).to_have_text("Resolved")


@pytest.mark.parametrize("viewport", [WIDE, PHONE], ids=["wide", "phone"])
@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("locale", ["en-GB", "es-ES"])
async def test_axe_finds_nothing_in_menus_and_lists(
    site: Site, opened: Open, viewport: Any, scheme: str, locale: str
) -> None:
    site.desk.menu = MENU
    page = await opened(site, viewport=viewport, color_scheme=scheme, locale=locale)
    await ask(page, "a chair")
    await open_ticket(page, "HELP-1001")
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
    await expect(page.locator(".row")).to_have_count(2)
    await page.locator("#behalf summary").click()
    await expect(page.locator("#behalf-text")).to_be_visible()
    assert await violations(page) == []
    await page.locator("#behalf summary").click()
    await open_ticket(page, "HELP-1001")
    await page.get_by_role("button", name="Claim").click()
    await page.locator("summary", has_text="Resolve").click()
    assert await violations(page) == []
    assert await page.evaluate("() => document.documentElement.scrollWidth") <= page.viewport_size["width"]  # type: ignore[index]  # it was given


@pytest.mark.parametrize("path", ["/articles/signed", "/articles/gone", "/privacy"])
@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_axe_finds_nothing_on_an_article(site: Site, opened: Open, path: str, scheme: str) -> None:
    page = await opened(site, path, color_scheme=scheme)
    assert await violations(page) == []


async def test_of_a_long_conversation_only_what_is_in_sight_is_a_stop(site: Site, opened: Open) -> None:
    for number in range(30):
        offer = Button("add", f"Add to {number}", f"e{number}")
        site.desk.add(ANA, reply=Reply((Line(f"See https://wiki.example.com/{number}"),), (offer,)))
    page = await opened(site)
    await expect(page.get_by_role("button", name="Add to 29", exact=True)).to_be_in_viewport()
    stops = "(all) => all.filter((one) => one.tabIndex === 0).map((one) => one.textContent.trim())"
    buttons = page.locator("#conversation .message button")

    async def settled(newest: bool) -> list[str]:
        await page.wait_for_function(
            "(newest) => (document.querySelector('#conversation .message button').tabIndex < 0) === newest",
            arg=newest,
        )
        found: list[str] = await buttons.evaluate_all(stops)
        return found

    assert (await settled(newest=True))[-1] == "Add to 29"
    assert len(await buttons.evaluate_all(stops)) < 12
    await page.locator("#ask-scroll").focus()
    await page.keyboard.press("Home")
    assert (await settled(newest=False))[0] == "Add to 0"
    assert "Add to 29" not in await buttons.evaluate_all(stops)
    await page.keyboard.press("Tab")
    assert await page.evaluate("() => document.activeElement.textContent.trim()") == "Add to 0"
    assert await violations(page) == []


async def test_the_way_past_the_question_leads_to_the_first_ticket(site: Site, opened: Open) -> None:
    page = await opened(site)
    await ask(page, "a chair")
    await open_ticket(page, "HELP-1001")
    await page.locator("a.skip").last.focus()
    await page.keyboard.press("Enter")
    await expect(page.locator(".row [data-ticket=HELP-1001]")).to_be_focused()
