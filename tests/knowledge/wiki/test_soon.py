"""How soon it is found what went or may not be read any more, where little is told at once."""

from collections.abc import Callable
from itertools import count
from pathlib import Path

from bot.server.monitoring.metrics import Metrics
from bot.server.workers.pages import PageWorker
from tests.support.fakes.wikis.confluence import FakeConfluence, FakePage
from tests.support.fakes.wikis.wiki_site import WikiSite, wiki_site

# As many requests as for 5,000 pages, 25 in an answer.
PAGES, IN_AN_ANSWER = 1_000, 5
A_REQUEST = 0.2  # seconds
BOUND = 120.0  # seconds
EVERY, UNTIL = 6.0, 150.0  # seconds


async def test_what_goes_or_is_restricted_is_gone_within_two_minutes(tmp_path: Path) -> None:
    fake = FakeConfluence(most=IN_AN_ANSWER)
    for number in range(1, PAGES + 1):
        fake.add(FakePage(str(number), f"Page {number}", parent=str(number // 10) if number >= 10 else ""))
    async with wiki_site(tmp_path / "pages", fake) as site:
        site.puller.seconds = site.settings.seconds
        worker = PageWorker(site.puller, Metrics(), clock=lambda: site.now)
        fake.on_request = lambda _: _spend(site)
        site.now += await worker.look()
        changed, waits = _changes(site), []
        begun: dict[str, float] = {}
        until = site.now + UNTIL
        fake.on_request = lambda _: _spend(site, lambda: begun.update(changed() if site.now < until else {}))
        while site.now < until or begun:
            rest = await worker.look()
            gone = [page for page in begun if not (site.folder / f"confluence-{page}.md").exists()]
            waits += [site.now - begun.pop(page) for page in gone]
            assert all(site.now - at < BOUND for at in begun.values())
            site.now += rest
    assert len(waits) > 10
    assert max(waits) < BOUND


def _spend(site: WikiSite, then: Callable[[], None] = lambda: None) -> None:
    site.now += A_REQUEST
    then()


def _changes(site: WikiSite) -> Callable[[], dict[str, float]]:
    """What changes one more page each few seconds, without a new version of it: the page, and when."""
    numbers, kinds, last = count(700), count(), [site.now]

    def change() -> dict[str, float]:
        if site.now < last[0] + EVERY:
            return {}
        last[0] = site.now
        key, kind = str(next(numbers)), next(kinds) % 4
        page = site.fake.pages[key]
        if kind == 0:
            del site.fake.pages[key]
        elif kind == 1:
            page.readers = ("acc-9",)
        elif kind == 2:
            page.labels = ("no-firstline",)
        else:
            site.fake.pages["999"].groups = ("g-board",)
            page.parent = "999"
        return {key: site.now}

    return change
