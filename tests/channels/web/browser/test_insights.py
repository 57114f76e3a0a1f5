"""The figures under the rules of axe-core and by keyboard, in a real headless Chromium."""

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from playwright.async_api import expect

from bot.desk.ports.feedback import FigureFilter, ListedQuestion, ListedTicket
from bot.domain.insights.comparison import Change
from bot.domain.insights.figures import EVERY_QUEUE, Dimension, Figure
from bot.domain.insights.histogram import bucket_of
from bot.domain.insights.report import Backlog, Part, Period, Report, monday_of
from bot.domain.insights.summary import Summary
from tests.support.channels.page_site import serve
from tests.support.channels.page_windows import IN_CHROMIUM, PHONE, WIDE, Open, shot
from tests.support.chromium import violations

pytestmark = IN_CHROMIUM
SUMMARY = Summary(
    {
        ("question_confirmed", 0): 40,
        ("question_assumed", 0): 30,
        ("question_ticket", 0): 30,
        (Figure.SHOWN, 0): 90,
        (Figure.WRONG, 0): 4,
        (Figure.OPENED, 0): 30,
        (Figure.RESPONDED, bucket_of(4_000)): 20,
        (Figure.RESPONDED, bucket_of(40_000)): 10,
        (Figure.RESPONSE_MET, 0): 24,
        (Figure.RESPONSE_MISSED, 0): 6,
        (Figure.RESOLVED, bucket_of(90_000)): 25,
        (Figure.RATING_ASKED, 0): 25,
        (Figure.RATED, 5): 9,
    }
)


class Figures:
    """Figures of a desk, the same for each week."""

    def report(
        self, period: Period, queue: str = EVERY_QUEUE, dimension: Dimension = Dimension.QUEUE
    ) -> Report:
        first = monday_of(period.since)
        weeks = [first + timedelta(weeks=number) for number in range((period.until - first).days // 7 + 1)]
        changes = {
            "first_response": Change(up=True, better=False),
            "deflection_confirmed": Change(up=True, better=True),
            "tickets_opened": Change(up=True),
        }
        return Report(
            period,
            queue,
            SUMMARY,
            SUMMARY,
            changes,
            dict.fromkeys(weeks, SUMMARY),
            dimension,
            [Part("it", SUMMARY), Part("", SUMMARY, others=True)],
            Backlog((5, 3, 0, 2, 1), 4),
            {weeks[-1]: 12},
            waiting=7,
        )

    def queues(self) -> Sequence[str]:
        return ("it", "hr")

    def label(self, queue: str, language: str) -> str:
        return {"it": "IT", "hr": "People"}.get(queue, "")

    def tickets(self, figure: Figure, of: FigureFilter) -> Sequence[ListedTicket]:
        at = datetime(2026, 3, 2, 9, tzinfo=UTC)
        return [ListedTicket(1, "resolved", 2, "it", "slack", "vpn", at, 300, 9_000, 5)]

    def backlog(self, queue: str, age: int | None, *, overdue: bool) -> Sequence[ListedTicket]:
        return ()

    def questions(self, figure: str, of: FigureFilter) -> Sequence[ListedQuestion]:
        at = datetime.combine(date(2026, 3, 2), datetime.min.time(), UTC)
        return [ListedQuestion(1, at, "confirmed", "vpn", True, "slack", "en")]


@pytest.mark.parametrize("viewport", [WIDE, PHONE], ids=["wide", "phone"])
@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("locale", ["en-GB", "es-ES"])
async def test_axe_finds_nothing_in_the_figures(
    opened: Open, viewport: Any, scheme: str, locale: str
) -> None:
    board = await serve(insights=Figures())
    options = {"viewport": viewport, "color_scheme": scheme, "locale": locale}
    page = await opened(board, "/insights", **options)
    await expect(page.locator(".plot")).to_have_count(6)
    for summary in await page.locator("summary").all():
        await summary.click()
    assert await violations(page) == []
    assert await page.evaluate("() => document.documentElement.scrollWidth") == viewport["width"]
    await shot(page, f"insights-{viewport['width']}-{scheme}-{locale}")
    for figure in ("opened", "questions", "backlog"):
        await page.goto(f"{board.origin}/insights/list?figure={figure}&since=2026-03-01&until=2026-03-09")
        assert await violations(page) == []
    await board.client.close()


async def test_a_number_and_its_table_are_reached_by_keyboard(opened: Open) -> None:
    board = await serve(insights=Figures())
    page = await opened(board, "/insights")
    await page.keyboard.press("Tab")
    await expect(page.locator(".skip")).to_be_focused()
    await page.locator("summary").first.focus()
    await page.keyboard.press("Enter")
    await expect(page.locator(".chart table").first).to_be_visible()
    await page.locator(".figure").first.focus()
    await page.keyboard.press("Enter")
    await expect(page.locator("h1")).to_have_text("Questions")
    await expect(page.locator("tbody tr")).to_have_count(1)
    await board.client.close()
