"""Findings of `firstline doctor`, and the checks that make them."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

Say = Callable[..., str]  # the sentence under a key, filled in
CHECK_SECONDS = 10.0  # that a check may take: a host that says nothing holds up no other check
CLOCK_WRONG = 240.0  # seconds: Slack and Teams refuse what is signed more than 300 away
CLOCK_OFF = 30.0  # seconds from which on a clock is no longer kept
FEW_SECONDS = 120.0  # that are told as seconds, and not as minutes


class Level(StrEnum):
    """How much a finding matters."""

    OK = "ok"
    WARNING = "warning"
    ERROR = "error"
    SKIPPED = "skipped"


@dataclass(frozen=True, slots=True)
class Finding:
    """Finding of a check: what was seen and, where it is not well, what to do.

    `check` is the name by which programs know it, `about` the room, file or host where there are several.
    """

    check: str
    level: Level
    seen: str
    remedy: str = ""
    about: str = ""

    def __post_init__(self) -> None:
        """Refuse to leave somebody alone with what is wrong."""
        if self.level in (Level.WARNING, Level.ERROR) and not self.remedy:
            raise ValueError(f"{self.check}: say what to do about it")


@dataclass(frozen=True, slots=True)
class Check:
    """Check that asks one thing; `look` gives its findings, and writes nothing anywhere."""

    name: str
    look: Callable[[], Awaitable[Sequence[Finding]]]
    seconds: float = CHECK_SECONDS


@dataclass(frozen=True, slots=True)
class Room:
    """Room that a part of the server is to serve; `open`: whoever is in it becomes an engineer by that."""

    name: str
    open: bool


@dataclass(frozen=True, slots=True)
class DoctorHost:
    """Objects that a plugin's `doctor` is given.

    `rooms` are those that queues name in this channel, `engineers_listed` is whether FIRSTLINE_ENGINEERS
    takes the place of membership. `recall` reads what a server has remembered under a channel and a key.
    `tell` makes findings in the desk's language, of sentences in the wording.
    """

    clock: Callable[[], datetime]
    public_url: str
    rooms: tuple[Room, ...]
    engineers_listed: bool
    recall: Callable[[str, str], Awaitable[str | None]]
    tell: "Teller"


@dataclass(frozen=True, slots=True)
class Examination:
    """Examination of a plugin: its checks, and the addresses that it calls."""

    checks: tuple[Check, ...]
    calls: tuple[str, ...] = ()


def ok(check: str, seen: str, *, about: str = "") -> Finding:
    """A finding that all is well."""
    return Finding(check, Level.OK, seen, about=about)


def warning(check: str, seen: str, remedy: str, *, about: str = "") -> Finding:
    """A finding of what works and should not stay so."""
    return Finding(check, Level.WARNING, seen, remedy, about)


def error(check: str, seen: str, remedy: str, *, about: str = "") -> Finding:
    """A finding of what does not work."""
    return Finding(check, Level.ERROR, seen, remedy, about)


def skipped(check: str, seen: str, remedy: str = "", *, about: str = "") -> Finding:
    """A finding that nothing could be found out, and why."""
    return Finding(check, Level.SKIPPED, seen, remedy, about)


@dataclass(frozen=True, slots=True)
class Teller:
    """Maker of findings whose sentences stand in the wording, under a key.

    What to do about a warning or an error stands under the same key with `.remedy`, unless `remedy` names
    another one; `values` fill in both.
    """

    say: Say

    def ok(self, check: str, key: str, /, *, about: str = "", **values: object) -> Finding:
        """A finding that all is well."""
        return ok(check, self.say(key, **values), about=about)

    def warning(
        self, check: str, key: str, /, *, about: str = "", remedy: str = "", **values: object
    ) -> Finding:
        """A finding of what works and should not stay so."""
        return warning(check, *self._both(key, remedy, values), about=about)

    def error(
        self, check: str, key: str, /, *, about: str = "", remedy: str = "", **values: object
    ) -> Finding:
        """A finding of what does not work."""
        return error(check, *self._both(key, remedy, values), about=about)

    def skipped(
        self, check: str, key: str, /, *, about: str = "", remedy: str = "", **values: object
    ) -> Finding:
        """A finding that nothing could be found out, and why; what to do only where `remedy` names it."""
        do = self.say(remedy, **values) if remedy else ""
        return skipped(check, self.say(key, **values), do, about=about)

    def clocks(self, check: str, here: datetime, there: datetime, whose: str) -> Finding:
        """Compare this machine's clock with another one's, which tells whole seconds."""
        off = (here - there).total_seconds()
        if abs(off) < CLOCK_OFF:
            return self.ok(check, "doctor.clock.agrees", whose=whose)
        seconds, minutes = f"{abs(off):.0f}", f"{abs(off) / 60:.0f}"
        kind = "seconds" if abs(off) < FEW_SECONDS else "minutes"
        length = self.say(f"doctor.{kind}", count=seconds if kind == "seconds" else minutes)
        key = "doctor.clock.ahead" if off > 0 else "doctor.clock.behind"
        if abs(off) < CLOCK_WRONG:
            return self.warning(check, key, remedy="doctor.clock.remedy", length=length, whose=whose)
        seen = f"{self.say(key, length=length, whose=whose)} {self.say('doctor.clock.refused')}"
        return error(check, seen, self.say("doctor.clock.remedy"))

    def counted(self, key: str, number: int, /, **values: object) -> str:
        """A sentence with a number in it; that for one stands under the key with `.one`."""
        return self.say(f"{key}.one" if number == 1 else key, count=number, **values)

    def _both(self, key: str, remedy: str, values: dict[str, object]) -> tuple[str, str]:
        return self.say(key, **values), self.say(remedy or f"{key}.remedy", **values)


def counted(number: int, one: str, many: str) -> str:
    """A number with its noun: `1 token`, `2 tokens`."""
    return f"{number} {one if number == 1 else many}"
