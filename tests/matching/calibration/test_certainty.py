"""Thresholds that are certified on labelled questions."""

from dataclasses import replace
from math import comb
from pathlib import Path

import numpy as np
import pytest

from bot.domain.knowledge.content import Content, Intent
from bot.domain.knowledge.labelled_question import Question
from bot.domain.knowledge.promise import Promise
from bot.matching.calibration.certainty import NONE_LABELLED, Labelled, chance_of_so_few, fewest_answers
from bot.matching.matcher import WordMatcher

TOPICS = {
    "printer": "paper jam toner tray ink cartridge duplex roller",
    "vpn": "tunnel gateway remote network client certificate split route",
    "payslip": "salary payroll bonus tax payday deduction slip pension",
    "badge": "door lift keycard entrance turnstile pass floor gate",
    "screen": "monitor cable display resolution flicker hdmi pixel stand",
    "mail": "inbox outlook signature calendar attachment folder rule spam",
}
FRAMES = ("how do i fix the {} of the {}", "the {} does not see the {}", "is there a new {} with {}")
PROMISE = Promise(0.05, 0.95)


def content(name: str) -> Content:
    intents = {}
    for topic, listed in TOPICS.items():
        words = listed.split()
        said = tuple(
            frame.format(words[place], words[(place + 3) % 8]) for place in range(8) for frame in FRAMES
        )
        intents[topic] = Intent(topic, {"en": said}, reply={"en": topic})
    return Content({}, intents, name)


def labelled(*groups: tuple[float, int, int]) -> Labelled:
    """Groups of (confidence, right ones, wrong ones)."""
    confidence = [level for level, right, wrong in groups for _ in range(right + wrong)]
    outcomes = [one for _, right, wrong in groups for one in [1.0] * right + [0.0] * wrong]
    return Labelled(np.array(confidence), np.array(outcomes))


@pytest.mark.parametrize(("wrong", "answered", "share"), [(0, 59, 0.05), (3, 100, 0.05), (40, 600, 0.1)])
def test_the_test_is_the_exact_binomial_one(wrong: int, answered: int, share: float) -> None:
    exact = sum(comb(answered, k) * share**k * (1 - share) ** (answered - k) for k in range(wrong + 1))
    assert chance_of_so_few(wrong, answered, share) == pytest.approx(exact)


def test_the_test_at_its_ends() -> None:
    assert [chance_of_so_few(0, 0, 0.05), chance_of_so_few(1, 5, 0.0), chance_of_so_few(5, 5, 0.5)] == [1] * 3
    assert chance_of_so_few(1, 5, 1.0) == 0
    assert [fewest_answers(Promise(share, 0.95)) for share in (0.05, 0.1, 1.0)] == [59, 29, 1]
    assert 0 <= chance_of_so_few(2990, 3000, 0.01) <= 1


def test_fifty_nine_right_answers_are_needed() -> None:
    assert labelled((0.9, 59, 0)).threshold(PROMISE) == 0.67
    assert labelled((0.9, 58, 0)).threshold(PROMISE) is None
    assert labelled((0.9, 59, 1)).threshold(PROMISE) is None
    assert NONE_LABELLED.threshold(PROMISE) is None
    assert labelled((0.9, 500, 0)).threshold(Promise(0.0, 0.95)) is None


def test_it_stops_at_the_first_threshold_that_fails() -> None:
    found = labelled((0.995, 30, 0), (0.95, 200, 2), (0.85, 40, 30), (0.75, 4000, 0))
    assert found.threshold(PROMISE) == 0.86, "below there would be few enough again"
    certificate = found.certificate(PROMISE)
    assert (certificate.threshold, certificate.answered, certificate.wrong) == (0.86, 232, 2)
    assert (certificate.labelled, certificate.needed) == (4302, None)


def test_how_many_more_are_needed() -> None:
    assert NONE_LABELLED.certificate(PROMISE).needed == 118
    few = labelled((0.9, 40, 0), (0.3, 40, 40)).certificate(PROMISE)
    assert few.threshold is None
    assert few.needed == 177, "59 answers, at one answer to three questions"
    some = labelled((0.9, 98, 2), (0.3, 50, 50)).certificate(PROMISE)
    assert some.threshold is None
    assert some.needed is not None
    assert 300 <= some.needed <= 500
    assert labelled((0.9, 50, 30)).certificate(PROMISE).needed is None, "more of these would not help"
    assert labelled((0.9, 500, 0)).certificate(Promise(0.0, 0.95)).needed is None


def test_a_certificate_is_seldom_broken() -> None:
    broken, certified = 0, 0
    for seed in range(400):
        rng = np.random.default_rng(seed)
        confidence = rng.uniform(0.6, 1.0, 600)
        share_wrong = 0.4 * (1 - confidence)  # above a threshold t it is 0.2 * (1 - t)
        level = Labelled(confidence, (rng.random(600) >= share_wrong).astype(float)).threshold(PROMISE)
        certified += level is not None
        broken += level is not None and 0.2 * (1 - level) > PROMISE.max_wrong + 1e-9
    assert certified > 200
    assert broken <= 0.05 * 400


def test_the_matcher_certifies_on_its_labelled_questions_alone(tmp_path: Path) -> None:
    bare = WordMatcher(content("bare"))
    assert bare.thresholds(0.05) == replace(bare.thresholds(0.05, 0.95), certified=True)
    assert not bare.thresholds(0.05, 0.95).certified
    assert bare.certificate(PROMISE).labelled == 0
    whole = content("labelled")
    texts = [(text, name) for name, intent in whole.intents.items() for text in intent.examples["en"]]
    questions = tuple(Question(f"{text} today", name) for text, name in texts)
    whole = replace(whole, questions=questions)
    sure = WordMatcher(whole, cache=tmp_path)
    certificate = sure.certificate(PROMISE)
    assert certificate.labelled == len(questions)
    assert certificate.threshold is not None
    thresholds = sure.thresholds(0.05, 0.95)
    assert thresholds.certified
    assert thresholds.answer == certificate.threshold
    assert WordMatcher(whole, cache=tmp_path).certificate(PROMISE) == certificate, "it is kept"
