"""Runs checks side by side, each within its time; what a check cannot do is a finding of its own."""

import asyncio
from collections.abc import Callable, Sequence

from bot.cli import terminal
from bot.domain.diagnosis import Check, Finding, Teller, error


class Rounds:
    """One look at everything."""

    def __init__(
        self, checks: Sequence[Check], tell: Teller, done: Callable[[], None] = lambda: None
    ) -> None:
        """`done` is called after each check."""
        self._checks = checks
        self._tell = tell
        self._done = done

    async def all(self) -> list[Finding]:
        """What every check found, in their order."""
        found = await asyncio.gather(*map(self._one, self._checks))
        return [finding for findings in found for finding in findings]

    async def _one(self, check: Check) -> Sequence[Finding]:
        try:
            async with asyncio.timeout(check.seconds):
                return await check.look()
        except TimeoutError:
            return [self._tell.error(check.name, "doctor.silent", seconds=f"{check.seconds:g}")]
        except Exception as failure:  # noqa: BLE001  # one check that breaks must not take the others along
            return [self._broken(check, failure)]
        finally:
            self._done()

    def _broken(self, check: Check, failure: Exception) -> Finding:
        sentence = terminal.told(failure)
        if sentence is not None:
            return error(check.name, sentence, self._tell.say("doctor.failed.remedy"))
        # Its text may hold what is secret.
        return self._tell.error(check.name, "doctor.broken", kind=type(failure).__name__)
