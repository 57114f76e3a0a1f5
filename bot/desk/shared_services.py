"""Objects that every use case of the desk is built on."""

from dataclasses import dataclass

from bot.desk.buttons import Guards
from bot.desk.knowledge.examples import Examples
from bot.desk.knowledge.library import Library
from bot.desk.knowledge.promise import PromiseWatch
from bot.desk.knowledge.understanding import DeskPolicy
from bot.desk.notifications import Notifications
from bot.desk.ports.clock import Clock
from bot.desk.ports.unit_of_work import UnitsOfWork
from bot.desk.ports.wording import Wording
from bot.desk.staff.permissions import Permissions
from bot.desk.staff.queue_rooms import QueueRooms
from bot.desk.staff.usual_waits import UsualWaits, WaitTexts


@dataclass(frozen=True, slots=True)
class SharedServices:
    """Database, wording, content, engineers and their rooms."""

    begin: UnitsOfWork
    wording: Wording
    library: Library
    policy: DeskPolicy
    rooms: QueueRooms
    permissions: Permissions
    notifications: Notifications
    waits: UsualWaits
    examples: Examples
    clock: Clock

    @property
    def guards(self) -> Guards:
        """Return the guards of buttons."""
        return Guards(self.permissions)

    @property
    def promise(self) -> PromiseWatch:
        """Return the watch over the promise of few wrong answers."""
        return PromiseWatch(self.library, self.policy.tolerance)

    @property
    def wait_texts(self) -> WaitTexts:
        """Return the words for when a queue opens and answers."""
        return WaitTexts(self.wording, self.waits)

    @property
    def language(self) -> str:
        """Return the rooms' language."""
        return self.policy.language
