"""The figures on the page: who may see them, and that each number is the length of the list behind it."""

import re
from collections.abc import AsyncIterator
from datetime import timedelta
from html import unescape
from typing import Any

import pytest
from aiohttp.test_utils import TestClient

from bot.channels.web.access.accounts import read_grants
from bot.channels.web.insights.charts import Chart, Series, draw, ticks
from bot.desk.history.figures import FigureCounting
from bot.desk.history.insights import InsightsReader
from bot.desk.history.outcomes import OutcomeWindows
from bot.desk.knowledge.library import Library
from bot.domain.tickets.queues import Queue, Queues, Target
from bot.domain.tickets.ticket import Priority
from bot.storage import Database
from tests.support.channels.page_host import Desk
from tests.support.channels.page_site import Serve, Site, serve
from tests.support.clock import Clock
from tests.support.desk.helpdesk import Helpdesk, with_queues
from tests.support.unknown import UNKNOWN

QUEUES = Queues(
    {
        "it": Queue("it", {"en": "IT <desk>"}, targets=dict.fromkeys(Priority, Target(timedelta(hours=1)))),
        "hr": Queue("hr", {"en": "People"}),
    },
    "it",
)
ROLES = {"nora": "manager", "maya": "engineer", "ana": "employee"}
TOKENS = " ".join(f"{name}-token-0123456789={name}:{role}" for name, role in ROLES.items())
QUESTION = "I forgot my password"
LINK = re.compile(r'href="(/insights/list[^"]+)"[^>]*>([^<]+)</a>')


def worked(database: Database, library: Library, clock: Clock) -> Helpdesk:
    """Two weeks of a desk: answers, tickets in both queues, one that was late and one that came back."""
    desk = Helpdesk(database, with_queues(library, QUEUES), clock)
    desk.say("ana", QUESTION)
    desk.click("ana", desk.button(desk.last("ana"), "solved"))
    desk.say("bob", QUESTION)
    desk.say("cat", QUESTION)
    desk.click("cat", desk.button(desk.last("cat"), "not_helpful"))
    desk.click("cat", desk.button(desk.last("cat"), "reason", "wrong_article"))
    for person, hours in (("dan", 0.2), ("eve", 3)):
        number = desk.say(person, UNKNOWN).ticket
        clock.move(hours=hours)
        desk.click("eva", desk.button(desk.card(number), "claim"))
        clock.move(hours=1)
        desk.click("eva", desk.button(desk.card(number), "resolve"), inputs={"note": "Done"})
    clock.move(days=9)
    OutcomeWindows(desk.begin, clock).close_lot()
    desk.say("fay", UNKNOWN)
    FigureCounting(desk.begin, lambda: QUEUES, clock).count_lot()
    return desk


def reader(desk: Helpdesk) -> InsightsReader:
    return InsightsReader(desk.begin, lambda: QUEUES, desk.clock)


@pytest.fixture
async def site(database: Database, library: Library, clock: Clock) -> AsyncIterator[Site]:
    desk = worked(database, library, clock)
    grants, mistakes = read_grants(TOKENS)
    assert mistakes == ()
    started = await serve(grants, Desk(now=clock), anonymous=False, insights=reader(desk))
    yield started
    await started.client.close()


async def got(site: Site, path: str, person: str = "nora", **headers: str) -> tuple[int, str]:
    client: TestClient[Any, Any] = site.client
    bearer = {"Authorization": f"Bearer {person}-token-0123456789", **headers}
    async with client.get(path, headers=bearer) as response:
        return response.status, await response.text()


async def test_only_managers_see_the_figures(site: Site) -> None:
    for path in ("/insights", "/insights/list?figure=opened&since=2026-01-01&until=2026-02-01"):
        assert [(await got(site, path, who))[0] for who in ("nora", "maya", "ana")] == [200, 403, 403]
        async with site.client.get(path) as response:
            assert response.status == 401


async def test_engineers_see_them_where_a_setting_lets_them(
    served: Serve, database: Database, library: Library, clock: Clock
) -> None:
    desk = worked(database, library, clock)
    site = await served(
        grants=read_grants(TOKENS)[0],
        desk=Desk(now=clock),
        anonymous=False,
        insights=reader(desk),
        engineers_see_insights=True,
    )
    assert [(await got(site, "/insights", who))[0] for who in ("maya", "ana")] == [200, 403]
    # Whoever works on tickets comes from a number to its ticket; to managers there is no way.
    _, page = await got(site, "/insights?weeks=4")
    link = next(
        unescape(link) for link, said in LINK.findall(page) if "figure=opened" in link and said != "0"
    )
    ways = [(await got(site, link, who))[1].count('href="/?ticket=HELP-1002"') for who in ("maya", "nora")]
    assert ways == [1, 0]


async def test_each_number_is_the_length_of_the_list_behind_it(site: Site) -> None:
    counted = 0
    for by in ("queue", "priority", "language", "channel", "target"):
        status, page = await got(site, f"/insights?weeks=4&by={by}")
        assert status == 200
        for link, said in LINK.findall(page):
            status, listed = await got(site, unescape(link))
            assert status == 200
            rows = listed.count('<th scope="row">')
            if said.isdigit():
                assert rows == int(said), link
                counted += rows
            elif said not in ("–", "0.0%"):
                assert rows, link
    assert counted > 30


async def test_the_way_back_keeps_the_weeks_the_queue_and_the_parts(site: Site) -> None:
    _, page = await got(site, "/insights?weeks=4&queue=it&by=priority")
    links = {unescape(link) for link, _ in LINK.findall(page)}
    ways = {re.search(r'<p class="back"><a href="([^"]*)"', (await got(site, link))[1]) for link in links}
    backs = {unescape(way[1]) for way in ways if way}
    assert backs == {
        "/insights?weeks=4&queue=it",
        "/insights?weeks=4&queue=it&by=priority",
    }
    for back in backs:
        assert '<option value="4" selected>' in (await got(site, back))[1]


async def test_behind_a_share_in_time_is_what_was_late(site: Site) -> None:
    _, page = await got(site, "/insights?weeks=4")
    assert "1 of 2" in page
    links = {unescape(link) for link, _ in LINK.findall(page)}
    (late,) = {link for link in links if "response_missed" in link and "by=" not in link}
    _, listed = await got(site, late)
    assert re.findall(r"HELP-\d+", listed) == ["HELP-1002"]


async def test_nobody_is_named_and_nothing_is_quoted(site: Site) -> None:
    _, page = await got(site, "/insights?weeks=4")
    texts = [page]
    for link, _ in LINK.findall(page):
        texts.append((await got(site, unescape(link)))[1])
    for text in texts:
        assert [name for name in ("dan", "Dan", "eva", "Eva", UNKNOWN, QUESTION) if f">{name}<" in text] == []
        assert UNKNOWN not in text
    assert "IT &lt;desk&gt;" in page, "what content says is escaped"


async def test_it_is_read_in_both_languages(site: Site) -> None:
    pages = {}
    for language in ("en", "es"):
        status, pages[language] = await got(site, "/insights", **{"Accept-Language": language})
        assert status == 200
        assert "insights." not in re.sub(r'(?:href|src)="[^"]*"', "", pages[language])
    assert "Tickets opened" in pages["en"]
    assert "Tickets abiertos" in pages["es"]
    assert "Lo resuelto" not in pages["en"]


@pytest.mark.parametrize(
    "query",
    [
        "/insights?weeks=5",
        "/insights?by=person",
        "/insights/list",
        "/insights/list?figure=opened",
        "/insights/list?figure=secrets&since=2026-01-01&until=2026-01-02",
        "/insights/list?figure=opened&since=2026-01-02&until=2026-01-01",
        "/insights/list?figure=opened&since=1026-01-02&until=2026-01-01",
        "/insights/list?figure=opened&since=x&until=2026-01-01",
        "/insights/list?figure=opened&since=2026-01-01&until=2026-01-02&by=priority&value=x",
        "/insights/list?figure=backlog&since=2026-01-01&until=2026-01-02&age=9",
    ],
)
async def test_what_cannot_be_asked_is_refused(site: Site, query: str) -> None:
    assert (await got(site, query))[0] == 400


def test_a_chart_keeps_within_its_picture_and_does_not_draw_half_a_week_as_a_fall() -> None:
    series = [Series("one", "one", (3, None, 40, 12, 1), ("3", "–", "40", "12", "1"))]
    chart = Chart("k", "Title", "Week", tuple("abcde"), series, whole=True, unfinished=True)
    drawn = draw(chart, str)
    (line,) = drawn.lines
    assert [len(path.split()) for path in line.paths] == [2], "a gap, and the last day so far, end a line"
    assert len(line.dots) == 4
    assert all(0 <= dot.y <= drawn.ground and drawn.left <= dot.x <= drawn.right for dot in line.dots)
    stacked = draw(Chart("k", "T", "W", ("a",), [*series[:0], *two()], stacked=True), str)
    assert stacked.bars[0].y == stacked.bars[1].y + stacked.bars[1].height, "one stands on the other"


def test_no_two_ticks_read_alike() -> None:
    chart = Chart("k", "T", "W", ("a",), [Series("one", "one", (0.08,), ("5 min",))])
    for digits in (0, 1, 2):
        said = [text for _, text in draw(chart, f"{{:.{digits}f}}".format).ticks]
        assert len(set(said)) == len(said) > 1


def two() -> list[Series]:
    return [Series(name, name, (5,), ("5",)) for name in ("low", "high")]


@pytest.mark.parametrize("highest", [0, 0.3, 1, 7, 8, 99, 100, 101, 12_345])
def test_ticks_are_few_and_reach_the_highest(highest: float) -> None:
    found = ticks(highest)
    assert found[0] == 0
    assert found[-1] >= highest * 0.999
    assert 2 <= len(found) <= 6
    assert all(one == int(one) for one in ticks(highest, 1.0))
