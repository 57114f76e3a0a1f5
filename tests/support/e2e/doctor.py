"""`firstline doctor` in this process: what it finds with the settings of the environment."""

from collections.abc import Collection, Mapping
from dataclasses import replace
from functools import partial

import pytest

from bot import wording
from bot.cli.operate.doctor.checks import Doctor
from bot.cli.operate.doctor.rounds import Rounds
from bot.cli.operate.parts import read_parts
from bot.domain.diagnosis import Finding, Level, Teller
from tests.support.e2e.commands import CONTENT

ENGLISH = Teller(partial(wording.load().say, "en"))


class Findings:
    """Everything that was found."""

    def __init__(self, findings: list[Finding]) -> None:
        self.all = findings

    def level(self, check: str, about: str = "") -> Level:
        """The level of the one finding of this check about this."""
        return self.one(check, about).level

    def one(self, check: str, about: str = "") -> Finding:
        """The one finding of this check about this."""
        found = [one for one in self.all if one.check == check and about in ("", one.about)]
        assert len(found) == 1, self.all
        return found[0]

    def named(self, check: str) -> list[Finding]:
        """The findings of a check."""
        return [one for one in self.all if one.check == check]

    def errors(self) -> set[str]:
        """The names of all checks that found an error."""
        return {one.check for one in self.all if one.level is Level.ERROR}


async def examined(
    monkeypatch: pytest.MonkeyPatch,
    environment: Mapping[str, str],
    *,
    only: str = "",
    seconds: float | None = None,
    of: Collection[str] = (),
) -> Findings:
    """Look at everything, or at what begins so; `seconds`: that each check named in `of` has."""
    for name, value in (CONTENT | dict(environment)).items():
        monkeypatch.setenv(name, value)
    doctor = Doctor(read_parts())
    checks = [check for check in doctor.checks() if check.name.startswith(only)]
    if seconds is not None:
        checks = [replace(check, seconds=seconds) if check.name in of else check for check in checks]
    return Findings([*doctor.settings(), *await Rounds(checks, doctor.tell).all()])
