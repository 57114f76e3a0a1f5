"""The use cases of the desk, wired over a database and a library."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from bot import wording
from bot.desk.automation.actions import Acts
from bot.desk.automation.queue_summary import QueueLists, Summaries
from bot.desk.automation.reminders import Reminders
from bot.desk.automation.scheduler import Timekeeper
from bot.desk.automation.still_working import Nudges
from bot.desk.cards.card_locations import CardPlaces
from bot.desk.cards.forms import Forms
from bot.desk.cards.shadow_mode import Shadow
from bot.desk.cards.stale_buttons import Pressables
from bot.desk.cards.ticket_card import Cards
from bot.desk.conversations.answers import Answering
from bot.desk.conversations.dialogue import Dialogue
from bot.desk.conversations.employee_buttons import Presses
from bot.desk.conversations.follow_ups import Returns
from bot.desk.conversations.intake import Intake
from bot.desk.conversations.on_behalf import OnBehalf
from bot.desk.conversations.outage_notice import OutageAnswers
from bot.desk.conversations.replies import Replies
from bot.desk.delivery.dispatcher import Courier
from bot.desk.delivery.failures import Undelivered
from bot.desk.delivery.page_view import DeskBoard
from bot.desk.knowledge.checklists import Checklists
from bot.desk.knowledge.library import Library
from bot.desk.knowledge.understanding import Habits, Hearing
from bot.desk.notifications import Telling
from bot.desk.outages.alerts import Alerts
from bot.desk.outages.opt_out import Leaving
from bot.desk.outages.outages import Outages
from bot.desk.outages.posts import Signs
from bot.desk.ports import button_actions
from bot.desk.ports.channels import Clock, Wording
from bot.desk.ports.unit_of_work import UnitsOfWork
from bot.desk.relay.copies import FileRules, Passing
from bot.desk.relay.file_offers import Offers
from bot.desk.relay.relay import Relaying
from bot.desk.relay.send import Sending
from bot.desk.relay.texts import RelayWords
from bot.desk.staff.permissions import Engineers
from bot.desk.staff.queue_rooms import QueueRooms, RoomOf, no_room
from bot.desk.tickets.article_verdict import Naming
from bot.desk.tickets.assignment import Handovers
from bot.desk.tickets.buttons import Controls
from bot.desk.tickets.canned_responses import ReadyReplies
from bot.desk.tickets.copy_report import Copying
from bot.desk.tickets.details_request import Asking
from bot.desk.tickets.developer_report import DeveloperReport
from bot.desk.tickets.feedback import Feedback
from bot.desk.tickets.lifecycle import Escalations
from bot.desk.tickets.menu import Losing, Mover, TicketMoves
from bot.desk.tickets.merged_notifications import Duplicates
from bot.desk.tickets.merging import Merges
from bot.desk.tickets.reopening import Reopening
from bot.domain.conversations.messages import ConversationRef
from bot.domain.tickets.ticket import Move
from bot.matching.scoring.similarity import likeness
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
    courier: Courier
    escalations: Escalations
    places: CardPlaces
    board: DeskBoard
    outages: Outages
    alerts: Alerts
    rooms: QueueRooms
    timekeeper: Timekeeper
    summaries: Summaries


@dataclass(frozen=True, slots=True)
class Core:
    """What every use case is made of."""

    settings: Settings
    begin: UnitsOfWork
    words: Wording
    library: Library
    clock: Clock
    habits: Habits
    rooms: QueueRooms
    engineers: Engineers
    shadow: Shadow
    cards: Cards
    telling: Telling
    feedback: Feedback
    pressables: Pressables
    signs: Signs
    places: CardPlaces
    escalations: Escalations
    relay_words: RelayWords


@dataclass(frozen=True, slots=True)
class Work:
    """The card's menu, the outages and the alerts."""

    moves: TicketMoves
    outages: Outages
    alerts: Alerts


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
) -> Desk:
    """Wire the use cases; `rooms` are those of the settings."""
    core = _core_of(settings, database, library, QueueRooms(library, rooms, room_of), clock, mirrors)
    work = _work_of(core)
    reminders = Reminders(core.words, core.rooms, settings.language)
    lists = QueueLists(core.words, core.rooms, core.engineers, reminders)
    acts = Acts(core.rooms, reminders, core.pressables, core.feedback, core.signs)
    undelivered = Undelivered(core.words, core.relay_words, core.escalations, core.places)
    return Desk(
        intake=_intake_of(core, work, links, _relaying_of(core, files, mirrors), lists),
        courier=Courier(
            core.begin, core.cards, core.places, core.telling, undelivered, settings.language, clock
        ),
        escalations=core.escalations,
        places=core.places,
        board=DeskBoard(core.begin, core.cards, core.signs, core.engineers, lists, clock),
        outages=work.outages,
        alerts=work.alerts,
        rooms=core.rooms,
        timekeeper=Timekeeper(core.begin, core.rooms, acts, clock),
        summaries=Summaries(core.begin, core.rooms, lists, settings.language, clock),
    )


def _core_of(
    settings: Settings,
    database: Database,
    library: Library,
    rooms: QueueRooms,
    clock: Clock,
    mirrors: tuple[ConversationRef, ...],
) -> Core:
    words, language = wording.load(), settings.language
    fresh = timedelta(minutes=3 * settings.roster_minutes)
    engineers = Engineers(settings.listed_engineers, fresh, rooms)
    shadow = Shadow(words, library, settings.shadowed)
    cards = Cards(words, library, language, mirrored=bool(mirrors), shadow=shadow)
    telling = Telling(words, language, mirrors)
    places = CardPlaces(rooms, telling, mirrors)
    feedback, pressables = Feedback(words, telling), Pressables(words)
    return Core(
        settings=settings,
        begin=units_of_work(database),
        words=words,
        library=library,
        clock=clock,
        habits=Habits(settings.tolerance, language),
        rooms=rooms,
        engineers=engineers,
        shadow=shadow,
        cards=cards,
        telling=telling,
        feedback=feedback,
        pressables=pressables,
        signs=Signs(words, language, rooms.all),
        places=places,
        escalations=Escalations(
            cards, words, engineers, rooms, telling, feedback, pressables, places, shadow
        ),
        relay_words=RelayWords(words, language),
    )


def _relaying_of(core: Core, files: FileLinks | None, mirrors: tuple[ConversationRef, ...]) -> Relaying:
    largest = int(core.settings.largest_file * 1024**2)
    rules = FileRules(largest, FILE_LIFETIME, files.link if files else lambda *_: None)
    return Relaying(core.words, core.relay_words, core.engineers, Passing(core.relay_words, rules, mirrors))


def _controls_of(core: Core, reopening: Reopening) -> Controls:
    cards, escalations, telling = core.cards, core.escalations, core.telling
    replies = ReadyReplies(core.library, cards, escalations, Sending(telling, core.relay_words))
    checklists = Checklists(core.words.say, core.library, core.habits.tolerance)
    asking = Asking(checklists, cards, escalations, telling)
    copying = Copying(DeveloperReport(core.words, core.library), cards)
    return Controls(
        core.words,
        core.engineers,
        telling,
        for_engineers={
            button_actions.REOPEN: reopening.by_engineer,
            button_actions.CANNED: replies.press,
            button_actions.ASK_DETAILS: asking.ask,
            button_actions.REPORT: copying.press,
            button_actions.NAME_ARTICLE: Naming(core.shadow, cards, telling).press,
        },
        for_requesters={
            button_actions.CAME_BACK: reopening.by_requester,
            button_actions.DETAILS: asking.answer,
            button_actions.RATE: core.feedback.rate,
            button_actions.COMMENT: core.feedback.comment,
        },
    )


def _intake_of(core: Core, work: Work, links: ArticleLinks, relaying: Relaying, lists: QueueLists) -> Intake:
    words, engineers, escalations = core.words, core.engineers, core.escalations
    days = core.settings.reopen_days
    reopening = Reopening(escalations, core.telling, engineers, core.cards, core.feedback, days)
    hearing = Hearing(core.library, words, core.habits)
    leaving = Leaving(core.places, core.telling, core.pressables, core.signs)
    tolerance, replies = core.habits.tolerance, Replies(links.link)
    answering = Answering(core.library, replies, core.cards, escalations, leaving, tolerance, core.shadow)
    answers = OutageAnswers(answering, hearing, escalations, core.signs, likeness)
    returns = Returns(hearing, reopening)
    return Intake(
        core.begin,
        hearing,
        Dialogue(hearing, answering, escalations, relaying, returns, answers, lists),
        OnBehalf(answering, escalations, engineers, core.habits.language),
        Presses(answering, escalations, answers, words, hearing.profile_language),
        escalations,
        work.moves,
        work.outages,
        _controls_of(core, reopening),
        relaying,
        Offers(core.relay_words),
        Nudges(escalations, engineers, core.telling, words),
        engineers,
        words,
        core.clock,
    )


def _work_of(core: Core) -> Work:

    def queues() -> tuple[str, ...]:
        return core.library.shelf.content.queue_names

    def shown(queue: str, language: str) -> str:
        return core.library.shelf.content.queues.shown(queue, language)

    words, engineers, telling = core.words, core.engineers, core.telling
    forms = Forms(words, engineers, queues, shown)
    losing = Losing(core.cards, telling, forms)
    duplicates, rooms_of = Duplicates(telling, core.feedback), core.rooms.of_named
    handovers = Handovers(engineers, core.places, telling, duplicates, losing, forms, rooms_of, queues)
    merges = Merges(engineers, telling, losing)
    movers: dict[Move, Mover] = {
        Move.ASSIGN: handovers.assign,
        Move.TRANSFER: handovers.transfer,
        Move.PRIORITIZE: handovers.prioritize,
        Move.MERGE: merges.merge,
        Move.LINK: merges.link,
    }
    outages = Outages(core.begin, words, engineers, telling, losing, core.signs, core.feedback, core.clock)
    at_once = core.settings.alerts_start_outages
    alerts = Alerts(core.begin, outages, core.signs, core.clock, start_outages=at_once)
    return Work(TicketMoves(words, engineers, telling, forms, losing, movers), outages, alerts)
