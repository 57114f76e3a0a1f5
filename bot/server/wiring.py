"""Wires the use cases of the desk over a database and a library, package by package."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from bot import wording
from bot.desk.automation.absence.rounds import AbsenceRounds
from bot.desk.automation.mirrors.sync import MirrorSync
from bot.desk.automation.promise_notice import PromiseNotice
from bot.desk.automation.queue_summary import QueueSummaries
from bot.desk.automation.scheduler import Scheduler
from bot.desk.automation.wiring import AutomationUseCases, build_automation
from bot.desk.cards.card_locations import CardLocations
from bot.desk.cards.clusters import Clusters
from bot.desk.cards.late_names import LateNames
from bot.desk.cards.wiring import CardUseCases, build_cards
from bot.desk.conversations.accounts.by_address import AddressJoining, AddressRule
from bot.desk.conversations.intake import Intake
from bot.desk.conversations.wiring import build_conversations
from bot.desk.delivery.awaited import AwaitedPosts
from bot.desk.delivery.dispatcher import Dispatcher
from bot.desk.delivery.own_tickets import OwnTickets
from bot.desk.delivery.page_view import DeskPageView
from bot.desk.delivery.redraw import Redraw
from bot.desk.delivery.wiring import DeliveryUseCases, build_delivery
from bot.desk.history.insights import InsightsReader
from bot.desk.knowledge.examples import ExampleLearner, Examples
from bot.desk.knowledge.library import Library
from bot.desk.knowledge.promise import PromiseWatch
from bot.desk.knowledge.traffic import TrafficLearner
from bot.desk.knowledge.understanding import DeskPolicy
from bot.desk.notifications import Notifications
from bot.desk.outages.alerts import Alerts
from bot.desk.outages.outages import Outages
from bot.desk.outages.wiring import OutageUseCases, build_outages
from bot.desk.ports.clock import Clock
from bot.desk.ports.unit_of_work import UnitsOfWork
from bot.desk.relay.copies import FileRules
from bot.desk.relay.wiring import build_relay
from bot.desk.shared_services import SharedServices
from bot.desk.staff.permissions import Permissions
from bot.desk.staff.queue_rooms import QueueRooms, RoomOf, no_room
from bot.desk.staff.roster_freshness import RosterFreshness, Steady
from bot.desk.staff.usual_waits import UsualWaits, WaitLearner
from bot.desk.tickets.article_draft import DraftViews
from bot.desk.tickets.lifecycle import TicketLifecycle
from bot.desk.tickets.wiring import TicketUseCases, build_tickets
from bot.domain.conversations.messages import ConversationRef
from bot.domain.tickets.ticket import name_tickets
from bot.knowledge.files.draft_files import draft_files
from bot.matching.scoring.similarity import shares_words, similarity
from bot.server.settings import Settings
from bot.server.signed_links import FILE_LIFETIME, ArticleLinks, FileLinks
from bot.storage import Database
from bot.storage.unit_of_work import units_of_work

PAGE = "web"  # the channel that has the editor of drafts
Rooms = Callable[[], tuple[ConversationRef, ...]]


def now() -> datetime:
    """The time, aware, in UTC."""
    return datetime.now(UTC)


@dataclass(frozen=True)
class Desk:
    """The use cases that the server calls."""

    intake: Intake
    dispatcher: Dispatcher
    redraw: Redraw
    page_view: DeskPageView
    own_tickets: OwnTickets
    lifecycle: TicketLifecycle
    card_locations: CardLocations
    clusters: Clusters
    late_names: LateNames
    outages: Outages
    alerts: Alerts
    permissions: Permissions
    rooms: QueueRooms
    scheduler: Scheduler
    summaries: QueueSummaries
    promise: PromiseWatch
    promise_notice: PromiseNotice
    traffic: TrafficLearner
    wait_learner: WaitLearner
    examples: Examples
    example_learner: ExampleLearner
    awaited: AwaitedPosts
    absence_rounds: AbsenceRounds
    mirror_sync: MirrorSync
    address_joining: AddressJoining
    insights: InsightsReader
    shared: SharedServices

    @property
    def learners(self) -> tuple[tuple[TrafficLearner | WaitLearner | ExampleLearner, str], ...]:
        """What learns from the desk's own work, each with the event that its failure is told as."""
        return (
            (self.traffic, "traffic_not_learned"),
            (self.wait_learner, "waits_not_learned"),
            (self.example_learner, "examples_not_learned"),
        )


def desk_of(
    settings: Settings,
    database: Database,
    library: Library,
    links: ArticleLinks,
    rooms: Rooms,
    clock: Clock = now,
    mirrors: tuple[ConversationRef, ...] = (),
    files: FileLinks | None = None,
    room_of: RoomOf = no_room,
    freshness: RosterFreshness | None = None,
    give_way: Callable[[], None] = lambda: None,
    address_key: str = "",
    begin: UnitsOfWork | None = None,
    both_ways: tuple[ConversationRef, ...] = (),
) -> Desk:
    """Wire the use cases; `rooms` are those of the settings, `mirrors` where tickets are mirrored.

    Those of `both_ways` are read, too. `address_key` is the key of the hashes of e-mail addresses; `begin`
    begins transactions where somebody else looks at them, too.
    """
    begin = begin or units_of_work(database)
    base = _shared_services(settings, begin, library, clock, mirrors, rooms, room_of, freshness)
    cards = build_cards(base, settings.shadowed, mirrors, similarity)
    relay = build_relay(base, _file_rules(settings, files), mirrors, cards.clusters.show_own_card, both_ways)
    tickets = build_tickets(base, cards, relay.relay, settings.reopen_days, _draft_views(settings, rooms))
    outages = build_outages(base, cards, tickets, alerts_start=settings.alerts_start_outages)
    automation = build_automation(base, cards, tickets, outages.posts, relay.from_mirror)
    delivery = build_delivery(base, cards, relay.texts, outages.posts, give_way)
    intake = build_conversations(
        base, cards, relay, tickets, outages, automation, links.link, similarity, shares_words
    )
    traffic = TrafficLearner(base.begin, library, settings.max_wrong)
    joining = AddressJoining(base.begin, clock, AddressRule(settings.joining_domains, address_key))
    return _assembled(base, cards, tickets, outages, automation, delivery, intake, traffic, joining)


def _assembled(
    base: SharedServices,
    cards: CardUseCases,
    tickets: TicketUseCases,
    outages: OutageUseCases,
    automation: AutomationUseCases,
    delivery: DeliveryUseCases,
    intake: Intake,
    traffic: TrafficLearner,
    joining: AddressJoining,
) -> Desk:
    return Desk(
        intake=intake,
        dispatcher=delivery.dispatcher,
        redraw=delivery.redraw,
        page_view=delivery.page_view,
        own_tickets=delivery.own_tickets,
        lifecycle=tickets.lifecycle,
        card_locations=cards.locations,
        clusters=cards.clusters,
        late_names=LateNames(base.begin, base.notifications, base.clock),
        outages=outages.outages,
        alerts=outages.alerts,
        permissions=base.permissions,
        rooms=base.rooms,
        scheduler=automation.scheduler,
        summaries=automation.summaries,
        promise=base.promise,
        promise_notice=automation.promise_notice,
        traffic=traffic,
        wait_learner=WaitLearner(base.begin, base.waits, base.clock),
        examples=base.examples,
        example_learner=ExampleLearner(base.begin, base.examples, base.clock),
        awaited=AwaitedPosts(base.begin),
        absence_rounds=automation.absence_rounds,
        mirror_sync=automation.mirror_sync,
        address_joining=joining,
        insights=InsightsReader(base.begin, base.library.queues, base.clock),
        shared=base,
    )


def _draft_views(settings: Settings, rooms: Rooms) -> DraftViews:
    def editor(reference: str) -> str:
        has_page = settings.public_url and any(room.channel == PAGE for room in rooms())
        return f"{settings.public_url}/drafts?ticket={reference}" if has_page else ""

    return DraftViews(draft_files, editor)


def _file_rules(settings: Settings, files: FileLinks | None) -> FileRules:
    return FileRules(settings.largest_file_bytes, FILE_LIFETIME, files.link if files else lambda *_: None)


def roster_freshness(settings: Settings, steady: Steady = time.monotonic) -> RosterFreshness:
    """Say how old a roster may be: as long as three readings take to come."""
    return RosterFreshness(timedelta(minutes=3 * settings.roster_minutes), steady)


def _shared_services(
    settings: Settings,
    begin: UnitsOfWork,
    library: Library,
    clock: Clock,
    mirrors: tuple[ConversationRef, ...],
    rooms: Rooms,
    room_of: RoomOf,
    freshness: RosterFreshness | None,
) -> SharedServices:
    words, language = wording.load(settings.brand), settings.language
    name_tickets(settings.ticket_prefix)
    queue_rooms = QueueRooms(library, rooms, room_of)
    return SharedServices(
        begin=begin,
        wording=words,
        library=library,
        policy=DeskPolicy(
            settings.tolerance,
            language,
            offer_tickets=settings.offer_tickets,
            short_replies=settings.short_replies,
        ),
        rooms=queue_rooms,
        permissions=Permissions(
            settings.listed_engineers, freshness or roster_freshness(settings), queue_rooms
        ),
        notifications=Notifications(words, language, mirrors),
        waits=UsualWaits(library, settings.tell_wait),
        examples=Examples(library),
        clock=clock,
    )
