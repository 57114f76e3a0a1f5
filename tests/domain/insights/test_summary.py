"""Percentiles of buckets are near those of the lengths themselves; shares follow from the counts."""

from collections import Counter
from math import ceil

from hypothesis import given
from hypothesis import strategies as st

from bot.domain.insights.figures import Figure
from bot.domain.insights.histogram import ERROR, NO_LENGTH, bucket_of, percentile, seconds_of
from bot.domain.insights.summary import COLUMNS, Summary

lengths = st.lists(st.integers(0, 60 * 60 * 24 * 365), min_size=1, max_size=60)


@given(given_lengths=lengths, share=st.sampled_from((0.5, 0.9, 1.0)))
def test_a_percentile_is_off_by_five_percent_at_most(given_lengths: list[int], share: float) -> None:
    exact = sorted(given_lengths)[ceil(share * len(given_lengths) - 1e-9) - 1]
    told = percentile(Counter(map(bucket_of, given_lengths)), share)
    assert told is not None
    assert ERROR < 0.05
    if exact < 60:
        assert told == 0
    else:
        assert exact / (1 + ERROR + 1e-6) <= told <= exact * (1 + ERROR + 1e-6)


@given(one=lengths, other=lengths)
def test_buckets_of_two_days_add_up_to_those_of_both(one: list[int], other: list[int]) -> None:
    both = Counter(map(bucket_of, one)) + Counter(map(bucket_of, other))
    assert both == Counter(map(bucket_of, [*one, *other]))


def test_nothing_has_no_percentile_and_what_has_no_length_is_left_out() -> None:
    assert percentile({}, 0.5) is None
    assert percentile({NO_LENGTH: 5}, 0.5) is None
    assert percentile({NO_LENGTH: 5, 3: 1}, 0.5) == seconds_of(3)


def test_a_summary_takes_recontacts_off_and_leaves_small_talk_out() -> None:
    summary = Summary(
        {
            ("question_confirmed", 0): 6,
            ("question_confirmed", 1): 2,
            ("question_assumed", 0): 5,
            ("question_assumed", 1): 1,
            ("question_ticket", 0): 6,
            ("question_small_talk", 0): 40,
            (Figure.RATING_ASKED, 0): 9,
            (Figure.RATED, 5): 3,
            (Figure.RATED, 2): 1,
        }
    )
    row = summary.row()
    assert row["questions"] == 20
    assert (row["deflected_confirmed"], row["deflected_assumed"]) == (6, 5)
    assert (row["deflection_confirmed"], row["deflection_assumed"]) == (0.3, 0.25)
    assert (row["ratings_asked"], row["ratings_answered"], row["ratings_5"], summary.content) == (9, 4, 3, 3)
    assert row["first_response_median_seconds"] is None
    assert tuple(row) == COLUMNS
