"""A known outage: begun, worded, and ended for everybody on it at once."""

import secrets
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime

from bot.desk.context import Turn
from bot.desk.notifications import Telling
from bot.desk.outages.inputs import marked, masked, notices_of, title_of
from bot.desk.outages.posts import MOST_LISTED, NEW, OutageForms, Signs
from bot.desk.ports.channels import Clock, Wording
from bot.desk.ports.tickets import KnownAlert, NewOutage
from bot.desk.ports.unit_of_work import TicketEvent, UnitOfWork, UnitsOfWork
from bot.desk.staff.permissions import Engineers
from bot.desk.tickets.feedback import Feedback
from bot.desk.tickets.menu import Losing
from bot.desk.tickets.merged_notifications import Duplicates
from bot.domain.conversations.messages import BACK, Line, Outcome, OutcomeKind, Press, Reply, Utterance
from bot.domain.people import Person
from bot.domain.tickets.outage import LONGEST_NOTICE, LONGEST_TITLE, Outage, key_of
from bot.domain.tickets.ticket import Move, Ticket

GROUP = Move.GROUP.value
ACTIONS = frozenset((GROUP, "outage_start", "outage_edit", "outage_end"))
LOT = 50  # tickets that are closed in one transaction; the rest follow at once, in further ones


class Outages:
    """What engineers and alerts do about outages."""

    def __init__(
        self,
        begin: UnitsOfWork,
        wording: Wording,
        engineers: Engineers,
        telling: Telling,
        losing: Losing,
        signs: Signs,
        feedback: Feedback,
        clock: Clock,
    ) -> None:
        self._begin = begin
        self._wording = wording
        self._engineers = engineers
        self._telling = telling
        self._losing = losing
        self._signs = signs
        self._feedback = feedback
        self._forms = OutageForms(wording)
        self._duplicates = Duplicates(telling, feedback)
        self._clock = clock
        self.lot = LOT

    def takes(self, work: UnitOfWork, press: Press) -> bool:
        """Whether a press is ours: an action of ours, or the way back from a form of ours."""
        if press.action != BACK:
            return press.action in ACTIONS
        return press.token == NEW or self._lasting(work, press.token) is not None

    def again(self, work: UnitOfWork, utterance: Utterance, press: Press, earlier: Outcome) -> Outcome:
        """What a repeated press shows: the response to the first one may have been lost on its way."""
        if not utterance.inline or press.inputs is not None:
            return earlier
        return replace(self.press(work, utterance, press), repeated=True)

    def press(self, work: UnitOfWork, utterance: Utterance, press: Press) -> Outcome:
        """Do what an engineer pressed on a ticket's card, on a sign, or in a form of ours."""
        person = work.people.meet(utterance.sender, utterance.sender_name, None, utterance.at)
        turn = Turn(work, self._wording, utterance, person, self._telling.reader(utterance))
        if utterance.stranger or not self._engineers.allows(work, utterance.sender, turn.at):
            return turn.refuse("refused.engineers_only")
        if press.action == BACK:
            return self._back(turn, press)
        match press.action:
            case Move.GROUP:
                return self._on_ticket(turn, press)
            case "outage_start":
                return self._start(turn, press)
        outage = work.outages.by_token(press.token)
        if outage is None:
            return turn.refuse("press.gone")
        if not outage.live:
            return turn.refuse("refused.outage_over", title=outage.title)
        return (self._end if press.action == "outage_end" else self._edit)(turn, outage, press)

    def command(self, turn: Turn, title: str) -> Outcome:
        """Ask for an outage's notice: in the response where the platform can, else in a message."""
        card = self._asking(turn, title)
        if turn.utterance.inline:
            return Outcome(OutcomeKind.FORM, card=replace(card, blocks=()))
        conversation_id = turn.work.conversations.open(turn.utterance.conversation)
        private = None if turn.utterance.conversation.private else turn.utterance.sender
        turn.work.outbox.say(conversation_id, card, turn.at, private_to=private)
        return Outcome(OutcomeKind.DONE)

    def start_by(self, work: UnitOfWork, new: NewOutage) -> Outage | None:
        """Start an outage and put up its signs; None when one like it lasts already."""
        outage = work.outages.add(new)
        if outage is not None:
            self._signs.put(work, outage, new.at)
        return outage

    def end_by(self, work: UnitOfWork, outage: Outage, by: Person | None, closing: str, at: datetime) -> bool:
        """End an outage for the first of its tickets; the rest are gone on with. False when it has ended."""
        if not work.outages.end(outage, by, closing, at):
            return False
        self._close_some(work, _known(work, outage.id), at)
        return True

    def go_on(self) -> bool:
        """Close another lot of tickets of an outage that has ended; whether there may be more."""
        with self._begin() as work:
            outage = work.outages.unsettled()
            if outage is None:
                return False
            self._close_some(work, outage, self._clock())
        return True

    def _back(self, turn: Turn, press: Press) -> Outcome:
        thing = self._lasting(turn.work, press.token)
        if thing is None:
            return Outcome(OutcomeKind.DONE, card=self._asking(turn, press.argument))
        card = self._signs.render(turn.work, thing, self._telling.language)
        return Outcome(OutcomeKind.DONE, card=card)

    def _asking(self, turn: Turn, title: str) -> Reply:
        form = self._forms.start(turn.language, "outage_start", NEW, title=title[:LONGEST_TITLE])
        return replace(form, blocks=(Line(form.summary),))

    def _lasting(self, work: UnitOfWork, token: str) -> Outage | KnownAlert | None:
        return work.outages.by_token(token) or work.outages.alert_by_token(token)

    def _on_ticket(self, turn: Turn, press: Press) -> Outcome:
        work = turn.work
        ticket = work.tickets.by_token(press.token)
        if ticket is None:
            return turn.refuse("ticket.unknown")
        if not self._engineers.allows(work, turn.utterance.sender, turn.at, ticket.queue):
            return turn.refuse("refused.engineers_only")
        if not ticket.allows(Move.GROUP) or ticket.outage_id is not None:
            return self._losing.late(turn, ticket, Move.GROUP)
        if press.inputs is None:
            others = work.outages.live(MOST_LISTED)
            form = self._forms.start(turn.language, GROUP, ticket.token, others=others)
            return Outcome(OutcomeKind.FORM, ticket=ticket.reference, card=form)
        chosen = press.inputs.get("outage", NEW)
        if chosen not in ("", NEW):
            outage = work.outages.by_token(chosen)
            if outage is None:
                return self._losing.wrong(turn, ticket, "press.gone")
            return self._group(turn, ticket, outage)
        outage, notice = self._begun(turn, press.inputs, ticket=ticket)
        if outage is None:
            return self._losing.wrong(turn, ticket, notice)
        outcome = self._group(turn, ticket, outage)
        if notice and outcome.kind is OutcomeKind.DONE:
            return self._losing.done(turn, ticket, notice, title=outage.title)
        return outcome

    def _start(self, turn: Turn, press: Press) -> Outcome:
        work = turn.work
        alert = work.outages.alert_by_token(press.token) if press.token != NEW else None
        if press.token != NEW and (alert is None or alert.ended_at is not None):
            return turn.refuse("refused.alert_over")
        if alert is not None and alert.outage_id is not None:
            return turn.refuse("refused.outage_begun", title=alert.title)
        if press.inputs is None:
            title = alert.title if alert else press.argument
            form = self._forms.start(turn.language, "outage_start", press.token, title=title)
            return Outcome(OutcomeKind.FORM, card=form)
        outage, notice = self._begun(turn, press.inputs, alert=alert)
        if outage is None or notice:
            return turn.refuse(notice, title=outage.title if outage else "")
        return Outcome(OutcomeKind.DONE, notice=turn.reply(turn.say("outage.started", title=outage.title)))

    def _begun(
        self,
        turn: Turn,
        inputs: Mapping[str, str],
        *,
        ticket: Ticket | None = None,
        alert: KnownAlert | None = None,
    ) -> tuple[Outage | None, str]:
        """The outage that begins, or lasts already; and what to say where it did not begin now."""
        work, title = turn.work, title_of(inputs)
        if marked(inputs):
            return None, "refused.note_marked"
        if not title:
            return None, "refused.title_missing"
        target = ticket.target if ticket else ""
        key = alert_key(alert) if alert else key_of(title, target)
        new = NewOutage(
            token=secrets.token_urlsafe(12),
            key=key,
            title=title,
            at=turn.at,
            started_by=turn.person,
            notices=notices_of(inputs, self._forms.languages),
            target=target,
            question=work.texts.get(ticket.question_id) if ticket else "",
        )
        outage = self.start_by(work, new)
        if outage is None:
            return work.outages.by_key(key), "refused.outage_begun"
        if alert is not None and work.outages.lead(alert, outage):
            self._signs.show(work, work.outages.alert_by_token(alert.token) or alert, turn.at)
        return outage, ""

    def _group(self, turn: Turn, ticket: Ticket, outage: Outage) -> Outcome:
        work, at = turn.work, turn.at
        if not work.outages.hold(outage.id):
            return self._losing.wrong(turn, ticket, "refused.outage_over", title=outage.title)
        if not work.outages.group(ticket, outage.id):
            return self._losing.late(turn, ticket, Move.GROUP)
        work.outages.learn(outage.id, ticket)
        self._telling.record(turn, ticket, "grouped", {"outage": str(outage.id)})
        language = work.episodes.get(ticket.episode_id).language
        notice = outage.notice(language) or self._wording.say(language, "outage.notice")
        self._telling.requester(work, ticket, "told.outage", at, {"title": outage.title}, quote=notice)
        self._duplicates.tell(work, ticket, "told.outage_merged", at, notice, title=outage.title)
        self._telling.refresh(work, ticket, at)
        self._signs.show(work, outage, at)
        return self._losing.done(turn, ticket)

    def _edit(self, turn: Turn, outage: Outage, press: Press) -> Outcome:
        if press.inputs is None:
            return Outcome(OutcomeKind.FORM, card=self._forms.edit(turn.language, outage))
        if marked(press.inputs):
            return turn.refuse("refused.note_marked")
        title = title_of(press.inputs)
        if not title:
            return turn.refuse("refused.title_missing")
        if not turn.work.outages.reword(outage, title, notices_of(press.inputs, self._forms.languages)):
            return turn.refuse("refused.outage_over", title=outage.title)
        self._signs.show(turn.work, _known(turn.work, outage.id), turn.at)
        return self._shown(turn, outage)

    def _end(self, turn: Turn, outage: Outage, press: Press) -> Outcome:
        if press.inputs is None:
            return Outcome(OutcomeKind.FORM, card=self._forms.end(turn.language, outage))
        if marked(press.inputs):
            return turn.refuse("refused.note_marked")
        closing = masked(press.inputs.get("note", ""), LONGEST_NOTICE)
        if not self.end_by(turn.work, outage, turn.person, closing, turn.at):
            return turn.refuse("refused.outage_over", title=outage.title)
        return self._shown(turn, outage)

    def _shown(self, turn: Turn, outage: Outage) -> Outcome:
        card = self._signs.render(turn.work, _known(turn.work, outage.id), self._telling.language)
        return Outcome(OutcomeKind.DONE, card=card)

    def _close_some(self, work: UnitOfWork, outage: Outage, at: datetime) -> None:
        """Resolve a lot of its tickets and tell everybody: first all employees, then the cards."""
        held = work.outages.held(outage.id, self.lot)
        note_id = work.texts.add(outage.closing) if outage.closing and held else None
        for ticket in held:
            work.tickets.move(ticket, Move.END, outage.ended_by, at)
            detail = {"outage": str(outage.id)}
            work.tickets.record(TicketEvent(ticket.id, at, "resolved", outage.ended_by, "outage", detail))
            if note_id is not None:
                work.tickets.note(ticket, note_id)
        for ticket in held:
            values = {"title": outage.title}
            self._feedback.told(work, ticket, "told.outage_ended", at, values, outage.closing)
        self._duplicates.resolved(work, held, at, "", outage.closing)
        for ticket in held:
            self._telling.refresh(work, ticket, at)
        if len(held) < self.lot:
            work.outages.settle(outage.id, at)
        self._signs.show(work, outage, at)


def alert_key(alert: KnownAlert) -> str:
    """What two outages that an alert begins share: the alert."""
    return f"alert:{alert.id}"


def _known(work: UnitOfWork, outage_id: int) -> Outage:
    found = work.outages.get(outage_id)
    if found is None:
        raise LookupError("an outage vanished while it was being changed")
    return found
