"""Lets an absence begin and end: what the engineer has is checked again each time."""

from bot.desk.ports.clock import Clock
from bot.desk.ports.unit_of_work import UnitsOfWork


class AbsenceRounds:
    """Rounds through absences that have begun or ended; several replicas share them.

    A ticket is checked after the absence is committed, and so is every ticket that is assigned later:
    whichever comes first, none that an absent engineer has is missed.
    """

    def __init__(self, begin: UnitsOfWork, clock: Clock) -> None:
        self._begin = begin
        self._clock = clock

    def round(self) -> int:
        """Look at the absences that are due; return how many there were."""
        count = 0
        while self._look():
            count += 1
        return count

    def _look(self) -> bool:
        now = self._clock()
        with self._begin() as work:
            due = work.absences.lock_due(now)
            if due is None:
                return False
            absence, lasts = due
            work.absences.looked_at(absence, now, absence.until if lasts else None)
            work.absences.check_tickets(absence.person)
        return True
