"""Counts the secrets of the table that stay readable, and the innocent texts that are hidden."""

from collections.abc import Callable

from bench.attack.attempts import Options, Row
from bot.domain.secrets.masking import mask
from tests.support.evaluation.leaks import Innocent, innocent, leaks

SECRETS, INNOCENT = "secrets in texts of both languages", "innocent texts of both languages"
ATTACKS = (SECRETS, INNOCENT)
FOUND, HIDDEN = 0.95, 0.02  # as the tests hold it
Mask = Callable[[str], tuple[str, bool]]


def attack(masked: Mask = mask) -> list[Row]:
    """Mask every text of both tables."""
    table, plain = [*leaks(), *leaks("more_secrets")], [one.text for one in _innocent()]
    missed = [f"{one.kind} stays: {one.text[:20]}…" for one in table if one.left_in(masked(one.text)[0])]
    hidden = [f"hidden: {text}" for text in plain if masked(text)[0] != text]
    return [
        _row(SECRETS, len(table), missed, len(missed) <= len(table) * (1 - FOUND), "found"),
        _row(INNOCENT, len(plain), hidden, len(hidden) <= len(plain) * HIDDEN, "left alone"),
    ]


def run(_options: Options) -> list[Row]:
    """Attack what masks what people write."""
    return attack()


def _innocent() -> list[Innocent]:
    return [*innocent(), *innocent("more_innocent")]


def _row(name: str, tried: int, wrong: list[str], fine: bool, word: str) -> Row:
    return Row(name, tried, () if fine else tuple(wrong), f"{tried - len(wrong)} of {tried} {word}")
