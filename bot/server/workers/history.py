"""Builds the workers that look back: outcomes, figures, articles that need somebody, and the week."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from bot.desk.automation.reports.owner_notices import OwnerNotices
from bot.desk.automation.reports.owners import Owners
from bot.desk.automation.reports.weekly_digest import WeeklyDigest
from bot.desk.history.figures import FigureCounting
from bot.desk.history.insights import InsightsReader
from bot.desk.history.outcomes import OutcomeWindows
from bot.desk.ports.channels import Channel
from bot.desk.shared_services import SharedServices
from bot.domain.conversations.messages import ConversationRef
from bot.domain.people import Identity
from bot.server.database_threads import Run
from bot.server.settings import Settings
from bot.server.workers.digest import DigestWorker, FindGaps
from bot.server.workers.lots import LotWorker, Pace

OUTCOMES, FIGURES = Pace(look=300.0, lot=1.0), Pace(look=60.0, lot=0.5)
NOTICES = Pace(look=600.0, lot=1.0, start=600.0)  # a content that was just edited comes to rest


@dataclass(frozen=True, slots=True)
class Chats:
    """Private chats with people, in the channels that are here."""

    channels: Mapping[str, Channel]
    address_key: str

    def with_account(self, identity: Identity, key: str) -> ConversationRef | None:
        """Return the private chat with an account; None where its channel is not here."""
        channel = self.channels.get(identity.channel)
        return channel.chat_with(identity, key) if channel is not None else None


def history_workers(
    base: SharedServices,
    insights: InsightsReader,
    chats: Chats,
    settings: Settings,
    run: Run,
    wake_deliveries: Callable[[], None],
    find_gaps: FindGaps,
) -> list[LotWorker | DigestWorker]:
    """Build the workers over one database."""
    windows = OutcomeWindows(base.begin, base.clock)
    counting = FigureCounting(base.begin, base.library.queues, base.clock)
    workers: list[LotWorker | DigestWorker] = [
        LotWorker(windows.close_lot, run, OUTCOMES, "outcomes_not_entered"),
        LotWorker(counting.count_lot, run, FIGURES, "figures_not_counted"),
    ]
    ground = (base.begin, base.library, base.rooms)
    if settings.tell_owners:
        owners = Owners(chats.with_account, chats.address_key if settings.joining_domains else "")
        notices = OwnerNotices(*ground, owners, base.wording, base.language, base.clock)
        workers.append(LotWorker(notices.look, run, NOTICES, "owners_not_told", wake_deliveries))
    if settings.weekly_digest:
        digest = WeeklyDigest(*ground, insights, base.wording, base.language, base.clock)
        workers.append(DigestWorker(digest, run, wake_deliveries, find_gaps))
    return workers
