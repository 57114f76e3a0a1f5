"""The priority that a ticket starts with."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.tickets.priority import (
    ALIKE,
    LONGEST,
    MANY_ALIKE,
    MOST_STEPS,
    Reason,
    decide_priority,
    find_reasons,
    raise_priority,
)
from bot.domain.tickets.ticket import Priority


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("I can't work at all", {Reason.BLOCKED}),
        ("I’m completely stuck with the report", {Reason.BLOCKED}),
        ("no puedo trabajar", {Reason.BLOCKED}),
        ("we need it by tomorrow, please", {Reason.DEADLINE}),
        ("ASAP", {Reason.DEADLINE}),
        ("lo necesito antes de la reunión", {Reason.DEADLINE}),
        ("vence mañana", {Reason.DEADLINE}),
        ("the whole office is offline", {Reason.MANY}),
        ("a todo el mundo se le ha caído", {Reason.MANY}),
        ("45 people cannot sign in", {Reason.MANY}),
        ("I think my account was hacked", {Reason.SECURITY}),
        ("creo que me han hackeado la cuenta", {Reason.SECURITY}),
        ("my laptop was stolen, I am blocked", {Reason.SECURITY, Reason.BLOCKED}),
    ],
)
def test_words_that_make_it_urgent(words: str, expected: set[Reason]) -> None:
    assert expected == set(find_reasons(words))


@pytest.mark.parametrize(
    "words",
    [
        "how do I change my password?",
        "the screen is black",
        "when is the next system update?",
        "I want to block a sender",
        "my team uses Teams",
        "two people share this mailbox",
        "¿cómo bloqueo la pantalla?",
        "quiero una tarjeta nueva",
        "necesito una licencia para el equipo",
    ],
)
def test_words_that_do_not(words: str) -> None:
    assert find_reasons(words) == frozenset()


def test_the_intent_begins_and_each_reason_is_a_step() -> None:
    assert decide_priority(None, (), 1) == (Priority.NORMAL, ())
    assert decide_priority(Priority.LOW, {Reason.BLOCKED}, 1) == (
        Priority.NORMAL,
        (Reason.INTENT, Reason.BLOCKED),
    )
    assert decide_priority(None, {Reason.ANGRY, Reason.DEADLINE}, 1)[0] == Priority.URGENT
    assert decide_priority(Priority.LOW, {Reason.SECURITY}, 1)[0] == Priority.HIGH


def test_several_who_ask_the_same_raise_it() -> None:
    assert decide_priority(None, (), ALIKE - 1)[0] == Priority.NORMAL
    assert decide_priority(None, (), ALIKE) == (Priority.HIGH, (Reason.ALIKE,))
    assert decide_priority(None, (), MANY_ALIKE)[0] == Priority.URGENT


intents = st.none() | st.sampled_from(Priority)
found = st.frozensets(st.sampled_from(Reason))


@given(intents, found, st.integers(1, 30), st.sampled_from(Reason))
def test_nothing_that_is_added_lowers_it(
    intent: Priority | None, some: frozenset[Reason], alike: int, more: Reason
) -> None:
    priority, why = decide_priority(intent, some, alike)
    assert (intent or Priority.NORMAL) <= priority <= decide_priority(intent, some | {more}, alike + 1)[0]
    assert len(why) == len(set(why))


@given(st.text(max_size=300))
def test_any_text_is_read(text: str) -> None:
    assert find_reasons(text) <= set(Reason)


def test_a_long_text_is_read_in_a_moment() -> None:
    assert find_reasons("a " * LONGEST + "I can't work") == frozenset()
    assert find_reasons("i am " * (LONGEST // 5)) == frozenset()


REASONS = st.sets(st.sampled_from(list(Reason)))


def test_what_is_added_raises_it_by_what_is_new() -> None:
    assert raise_priority(Priority.NORMAL, (), {Reason.MANY}) == (Priority.HIGH, (Reason.MANY,))
    assert raise_priority(Priority.HIGH, ("many",), {Reason.MANY}) == (Priority.HIGH, ())
    assert raise_priority(Priority.NORMAL, ("intent",), {Reason.SECURITY}) == (
        Priority.HIGH,
        (Reason.SECURITY,),
    )
    assert raise_priority(Priority.LOW, ("engineer",), {Reason.MANY, Reason.SECURITY}) == (Priority.LOW, ())
    assert raise_priority(Priority.LOW, ("angry", "blocked"), {Reason.MANY}) == (Priority.LOW, ())


@given(st.sampled_from(list(Priority)), REASONS, st.lists(REASONS, max_size=6))
def test_it_is_never_lowered_and_the_words_raise_it_by_two_steps_at_most(
    first: Priority, before: set[Reason], lines: list[set[Reason]]
) -> None:
    priority, why = first, [reason.value for reason in before]
    for found in lines:
        raised, new = raise_priority(priority, why, found)
        assert raised >= priority
        assert (raised > priority) == bool(new)
        assert not set(new) & set(why)
        priority, why = raised, [*why, *(reason.value for reason in new)]
    assert priority <= max(first + MOST_STEPS, Priority.HIGH)
