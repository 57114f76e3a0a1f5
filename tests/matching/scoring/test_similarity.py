"""How like two short texts are."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.desk.conversations.answering.outage_notice import NEAR
from bot.matching.scoring.similarity import similarity


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("VPN down", "is the VPN down?"),
        ("Flurbostats leak goo", "the flurbostat leaks green goo on me"),
        ("Impresora atascada", "la impresora de la planta baja está atascada otra vez"),
        ("Payslip portal unreachable", "payslip portal is unreachable for me"),
    ],
)
def test_like(one: str, other: str) -> None:
    assert similarity(one, other) >= NEAR
    assert similarity(one, other) == similarity(other, one)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("VPN down", "how do I install the VPN?"),
        ("Email", "I want to change my email address"),
        ("VPN gateway madrid unreachable", "the vpn asks for my password"),
        ("", "anything"),
        ("¿?", "!"),
        ("it is not my own", "is it not my own"),
    ],
)
def test_not_like(one: str, other: str) -> None:
    assert similarity(one, other) < NEAR


@given(st.text(max_size=80), st.text(max_size=80))
def test_it_is_a_part(one: str, other: str) -> None:
    assert 0.0 <= similarity(one, other) <= 1.0
    assert similarity(one, other) == similarity(other, one)
