"""What two contents do with the same questions is told apart: what is lost, gained, and taken from what."""

from datetime import UTC, datetime
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.desk.ports.feedback import PastQuestion
from bot.domain.knowledge.decision import Match, MatchResult, Thresholds
from bot.domain.knowledge.shadow import NO_ARTICLE
from bot.evaluation.replay import (
    Replay,
    Replayed,
    Treated,
    Treatment,
    compare,
    decide_on,
    is_wrong,
    match_again,
    treated_then,
)
from bot.evaluation.targets import Targets
from tests.support.evaluation.small_content import DESK, WrittenMatcher

AT = datetime(2026, 3, 2, 9, tzinfo=UTC)
NAMES = ("vpn", "printer", "password")


def question(number: int = 1, right: str | None = None, wrong: tuple[str, ...] = ()) -> PastQuestion:
    return PastQuestion(number, AT, "text", "answer", ("vpn",), right=right, wrong=frozenset(wrong))


def answer(target: str, confidence: float = 0.9) -> Treated:
    return Treated(Treatment.ANSWER, (target,), confidence)


def choice(*targets: str) -> Treated:
    return Treated(Treatment.CHOICE, targets)


TICKET = Treated(Treatment.TICKET)


def one(before: Treated, now: Treated, right: str | None = None) -> Replay:
    return compare([Replayed(question(right=right), before, now)])


def lists(found: Replay) -> set[str]:
    names = ("lost", "weakened", "gained", "fewer_tickets", "more_tickets", "takings")
    return {name for name in names if getattr(found, name)}


@pytest.mark.parametrize(
    ("before", "now", "right", "told"),
    [
        (answer("vpn"), answer("vpn", 0.8), "vpn", set()),
        (answer("vpn"), answer("printer"), "vpn", {"lost", "takings"}),
        (answer("vpn"), choice("printer", "password"), "vpn", {"lost", "takings"}),
        (answer("vpn"), choice("printer", "vpn"), "vpn", {"weakened", "takings"}),
        (answer("vpn"), TICKET, "vpn", {"lost", "more_tickets"}),
        (answer("vpn"), TICKET, None, {"more_tickets"}),
        (answer("vpn"), answer("printer"), "printer", {"gained", "takings"}),
        (TICKET, answer("printer"), "printer", {"gained", "fewer_tickets"}),
        (TICKET, answer("printer"), None, {"fewer_tickets"}),
        (TICKET, choice("printer"), "printer", set()),
        (choice("vpn"), choice("vpn", "printer"), "vpn", set()),
        (choice("vpn", "password"), choice("printer", "password"), "vpn", {"takings"}),
        (choice("vpn", "printer"), choice("vpn"), "vpn", set()),
        (answer("vpn"), answer("printer"), NO_ARTICLE, {"takings"}),
    ],
)
def test_each_difference_is_told_for_what_it_is(
    before: Treated, now: Treated, right: str | None, told: set[str]
) -> None:
    found = one(before, now, right)
    assert lists(found) == told
    assert len(found.changed) == (before.targets != now.targets or before.treatment != now.treatment)


def test_whatever_stands_beside_the_victim_takes_from_it_and_pairs_with_most_come_first() -> None:
    rows = [
        (answer("vpn"), choice("vpn", "printer")),
        (answer("vpn"), answer("printer")),
        (answer("password"), answer("vpn")),
    ]
    found = compare([Replayed(question(number), *row) for number, row in enumerate(rows)])
    pairs = [(taking.thief, taking.victim, len(taking.questions)) for taking in found.takings]
    assert pairs == [("printer", "vpn", 2), ("vpn", "password", 1)]


def test_known_wrong_is_what_somebody_said_and_every_other_than_the_right_one() -> None:
    assert is_wrong(question(right="vpn"), "printer")
    assert is_wrong(question(right=NO_ARTICLE), "printer")
    assert is_wrong(question(wrong=("printer",)), "printer")
    assert not is_wrong(question(right="printer"), "printer")
    assert not is_wrong(question(wrong=("vpn",)), "printer")
    assert not is_wrong(question(), "printer")


treated = st.one_of(
    st.sampled_from(NAMES).map(answer),
    st.lists(st.sampled_from(NAMES), min_size=1, max_size=3, unique=True).map(lambda found: choice(*found)),
    st.sampled_from([TICKET, Treated(Treatment.ASK_BACK), Treated(Treatment.ALONE, ("joke",))]),
)
rows = st.lists(st.tuples(treated, treated, st.sampled_from([None, NO_ARTICLE, *NAMES])), max_size=20)


@given(rows)
def test_parts_sum_to_the_whole_and_both_directions_mirror_each_other(
    rows: list[tuple[Treated, Treated, str | None]],
) -> None:
    asked = [question(number, right) for number, (*_, right) in enumerate(rows)]
    there = compare([Replayed(one, before, now) for one, (before, now, _) in zip(asked, rows, strict=True)])
    back = compare([Replayed(one, now, before) for one, (before, now, _) in zip(asked, rows, strict=True)])
    for side in (there.before, there.now):
        assert sum(side.treatments.values()) == len(rows)
        assert side.right + side.wrong <= side.treatments.get(Treatment.ANSWER, 0)
    assert (there.before.treatments, there.now.treatments) == (back.now.treatments, back.before.treatments)
    assert {one.question.id for one in there.gained} == {
        one.question.id for one in (*back.lost, *back.weakened)
    }
    assert [one.question.id for one in there.fewer_tickets] == [one.question.id for one in back.more_tickets]
    assert there.now.right - there.before.right == (len(there.gained) - len(there.lost) - len(there.weakened))


def test_a_question_is_treated_as_the_desk_would() -> None:
    sure = Thresholds(0.8, 0.4, 0.1)
    written = {
        "tunnel": MatchResult((Match("vpn", 0.95),)),
        "both": MatchResult((Match("vpn", 0.5), Match("printer", 0.45))),
        "new": MatchResult((Match("laptop", 0.9),)),
        "haha": MatchResult((Match("joke", 0.9),)),
        "what": MatchResult((Match("vpn", 0.5),), vague=True),
        "rain": MatchResult((Match("vpn", 0.1),)),
    }
    targets = Targets(DESK)
    found = [
        decide_on(one, targets, sure) for one in match_again(WrittenMatcher(written), targets, list(written))
    ]
    assert [(one.treatment, one.targets) for one in found] == [
        (Treatment.ANSWER, ("vpn",)),
        (Treatment.CHOICE, ("vpn", "printer")),
        (Treatment.TICKET, ("laptop",)),
        (Treatment.ALONE, ("joke",)),
        (Treatment.ASK_BACK, ()),
        (Treatment.TICKET, ()),
    ]


def test_what_was_decided_then_is_read_as_it_was_shown() -> None:
    for decision, number in product(("answer", "choose", "openticket", "escalate", "askback"), (0, 2)):
        then = PastQuestion(1, AT, "text", decision, NAMES[:number])
        shown = {"answer": 1, "choose": number}.get(decision, 0)
        assert len(treated_then(then).targets) == min(shown, number)
