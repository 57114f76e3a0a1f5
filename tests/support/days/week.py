"""A week in autumn: its queues, and the two who work on the page, in a real browser."""

from dataclasses import dataclass

from playwright.async_api import Browser, Locator, Page, expect
from playwright.async_api import TimeoutError as TookTooLong

from tests.support.chromium import a_window
from tests.support.days.day import NET, Act, Json, Stage
from tests.support.e2e import microsoft
from tests.support.e2e.running import until
from tests.support.fakes.teams import TENANT

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
    summary: 09:02  # what the desk closes at the opening may be done by another look than the counting
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
    page = await (await a_window(browser)).new_page()
    await page.goto(stage.app.url)
    await page.get_by_label("Token").fill(TOKENS[who])
    await page.get_by_role("button", name="Sign in").click()
    await expect(page.locator("#main")).to_be_visible()
    return page


# Buttons are pressed by key: of two clicks in one moment the page takes the second for a slip.
@dataclass
class PageEmployee:
    """Pia, who asks on the page."""

    page: Page

    @property
    def last(self) -> Locator:
        """The newest message of the bot."""
        return self.page.locator(".message.theirs:not(.waits)").last

    async def says(self, text: str) -> None:
        await self.page.locator("#ask-text").fill(text)
        await self.page.locator("#ask-text").press("Enter")
        await expect(self.page.locator("#ask-text")).to_have_value("")

    async def clicks(self, within: Locator, label: str) -> None:
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
        said = self.page.locator(".message.theirs:not(.waits) blockquote, .message.person .words")
        return [text for text in await said.all_inner_texts() if text.startswith(prefix)]


@dataclass
class PageEngineer:
    """Maya, who works in the room of the page."""

    page: Page
    name: str = "maya"
    note_on_card: bool = True

    @property
    def identity(self) -> str:
        """As it stands in the list of engineers."""
        return f"web:{self.name}"

    def card(self, number: int) -> Locator:
        """The open ticket, which must be this one, such as 1001."""
        return self.page.locator(f"#t-{number - 1000}")

    async def opened(self, number: int) -> Locator:
        """Open a ticket by its link, unless it is open."""
        card = self.card(number)
        if not await card.is_visible():
            await self.page.goto(f"{self.page.url.partition('?')[0]}?ticket=HELP-{number}")
            await expect(card).to_be_visible()
        return card

    async def labels(self, number: int) -> list[str]:
        """What can be pressed on the card, as the page shows it when it is opened."""
        await self.page.reload()
        found = (await self.opened(number)).locator(".card-body button[data-press]")
        return [text.strip() for text in await found.all_text_contents()]

    async def prepare(self, number: int, label: str, **fields: str) -> Act:
        """Open what a button opens; what is returned does it, and returns what was answered."""
        card = await self.opened(number)
        button = card.get_by_role("button", name=label, exact=True)
        if not fields:
            return lambda: self._press(card, button)
        dialog = self.page.locator("#form")
        await until(lambda: self._pressed(card, button), label)
        for name, value in fields.items():
            await dialog.locator(f"[data-input={name}]").select_option(value)
        return lambda: pressed(self.page, dialog.locator("[type=submit]"))

    async def do(self, number: int, label: str, **fields: str) -> None:
        """Press a button of the card, or an entry of its menu, and fill in its form."""
        assert (await (await self.prepare(number, label, **fields))())["kind"] in ("done", "form")

    async def _press(self, card: Locator, button: Locator) -> Json:
        async with self.page.expect_response("**/web/press") as answered:
            await until(lambda: self._pressed(card, button), "the press")
        answer: Json = await (await answered.value).json()
        await close_form(self.page, answer)
        return answer

    async def _pressed(self, card: Locator, button: Locator) -> bool:
        """Press it, in the menu where it stands there; False where the card was shown anew meanwhile."""
        if not await button.is_visible():
            await card.locator(".card-body details.menu summary").click()
        try:
            await button.press("Enter", timeout=2_000)
        except TookTooLong:
            return False
        return True

    async def write(self, number: int, text: str) -> None:
        """Write under the card."""
        card = await self.opened(number)
        form = card.locator("form.under")
        field = form.get_by_label(f"Write about HELP-{number}")
        await field.fill(text)
        await form.get_by_role("button", name="Send").press("Enter")
        await expect(field).to_have_value("")
        await expect(self.page.locator(".pending")).to_have_count(0)

    async def sign(self, title: str, label: str) -> Locator:
        """Press a button of an outage's or alert's sign; the dialog that opens."""
        sign = self.page.locator(".card.sign", has_text=title)
        button = sign.get_by_role("button", name=label)
        if not await button.is_visible():  # it is one line until it is unfolded
            await sign.locator("summary").click()
        await button.press("Enter")
        dialog = self.page.locator("#form")
        await expect(dialog).to_be_visible()
        return dialog

    async def thread(self, number: int) -> list[str]:
        """What was written under the card, here and elsewhere, as it stands there."""
        rows = (await self.opened(number)).locator(".thread > ol > li")
        return [text for row in await rows.all() for text in await _words(row)]


async def _words(row: Locator) -> list[str]:
    return await row.locator("p.words, blockquote").all_text_contents()


async def pressed(page: Page, button: Locator) -> Json:
    """Press it; what the server answers."""
    async with page.expect_response("**/web/press") as answered:
        await button.press("Enter")
    answer: Json = await (await answered.value).json()
    return answer


async def close_form(page: Page, answer: Json) -> None:
    """Leave the form that a press has asked for."""
    dialog = page.locator("#form")
    if answer["form"]:
        await expect(dialog).to_be_visible()
        await dialog.locator("[data-dismiss]").press("Enter")
    await expect(dialog).to_be_hidden()


async def whatever_stands_is_taken(stage: Stage, page: Page, where: str) -> int:
    """Press everything in this part of the page, and what comes to stand there, until nothing is new; nothing
    is refused. Return how many presses."""
    known: set[str] = set()
    while True:
        await stage.delivered()
        await stage.look()
        await page.reload()
        if "ticket=" in page.url:
            await expect(page.locator("#ticket .card")).to_be_visible()
        there = page.locator(f":is({where}) [data-press]")
        names = [await _named(one) for one in await there.all()]
        new = next((index for index, name in enumerate(names) if name not in known), None)
        if new is None:
            return len(known)
        known.add(names[new])
        answer = await _filled_in(page, there.nth(new))
        assert answer["kind"] != "refused", (names[new], answer["notice"])


async def _named(element: Locator) -> str:
    parts = [await element.get_attribute(f"data-{name}") for name in ("action", "token", "argument")]
    return " ".join(part or "" for part in parts)


async def _filled_in(page: Page, element: Locator) -> Json:
    """Press a button, or fill in the form that stands there."""
    for summary in await element.locator("xpath=ancestor::details[not(@open)]/summary").all():
        await summary.click()
    if await element.evaluate("element => element.matches('form')"):
        for field in await element.locator("[data-input]").all():
            await field.fill("Said on the page")
        element = element.locator("[type=submit]")
    answer = await pressed(page, element)
    await close_form(page, answer)
    return answer
