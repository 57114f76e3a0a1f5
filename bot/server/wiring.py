"""Wires the use cases of the desk over a database and a library."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from bot import wording
from bot.desk.automation.actions import ScheduledActions
from bot.desk.automation.queue_summary import QueueLists, QueueSummaries
from bot.desk.automation.reminders import Reminders
from bot.desk.automation.scheduler import Scheduler
from bot.desk.automation.still_working import StillWorking
from bot.desk.cards.card_locations import CardLocations
from bot.desk.cards.forms import TicketForms
from bot.desk.cards.shadow_mode import ShadowMode
from bot.desk.cards.stale_buttons import StaleButtons
from bot.desk.cards.ticket_card import TicketCards
from bot.desk.conversations.answers import Answers
from bot.desk.conversations.dialogue import Dialogue
from bot.desk.conversations.employee_buttons import EmployeeButtons
from bot.desk.conversations.follow_ups import FollowUps
from bot.desk.conversations.intake import Intake
from bot.desk.conversations.on_behalf import OnBehalf
from bot.desk.conversations.outage_notice import OutageNotice
from bot.desk.conversations.replies import Replies
from bot.desk.delivery.dispatcher import Dispatcher
from bot.desk.delivery.failures import DeliveryFailures
from bot.desk.delivery.page_view import DeskPageView
from bot.desk.knowledge.checklists import Checklists
from bot.desk.knowledge.library import Library
from bot.desk.knowledge.understanding import DeskPolicy, Understanding
from bot.desk.notifications import Notifications
from bot.desk.outages.alerts import Alerts
from bot.desk.outages.opt_out import OutageOptOut
from bot.desk.outages.outages import Outages
from bot.desk.outages.posts import OutagePosts
from bot.desk.ports import button_actions
from bot.desk.ports.channels import Clock, Wording
from bot.desk.ports.unit_of_work import UnitsOfWork
from bot.desk.relay.copies import FileRules, MessageCopies
from bot.desk.relay.file_offers import FileOffers
from bot.desk.relay.relay import Relay
from bot.desk.relay.send import Sending
from bot.desk.relay.texts import RelayTexts
from bot.desk.staff.permissions import Permissions
from bot.desk.staff.queue_rooms import QueueRooms, RoomOf, no_room
from bot.desk.tickets.article_verdict import ArticleVerdict
from bot.desk.tickets.assignment import Assignment
from bot.desk.tickets.buttons import TicketButtons
from bot.desk.tickets.canned_responses import CannedResponses
from bot.desk.tickets.copy_report import Copying
from bot.desk.tickets.details_request import DetailsRequest
from bot.desk.tickets.developer_report import DeveloperReport
from bot.desk.tickets.feedback import Feedback
from bot.desk.tickets.lifecycle import TicketLifecycle
from bot.desk.tickets.menu import ActionResponses, Mover, TicketMenu
from bot.desk.tickets.merged_notifications import MergedNotifications
from bot.desk.tickets.merging import Merging
from bot.desk.tickets.reopening import Reopening
from bot.domain.conversations.messages import ConversationRef
from bot.domain.tickets.ticket import TicketAction
from bot.matching.scoring.similarity import similarity
from bot.server.settings import Settings
from bot.server.signed_links import FILE_LIFETIME, ArticleLinks, FileLinks
from bot.storage import Database
from bot.storage.unit_of_work import units_of_work

Rooms = Callable[[], tuple[ConversationRef, ...]]


def now() -> datetime:
    """The time, aware, in UTC."""
    return datetime.now(UTC)


@dataclass(frozen=True)
class Desk:
    """Every use case, wired."""

    intake: Intake
    dispatcher: Dispatcher
    lifecycle: TicketLifecycle
    card_locations: CardLocations
    page_view: DeskPageView
    outages: Outages
    alerts: Alerts
    rooms: QueueRooms
    scheduler: Scheduler
    summaries: QueueSummaries


@dataclass(frozen=True, slots=True)
class Core:
    """Parts that several use cases share."""

    settings: Settings
    begin: UnitsOfWork
    words: Wording
    library: Library
    clock: Clock
    policy: DeskPolicy
    rooms: QueueRooms
    engineers: Permissions
    shadow: ShadowMode
    cards: TicketCards
    telling: Notifications
    feedback: Feedback
    stale_buttons: StaleButtons
    outage_posts: OutagePosts
    card_locations: CardLocations
    lifecycle: TicketLifecycle
    relay_words: RelayTexts


@dataclass(frozen=True, slots=True)
class Work:
    """The card's menu, the outages and the alerts."""

    menu: TicketMenu
    outages: Outages
    alerts: Alerts


def desk_of(
    settings: Settings,
    database: Database,
    library: Library,
    links: ArticleLinks,
    rooms: Rooms,
    clock: Clock = now,
    mirror_locations: tuple[ConversationRef, ...] = (),
    files: FileLinks | None = None,
    room_of: RoomOf = no_room,
) -> Desk:
    """Wire the use cases; `rooms` are those of the settings."""
    core = _core_of(settings, database, library, QueueRooms(library, rooms, room_of), clock, mirror_locations)
    work = _work_of(core)
    reminders = Reminders(core.words, core.rooms, settings.language)
    lists = QueueLists(core.words, core.rooms, core.engineers, reminders)
    actions = ScheduledActions(core.rooms, reminders, core.stale_buttons, core.feedback, core.outage_posts)
    undelivered = DeliveryFailures(core.words, core.relay_words, core.lifecycle, core.card_locations)
    return Desk(
        intake=_intake_of(core, work, links, _relaying_of(core, files, mirror_locations), lists),
        dispatcher=Dispatcher(
            core.begin, core.cards, core.card_locations, core.telling, undelivered, settings.language, clock
        ),
        lifecycle=core.lifecycle,
        card_locations=core.card_locations,
        page_view=DeskPageView(core.begin, core.cards, core.outage_posts, core.engineers, lists, clock),
        outages=work.outages,
        alerts=work.alerts,
        rooms=core.rooms,
        scheduler=Scheduler(core.begin, core.rooms, actions, clock),
        summaries=QueueSummaries(core.begin, core.rooms, lists, settings.language, clock),
    )


def _core_of(
    settings: Settings,
    database: Database,
    library: Library,
    rooms: QueueRooms,
    clock: Clock,
    mirror_locations: tuple[ConversationRef, ...],
) -> Core:
    words, language = wording.load(), settings.language
    fresh = timedelta(minutes=3 * settings.roster_minutes)
    engineers = Permissions(settings.listed_engineers, fresh, rooms)
    shadow = ShadowMode(words, library, settings.shadowed)
    cards = TicketCards(words, library, language, mirrored=bool(mirror_locations), shadow=shadow)
    telling = Notifications(words, language, mirror_locations)
    card_locations = CardLocations(rooms, telling, mirror_locations)
    feedback, stale_buttons = Feedback(words, telling), StaleButtons(words)
    return Core(
        settings=settings,
        begin=units_of_work(database),
        words=words,
        library=library,
        clock=clock,
        policy=DeskPolicy(settings.tolerance, language),
        rooms=rooms,
        engineers=engineers,
        shadow=shadow,
        cards=cards,
        telling=telling,
        feedback=feedback,
        stale_buttons=stale_buttons,
        outage_posts=OutagePosts(words, language, rooms.all),
        card_locations=card_locations,
        lifecycle=TicketLifecycle(
            cards, words, engineers, rooms, telling, feedback, stale_buttons, card_locations, shadow
        ),
        relay_words=RelayTexts(words, language),
    )


def _relaying_of(core: Core, files: FileLinks | None, mirror_locations: tuple[ConversationRef, ...]) -> Relay:
    largest = core.settings.largest_file_bytes
    rules = FileRules(largest, FILE_LIFETIME, files.link if files else lambda *_: None)
    return Relay(
        core.words, core.relay_words, core.engineers, MessageCopies(core.relay_words, rules, mirror_locations)
    )


def _controls_of(core: Core, reopening: Reopening) -> TicketButtons:
    cards, lifecycle, telling = core.cards, core.lifecycle, core.telling
    replies = CannedResponses(core.library, cards, lifecycle, Sending(telling, core.relay_words))
    checklists = Checklists(core.words.say, core.library, core.policy.tolerance)
    asking = DetailsRequest(checklists, cards, lifecycle, telling)
    copying = Copying(DeveloperReport(core.words, core.library), cards)
    return TicketButtons(
        core.words,
        core.engineers,
        telling,
        for_engineers={
            button_actions.REOPEN: reopening.by_engineer,
            button_actions.CANNED: replies.click,
            button_actions.ASK_DETAILS: asking.ask,
            button_actions.REPORT: copying.click,
            button_actions.NAME_ARTICLE: ArticleVerdict(core.shadow, cards, telling).click,
        },
        for_requesters={
            button_actions.CAME_BACK: reopening.by_requester,
            button_actions.DETAILS: asking.answer,
            button_actions.RATE: core.feedback.rate,
            button_actions.COMMENT: core.feedback.comment,
        },
    )


def _intake_of(core: Core, work: Work, links: ArticleLinks, relay: Relay, lists: QueueLists) -> Intake:
    words, engineers, lifecycle = core.words, core.engineers, core.lifecycle
    days = core.settings.reopen_days
    reopening = Reopening(lifecycle, core.telling, engineers, core.cards, core.feedback, days)
    understanding = Understanding(core.library, words, core.policy)
    opt_out = OutageOptOut(core.card_locations, core.telling, core.stale_buttons, core.outage_posts)
    tolerance, replies = core.policy.tolerance, Replies(links.link)
    answers = Answers(core.library, replies, core.cards, lifecycle, opt_out, tolerance, core.shadow)
    notices = OutageNotice(answers, understanding, lifecycle, core.outage_posts, similarity)
    follow_ups = FollowUps(understanding, reopening)
    return Intake(
        core.begin,
        understanding,
        Dialogue(understanding, answers, lifecycle, relay, follow_ups, notices, lists),
        OnBehalf(answers, lifecycle, engineers, core.policy.language),
        EmployeeButtons(answers, lifecycle, notices, words, understanding.profile_language),
        lifecycle,
        work.menu,
        work.outages,
        _controls_of(core, reopening),
        relay,
        FileOffers(core.relay_words),
        StillWorking(lifecycle, engineers, core.telling, words),
        engineers,
        words,
        core.clock,
    )


def _work_of(core: Core) -> Work:

    def queues() -> tuple[str, ...]:
        return core.library.snapshot.content.queue_names

    def shown(queue: str, language: str) -> str:
        return core.library.snapshot.content.queues.shown(queue, language)

    words, engineers, telling = core.words, core.engineers, core.telling
    forms = TicketForms(words, engineers, queues, shown)
    losing = ActionResponses(core.cards, telling, forms)
    duplicates, rooms_of = MergedNotifications(telling, core.feedback), core.rooms.of_named
    assignments = Assignment(
        engineers, core.card_locations, telling, duplicates, losing, forms, rooms_of, queues
    )
    merges = Merging(engineers, telling, losing)
    movers: dict[TicketAction, Mover] = {
        TicketAction.ASSIGN: assignments.assign,
        TicketAction.TRANSFER: assignments.transfer,
        TicketAction.PRIORITIZE: assignments.prioritize,
        TicketAction.MERGE: merges.merge,
        TicketAction.LINK: merges.link,
    }
    outages = Outages(
        core.begin, words, engineers, telling, losing, core.outage_posts, core.feedback, core.clock
    )
    at_once = core.settings.alerts_start_outages
    alerts = Alerts(core.begin, outages, core.outage_posts, core.clock, start_outages=at_once)
    return Work(TicketMenu(words, engineers, telling, forms, losing, movers), outages, alerts)
