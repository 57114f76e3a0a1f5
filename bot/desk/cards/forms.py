"""Builds the menu of a card, and the forms behind it."""

from collections.abc import Callable, Sequence

from bot.desk.context import RequestContext
from bot.desk.ports.wording import Wording
from bot.desk.staff.permissions import Permissions
from bot.domain.conversations.messages import Button, Field, Option, Reply
from bot.domain.people import Person
from bot.domain.tickets.ticket import Priority, Ticket, TicketAction

MOST_OPTIONS = 100  # no platform lists more; a name is then typed
GENERAL = "-"  # option value of the unnamed queue
# Actions of any engineer from a ticket's menu; all others are the assignee's own.
MENU_ACTIONS = (
    TicketAction.ASSIGN,
    TicketAction.TRANSFER,
    TicketAction.PRIORITIZE,
    TicketAction.MERGE,
    TicketAction.LINK,
    TicketAction.GROUP,
)

QueueNames = Callable[[], Sequence[str]]
QueueLabel = Callable[[str, str], str]  # a queue's name in a language; empty for the unnamed one


def build_menu(ticket: Ticket, queues: Sequence[str], say: Callable[[str], str]) -> tuple[Button, ...]:
    """Build the menu of a ticket: the actions that somebody may take in its state."""

    def possible(action: TicketAction) -> bool:
        if action is TicketAction.TRANSFER and not _other_queues(ticket, queues):
            return False
        if action is TicketAction.GROUP and ticket.outage_id is not None:
            return False
        return ticket.allows(action)

    return tuple(
        Button(action.value, say(f"button.{action}"), ticket.token)
        for action in MENU_ACTIONS
        if possible(action)
    )


def encode_seen_state(ticket: Ticket, action: TicketAction) -> str:
    """Encode the state that was seen when a form opened: it tells whether somebody was faster."""
    match action:
        case TicketAction.ASSIGN:
            return str(ticket.assignee.id if ticket.assignee else 0)
        case TicketAction.TRANSFER:
            return ticket.queue or GENERAL
        case TicketAction.PRIORITIZE:
            return str(int(ticket.priority))
        case _:
            return ""


class TicketForms:
    """Forms of ticket actions, in the reader's language."""

    def __init__(
        self, wording: Wording, permissions: Permissions, queue_names: QueueNames, queue_label: QueueLabel
    ) -> None:
        self._say = wording.say
        self._permissions = permissions
        self.queue_names = queue_names
        self._queue_label = queue_label

    def form(self, context: RequestContext, ticket: Ticket, action: TicketAction) -> Reply:
        """Build the form that asks for what an action needs."""
        language = context.language
        title = self._say(language, f"form.{action}", ticket=ticket.reference)
        send = Button(
            action.value,
            self._say(language, f"button.{action}"),
            ticket.token,
            argument=encode_seen_state(ticket, action),
            style="primary",
            with_fields=True,
        )
        return Reply((), (send,), (self._field(context, ticket, action),), summary=title, language=language)

    def _field(self, context: RequestContext, ticket: Ticket, action: TicketAction) -> Field:
        match action:
            case TicketAction.ASSIGN:
                return self._engineer(context, ticket)
            case TicketAction.TRANSFER:
                return self._queue(context, ticket)
            case TicketAction.PRIORITIZE:
                return _priority(context, ticket)
            case _:
                hint = context.say("form.ticket.hint")
                key = "form.ticket.stays" if action is TicketAction.MERGE else "form.ticket"
                return Field("ticket", context.say(key), hint=hint, multiline=False)

    def queue_name(self, language: str, queue: str) -> str:
        """Return the name of a queue in a language."""
        return self._queue_label(queue, language) or self._say(language, "queue.general")

    def _engineer(self, context: RequestContext, ticket: Ticket) -> Field:
        held = (ticket.assignee,) if ticket.assignee is not None else ()
        options, seen = [], list[Person]()
        for colleague in self._permissions.colleagues(context.work, context.at, ticket.queue):
            person = context.work.people.known(colleague.identity)
            if person is not None and any(person.is_same(other) for other in (*seen, *held)):
                continue  # the same person with another account, or who has it already
            seen += [person] if person is not None else []
            away = context.work.absences.of(person, context.at) if person is not None else None
            mark = f" · {context.say('absence.away')}" if away is not None else ""
            options.append(Option(str(colleague.identity), f"{colleague.label}{mark}"))
        label = context.say("form.engineer")
        if not options or len(options) > MOST_OPTIONS:
            hint = context.say("form.engineer.hint")
            return Field("engineer", label, hint=hint, multiline=False)
        return Field("engineer", label, multiline=False, options=tuple(options))

    def _queue(self, context: RequestContext, ticket: Ticket) -> Field:
        options = tuple(
            Option(queue or GENERAL, self.queue_name(context.language, queue))
            for queue in _other_queues(ticket, self.queue_names())
        )
        return Field("queue", context.say("form.queue"), multiline=False, options=options[:MOST_OPTIONS])


def _priority(context: RequestContext, ticket: Ticket) -> Field:
    options = tuple(
        Option(str(int(priority)), context.say(f"priority.{priority.name.lower()}"))
        for priority in sorted(Priority, reverse=True)
    )
    now = str(int(ticket.priority))
    return Field("priority", context.say("form.priority"), multiline=False, options=options, initial=now)


def _other_queues(ticket: Ticket, queues: Sequence[str]) -> list[str]:
    return [queue for queue in dict.fromkeys(queues) if queue != ticket.queue]
