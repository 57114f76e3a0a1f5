"""A week in autumn: its queues, and the two who work on the page, in a real browser."""

from dataclasses import dataclass

from playwright.async_api import Browser, Locator, Page, expect

from tests.e2e import microsoft
from tests.e2e.day import NET, Stage
from tests.fakes.teams import TENANT

QUEUES = f"""
default: it
queues:
  it:
    title: {{en: IT desk, es: Informática}}
    rooms: {{slack: CROOM, teams: "{microsoft.ROOM}", web: true}}
    zone: Europe/Madrid
    hours: {{mon-fri: "09:00-18:00"}}
    targets:
      normal: {{first_response: 4h, resolution: 24h}}
    remind_before: 25%
    unclaimed_after: 1h
    silent_after: 4h
    release_after: 2h
    close_after: 3d
    summary: 09:00
    rota:
      starts: 2026-10-19
      at: 09:00
      turns: [slack:T1/UEVA, web:maya]
      overrides:
        - {{from: 2026-10-23, to: 2026-10-24, engineer: "teams:{TENANT}/aad-nia"}}
  net:
    title: {{en: Network, es: Redes}}
    rooms: {{slack: CNET, teams: "{NET}", web: true}}
    zone: Europe/Madrid
    hours: {{mon-fri: "07:00-22:00", sat: "22:00-06:00"}}
    targets:
      normal: {{first_response: 1h, resolution: 8h}}
"""
ENGINEERS = f"slack:T1/UEVA teams:{TENANT}/aad-nia web:maya"
TOKENS = {"pia": "pia-token-0123456789", "maya": "maya-token-0123456789"}
ALERTS = "a-secret-of-the-alerts"
SETTINGS = {
    "FIRSTLINE_WEB_TOKENS": f"{TOKENS['pia']}=pia:employee {TOKENS['maya']}=maya:engineer",
    "FIRSTLINE_ALERTS_SECRET": ALERTS,
    "FIRSTLINE_ALERTS_NAME": "New Relic",
}


async def signed_in(browser: Browser, stage: Stage, who: str) -> Page:
    """A window in which somebody has signed in."""
    page = await (
        await browser.new_context(viewport={"width": 1280, "height": 900}, locale="en-GB")
    ).new_page()
    await page.goto(stage.app.url)
    await page.get_by_label("Token").fill(TOKENS[who])
    await page.get_by_role("button", name="Sign in").click()
    await expect(page.locator("#ask-text")).to_be_visible()
    return page


# Buttons are pressed by key: of two clicks in one moment the page takes the second for a slip.
@dataclass
class PageEmployee:
    """Pia, who asks on the page."""

    page: Page

    @property
    def last(self) -> Locator:
        """The newest message of the bot."""
        return self.page.locator(".message.theirs").last

    async def says(self, text: str) -> None:
        await self.page.locator("#ask-text").fill(text)
        await self.page.locator("#ask-text").press("Enter")
        await expect(self.page.locator("#ask-text")).to_have_value("")

    async def presses(self, within: Locator, label: str) -> None:
        await within.get_by_role("button", name=label, exact=True).press("Enter")

    async def fills_in(self, within: Locator, label: str, **fields: str) -> None:
        """Open the form behind a button, fill it in by its labels' first words, and send it."""
        details = within.locator("details.inline", has_text=label)
        await details.locator("summary").click()
        for name, value in fields.items():
            await details.get_by_label(name.replace("_", " ")).fill(value)
        await details.get_by_role("button", name=label).press("Enter")

    async def got(self, prefix: str) -> list[str]:
        """What engineers wrote, as it stands there."""
        quotes = await self.page.locator("#conversation .message.theirs blockquote").all_inner_texts()
        return [text for text in quotes if text.startswith(prefix)]


@dataclass
class PageEngineer:
    """Maya, who works in the room of the page."""

    page: Page

    def card(self, number: int) -> Locator:
        """The card of a ticket, such as 1001."""
        return self.page.locator(f"#t-{number - 1000}")

    async def do(self, number: int, label: str) -> None:
        """Press a button of the card, or an entry of its menu."""
        card = self.card(number)
        button = card.get_by_role("button", name=label, exact=True)
        if not await button.is_visible():
            await card.locator("details.menu summary").click()
        await button.press("Enter")

    async def write(self, number: int, text: str) -> None:
        """Write under the card."""
        card = self.card(number)
        form = card.locator("form.under")
        if not await form.is_visible():
            await card.locator(".thread > summary").click()
        field = form.get_by_label(f"Write about HELP-{number}")
        await field.fill(text)
        await form.get_by_role("button", name="Send").press("Enter")
        await expect(field).to_have_value("")

    async def sign(self, title: str, label: str) -> Locator:
        """Press a button of an outage's or alert's sign; the dialog that opens."""
        sign = self.page.locator(".card.sign", has_text=title)
        await sign.get_by_role("button", name=label).press("Enter")
        dialog = self.page.locator("#form")
        await expect(dialog).to_be_visible()
        return dialog

    async def thread(self, number: int) -> list[str]:
        """What was written under the card, here and elsewhere, as it stands there."""
        rows = self.card(number).locator(".thread > ol > li")
        return [text for row in await rows.all() for text in await _words(row)]


async def _words(row: Locator) -> list[str]:
    return await row.locator("p.words, blockquote").all_text_contents()
