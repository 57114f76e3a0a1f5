"""Which confirmed questions are believed, and what stands on one list."""

from dataclasses import replace

import pytest

from bot.domain.knowledge.proposal import (
    LIST_EXAMPLES,
    Confirmation,
    ConfirmedQuestion,
    Measure,
    Proposal,
    digest_of,
    distinct,
    in_lists,
    texts_by_target,
)

VPN = ConfirmedQuestion(1, "the tunnel is down", "en", "vpn", 1, Confirmation.SOLVED)
NOTHING = Measure(asked=1, before=0, after=0, taken=0)


def said(*questions: ConfirmedQuestion) -> list[tuple[str, ConfirmedQuestion]]:
    return [(one.text, one) for one in questions]


def test_the_same_words_count_once_with_all_who_said_them() -> None:
    kept, disputed = distinct(said(VPN, replace(VPN, id=2, person=2), replace(VPN, id=3, person=2)), {})
    assert [(one.id, one.people) for one in kept] == [(1, 2)]
    assert disputed == []


@pytest.mark.parametrize(
    ("for_vpn", "for_wifi", "vain", "believed"),
    [
        (1, 0, 0, ["vpn"]),
        (1, 1, 0, []),
        (2, 1, 0, ["vpn"]),
        (1, 0, 1, []),
        (2, 0, 1, ["vpn"]),
        (3, 1, 2, []),
        (2, 2, 0, []),
    ],
)
def test_where_people_disagree_most_of_at_least_two_are_believed(
    for_vpn: int, for_wifi: int, vain: int, believed: list[str]
) -> None:
    people = [replace(VPN, id=n, person=n) for n in range(for_vpn)]
    people += [replace(VPN, id=n, person=n, target="wifi") for n in range(10, 10 + for_wifi)]
    kept, disputed = distinct(said(*people), {(VPN.text, "vpn"): vain})
    assert [one.target for one in kept] == believed
    assert {one.target for one in (*kept, *disputed)} == {one.target for one in people}


@pytest.mark.parametrize(
    ("before", "after", "taken", "costly"),
    [
        (0, 0, 0, False),
        (0, 1, 2, False),
        (0, 1, 3, True),
        (0, 5, 4, False),
        (3, 1, 0, False),
        (4, 1, 0, True),
    ],
)
def test_what_takes_or_loses_more_than_two_and_more_than_it_gives_costs_too_much(
    before: int, after: int, taken: int, costly: bool
) -> None:
    assert Measure(9, before, after, taken).costs_too_much is costly


def test_a_list_has_whole_targets_and_the_first_gains_most() -> None:
    def proposal(target: str, examples: int, gain: int) -> Proposal:
        own = tuple(replace(VPN, id=n, target=target) for n in range(examples))
        return Proposal(target, own, replace(NOTHING, after=gain))

    listed = in_lists(
        [proposal("few", 4, 0), proposal("half", 20, 3), proposal("more", 15, 2), proposal("big", 40, 1)]
    )

    assert [(one.target, one.number) for one in listed] == [
        ("half", 1), ("more", 2), ("big", 3), ("few", 4),
    ]  # fmt: skip
    assert all(
        sum(len(one.examples) for one in listed if one.number == number) <= LIST_EXAMPLES
        for number in (1, 2, 4)
    )


def test_texts_stand_by_target_and_language() -> None:
    spanish = replace(VPN, text="el túnel no va", language="es")
    assert texts_by_target([VPN, spanish, replace(VPN, text="b")]) == {
        "vpn": {"en": (VPN.text, "b"), "es": (spanish.text,)}
    }


def test_a_digest_tells_texts_apart_and_has_none_of_their_words() -> None:
    assert digest_of("a tunnel") != digest_of("a tunnels")
    assert "tunnel" not in digest_of("a tunnel")
