"""A change is told where it is larger than chance: chance alone is told about one time in twenty."""

from collections import Counter
from random import Random

import pytest

from bot.domain.insights.comparison import Compared, Z, compare, counts_differ, lengths_differ, share_differs
from bot.domain.insights.figures import Figure
from bot.domain.insights.histogram import bucket_of
from bot.domain.insights.summary import Summary

PERIODS = 1_000
# Of so many periods a test at 95 % tells 50 by chance alone; three standard deviations are 21.
MOST, LEAST = 75, 25


def lengths(random: Random, count: int, longer: float = 1.0) -> Counter[int]:
    return Counter(bucket_of(longer * random.lognormvariate(8, 1.2)) for _ in range(count))


def days(random: Random, mean: float, weeks: int = 4) -> list[int]:
    """Days of a desk that is busy on weekdays, more uneven than by chance alone."""
    found = []
    for day in range(7 * weeks):
        busy = mean if day % 7 < 5 else mean / 10
        rate = busy * random.gammavariate(20, 1 / 20)
        found.append(sum(random.random() < rate / 1000 for _ in range(1000)))
    return found


def test_chance_alone_is_told_one_time_in_twenty() -> None:
    random = Random(5)  # noqa: S311 - the same each time
    told: Counter[str] = Counter()
    for _ in range(PERIODS):
        share = [sum(random.random() < 0.6 for _ in range(200)) for _ in range(2)]
        told["share"] += abs(share_differs(share[0], 200, share[1], 200)) >= Z
        told["lengths"] += abs(lengths_differ(lengths(random, 60), lengths(random, 90))) >= Z
    for _ in range(200):
        told["counts"] += abs(counts_differ(days(random, 20), days(random, 20))) >= Z
    assert LEAST <= told["share"] <= MOST
    assert LEAST <= told["lengths"] <= MOST
    assert 2 <= told["counts"] <= 20, "of 200, where 10 are by chance"


def test_what_has_changed_is_told() -> None:
    random = Random(5)  # noqa: S311 - the same each time
    assert share_differs(150, 200, 110, 200) > Z
    assert share_differs(110, 200, 150, 200) < -Z
    assert lengths_differ(lengths(random, 200, longer=1.6), lengths(random, 200)) > Z
    assert lengths_differ(lengths(random, 200), lengths(random, 200, longer=1.6)) < -Z
    assert counts_differ(days(random, 30), days(random, 20)) > Z


@pytest.mark.parametrize(
    "counts", [(0, 0, 0, 0), (5, 5, 0, 0), (1, 4, 4, 4), (10, 10, 10, 10), (0, 90, 0, 90)]
)
def test_of_little_nothing_is_told(counts: tuple[int, int, int, int]) -> None:
    assert share_differs(*counts) == 0
    assert lengths_differ({3: counts[0]}, {9: counts[2]}) == 0
    assert counts_differ([counts[0]], [counts[2]]) == 0


def test_lengths_that_are_all_alike_do_not_differ() -> None:
    assert lengths_differ({4: 50}, {4: 70}) == 0


def test_an_uneven_desk_needs_a_larger_difference_than_an_even_one() -> None:
    even, uneven = [10] * 28, [0, 20] * 14
    assert counts_differ([12] * 28, even) > Z
    assert abs(counts_differ([2, 22] * 14, uneven)) < Z


def test_each_change_says_whether_it_is_better() -> None:
    def summary(met: int, slow: int, wrong: int) -> Summary:
        return Summary(
            {
                (Figure.RESPONSE_MET, 0): met,
                (Figure.RESPONSE_MISSED, 0): 100 - met,
                (Figure.RESPONDED, slow): 100,
                (Figure.SHOWN, 0): 100,
                (Figure.WRONG, 0): wrong,
                ("question_confirmed", 0): met,
                ("question_confirmed", 1): 10,
                ("question_ticket", 0): 90 - met,
            }
        )

    found = compare(
        Compared(summary(80, slow=9, wrong=30), [9] * 28), Compared(summary(40, slow=4, wrong=10), [4] * 28)
    )
    assert {name: (one.up, one.better) for name, one in found.items()} == {
        "tickets_opened": (True, None),
        "first_response_met": (True, True),
        "first_response": (True, False),
        "answers_wrong": (True, False),
        "deflection": (True, True),
        "deflection_confirmed": (True, True),
    }
