"""Questions that are typed with errors."""

from bot.domain.knowledge.labelled_question import Question
from bot.matching.calibration.typing_errors import EVERY, mistyped, some_mistyped

TEXTS = [
    f"the printer on floor {number} prints nothing but empty pages since this morning"
    for number in range(200)
]


def test_errors_are_always_the_same_and_few() -> None:
    typed = [mistyped(text) for text in TEXTS]

    assert typed == [mistyped(text) for text in TEXTS]
    assert sum(one != text for one, text in zip(typed, TEXTS, strict=True)) > 150
    assert all(abs(len(one) - len(text)) <= 12 for one, text in zip(typed, TEXTS, strict=True))
    assert len(set(typed)) == len(TEXTS)


def test_digits_and_spaces_are_typed_well() -> None:
    assert mistyped("0x80070057 " * 50).replace("x", "").count("80070057") == 50
    assert mistyped("12 34 56 " * 50) == "12 34 56 " * 50


def test_an_empty_text_and_signs_stay_as_they_are() -> None:
    assert [mistyped(text) for text in ("", "?", "…!", "\ud800")] == ["", "?", "…!", "\ud800"]


def test_one_of_several_questions_is_typed_with_errors_and_expects_the_same() -> None:
    questions = [Question(text, "printer", "en") for text in TEXTS]
    typed = some_mistyped(questions)

    assert [one.expected for one in typed] == ["printer"] * len(TEXTS)
    changed = [at for at, (one, before) in enumerate(zip(typed, questions, strict=True)) if one != before]
    assert changed
    assert all(at % EVERY == 0 for at in changed)
