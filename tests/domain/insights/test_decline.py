"""An article gets worse against its own past: found soon, hardly by chance, and over when it recovers."""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from random import Random

import pytest

from bot.domain.insights.article_signs import ShownAnswer
from bot.domain.insights.decline import FEWEST, Decline, Share, Showing, Watch, bar_for, find_decline

BEGIN = datetime(2026, 1, 1, tzinfo=UTC)
GOOD, BAD = [True] * 17 + [False] * 3, [True, False] * 10  # 85 % and 50 % of twenty help
MONTHLY = 60


def showings(helped: Sequence[bool]) -> list[Showing]:
    return [Showing(BEGIN + timedelta(hours=number), one) for number, one in enumerate(helped)]


def found(helped: Sequence[bool], edited_at: datetime | None = None) -> Decline | None:
    return find_decline(showings(helped), MONTHLY, edited_at)


def test_a_drop_is_told_with_both_shares() -> None:
    decline = found(GOOD * 10 + BAD * 3)
    assert decline is not None
    assert (83 <= decline.before.percent <= 88, decline.since.percent <= 52) == (True, True)
    assert decline.before.shown + decline.since.shown == 260


def test_what_stays_as_it_was_is_not_told() -> None:
    assert found(GOOD * 40) is None
    assert found(BAD * 40) is None, "an article that was always so is no news"
    assert found((BAD + GOOD) * 20) is None


def test_a_short_past_says_nothing() -> None:
    assert found([True] * (FEWEST - 1)) is None
    assert found([True] * (FEWEST - 20) + [False] * 20) is None


def test_it_is_over_when_it_recovers_and_may_come_back() -> None:
    worse = GOOD * 10 + BAD * 3
    assert found(worse + GOOD * 4) is None
    again = found(worse + GOOD * 4 + BAD * 3)
    assert again is not None
    assert again.before.percent >= 83, "what was worse is not what a later time is measured by"


def test_an_edit_begins_a_new_time() -> None:
    worse = GOOD * 10 + BAD * 3
    edited_at = BEGIN + timedelta(hours=len(worse))
    assert found(worse, edited_at) is None
    assert found(worse + GOOD * 3, edited_at) is None
    assert found(worse + BAD * 3, edited_at) is not None, "the edit has not helped"


def _chance(random: Random, share: float, count: int) -> Iterator[bool]:
    return (random.random() < share for _ in range(count))


@pytest.mark.parametrize("monthly", [30, 100, 300])
def test_a_month_without_a_change_has_hardly_an_alarm(monthly: int) -> None:
    random, alarms = Random(7), 0  # noqa: S311  # a drawn month is no secret
    for number in range(400):
        share = (0.5, 0.7, 0.85, 0.95)[number % 4]
        watch = Watch(bar_for(monthly), _chance(random, share, random.randint(FEWEST, 400)))
        for helped in _chance(random, share, monthly):
            watch.see(helped=helped)
            if watch.alarmed:
                alarms += 1
                break
    assert alarms <= 9, "one in a hundred, and as many more as chance allows once in a hundred times"


def test_most_drops_are_found_within_fifty_showings() -> None:
    random, soon = Random(7), 0  # noqa: S311  # as above
    for _ in range(300):
        watch = Watch(bar_for(30), _chance(random, 0.85, 300))
        for helped in _chance(random, 0.6, 50):
            watch.see(helped=helped)
            if watch.alarmed:
                soon += 1
                break
    assert soon >= 240


@pytest.mark.parametrize(
    ("verdict", "again", "outcome", "helped"),
    [
        ("solved", False, "confirmed", True),
        ("solved", True, "confirmed", False),
        ("not_helpful", False, "not_helpful", False),
        ("", False, "assumed", True),
        ("", True, "assumed", False),
        ("", False, "ticket", False),
        ("", False, "withdrawn", None),
        ("", False, "outage", None),
    ],
)
def test_what_says_that_an_answer_helped(
    verdict: str, again: bool, outcome: str, helped: bool | None
) -> None:
    assert ShownAnswer(BEGIN, verdict, again, outcome).helped is helped


def test_a_share_of_nothing_is_nothing() -> None:
    assert (Share(0, 0).percent, Share(3, 2).percent) == (0, 67)
