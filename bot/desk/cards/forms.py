"""The forms behind a card's menu, and the menu itself."""

from collections.abc import Callable, Sequence

from bot.desk.context import Turn
from bot.desk.ports.channels import Wording
from bot.desk.staff.permissions import Engineers
from bot.domain.conversations.messages import Button, Field, Option, Reply
from bot.domain.tickets.ticket import Move, Priority, Ticket

MOST_OPTIONS = 100  # more than this no platform lists; a name is then written
GENERAL = "-"  # the value of the queue without a name
_MENU = (Move.ASSIGN, Move.TRANSFER, Move.PRIORITIZE, Move.MERGE, Move.LINK, Move.GROUP)

Queues = Callable[[], Sequence[str]]
Shown = Callable[[str, str], str]  # what a queue is called in a language; empty for the one without a name


def menu_of(ticket: Ticket, queues: Sequence[str], say: Callable[[str], str]) -> tuple[Button, ...]:
    """What may be done to a ticket as it stands, by at least somebody."""

    def possible(move: Move) -> bool:
        if move is Move.TRANSFER and not _others(ticket, queues):
            return False
        if move is Move.GROUP and ticket.outage_id is not None:
            return False
        return ticket.allows(move)

    return tuple(Button(move.value, say(f"button.{move}"), ticket.token) for move in _MENU if possible(move))


def seen(ticket: Ticket, move: Move) -> str:
    """What a form's button carries of the state that was seen: who was faster is known by it."""
    match move:
        case Move.ASSIGN:
            return str(ticket.assignee.id if ticket.assignee else 0)
        case Move.TRANSFER:
            return ticket.queue or GENERAL
        case Move.PRIORITIZE:
            return str(int(ticket.priority))
        case _:
            return ""


class Forms:
    """Makes the form of a move, in the presser's language."""

    def __init__(self, wording: Wording, engineers: Engineers, queues: Queues, shown: Shown) -> None:
        self._say = wording.say
        self._engineers = engineers
        self._queues = queues
        self._shown = shown

    def form(self, turn: Turn, ticket: Ticket, move: Move) -> Reply:
        """What is asked for before the move is made."""
        language = turn.language
        title = self._say(language, f"form.{move}", ticket=ticket.reference)
        send = Button(
            move.value,
            self._say(language, f"button.{move}"),
            ticket.token,
            argument=seen(ticket, move),
            style="primary",
            with_fields=True,
        )
        return Reply((), (send,), (self._field(turn, ticket, move),), summary=title, language=language)

    def _field(self, turn: Turn, ticket: Ticket, move: Move) -> Field:
        match move:
            case Move.ASSIGN:
                return self._engineer(turn, ticket)
            case Move.TRANSFER:
                return self._queue(turn, ticket)
            case Move.PRIORITIZE:
                return _priority(turn, ticket)
            case _:
                hint = turn.say("form.ticket.hint")
                return Field("ticket", turn.say("form.ticket"), hint=hint, multiline=False)

    def queue_name(self, language: str, queue: str) -> str:
        """What people call a queue."""
        return self._shown(queue, language) or self._say(language, "queue.general")

    def _engineer(self, turn: Turn, ticket: Ticket) -> Field:
        holder = ticket.assignee.id if ticket.assignee else None
        options = []
        for colleague in self._engineers.colleagues(turn.work, turn.at, ticket.queue):
            person = turn.work.people.known(colleague.identity)
            if person is None or person.id != holder:
                options.append(Option(str(colleague.identity), colleague.label))
        label = turn.say("form.engineer")
        if not options or len(options) > MOST_OPTIONS:
            hint = turn.say("form.engineer.hint")
            return Field("engineer", label, hint=hint, multiline=False)
        return Field("engineer", label, multiline=False, options=tuple(options))

    def _queue(self, turn: Turn, ticket: Ticket) -> Field:
        options = tuple(
            Option(queue or GENERAL, self.queue_name(turn.language, queue))
            for queue in _others(ticket, self._queues())
        )
        return Field("queue", turn.say("form.queue"), multiline=False, options=options[:MOST_OPTIONS])


def _priority(turn: Turn, ticket: Ticket) -> Field:
    options = tuple(
        Option(str(int(priority)), turn.say(f"priority.{priority.name.lower()}"))
        for priority in sorted(Priority, reverse=True)
    )
    now = str(int(ticket.priority))
    return Field("priority", turn.say("form.priority"), multiline=False, options=options, initial=now)


def _others(ticket: Ticket, queues: Sequence[str]) -> list[str]:
    return [queue for queue in dict.fromkeys(queues) if queue != ticket.queue]
