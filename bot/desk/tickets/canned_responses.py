"""“Pick a reply” on a card: pick one of the replies kept ready, or search, then correct it and send it."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from bot.desk.cards.ticket_card import Cards
from bot.desk.context import Turn
from bot.desk.knowledge.library import Library
from bot.desk.ports.button_actions import CANNED
from bot.desk.relay.send import Sending
from bot.desk.tickets.lifecycle import Escalations
from bot.domain.conversations.messages import Button, Field, Line, Option, Outcome, OutcomeKind, Press, Reply
from bot.domain.tickets.canned_response import Canned, found, version
from bot.domain.tickets.ticket import Status, Ticket

SEND = "send"
PICK = "pick:"  # with the words that were searched for
MOST = 100  # more than this no platform lists: a search finds the others
LONGEST_SEARCH = 80


class ReadyReplies:
    """Two forms: which reply, and what it says; the state between them is in the second's button."""

    def __init__(self, library: Library, cards: Cards, escalations: Escalations, sending: Sending) -> None:
        self._library = library
        self._cards = cards
        self._escalations = escalations
        self._sending = sending

    def press(self, turn: Turn, ticket: Ticket, press: Press) -> Outcome:
        """Show a form, or send what was filled in."""
        mine = ticket.assignee is not None and ticket.assignee.id == turn.person.id
        if ticket.status is not Status.CLAIMED or not mine:
            return self._escalations.too_late(turn, ticket, CANNED)
        if press.inputs is None:
            return self._pick(turn, ticket, "")
        if press.argument == SEND:
            return self._send(turn, ticket, press.inputs.get("text", ""))
        return self._picked(turn, ticket, press.inputs, press.argument.removeprefix(PICK))

    def _picked(self, turn: Turn, ticket: Ticket, inputs: Mapping[str, str], before: str) -> Outcome:
        search = inputs.get("search", "").strip()[:LONGEST_SEARCH]
        versions = self._library.shelf.content.replies.get(inputs.get("reply", ""))
        if versions is not None and search in ("", before):
            return self._text(turn, ticket, versions)
        if not search:
            return replace(self._pick(turn, ticket, ""), notice=turn.reply(turn.say("canned.pick")))
        hits = self._found(turn, ticket, search)
        if len(hits) == 1:
            return self._text(turn, ticket, self._library.shelf.content.replies[hits[0].id])
        return self._pick(turn, ticket, search, said="canned.hits" if hits else "canned.no_hits")

    def _pick(self, turn: Turn, ticket: Ticket, search: str, *, said: str = "") -> Outcome:
        hits = self._found(turn, ticket, search)
        offered = hits or self._found(turn, ticket, "")
        if not offered:
            return turn.refuse("canned.none", card=self._cards.card(turn.work, ticket))
        pick = Field(
            "reply",
            turn.say("canned.reply"),
            required=False,
            options=tuple(Option(one.id, one.title) for one in offered[:MOST]),
            initial=hits[0].id if search and hits else "",
        )
        label, hint = turn.say("canned.search"), turn.say("canned.search.hint")
        words = Field("search", label, hint=hint, multiline=False, required=False, initial=search)
        lines = (Line(turn.say(said, count=len(hits), search=search)),) if said else ()
        return self._form(turn, ticket, lines, (pick, words), "button.canned.pick", PICK + search)

    def _text(self, turn: Turn, ticket: Ticket, versions: Mapping[str, Canned]) -> Outcome:
        language = turn.work.episodes.get(ticket.episode_id).language
        values = {
            "requester": ticket.requester.name,
            "ticket": ticket.reference,
            "engineer": turn.person.name,
        }
        text = version(versions, language).filled(values)
        label = turn.say("canned.text", requester=ticket.requester.name)
        return self._form(turn, ticket, (), (Field("text", label, initial=text),), "button.canned.send", SEND)

    def _send(self, turn: Turn, ticket: Ticket, text: str) -> Outcome:
        card = self._cards.card(turn.work, ticket)
        refusal = self._sending.refusal(turn, ticket, text)
        if refusal:
            return turn.refuse(refusal, card=card, ticket=ticket.reference)
        masked = self._sending.send(turn, ticket, text)
        notice = turn.reply(turn.say("masked.note")) if masked else None
        return Outcome(OutcomeKind.DONE, ticket=ticket.reference, card=card, notice=notice)

    def _found(self, turn: Turn, ticket: Ticket, search: str) -> Sequence[Canned]:
        return found(self._library.shelf.content.replies, turn.language, ticket.queue, search)

    def _form(
        self,
        turn: Turn,
        ticket: Ticket,
        lines: tuple[Line, ...],
        fields: tuple[Field, ...],
        label: str,
        argument: str,
    ) -> Outcome:
        send = Button(CANNED, turn.say(label), ticket.token, argument, style="primary", with_fields=True)
        title = turn.say("form.canned", ticket=ticket.reference)
        card = Reply(lines, (send,), fields, summary=title, language=turn.language)
        return Outcome(OutcomeKind.FORM, ticket=ticket.reference, card=card)
