"""Parts and passages of long texts."""

import pytest

from bot.matching.text.story import LONGEST_PART, MOST_PARTS, parts, passages


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("The vpn is down. Who can mend the vpn?", ["The vpn is down.", "Who can mend the vpn?"]),
        ("Hi all,\n\nthe vpn is down.\nThank you very much\nAnn Smith\n0341 5520", ["the vpn is down."]),
        ("Buenos días.\nNo va la vpn.\nUn saludo,\nAna Ruiz\next. 2290", ["No va la vpn."]),
        ("The printer swallows three\nsheets at once.", ["The printer swallows three sheets at once."]),
        ("Thanks!\nMy laptop was stolen on a tram.", ["My laptop was stolen on a tram."]),
        ("> the vpn is down\nThe printer is jammed.", ["The printer is jammed."]),
        ("Thank you. 😀 ??? Good morning team!", []),
        ("", []),
    ],
)  # fmt: skip
def test_parts_are_what_is_told(text: str, found: list[str]) -> None:
    assert parts(text) == found


def test_a_sentence_without_end_is_divided() -> None:
    at_commas = parts(
        ", ".join(f"the mouse is gone and the screen {n} is black as well" for n in range(9)) + ","
    )
    assert len(at_commas) > 3
    assert all(len(part.split()) <= LONGEST_PART and part.endswith(",") for part in at_commas)
    assert all(
        len(part.split()) <= LONGEST_PART for part in parts(" ".join(f"mouse{n}x" for n in range(300)))
    )


@pytest.mark.parametrize(
    "text", ["".join(f"mouse {n}!\n" for n in range(5_000)), "a" * 40_000, "ab cd " * 8_000]
)
def test_the_number_of_parts_is_bounded(text: str) -> None:
    assert 0 < len(parts(text)) <= MOST_PARTS


def test_a_passage_is_one_part_or_two() -> None:
    assert passages([3, 12, 9], pairs=True) == [(0, 1), (1,), (1, 2), (2,)]
    assert passages([3, 12, 9], pairs=False) == [(1,), (2,)]
    assert passages([20], pairs=True) == [(0,)]
