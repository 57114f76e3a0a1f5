"""The work on tickets and outages, wired for the composition root."""

from dataclasses import dataclass

from bot import wording
from bot.desk.alerts import Alerts
from bot.desk.cards import Cards
from bot.desk.engineers import Engineers
from bot.desk.escalations import Escalations
from bot.desk.forms import Forms
from bot.desk.handovers import Handovers
from bot.desk.library import Library
from bot.desk.merges import Merges
from bot.desk.moves import Losing, Mover, TicketMoves
from bot.desk.outages import Outages
from bot.desk.ports import Clock
from bot.desk.queues import QueueRooms
from bot.desk.signs import Signs
from bot.desk.stores import UnitsOfWork
from bot.desk.telling import Telling
from bot.domain.ticket import Move


@dataclass(frozen=True, slots=True)
class Parts:
    """What the work on tickets is made of."""

    begin: UnitsOfWork
    library: Library
    engineers: Engineers
    cards: Cards
    escalations: Escalations
    telling: Telling
    rooms: QueueRooms
    clock: Clock
    start_outages: bool


@dataclass(frozen=True, slots=True)
class Work:
    """The card's menu, the outages and the alerts."""

    moves: TicketMoves
    outages: Outages
    alerts: Alerts
    signs: Signs


def work_of(parts: Parts) -> Work:
    """Wire the use cases of one desk."""

    def queues() -> tuple[str, ...]:
        return parts.library.shelf.content.queue_names

    def shown(queue: str, language: str) -> str:
        return parts.library.shelf.content.queues.shown(queue, language)

    words, engineers, telling = wording.load(), parts.engineers, parts.telling
    forms = Forms(words, engineers, queues, shown)
    losing = Losing(parts.cards, telling, forms)
    handovers = Handovers(engineers, parts.escalations, telling, losing, forms, parts.rooms.of_named, queues)
    merges = Merges(telling, losing)
    movers: dict[Move, Mover] = {
        Move.ASSIGN: handovers.assign,
        Move.TRANSFER: handovers.transfer,
        Move.PRIORITIZE: handovers.prioritize,
        Move.MERGE: merges.merge,
        Move.LINK: merges.link,
    }
    signs = Signs(words, telling.language, parts.rooms.all)
    outages = Outages(parts.begin, words, engineers, telling, losing, signs, parts.clock)
    alerts = Alerts(parts.begin, outages, signs, parts.clock, start_outages=parts.start_outages)
    return Work(TicketMoves(words, engineers, telling, forms, losing, movers), outages, alerts, signs)
