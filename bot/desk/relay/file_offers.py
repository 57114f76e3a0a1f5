"""Handles the answer of a reader who has to agree to a file first.

Where a channel puts a file into the reader's own store, it posts an offer and hands the answer in as a click
of `OFFER`, whose token is the post's number.
"""

from dataclasses import dataclass

from bot.desk.buttons import Admitted, Refused
from bot.desk.context import RequestContext
from bot.desk.ports.button_actions import ACCEPT
from bot.desk.ports.page import File
from bot.desk.ports.unit_of_work import UnitOfWork
from bot.desk.relay.texts import RelayTexts
from bot.domain.conversations.messages import Click, Line, Link, Outcome, OutcomeKind, Reply, Utterance
from bot.domain.tickets.relay import RelayedMessage

_MOST_DIGITS = 18  # of an id in the database


@dataclass(frozen=True, slots=True)
class OpenOffer:
    """Offer that waits for its reader's answer: the post, its file, and the message that it belongs to."""

    post_id: int
    file: File
    relay: RelayedMessage
    to_employee: bool


class FileOffers:
    """Offers of files: the first answer hands the file over, or replaces the offer by a sentence."""

    def __init__(self, texts: RelayTexts) -> None:
        self._texts = texts

    def reader(self, context: RequestContext, click: Click) -> Admitted[OpenOffer] | Refused:
        """Admit the reader of an offer that is in this very chat and was not answered yet."""
        work = context.work
        conversation_id = work.conversations.find(context.utterance.conversation)
        if conversation_id is None or not click.token.isdecimal() or len(click.token) > _MOST_DIGITS:
            return Refused()
        post_id = int(click.token)
        # Locked before it is read: neither another answer nor the writer's deletion comes in between.
        work.conversations.lock((conversation_id,))
        offer, carried = work.outbox.offer(post_id), work.relays.carried_by(post_id)
        if offer is None or carried is None or offer.conversation_id != conversation_id or offer.answered:
            return Refused()
        relay, to_employee = carried
        file = work.relays.readable(offer.file_id, to_employee=to_employee)
        if file is None:  # it was just taken back: the offer is removed anyway
            return Refused()
        return Admitted(context, OpenOffer(post_id, file, relay, to_employee))

    def answer(self, context: RequestContext, offer: OpenOffer, click: Click) -> Outcome:
        """Carry out the answer: hand the file over, or replace the offer."""
        work, utterance = context.work, context.utterance
        if click.argument == ACCEPT and offer.file.content is not None:
            work.outbox.hand_over(offer.post_id, utterance.at)
        elif click.argument == ACCEPT:
            self._expired(work, utterance, offer.post_id, offer.file)
        else:
            relay = offer.relay if offer.to_employee else None
            self._declined(work, utterance, offer.post_id, offer.file, relay)
        return Outcome(OutcomeKind.DONE)

    def _expired(self, work: UnitOfWork, utterance: Utterance, post_id: int, file: File) -> None:
        language = work.outbox.read(post_id).language
        gone = self._texts.plain(language, "relay.offer.expired", file=file.name)
        work.outbox.revise(post_id, gone, utterance.at)

    def _declined(
        self,
        work: UnitOfWork,
        utterance: Utterance,
        post_id: int,
        file: File,
        relay: RelayedMessage | None,
    ) -> None:
        """Replace the offer, keeping its link if it has one; tell the engineer under the card."""
        offered = work.outbox.read(post_id)
        links = tuple(block for block in offered.blocks if isinstance(block, Link))
        kept = "link" if links else "nothing"
        declined = self._texts.plain(offered.language, f"relay.offer.declined.{kept}", file=file.name)
        reply = Reply((Line(declined.summary), *links), summary=declined.summary, language=offered.language)
        work.outbox.revise(post_id, reply, utterance.at)
        ticket = work.tickets.get(relay.ticket_id) if relay else None
        if relay is None or ticket is None:
            return
        key, requester = f"relay.offer.declined_room.{kept}", ticket.requester.name
        notice = self._texts.in_room(key, requester=requester, file=file.name)
        work.outbox.say(relay.conversation_id, notice, utterance.at, ticket_id=ticket.id)
