"""Shows a ticket that lives in another channel to its requester, and takes what they add to it."""

from dataclasses import replace

from bot.desk.context import RequestContext
from bot.desk.conversations.ticket_messages import TicketMessages
from bot.desk.history.merged_tickets import active_ticket, lock_ticket
from bot.desk.ports.button_actions import ADD_HERE
from bot.domain.conversations.excerpts import in_short
from bot.domain.conversations.messages import (
    Block,
    Button,
    Click,
    Field,
    Line,
    Outcome,
    OutcomeKind,
    Quote,
    Reply,
)
from bot.domain.secrets.masking import visible
from bot.domain.tickets.ticket import Ticket

SHOWN = 10  # newest messages of the ticket's conversation


class OtherChannel:
    """Conversation of a ticket from another channel of its requester: it stays where it was asked.

    Everything that is said goes there, so that it is whole in one place.
    """

    def __init__(self, messages: TicketMessages) -> None:
        self._messages = messages

    def add(self, context: RequestContext, named: Ticket, click: Click) -> Outcome:
        """Show what was said, with a field for more, or add what was written in it."""
        work, ticket = context.work, active_ticket(context.work, named)
        if click.inputs is None:
            return Outcome(OutcomeKind.FORM, ticket.reference, card=self._form(context, ticket))
        text = click.inputs.get("message", "").strip()
        if not visible(text):
            return context.refuse("details.empty")
        ticket = lock_ticket(work, ticket)
        if not ticket.live:
            return context.refuse("ticket.closed", ticket=ticket.reference)
        self._messages.add_from_other_channel(context, ticket, text)
        notice = context.reply(context.say("ticket.added", ticket=ticket.reference))
        return Outcome(OutcomeKind.ADDED, ticket.reference, notice=notice)

    def _form(self, context: RequestContext, ticket: Ticket) -> Reply:
        blocks: list[Block] = []
        for message in context.work.timeline.about(ticket, SHOWN):
            if message.author and message.text:
                blocks += [Line(message.author), Quote(message.text)]
            elif message.reply is not None and message.reply.summary:
                blocks.append(Line(message.reply.summary))
        where = context.say(f"channel.{ticket.channel}")
        send = Button(ADD_HERE, context.say("button.send"), ticket.token, style="primary", with_fields=True)
        field = Field("message", context.say("form.add_here", channel=where))
        title = in_short(context.say("form.add_here.title", ticket=ticket.reference))
        return replace(context.reply(title), blocks=tuple(blocks), buttons=(send,), fields=(field,))
