"""Shows like tickets as one card: that of the oldest, which grows, while those behind it have none."""

from dataclasses import replace
from datetime import datetime

from bot.desk.cards.card_locations import CardLocations
from bot.desk.cards.shadow_mode import ShadowMode
from bot.desk.context import RequestContext
from bot.desk.history.timeline import DESK
from bot.desk.knowledge.library import Library
from bot.desk.notifications import Notifications
from bot.desk.ports.clock import Clock
from bot.desk.ports.content import Similarity
from bot.desk.ports.tickets import Cluster, LikeTicket, NewTicket, TicketEvent
from bot.desk.ports.unit_of_work import UnitOfWork, UnitsOfWork
from bot.domain.tickets.cluster import CLUSTERED_FROM, COMPARED, NEAR, stands_out
from bot.domain.tickets.priority import ALIKE_WITHIN, Reason
from bot.domain.tickets.ticket import Priority, Ticket

BATCH = 50  # tickets that get their cards in one transaction; the rest follow at once in further ones


class Clusters:
    """Clusters of like tickets: the card of the lead stands for all others."""

    def __init__(
        self,
        begin: UnitsOfWork,
        clock: Clock,
        library: Library,
        similarity: Similarity,
        locations: CardLocations,
        notifications: Notifications,
        shadow: ShadowMode,
    ) -> None:
        self._begin = begin
        self._clock = clock
        self._library = library
        self._similarity = similarity
        self._locations = locations
        self._notifications = notifications
        self._shadow = shadow

    # --- a new ticket --------------------------------------------------------------------------------------

    def joined(self, context: RequestContext, new: NewTicket) -> NewTicket:
        """Return a new ticket as a part of the cluster of those like it, else as it is."""
        if self._shadow.is_silent(context) or not self._may_share_cause(new.target):
            return new  # in shadow mode an engineer judges each of them
        work, since = context.work, new.at - ALIKE_WITHIN
        leads = self._like(new, work.clusters.leads(new.queue, new.target, since, COMPARED))
        shown = self._like(new, work.clusters.shown(new.queue, new.target, since, COMPARED))
        like = {one.id: one for one in (*shown, *leads)}.values()
        if stands_out(new.why, (one.why for one in like)):
            return new
        lead = leads[0] if leads else min(shown, key=lambda one: one.id, default=None)
        if lead is None or (not leads and len(shown) < CLUSTERED_FROM - 1):
            return new
        cluster_id = lead.cluster_id or work.clusters.start(lead.id, new.queue, new.target, new.at)
        higher = new.priority > lead.priority and Reason.ENGINEER not in lead.why
        if not work.clusters.join(cluster_id, new.at, int(new.priority) if higher else 0):
            return new  # its last ticket was closed at this moment
        return replace(new, cluster_id=cluster_id)

    def _may_share_cause(self, target: str) -> bool:
        """Tell whether tickets about a target may have one cause: wishes have not."""
        intent = self._library.snapshot.content.intent(target) if target else None
        return intent is None or (intent.opens is None and intent.action is None)

    def _like(self, new: NewTicket, others: tuple[LikeTicket, ...]) -> list[LikeTicket]:
        """Return which tickets about the same target are like a new one; without a target, by their words."""
        if new.target:
            return list(others)
        question = new.episode.question
        return [one for one in others if self._similarity(question, one.question) >= NEAR]

    # --- those behind the lead's card ----------------------------------------------------------------------

    def show_own_card(self, work: UnitOfWork, ticket: Ticket, at: datetime) -> None:
        """Give a ticket behind another one's card its own; any other is shown already, or by its outage."""
        if ticket.cluster_id is not None and ticket.outage_id is None:
            self.refresh_lead(work, ticket, at)
            self._locations.put_own_cards(work, ticket, at)

    def refresh_lead(self, work: UnitOfWork, ticket: Ticket, at: datetime) -> None:
        """Let the card that stands for a ticket, or stood for it, show how many there are now."""
        lead_id = work.clusters.lead_of(ticket.cluster_id) if ticket.cluster_id is not None else None
        lead = work.tickets.get(lead_id) if lead_id is not None else None
        if lead is not None:
            self._notifications.refresh_cards(work, lead, at)

    # --- a cluster whose lead cannot stand for it as it is -------------------------------------------------

    def settle_next(self) -> bool:
        """Settle one cluster: a new lead, cards for all, a higher priority; return whether it could be done.

        It is found by its state: whatever becomes of a lead, those behind it are not forgotten.
        """
        with self._begin() as work:
            return self._settle(work, self._clock())

    def _settle(self, work: UnitOfWork, at: datetime) -> bool:
        cluster = work.clusters.lock_unsettled()
        if cluster is None:
            return False
        if cluster.empty:
            work.clusters.dissolve(cluster.id)
            return True
        if cluster.led and not cluster.spread:
            self._raise_lead(work, cluster, at)
            return True
        waiting = work.clusters.lock_followers(cluster.id, BATCH)
        if not cluster.spread and len(waiting) >= CLUSTERED_FROM:
            waiting = waiting[:1]
            work.clusters.lead(cluster.id, waiting[0])
        elif waiting:
            self.refresh_lead(work, waiting[0], at)
        for ticket in waiting:
            self._locations.put_own_cards(work, ticket, at)
        return bool(waiting)

    def _raise_lead(self, work: UnitOfWork, cluster: Cluster, at: datetime) -> None:
        """Give a lead the priority of the most urgent ticket that it stands for."""
        work.clusters.raised(cluster.id)
        lead, priority = work.tickets.get(cluster.lead_id), Priority(cluster.raise_to)
        if lead is None or lead.priority >= priority:
            return
        why = ",".join(dict.fromkeys((*lead.why, Reason.ALIKE.value)))
        if work.assignments.prioritize(lead, priority, why):
            detail = {
                "from": lead.priority.name.lower(),
                "to": priority.name.lower(),
                "why": Reason.ALIKE.value,
            }
            work.tickets.record(TicketEvent(lead.id, at, "prioritized", None, DESK, detail))
            self._notifications.refresh_cards(work, lead, at)
