"""Lists the tickets of queues for engineers, and posts a summary of each queue in the morning."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from bot.desk.automation.reminders import Reminders
from bot.desk.knowledge.library import Library
from bot.desk.knowledge.traffic import FEWEST
from bot.desk.ports.clock import Clock
from bot.desk.ports.unit_of_work import UnitOfWork, UnitsOfWork
from bot.desk.ports.wording import Wording
from bot.desk.staff.permissions import Permissions
from bot.desk.staff.queue_rooms import QueueRooms
from bot.domain.conversations.messages import Block, Facts, Heading, Line, Reply, When
from bot.domain.people import Identity
from bot.domain.tickets.queues import Queue
from bot.domain.tickets.schedule import first_response_due
from bot.domain.tickets.ticket import Ticket

ROWS = 10  # tickets in each part
SOON = timedelta(hours=1)  # a ticket that is due within it is urgent
MORNING = timedelta(hours=3)  # after this it is too late for the summary


class QueueLists:
    """Lists of the tickets of queues: the first of each part, and how many there are."""

    def __init__(
        self,
        wording: Wording,
        rooms: QueueRooms,
        permissions: Permissions,
        reminders: Reminders,
        library: Library,
    ) -> None:
        self._wording = wording
        self._library = library
        self._rooms = rooms
        self._permissions = permissions
        self._reminders = reminders

    def of(self, work: UnitOfWork, identity: Identity, language: str, now: datetime) -> Reply | None:
        """List the queues of an engineer; None for anybody else."""
        queues = self._permissions.queues_of_person(work, identity, now)
        if not queues:
            return None
        person = work.people.known(identity)
        mine = work.schedule.claimed_by(person, ROWS) if person is not None else ()
        title = self._wording.say(language, "queue.title")
        parts = [("queue.mine", mine), *self._parts(work, queues, now)]
        blocks = [block for key, tickets in parts for block in self._part(key, tickets, language, now)]
        blocks += self._away(work, queues[0], language, now)
        return Reply(
            (Heading(title), *self._totals(work, queues, language, now), *blocks), (), (), title, language
        )

    def summary(self, work: UnitOfWork, queue: Queue, language: str, now: datetime) -> Reply:
        """Summarise a queue as it is in the morning."""
        title = self._wording.say(language, "queue.summary", queue=self._name(queue, language))
        blocks = [Heading(title), *self._totals(work, (queue,), language, now)]
        on_call = self._reminders.on_call(work, queue, now)
        if on_call is not None:  # by name only: nobody needs to be notified
            blocks.append(Line(self._wording.say(language, "queue.on_call", name=on_call.name)))
        for key, tickets in self._parts(work, (queue,), now):
            blocks += self._part(key, tickets, language, now)
        blocks += self._away(work, queue, language, now)
        blocks += self._unanswered(queue, language)
        return Reply(tuple(blocks), summary=title, language=language)

    def _away(self, work: UnitOfWork, queue: Queue, language: str, now: datetime) -> list[Block]:
        """List who is away, and until when by the queue's clock."""
        rows = tuple(
            (absence.person.name, self._wording.day(language, queue.hours.local(absence.until), now))
            for absence in work.absences.current(now, ROWS)
        )
        return [Heading(self._wording.say(language, "queue.away")), Facts(rows)] if rows else []

    def _unanswered(self, queue: Queue, language: str) -> list[Block]:
        learned = self._library.learned
        share = learned.by_queue.get(queue.id) if learned is not None else None
        if share is None or share.questions < FEWEST:
            return []
        values = {"count": share.questions, "percent": round(share.unanswered * 100)}
        return [Line(self._wording.say(language, "queue.unanswered", **values))]

    def _parts(
        self, work: UnitOfWork, queues: Sequence[Queue], now: datetime
    ) -> list[tuple[str, tuple[Ticket, ...]]]:
        filters = [self._rooms.queues.filter_for(queue) for queue in queues]
        urgent = work.schedule.near_deadline(filters, now + SOON, ROWS)
        return [("queue.pressing", urgent), ("queue.open", work.schedule.unclaimed(filters, ROWS))]

    def _totals(self, work: UnitOfWork, queues: Sequence[Queue], language: str, now: datetime) -> list[Block]:
        blocks: list[Block] = []
        for queue in queues:
            counts = work.schedule.counts(self._rooms.queues.filter_for(queue), now)
            values = {"open": counts.open, "claimed": counts.claimed, "missed": counts.missed}
            total = self._wording.say(language, "queue.total", **values)
            name = self._name(queue, language)
            blocks.append(Line(f"{name}: {total}" if len(queues) > 1 else total))
        return blocks

    def _part(self, key: str, tickets: Sequence[Ticket], language: str, now: datetime) -> list[Block]:
        if not tickets:
            return []
        title = Heading(self._wording.say(language, key))
        return [title, *(self._row(ticket, language, now) for ticket in tickets)]

    def _row(self, ticket: Ticket, language: str, now: datetime) -> Block:
        parts = [
            ticket.reference,
            self._wording.say(language, f"priority.{ticket.priority.name.lower()}"),
            ticket.requester.name,
            ticket.assignee.name if ticket.assignee else self._wording.say(language, "queue.nobody"),
            self._wording.age(language, ticket.opened_at, now),
        ]
        row = " · ".join(parts)
        dues = [due for due in (first_response_due(ticket), ticket.resolution_due) if due is not None]
        if not dues:
            return Line(row)
        key = "queue.missed" if min(dues) <= now else "queue.due"
        label = f"{row} · {self._wording.say(language, key)}"
        return When(label, min(dues), f"{self._wording.when(language, min(dues))} UTC")

    def _name(self, queue: Queue, language: str) -> str:
        return queue.title_in(language) or self._wording.say(language, "queue.title")


class QueueSummaries:
    """Summaries of queues, posted in their rooms once on each day on which they open."""

    def __init__(
        self, begin: UnitsOfWork, rooms: QueueRooms, lists: QueueLists, language: str, clock: Clock
    ) -> None:
        self._begin = begin
        self._rooms = rooms
        self._lists = lists
        self._language = language
        self._clock = clock
        self._done: dict[str, str] = {}  # by queue, the last day for which nothing is left to do

    def round(self) -> int:
        """Post the summaries that are due; return how many."""
        now = self._clock()
        due = [queue for queue in self._rooms.queues if self._is_due(queue, now)]
        return sum(self._post(queue, now) for queue in due)

    def _is_due(self, queue: Queue, now: datetime) -> bool:
        local = queue.hours.local(now)
        if queue.summary is None or self._done.get(queue.id) == local.date().isoformat():
            return False
        since = local.replace(tzinfo=None) - datetime.combine(local.date(), queue.summary)
        return timedelta() <= since <= MORNING and bool(queue.hours.spans(local.date()))

    def _post(self, queue: Queue, now: datetime) -> bool:
        day = queue.hours.local(now).date().isoformat()
        with self._begin() as work:
            rooms = self._rooms.of(queue)
            posted = bool(rooms) and work.schedule.mark_summary_posted(queue.id, day, now)
            if posted:
                reply = self._lists.summary(work, queue, self._language, now)
                for conversation_id in sorted(work.conversations.open(room) for room in rooms):
                    work.outbox.say(conversation_id, reply, now)
        if rooms:
            self._done[queue.id] = day
        return posted
