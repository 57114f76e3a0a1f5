import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.knowledge.decision import Thresholds
from bot.evaluation.confusions import confusions, grouped, unserved
from bot.evaluation.holdout import example_folds, own_questions, target_folds
from bot.evaluation.judging import Outcome, judge
from bot.evaluation.metrics import (
    Point,
    at_levels,
    by_language,
    calibration,
    curve,
    figures,
    first_candidates,
    within_limits,
)
from bot.evaluation.targets import Targets
from tests.support.evaluation.small_content import DESK, article, asked, content

TARGETS = Targets(DESK)
JUDGED = [
    judge(one, TARGETS, Thresholds(0.75, 0.35))
    for one in (
        asked("vpn", ("vpn", 0.95)),
        asked("vpn", ("printer", 0.9), ("vpn", 0.05), text="vpn through the printer"),
        asked("printer", ("lunch", 0.5), ("vpn", 0.2), ("password", 0.1), ("printer", 0.05)),
        asked(None, ("lunch", 0.8), text="who cooks the lunch"),
        asked(None, ("lunch", 0.1), text="where are the bikes"),
    )
]


def test_figures_count_every_question_once() -> None:
    found = figures(JUDGED)

    assert (found.questions, found.answerable, found.first, found.third) == (5, 3, 1, 2)
    assert {outcome: number for outcome, number in found.outcomes.items() if number} == {
        Outcome.RIGHT: 1,
        Outcome.WRONG: 2,
        Outcome.MISOFFERED: 1,
        Outcome.ESCALATED: 1,
    }
    assert (found.answers, found.wrong_share) == (3, 2 / 3)
    assert sum(found.outcomes.values()) == 5
    assert by_language(JUDGED) == {}


def test_what_is_no_answer_is_in_no_curve() -> None:
    found = [
        asked(None, ("laptop", 0.9)),
        asked("laptop", ("laptop", 0.9)),
        asked(None, ("joke", 0.9)),
        asked("vpn", ("vpn", 0.8), ("laptop", 0.1)),
    ]
    judged = [judge(one, TARGETS, Thresholds(0.75, 0.35)) for one in found]

    confidence, right = first_candidates(judged, TARGETS)

    assert (confidence.tolist(), right.tolist()) == ([0.8], [True])


def test_tickets_of_a_kind_are_counted_and_in_no_group() -> None:
    texts = ("a laptop for the trainee", "another laptop", "bikes and trees", "trees and bikes")
    targets = ("laptop", "laptop", "vpn", "joke")
    judged = [
        judge(
            asked(None, (target, 0.1 if target == "vpn" else 0.9), text=text), TARGETS, Thresholds(0.75, 0.5)
        )
        for text, target in zip(texts, targets, strict=True)
    ]

    found = unserved(judged)

    assert found.kinds == (("laptop", 2),)
    assert [group.questions for group in found.groups] == [("bikes and trees",)]


def test_nothing_answered_is_nothing_wrong() -> None:
    assert figures([]).wrong_share == 0


def test_the_curve_answers_equal_confidences_together() -> None:
    points = curve(np.array([0.9, 0.5, 0.9, 0.5, 0.1]), np.array([True, True, False, True, False]))

    assert points == [Point(0.9, 2, 1), Point(0.5, 4, 3), Point(0.1, 5, 3)]
    assert at_levels(points, (0.95, 0.9, 0.4, 0.0)) == [
        Point(0.95, 0, 0),
        Point(0.9, 2, 1),
        Point(0.4, 4, 3),
        Point(0.0, 5, 3),
    ]
    assert within_limits(points, (0.2, 0.25, 0.5)) == {
        0.2: None,
        0.25: Point(0.5, 4, 3),
        0.5: Point(0.5, 4, 3),
    }


def test_a_curve_of_nothing_has_no_points() -> None:
    assert curve(np.zeros(0), np.zeros(0, np.bool_)) == []
    assert calibration(np.zeros(0), np.zeros(0, np.bool_))[1] == 0


def test_the_first_candidate_of_an_unanswerable_question_is_never_right() -> None:
    sure, right = first_candidates(JUDGED, TARGETS)

    assert sure.tolist() == [0.95, 0.9, 0.5, 0.8, 0.1]
    assert right.tolist() == [True, False, False, False, False]


def test_the_calibration_error_is_weighed_by_questions() -> None:
    bins, error = calibration(np.array([0.95, 1.0, 0.92, 0.25]), np.array([True, True, False, False]))

    assert [(one.low, one.questions) for one in bins if one.questions] == [(0.2, 1), (0.9, 3)]
    assert bins[9].confidence == pytest.approx((0.95 + 1.0 + 0.92) / 3)
    assert error == pytest.approx((3 * abs(2.87 / 3 - 2 / 3) + 0.25) / 4)


@given(st.lists(st.tuples(st.floats(0, 1), st.booleans())))
def test_an_error_is_a_share(pairs: list[tuple[float, bool]]) -> None:
    bins, error = calibration(np.array([p for p, _ in pairs]), np.array([r for _, r in pairs], np.bool_))

    assert 0 <= error <= 1
    assert sum(one.questions for one in bins) == len(pairs)


def test_confusions_with_wrong_answers_come_first() -> None:
    found = confusions(JUDGED)

    assert [(one.right, one.taken, one.wrong) for one in found] == [
        ("vpn", "printer", 1),
        ("printer", "lunch", 0),
    ]
    assert [one.text for one in found[0].questions] == ["vpn through the printer"]


def test_what_nothing_answers_is_answered_or_grouped() -> None:
    found = unserved(JUDGED)

    assert [one.text for one in found.answered] == ["who cooks the lunch"]
    assert [group.questions for group in found.groups] == [("where are the bikes",)]


def test_groups_share_a_word_that_tells() -> None:
    texts = [
        "where can i park my car",
        "the car park is full",
        "Parking for cars, please",
        "what is the wifi of the canteen",
        "canteen menus",
        "good morning",
    ]
    groups = grouped(texts, [*texts, *(["the wifi is down"] * 20)])

    assert [(group.words[:1], len(group.questions)) for group in groups] == [
        (("car",), 3),
        (("canteen",), 2),
        ((), 1),
    ]
    assert groups[0].words == ("car", "park")


@given(st.lists(st.text(max_size=30)))
def test_every_text_is_in_one_group(texts: list[str]) -> None:
    assert sorted(text for group in grouped(texts, texts) for text in group.questions) == sorted(texts)


def test_each_example_is_left_out_once() -> None:
    folds = list(example_folds(DESK, 4))

    asked_of = [question.text for fold in folds for question in fold.questions]
    assert sorted(asked_of) == sorted(question.text for question in own_questions(DESK).values())
    assert len({fold.content.hash for fold in folds} | {DESK.hash}) == len(folds) + 1
    for fold in folds:
        left = {question.text for question in own_questions(fold.content).values()}
        assert len(left) == 11 - len(fold.questions)
        assert not left & {question.text for question in fold.questions}
        assert Targets(fold.content).ids == TARGETS.ids


def test_the_same_words_for_one_target_are_left_out_together() -> None:
    twins = content(
        article("vpn", "VPN", "VPN is down!", "vpn is DOWN"), article("tea", "Tea", "vpn is down")
    )

    questions = own_questions(twins)
    assert sorted((question.expected, question.text) for question in questions.values()) == [
        ("tea", "vpn is down"),
        ("vpn", "VPN is down!"),
    ]
    first = next(fold for fold in example_folds(twins) if fold.questions[0].expected == "vpn")
    assert first.content.articles["vpn"]["en"].questions == ()
    assert first.content.articles["tea"]["en"].questions == ("vpn is down",)


def test_one_example_alone_leaves_the_others_in() -> None:
    many = content(*(article(f"a{number}", f"Title {number}", f"question {number}") for number in range(30)))

    assert [len(own_questions(fold.content)) for fold in example_folds(many)] == [27] * 10


def test_whole_targets_are_left_out_but_not_the_desk_s_actions() -> None:
    folds = list(target_folds(DESK, 2))

    assert folds
    for fold in folds:
        missing = TARGETS.ids - Targets(fold.content).ids
        assert missing
        assert "person" not in missing
        assert all(question.expected is None for question in fold.questions)


def test_content_without_examples_has_no_questions() -> None:
    bare = content(article("vpn", "VPN"))

    assert list(example_folds(bare)) == []
    assert list(target_folds(bare)) == []
