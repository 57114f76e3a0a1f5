"""What people wait for, and what runs by itself, costs the same however long the history is."""

from collections.abc import Callable, Iterator
from typing import Any

from bot.desk.knowledge.library import Library
from bot.desk.ports.tickets import LookBack
from bot.desk.ports.unit_of_work import UnitOfWork
from bot.domain.conversations.messages import Addressed, Attachment, ConversationRef
from bot.domain.errors import DeliveryFailed
from bot.domain.people import Identity
from bot.domain.tickets.ticket import Status, parse_ticket_id
from bot.server.database_threads import Run
from bot.server.monitoring.statistics import Statistics
from bot.server.settings import Settings
from bot.server.wiring import roster_freshness
from bot.server.workers.retention import Retention
from bot.server.workers.room_rosters import RoomMaintenance
from bot.storage import Database
from tests.support.clock import Clock
from tests.support.days.history import Visits, add_history
from tests.support.desk.helpdesk import CHANNELS, ROOM, Helpdesk
from tests.support.unknown import UNKNOWN

FEW, MANY = 12_000, 100_000  # closed tickets
TURNS = 3  # of everything at each size: PostgreSQL plans what comes often without its values
RATIO, ODDS = 1.3, 1_500  # the most that something may grow, beside the live tickets of a few more days
# 200 of each priority and status: PostgreSQL looks among the first of all where these are common enough.
BOUNDED = {"tickets list --closed": 10_000}
EVA = Identity("slack", "T1", "eva")
Act = tuple[str, Callable[[], Any]]


class Day:
    """Everything that happens on a day, with people of its own."""

    def __init__(self, helpdesk: Helpdesk, number: int) -> None:
        self._helpdesk = helpdesk
        self._number = number
        self._ticket = ""

    def acts(self) -> Iterator[Act]:
        """Each act by its name; one is to be done before the next is taken."""
        yield from self._questions()
        yield from self._work_on_a_ticket()
        yield from self._page()
        yield from self._by_itself()
        yield from self._commands()

    def _name(self, name: str) -> str:
        return f"{name}{self._number}"

    def _questions(self) -> Iterator[Act]:
        desk, ana, bob = self._helpdesk, self._name("ana"), self._name("bob")
        thread = f"{self._number}.0"
        yield "an answer", lambda: desk.say(ana, "I forgot my password", thread=thread)
        yield (
            "it did not help",
            lambda: desk.say(ana, "that did not help", thread=thread, addressed=Addressed.THREAD),
        )
        yield "on the page", lambda: desk.say(self._name("tom"), UNKNOWN, channel="web")
        yield "more on the page", lambda: desk.say(self._name("tom"), "more", channel="web")
        yield "a ticket", lambda: setattr(self, "_ticket", desk.say(bob, UNKNOWN).ticket)
        yield "my tickets", lambda: desk.say(bob, "my tickets")

    def _work_on_a_ticket(self) -> Iterator[Act]:
        desk, ticket, bob = self._helpdesk, self._ticket, self._name("bob")

        def press(action: str, **inputs: str) -> None:
            pressed = desk.button(desk.card(ticket), action)
            desk.click("eva", pressed, conversation=ROOM, inputs=inputs or None)

        def write(text: str, **changes: Any) -> None:
            self._written = desk.writes("eva", text, ticket, **changes)

        yield "claim", lambda: press("claim")
        yield "a message", lambda: write("which colour?")
        yield "its edit", lambda: desk.edits(self._written, "what colour?")
        yield "a note of it", lambda: desk.edits(self._written, "// what colour?")
        yield "its deletion", lambda: desk.deletes(self._written)
        picture = Attachment("goo.png", "image/png", 3, "F1")
        yield "a file", lambda: write("look", attachments=(picture,), files=1)
        desk.failing[f"D{bob}"] = DeliveryFailed("gone", permanent=True)
        yield "a message that cannot go", lambda: write("anybody?")
        desk.failing.clear()
        for name in (bob, "eva"):
            place = ConversationRef("slack", "T1", f"home:{name}")
            yield f"home of {name[:3]}", self._home(name, place)
        yield "resolve", lambda: press("resolve", note="done")
        yield "another ticket", lambda: desk.say(self._name("cid"), UNKNOWN)

    def _home(self, name: str, place: ConversationRef) -> Callable[[], Any]:
        return lambda: self._helpdesk.say(name, "", conversation=place, addressed=Addressed.HOME)

    def _page(self) -> Iterator[Act]:
        page = self._helpdesk.desk.page_view
        private = self._helpdesk.direct(self._name("ana"), thread=f"{self._number}.0")
        ticket_id = parse_ticket_id(self._ticket) or 0
        yield "live tickets", lambda: page.live(ROOM)
        yield "closed tickets", lambda: page.look_back(ROOM, LookBack(closed=True))
        yield "further back", lambda: page.look_back(ROOM, LookBack(closed=True, before=ticket_id - 200))
        yield "a search in vain", lambda: page.look_back(ROOM, LookBack(words=("nowhere",)))
        yield "one ticket", lambda: page.ticket(ROOM, ticket_id, "en")
        yield "what an engineer may do", lambda: page.standing(EVA)
        yield "conversation", lambda: page.conversation(private)
        yield "notices", lambda: page.notices(ROOM)
        yield "outages", lambda: page.outages("en")
        yield "mark", page.mark

    def _by_itself(self) -> Iterator[Act]:
        helpdesk, desk = self._helpdesk, self._helpdesk.desk
        statistics = Statistics(helpdesk.begin, _at_once, helpdesk.clock, CHANNELS, desk.promise)
        for name in ("backlog", "queues", "ratings", "promise"):
            yield f"metrics: {name}", _awaited(getattr(statistics, name))
        yield "exchange", lambda: desk.dispatcher.exchange([], 16, CHANNELS)
        yield "what is due", desk.scheduler.round
        yield "one by one", desk.scheduler.one_by_one
        yield "summaries", desk.summaries.round
        yield "notice of the promise", desk.promise_notice.round
        yield "what was asked", desk.traffic.read
        yield "outages that end", desk.outages.close_next_batch
        yield "word of outages", desk.outages.tell_next_joined
        yield "clusters", desk.clusters.settle_next
        maintenance = RoomMaintenance(
            helpdesk.begin, desk.card_locations, roster_freshness(Settings()), helpdesk.clock
        )
        yield "rooms", maintenance.complete
        mention = f"@U{self._number}"
        yield "a name", self._work(lambda work: work.texts.name_mentions("slack", mention, "@Ann"))
        yield "old posts", Retention(helpdesk.begin, helpdesk.clock, days=30).look

    def _commands(self) -> Iterator[Act]:
        live = (Status.OPEN, Status.CLAIMED)
        yield "outbox list", self._work(lambda work: work.deliveries.listed(("waiting", "dead"), 200))
        yield "outbox list --dead", self._work(lambda work: work.deliveries.listed(("dead",), 200))
        yield "outbox retry", self._work(lambda work: work.deliveries.requeue(None, self._helpdesk.clock()))
        yield "tickets list", self._work(lambda work: work.tickets.listed(live, 200))
        yield "tickets list --closed", self._work(lambda work: work.tickets.listed(tuple(Status), 200))

    def _work(self, ask: Callable[[UnitOfWork], Any]) -> Callable[[], Any]:
        def asked() -> None:
            with self._helpdesk.begin() as work:
                ask(work)

        return asked


async def _run_at_once(function: Callable[..., Any], *values: Any) -> Any:
    return function(*values)


_at_once: Run = _run_at_once


def _awaited(ask: Callable[[], Any]) -> Callable[[], None]:
    def done() -> None:
        coroutine = ask()  # which never waits: `_at_once` runs it here
        try:
            coroutine.send(None)
        except StopIteration:
            return
        raise AssertionError(f"{ask} waits for something")

    return done


def test_nothing_costs_more_with_a_long_history(database: Database, library: Library, clock: Clock) -> None:
    helpdesk, visits = Helpdesk(database, library, clock), Visits(database)
    found: list[dict[str, int]] = []
    for before, tickets in ((0, FEW), (FEW, MANY)):
        add_history(database, tickets, before)
        for turn in range(TURNS):
            day = Day(helpdesk, TURNS * len(found) + turn)
            counted = {name: visits.of(act) for name, act in day.acts()}
            clock.move(days=1)
        found.append(counted)
    few, many = found
    assert few.keys() == many.keys()
    assert len(few) > 35
    most = {name: RATIO * few[name] + BOUNDED.get(name, ODDS) for name in few}
    assert {name: (few[name], many[name]) for name in few if many[name] > most[name]} == {}
