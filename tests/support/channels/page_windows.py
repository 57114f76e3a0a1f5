"""Windows of Chromium on the page: their sizes, a question in them, and a menu and a form to show."""

import os
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest
from playwright.async_api import Page, expect

from bot.domain.conversations.messages import Button, Field, Option, Reply
from tests.support.chromium import needs_chromium

WIDE = {"width": 1280, "height": 800}
PHONE = {"width": 360, "height": 740}
IN_CHROMIUM = [
    pytest.mark.browser,
    pytest.mark.asyncio(loop_scope="module"),
    needs_chromium,
]
Open = Callable[..., Awaitable[Page]]
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


async def write(page: Page, text: str) -> None:
    """Write a question and press Enter; it is on its way then."""
    await page.locator("#ask-text").fill(text)
    await page.locator("#ask-text").press("Enter")
    await expect(page.locator("#ask-text")).to_have_value("")
    await expect(page.locator(".pending")).to_have_count(0)


async def open_ticket(page: Page, reference: str) -> None:
    """Open a ticket from the list, on a phone from its tab."""
    if await page.locator("[data-tab=room]").is_visible():
        await page.locator("[data-tab=room]").click()
    back = page.locator("#ticket [data-back]")
    if await back.is_visible():
        await back.click()
    await page.locator(f".row [data-ticket={reference}]").click()
    await expect(page.locator(f"#ticket .card[data-reference={reference}]")).to_be_visible()


async def ask(page: Page, text: str) -> None:
    """Ask on the page, and wait until the question is sent."""
    await write(page, text)
    await expect(page.locator(".waits")).to_have_count(0)


async def shot(page: Page, name: str) -> None:
    """A picture for whoever wants to look: SHOTS names the folder."""
    if folder := os.environ.get("SHOTS"):
        await page.screenshot(path=Path(folder) / f"{name}.png")
