"""How sure the matcher is, and what follows from it: trials, cuts, the cache, an edit."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from bot.domain.knowledge.content import Article, Content, Intent
from bot.domain.knowledge.decision import Mix, Thresholds
from bot.domain.knowledge.labelled_question import Question
from bot.matching import array_file
from bot.matching.array_file import ArrayFile, Cache
from bot.matching.calibration import trials
from bot.matching.calibration.outcomes import LEAST_CHOOSE, MOST_CHOOSE, Outcomes, thresholds_at
from bot.matching.matcher import WordMatcher

TOPICS = {
    "printer": "printer paper jam toner tray ink cartridge duplex",
    "vpn": "vpn tunnel gateway remote network client certificate split",
    "payslip": "payslip salary payroll bonus tax payday deduction slip",
    "badge": "badge door lift keycard entrance turnstile pass floor",
    "screen": "screen monitor cable display resolution flicker hdmi pixel",
    "mail": "mail inbox outlook signature calendar attachment folder rule",
    "phone": "phone headset call microphone extension voicemail speaker dial",
    "disk": "disk space drive storage quota backup folder cleanup",
}
FRAMES = (
    "how do i fix the {} and the {}",
    "my {} has no {}",
    "where is the {} of the {}",
    "the {} does not see the {}",
    "please change the {} for my {}",
    "is there a new {} with {}",
)


def content(name: str = "one") -> Content:
    intents = {}
    for topic, listed in TOPICS.items():
        words = listed.split()
        said = tuple(
            frame.format(words[(i + j) % 8], words[(i + 3 * j + 1) % 8])
            for i, frame in enumerate(FRAMES)
            for j in range(2)
        )
        intents[topic] = Intent(topic, {"en": said}, reply={"en": topic})
    return Content({}, intents, name)


MATCHER = WordMatcher(content())
EVEN = Mix(answers=0.5, requests=0.0, nothing=0.5)


def test_the_content_is_divided_into_what_is_asked_and_what_stays() -> None:
    whole = content()
    everything = {(text, intent.id) for intent in whole.intents.values() for text in intent.examples["en"]}
    gone_once: list[str] = []
    for fold in range(trials.FOLDS):
        part, asked = trials.divide(whole, fold)
        stays = {(text, intent.id) for intent in part.intents.values() for text in intent.examples["en"]}
        gone = set(whole.intents) - set(part.intents)
        gone_once += gone
        assert stays | {(q.text, q.expected) for q in asked if q.expected} <= everything
        assert not stays & {(q.text, q.expected) for q in asked}, "nobody is asked what is still written"
        answered_by_nothing = {q.text for q in asked if q.expected is None}
        assert answered_by_nothing == {text for text, target in everything if target in gone}
    assert sorted(gone_once) == sorted(whole.intents)


def test_a_choice_begins_earlier_where_trials_are_harder_than_what_people_ask() -> None:
    def choose(max_wrong: float, correction: float) -> float:
        return thresholds_at(0.95, max_wrong, correction).choose

    for max_wrong in (0.01, 0.02, 0.05, 0.1):
        levels = [choose(max_wrong, correction) for correction in (1.0, 0.75, 0.5)]
        assert levels == sorted(levels, reverse=True)
        assert all(LEAST_CHOOSE <= level <= MOST_CHOOSE for level in levels)
    assert choose(0.02, 0.5) == pytest.approx(1 - 2 * (1 - choose(0.02, 1.0)))


def test_an_article_without_examples_is_asked_for_by_its_own_words() -> None:
    body = "The printer on your floor jams.\nClick.\nOpen the front cover slowly.\n"
    articles = {
        **{f"a{n}": {"en": Article(f"a{n}", f"Title number {n}", body)} for n in range(10)},
        **{f"b{n}": {"en": Article(f"b{n}", f"Short title {n}", "Ask.")} for n in range(3)},
    }
    asked = [q for fold in range(trials.FOLDS) for q in trials.divide(Content(articles, {}, "x"), fold)[1]]
    whole = {"The printer on your floor jams.", "Open the front cover slowly.", "Short title 1"}
    assert {q.text for q in asked if q.expected} >= whole
    assert "Click." not in {q.text for q in asked}
    words = {word for text in whole for word in text.split()} | {"Short", "title", "0", "2"}
    assert {word for q in asked for word in q.text.split()} <= words
    for fold in range(trials.FOLDS):
        part, questions = trials.divide(Content(articles, {}, "x"), fold)
        for question in questions:
            if question.expected and question.text in whole:
                left = part.articles[question.expected]["en"]
                assert question.text not in (left.title, left.body)
                assert question.text not in left.body


ANSWERS = {
    "Is there a discount for the gym?": "Staff pay half at the three studios; show your badge there.",
    "Where do I park my bicycle?": "In the cellar behind the blue door, which opens from six to ten.",
    "How do I book a meeting room?": "Open the calendar, add a room to your event and wait a minute.",
    "Who pays for my glasses?": "The company pays up to 150 a year; send the bill to the people team.",
    "When is the canteen open?": "From half past eleven until two; coffee is there all day.",
    "How do I get a parking permit?": "Ask at the reception with the number plate of your car.",
    "Where are lost things kept?": "At the reception for four weeks, after that in the attic.",
    "How do I report an accident?": "Call the nurse at once; the form is in the portal under safety.",
    "May I bring my dog?": "On Fridays, if your team agrees and the animal is insured.",
    "Who repairs my chair?": "The technician of the house; write what is broken and where you sit.",
}


def test_what_a_target_says_twice_is_held_out_together() -> None:
    articles = {
        f"a{n}": {"en": Article(f"a{n}", title, body, questions=(title.upper(), f"{title} Please.", body))}
        for n, (title, body) in enumerate(ANSWERS.items())
    }
    pointing = {
        f"i{n}": Intent(f"i{n}", {"en": (title.lower().rstrip("?"), f"well, {title}")}, article=f"a{n}")
        for n, title in enumerate(ANSWERS)
    }

    count = 0
    for fold in range(trials.FOLDS):
        part, asked = trials.divide(Content(articles, pointing, "x"), fold)
        stays = [
            (name, text)
            for name, one in part.articles.items()
            for text in (one["en"].title, *one["en"].questions)
        ]
        stays += [(one.target, text) for one in part.intents.values() for text in one.examples["en"]]
        held_out = {(q.expected, q.text.casefold().strip("?")) for q in asked if q.expected}
        count += len(held_out)
        assert not {(name, text.casefold().strip("?")) for name, text in stays} & held_out
    assert count > len(ANSWERS)


def test_questions_that_repeat_the_title_take_no_confidence_from_other_words() -> None:
    articles = {
        f"a{n}": {"en": Article(f"a{n}", title, body, questions=(title,))}
        for n, (title, body) in enumerate(ANSWERS.items())
    }
    matcher = WordMatcher(Content(articles, {}, "repeated"))

    for text, expected in (("gym discount?", "a0"), ("parking permit", "a5"), ("my chair is broken", "a9")):
        best = matcher.find(text).best
        assert best is not None
        assert best.target == expected
        assert best.confidence > 0.5, text


def test_what_the_parts_read_as_is_not_learned() -> None:
    body = "One part of it is thecase.The case is open for all.\nThe second one follows.\nx the case is open"
    articles = {f"a{n}": {"en": Article(f"a{n}", f"Title {n} of many", body * 3)} for n in range(30)}
    matcher = WordMatcher(Content(articles, {}, "parts"))
    for text in ("thecase", "xthe thecase.xthe isx", "allx hereone", "part is"):
        assert all(0 <= match.confidence <= 1 for match in matcher.find(text).matches)


def outcomes(*rows: tuple[float, float], inside: list[int] | None = None) -> Outcomes:
    confidence, right = np.array(rows, float).T
    ones, none = np.ones(len(rows)), np.zeros(len(rows))
    answerable = ones if inside is None else np.array(inside, float)
    return Outcomes(confidence, right, answerable, ones, none, none, none, none, none, ones)


def labelled(found: Outcomes, max_wrong: float) -> Thresholds:
    """The thresholds by questions with known answers."""
    return found.thresholds(max_wrong, EVEN, EVEN)


def test_cuts_keep_wrong_answers_below_what_is_tolerable() -> None:
    rows = [(0.5 + n / 200, float(n % 100 > 50 or n % 2)) for n in range(100)]
    found = outcomes(*rows)
    careful, bold = labelled(found, 0.01), labelled(found, 0.3)
    assert careful.answer > bold.answer
    for thresholds, tolerable in ((careful, 0.01), (bold, 0.3)):
        given = [right for confidence, right in rows if confidence >= thresholds.answer]
        assert given
        assert given.count(0.0) <= tolerable * len(given)


def test_where_everything_is_wrong_hardly_anything_is_answered() -> None:
    thresholds = labelled(outcomes(*[(0.9, 0.0), (0.8, 0.0)] * 50), 0.05)
    assert thresholds.answer == 0.99
    assert thresholds.choose <= thresholds.answer


def test_the_fewer_wrong_answers_the_better_the_choices() -> None:
    doubtful = outcomes(*[(0.9, 0.0), (0.8, 0.0)] * 50)
    assert [labelled(doubtful, wrong).choose for wrong in (0.0, 0.02, 0.05, 0.5)] == [0.9, 0.84, 0.6, 0.3]


def test_the_two_way_cut_parts_what_is_answered_from_what_nothing_answers() -> None:
    rows = [(0.9, 1.0), (0.6, 1.0), (0.55, 0.0), (0.3, 0.0), (0.2, 0.0)]
    thresholds = replace(outcomes(*rows, inside=[1, 1, 0, 0, 0]), labelled=np.zeros(5)).two_way(EVEN, EVEN)
    assert 0.55 < thresholds.answer <= 0.6
    assert (thresholds.choose, thresholds.margin) == (thresholds.answer, 0.0)


def test_more_tolerance_never_means_fewer_answers() -> None:
    answers = [MATCHER.thresholds(wrong).answer for wrong in (0.0, 0.01, 0.05, 0.1, 0.3, 1.0)]
    assert answers == sorted(answers, reverse=True)
    assert all(isinstance(MATCHER.thresholds(wrong), Thresholds) for wrong in (0.0, 0.5))


def test_real_questions_that_nothing_answers_make_it_doubtful() -> None:
    text = "where is the printer of the museum"
    labelled = tuple(Question(f"{text} {n}", None) for n in range(40))
    taught = WordMatcher(replace(content(), questions=labelled))
    before, after = MATCHER.find(text).best, taught.find(text).best
    assert before is not None
    assert after is not None
    assert after.confidence < before.confidence


def test_what_is_in_the_cache_finds_the_same(tmp_path: Path) -> None:
    made = WordMatcher(content(), cache=tmp_path)
    kept = WordMatcher(content(), cache=tmp_path)
    assert len(list(tmp_path.iterdir())) == 1
    for text in ("my toner has no ink", "the vpm gateway", "who knows", ""):
        one, other = made.find(text), kept.find(text)
        assert [m.target for m in one.matches] == [m.target for m in other.matches]
        assert [m.confidence for m in one.matches] == pytest.approx(
            [m.confidence for m in other.matches], abs=0.01
        )
    assert made.thresholds(0.05) == kept.thresholds(0.05)


@pytest.mark.parametrize(
    "damage", [lambda data: data[: len(data) // 2], lambda data: b"", lambda data: b"x" * 99]
)
def test_a_damaged_cache_is_ignored_and_replaced(tmp_path: Path, damage: Callable[[bytes], bytes]) -> None:
    WordMatcher(content(), cache=tmp_path)
    (file,) = tmp_path.iterdir()
    whole = file.read_bytes()
    file.write_bytes(damage(whole))
    best = WordMatcher(content(), cache=tmp_path).find("my toner has no ink").best
    assert best is not None
    assert best.target == "printer"
    assert len(file.read_bytes()) == len(whole)


def test_a_cache_without_all_its_arrays_is_ignored(tmp_path: Path) -> None:
    WordMatcher(content(), cache=tmp_path)
    (file,) = tmp_path.iterdir()
    assert Cache(tmp_path).save(file, ArrayFile({"engine/targets": np.zeros(1, np.uint8)}))
    best = WordMatcher(content(), cache=tmp_path).find("my toner has no ink").best
    assert best is not None
    assert best.target == "printer"


def test_other_content_language_version_or_questions_are_another_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    cache = Cache(tmp_path)
    names = {cache.path(*parts) for parts in (("1", "a"), ("1", "b"), ("2", "a"), ("1", "a", "q"), ("1a",))}
    assert len(names) == 5
    monkeypatch.setattr(array_file, "MOST_FILES", 2)
    for name in names:
        assert cache.save(name, ArrayFile({"a": np.zeros(1)}))
    assert len(list(tmp_path.iterdir())) == 2, "a folder never grows without end"


def test_the_cache_has_a_bound_and_never_breaks_a_start(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    cache = Cache(tmp_path / "new")
    monkeypatch.setattr(array_file, "LARGEST", 100)
    assert not cache.save(cache.path("a"), ArrayFile({"a": np.zeros(100)}))
    assert cache.load(cache.path("a")) is None
    (tmp_path / "file").write_text("no folder")
    monkeypatch.undo()
    blocked = Cache(tmp_path / "file")
    assert not blocked.save(blocked.path("a"), ArrayFile({"a": np.zeros(1)}))
    assert WordMatcher(content(), cache=tmp_path / "file").find("toner").best is not None


def test_a_cache_never_runs_code(tmp_path: Path) -> None:
    cache = Cache(tmp_path)
    with cache.path("a").open("wb") as file:
        np.savez(file, a=np.array([print], dtype=object))
    assert cache.load(cache.path("a")) is None


def test_an_edit_is_in_force_at_once_and_learned_later() -> None:
    before = content()
    new = Intent(
        "coffee", {"en": ("the coffee machine leaks", "no coffee beans left", "coffee is cold")}, reply={}
    )
    after = Content({}, {**before.intents, "coffee": new}, "two")
    edited = WordMatcher(after, previous=MATCHER)
    assert edited.provisional
    best = edited.find("the coffee machine leaks").best
    assert best is not None
    assert best.target == "coffee"
    known = edited.find("my toner has no ink").best
    assert known is not None
    assert known.target == "printer"
    assert edited.thresholds(0.05) == MATCHER.thresholds(0.05), "the calibration of before holds"
    renewed = WordMatcher(after)
    assert not renewed.provisional
    assert [m.target for m in renewed.find("the coffee machine leaks").matches][:1] == ["coffee"]
    assert (
        MATCHER.find("the coffee machine leaks").matches
        == WordMatcher(before).find("the coffee machine leaks").matches
    )


def test_what_is_taken_out_is_found_no_more() -> None:
    before = content()
    after = Content({}, {k: v for k, v in before.intents.items() if k != "printer"}, "less")
    found = WordMatcher(after, previous=MATCHER).find("my toner has no ink")
    assert "printer" not in {match.target for match in found.matches}
    changed = replace(before.intents["vpn"], examples={"en": ("my toner has no ink",)})
    moved = WordMatcher(Content({}, {**after.intents, "vpn": changed}, "moved"), previous=MATCHER)
    best = moved.find("my toner has no ink").best
    assert best is not None
    assert best.target == "vpn"


def test_a_first_matcher_can_be_had_before_it_has_learned() -> None:
    made = WordMatcher(content(), at_once=True)
    assert made.provisional
    best = made.find("my toner has no ink").best
    assert best is not None
    assert best.target == "printer"
    assert made.thresholds(0.05).answer >= 0.75
    learned = WordMatcher(content())
    assert not learned.provisional
    assert learned.find("my toner has no ink") == MATCHER.find("my toner has no ink")
