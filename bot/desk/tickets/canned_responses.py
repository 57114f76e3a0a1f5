"""“Canned replies” on a card: pick one of the replies kept ready, or search, then correct it and send it."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from bot.desk.cards.ticket_card import TicketCards
from bot.desk.context import RequestContext
from bot.desk.knowledge.library import Library
from bot.desk.ports.button_actions import CANNED
from bot.desk.relay.send import Sending
from bot.desk.tickets.lifecycle import TicketLifecycle
from bot.domain.conversations.messages import Button, Click, Field, Line, Option, Outcome, OutcomeKind, Reply
from bot.domain.tickets.canned_response import CannedResponse, found, version
from bot.domain.tickets.ticket import Status, Ticket

SEND = "send"
PICK = "pick:"  # with the words that were searched for
MOST = 100  # more than this no platform lists: a search finds the others
LONGEST_SEARCH = 80


class CannedResponses:
    """Two forms: which reply, and what it says; the state between them is in the second's button."""

    def __init__(
        self, library: Library, cards: TicketCards, lifecycle: TicketLifecycle, sending: Sending
    ) -> None:
        self._library = library
        self._cards = cards
        self._lifecycle = lifecycle
        self._sending = sending

    def click(self, context: RequestContext, ticket: Ticket, click: Click) -> Outcome:
        """Show a form, or send what was filled in."""
        mine = ticket.assignee is not None and ticket.assignee.id == context.person.id
        if ticket.status is not Status.CLAIMED or not mine:
            return self._lifecycle.too_late(context, ticket, CANNED)
        if click.inputs is None:
            return self._pick(context, ticket, "")
        if click.argument == SEND:
            return self._send(context, ticket, click.inputs.get("text", ""))
        return self._picked(context, ticket, click.inputs, click.argument.removeprefix(PICK))

    def _picked(
        self, context: RequestContext, ticket: Ticket, inputs: Mapping[str, str], before: str
    ) -> Outcome:
        search = inputs.get("search", "").strip()[:LONGEST_SEARCH]
        versions = self._library.snapshot.content.replies.get(inputs.get("reply", ""))
        if versions is not None and search in ("", before):
            return self._text(context, ticket, versions)
        if not search:
            return replace(self._pick(context, ticket, ""), notice=context.reply(context.say("canned.pick")))
        hits = self._found(context, ticket, search)
        if len(hits) == 1:
            return self._text(context, ticket, self._library.snapshot.content.replies[hits[0].id])
        return self._pick(context, ticket, search, said="canned.hits" if hits else "canned.no_hits")

    def _pick(self, context: RequestContext, ticket: Ticket, search: str, *, said: str = "") -> Outcome:
        hits = self._found(context, ticket, search)
        offered = hits or self._found(context, ticket, "")
        if not offered:
            return context.refuse("canned.none", card=self._cards.card(context.work, ticket))
        pick = Field(
            "reply",
            context.say("canned.reply"),
            required=False,
            options=tuple(Option(one.id, one.title) for one in offered[:MOST]),
            initial=hits[0].id if search and hits else "",
        )
        label, hint = context.say("canned.search"), context.say("canned.search.hint")
        words = Field("search", label, hint=hint, multiline=False, required=False, initial=search)
        lines = (Line(context.say(said, count=len(hits), search=search)),) if said else ()
        return self._form(context, ticket, lines, (pick, words), "button.canned.pick", PICK + search)

    def _text(
        self, context: RequestContext, ticket: Ticket, versions: Mapping[str, CannedResponse]
    ) -> Outcome:
        language = context.work.episodes.get(ticket.episode_id).language
        values = {
            "requester": ticket.requester.name,
            "ticket": ticket.reference,
            "engineer": context.person.name,
        }
        text = version(versions, language).filled(values)
        label = context.say("canned.text", requester=ticket.requester.name)
        return self._form(
            context, ticket, (), (Field("text", label, initial=text),), "button.canned.send", SEND
        )

    def _send(self, context: RequestContext, ticket: Ticket, text: str) -> Outcome:
        card = self._cards.card(context.work, ticket)
        refusal = self._sending.refusal(context, ticket, text)
        if refusal:
            return context.refuse(refusal, card=card, ticket=ticket.reference)
        masked = self._sending.send(context, ticket, text)
        notice = context.reply(context.say("masked.note")) if masked else None
        return Outcome(OutcomeKind.DONE, ticket=ticket.reference, card=card, notice=notice)

    def _found(self, context: RequestContext, ticket: Ticket, search: str) -> Sequence[CannedResponse]:
        return found(self._library.snapshot.content.replies, context.language, ticket.queue, search)

    def _form(
        self,
        context: RequestContext,
        ticket: Ticket,
        lines: tuple[Line, ...],
        fields: tuple[Field, ...],
        label: str,
        argument: str,
    ) -> Outcome:
        send = Button(CANNED, context.say(label), ticket.token, argument, style="primary", with_fields=True)
        title = context.say("form.canned", ticket=ticket.reference)
        card = Reply(lines, (send,), fields, summary=title, language=context.language)
        return Outcome(OutcomeKind.FORM, ticket=ticket.reference, card=card)
