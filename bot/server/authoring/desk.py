"""What gaps and drafts are made from: the database, the content in force, the words and the settings."""

from dataclasses import dataclass

from bot.desk.knowledge.library import Library
from bot.desk.ports.channels import ChannelMemory
from bot.desk.ports.clock import Clock
from bot.desk.ports.unit_of_work import UnitsOfWork
from bot.desk.ports.wording import Wording
from bot.desk.staff.permissions import Permissions
from bot.server.settings import Settings


@dataclass(frozen=True, slots=True)
class AuthoringDesk:
    """The desk, as far as who writes its content needs it."""

    begin: UnitsOfWork
    library: Library
    wording: Wording
    settings: Settings
    memory: ChannelMemory
    clock: Clock
    permissions: Permissions
