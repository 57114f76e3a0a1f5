"""The options of a form."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.conversations.messages import Field, Option


def test_an_option_without_a_value_is_refused() -> None:
    with pytest.raises(ValueError, match="needs a value"):
        Option("", "Nobody")


@given(st.lists(st.integers(0, 20)), st.integers(1, 9), st.integers(0, 25))
def test_offered_options_are_distinct_and_hold_the_initial_one(
    numbers: list[int], most: int, initial: int
) -> None:
    field = Field(
        "f", "F", options=tuple(Option(str(n), f"label {n}") for n in numbers), initial=str(initial)
    )
    values = [option.value for option in field.limited_options(most)]
    assert len(values) == len(set(values)) == min(len(set(numbers)), most)
    assert str(initial) in values or initial not in numbers
    assert values[:-1] == [str(n) for n in dict.fromkeys(numbers)][: len(values)][:-1]
