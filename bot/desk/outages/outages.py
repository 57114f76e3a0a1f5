"""Starts, edits and ends known outages, for everybody on them at once."""

import secrets
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime

from bot.desk.context import RequestContext
from bot.desk.history.timeline import DESK
from bot.desk.notifications import Notifications
from bot.desk.outages.forms import NEW, OutageForms, has_note, read_input, read_notices, read_title
from bot.desk.outages.posts import MOST_LISTED, OutagePosts
from bot.desk.ports.button_actions import OUTAGE_START, PERSON
from bot.desk.ports.clock import Clock
from bot.desk.ports.outages import KnownAlert, NewOutage
from bot.desk.ports.tickets import TicketEvent
from bot.desk.ports.unit_of_work import TicketChange, UnitOfWork, UnitsOfWork
from bot.desk.ports.wording import Wording
from bot.desk.tickets.action_responses import ActionResponses
from bot.desk.tickets.feedback import Feedback
from bot.desk.tickets.merging import Merging
from bot.domain.conversations.excerpts import first_words
from bot.domain.conversations.messages import Button, Click, Line, Outcome, OutcomeKind, Reply, ShowOutage
from bot.domain.people import Person
from bot.domain.tickets.outage import LONGEST_NOTICE, LONGEST_TITLE, Outage, make_outage_key
from bot.domain.tickets.ticket import Ticket, TicketAction, parse_ticket_id

GROUP = TicketAction.GROUP.value
BATCH = 50  # tickets that are closed in one transaction; the rest follow at once in further ones


class Outages:
    """Known outages, as engineers and alerts start, edit and end them."""

    def __init__(
        self,
        begin: UnitsOfWork,
        wording: Wording,
        notifications: Notifications,
        outage_posts: OutagePosts,
        responses: ActionResponses,
        feedback: Feedback,
        merging: Merging,
        clock: Clock,
    ) -> None:
        self._begin = begin
        self._wording = wording
        self._notifications = notifications
        self._outage_posts = outage_posts
        self._responses = responses
        self._feedback = feedback
        self._merging = merging
        self._clock = clock
        self._forms = OutageForms(wording)
        self.batch = BATCH

    def owns_token(self, work: UnitOfWork, token: str) -> bool:
        """Tell whether a button's token names an outage, an alert, or the form that starts an outage."""
        return token == NEW or _by_token(work, token) is not None

    def back(self, context: RequestContext, _subject: None, click: Click) -> Outcome:
        """Show the post again, or the start of a new outage, from a form that took its place."""
        if _by_token(context.work, click.token) is None:
            return Outcome(OutcomeKind.DONE, card=self._start_form(context, click.argument))
        return Outcome(OutcomeKind.DONE, shows=ShowOutage(click.token))

    def command(self, context: RequestContext, title: str) -> Outcome:
        """Ask for an outage's notice: in the response where the platform can, else in a message."""
        card = self._start_form(context, title)
        if context.utterance.inline:
            return Outcome(OutcomeKind.FORM, card=replace(card, blocks=()))
        conversation_id = context.work.conversations.open(context.utterance.conversation)
        private = None if context.utterance.conversation.private else context.utterance.sender
        context.work.outbox.say(conversation_id, card, context.at, private_to=private)
        return Outcome(OutcomeKind.DONE)

    def begin_outage(self, work: UnitOfWork, new: NewOutage) -> Outage | None:
        """Start an outage and post it in the rooms; return None when there is a live one with its key."""
        outage = work.outages.add(new)
        if outage is not None:
            self._outage_posts.post(work, outage, new.at)
        return outage

    def end_outage(
        self, work: UnitOfWork, outage: Outage, by: Person | None, closing: str, at: datetime
    ) -> bool:
        """End an outage and close its first batch of tickets; return False when it has ended already."""
        if not work.outages.end(outage, by, closing, at):
            return False
        self._close_batch(work, work.outages.current(outage), at)
        return True

    def close_next_batch(self) -> bool:
        """Close another batch of tickets of an ended outage; return whether there may be more."""
        with self._begin() as work:
            outage = work.outages.unsettled()
            if outage is None:
                return False
            self._close_batch(work, outage, self._clock())
        return True

    def tell_next_joined(self) -> bool:
        """Tell requesters whose tickets were put under an outage behind another one's card.

        Return whether there may be more of them.
        """
        with self._begin() as work:
            tickets, at = work.clusters.lock_in_outage(self.batch), self._clock()
            for ticket in tickets:
                work.clusters.leave(ticket)
                detail = {"outage": str(ticket.outage_id)}
                work.tickets.record(TicketEvent(ticket.id, at, "grouped", None, DESK, detail))
                outage = work.outages.get(ticket.outage_id) if ticket.outage_id is not None else None
                if outage is not None:
                    self._tell_joined(work, ticket, outage, at, way_out=True)  # it has no card
            for ticket in tickets:
                self._notifications.refresh_cards(work, ticket, at)
        return bool(tickets)

    def _start_form(self, context: RequestContext, title: str) -> Reply:
        form = self._forms.start(context.language, OUTAGE_START, NEW, title=title[:LONGEST_TITLE])
        return replace(form, blocks=(Line(form.summary),))

    def group(self, context: RequestContext, ticket: Ticket, click: Click) -> Outcome:
        """Put a ticket under a live outage, or under one that starts with it."""
        work = context.work
        if not ticket.allows(TicketAction.GROUP) or ticket.outage_id is not None:
            return self._responses.conflict(context, ticket, TicketAction.GROUP)
        if click.inputs is None:
            title, others = _title_from(work, ticket), work.outages.live(MOST_LISTED)
            form = self._forms.start(context.language, GROUP, ticket.token, title=title, others=others)
            return Outcome(OutcomeKind.FORM, ticket.reference, card=form)
        chosen = click.inputs.get("outage", NEW)
        if chosen not in ("", NEW):
            outage = work.outages.by_token(chosen) or _outage_of(work, chosen)
            if outage is None:
                return self._responses.invalid(context, ticket, "press.gone")
            return self._group(context, ticket, outage)
        outage, notice = self._begin_from_form(context, click.inputs, ticket=ticket)
        if outage is None:
            return self._responses.invalid(context, ticket, notice)
        outcome = self._group(context, ticket, outage)
        if outcome.kind is not OutcomeKind.DONE:
            return outcome
        if notice:
            return self._responses.success(context, ticket, notice, title=outage.title)
        return replace(outcome, notice=_told_of_mask(context))

    def start(self, context: RequestContext, _subject: None, click: Click) -> Outcome:
        """Start an outage, for an engineer or because of an alert."""
        work = context.work
        alert = work.outages.alert_by_token(click.token) if click.token != NEW else None
        if click.token != NEW and (alert is None or alert.ended_at is not None):
            return context.refuse("refused.alert_over")
        if alert is not None and alert.outage_id is not None:
            return context.refuse("refused.outage_begun", title=alert.title)
        if click.inputs is None:
            title = alert.title if alert else click.argument
            form = self._forms.start(context.language, OUTAGE_START, click.token, title=title)
            return Outcome(OutcomeKind.FORM, card=form)
        outage, notice = self._begin_from_form(context, click.inputs, alert=alert)
        if outage is None or notice:
            return context.refuse(notice, title=outage.title if outage else "")
        said = [context.say("outage.started", title=outage.title)]
        said += [context.say("relay.masked")] if context.utterance.masked else []
        return Outcome(OutcomeKind.DONE, notice=context.reply(" ".join(said)))

    def _begin_from_form(
        self,
        context: RequestContext,
        inputs: Mapping[str, str],
        *,
        ticket: Ticket | None = None,
        alert: KnownAlert | None = None,
    ) -> tuple[Outage | None, str]:
        """Start an outage from a form; return it or a live one, and a wording key where none started."""
        work, title = context.work, read_title(inputs)
        if has_note(inputs):
            return None, "refused.note_marked"
        if not title:
            return None, "refused.title_missing"
        target = ticket.target if ticket else ""
        key = make_alert_key(alert) if alert else make_outage_key(title, target)
        new = NewOutage(
            token=secrets.token_urlsafe(12),
            key=key,
            title=title,
            at=context.at,
            started_by=context.person,
            notices=read_notices(inputs, self._forms.languages),
            target=target,
            question=work.texts.get(ticket.question_id) if ticket else "",
        )
        outage = self.begin_outage(work, new)
        if outage is None:
            return work.outages.by_key(key), "refused.outage_begun"
        if alert is not None and work.outages.link_alert(alert, outage):
            self._outage_posts.refresh(work, work.outages.alert_by_token(alert.token) or alert, context.at)
        return outage, ""

    def _group(self, context: RequestContext, ticket: Ticket, outage: Outage) -> Outcome:
        work, at = context.work, context.at
        if not work.outages.lock(outage.id):
            return self._responses.invalid(context, ticket, "refused.outage_over", title=outage.title)
        if not work.outages.group(ticket, outage.id):
            return self._responses.conflict(context, ticket, TicketAction.GROUP)
        work.outages.adopt_question(outage.id, ticket)
        self._notifications.record(context, ticket, "grouped", {"outage": str(outage.id)})
        work.clusters.join_outage(ticket, outage.id)  # their requesters are told by `tell_next_joined`
        self._tell_joined(work, ticket, outage, at)
        self._notifications.refresh_cards(work, ticket, at)
        self._outage_posts.refresh(work, outage, at)
        return self._responses.success(context, ticket)

    def _tell_joined(
        self, work: UnitOfWork, ticket: Ticket, outage: Outage, at: datetime, *, way_out: bool = False
    ) -> None:
        """Tell the requester that their ticket is part of an outage, with `way_out` and how to leave it."""
        episode = work.episodes.get(ticket.episode_id)
        language, values = episode.language, {"title": outage.title}
        notice = outage.notice(language) or self._wording.say(language, "outage.notice")
        person = Button(PERSON, self._wording.say(language, "button.person"), episode.token)

        def finish(reply: Reply) -> Reply:
            return replace(reply, buttons=(person,)) if way_out else reply

        self._notifications.tell_requester(work, ticket, "told.outage", at, values, notice, finish)
        self._merging.tell(work, ticket, "told.outage_merged", at, notice, title=outage.title)

    def edit(self, context: RequestContext, _subject: None, click: Click) -> Outcome:
        """Change the title and the notices of a live outage."""
        outage = context.work.outages.by_token(click.token)
        if outage is None or not outage.live:
            return _over(context, outage)
        if click.inputs is None:
            return Outcome(OutcomeKind.FORM, card=self._forms.edit(context.language, outage))
        if has_note(click.inputs):
            return context.refuse("refused.note_marked")
        title = read_title(click.inputs)
        if not title:
            return context.refuse("refused.title_missing")
        if not context.work.outages.reword(outage, title, read_notices(click.inputs, self._forms.languages)):
            return _over(context, outage)
        self._outage_posts.refresh(context.work, context.work.outages.current(outage), context.at)
        return Outcome(OutcomeKind.DONE, notice=_told_of_mask(context), shows=ShowOutage(outage.token))

    def end(self, context: RequestContext, _subject: None, click: Click) -> Outcome:
        """End an outage for everybody on it, with a closing note."""
        outage = context.work.outages.by_token(click.token)
        if outage is None or not outage.live:
            return _over(context, outage)
        if click.inputs is None:
            return Outcome(OutcomeKind.FORM, card=self._forms.end(context.language, outage))
        if has_note(click.inputs):
            return context.refuse("refused.note_marked")
        closing = read_input(click.inputs.get("note", ""), LONGEST_NOTICE)
        if not self.end_outage(context.work, outage, context.person, closing, context.at):
            return _over(context, outage)
        return Outcome(OutcomeKind.DONE, notice=_told_of_mask(context), shows=ShowOutage(outage.token))

    def _close_batch(self, work: UnitOfWork, outage: Outage, at: datetime) -> None:
        """Resolve a batch of an outage's tickets and tell everybody: first all employees, then the cards."""
        tickets = work.outages.lock_live_tickets(outage.id, self.batch)
        note_id = work.texts.add(outage.closing) if outage.closing and tickets else None
        for ticket in tickets:
            work.tickets.apply(ticket, TicketAction.END, outage.ended_by, at)
            detail = {"outage": str(outage.id)}
            work.tickets.record(TicketEvent(ticket.id, at, "resolved", outage.ended_by, "outage", detail))
            work.facts.append(TicketChange(ticket, "resolved", at))
            if note_id is not None:
                work.tickets.note(ticket, note_id)
        for ticket in tickets:
            values = {"title": outage.title}
            self._feedback.tell_resolution(work, ticket, "told.outage_ended", at, values, outage.closing)
        self._merging.tell_resolved(work, tickets, at, "", outage.closing)
        for ticket in tickets:
            self._notifications.refresh_cards(work, ticket, at)
        if len(tickets) < self.batch:
            work.outages.settle(outage.id, at)
        self._outage_posts.refresh(work, outage, at)


def make_alert_key(alert: KnownAlert) -> str:
    """Make the key of an outage that an alert starts: only one may be live."""
    return f"alert:{alert.id}"


def _by_token(work: UnitOfWork, token: str) -> Outage | KnownAlert | None:
    return work.outages.by_token(token) or work.outages.alert_by_token(token)


def _title_from(work: UnitOfWork, ticket: Ticket) -> str:
    """Return what an outage may be called after a ticket: the begin of the first line of its question."""
    lines = work.texts.get(ticket.question_id).strip().splitlines()
    return first_words(lines[0])[:LONGEST_TITLE] if lines else ""


def _outage_of(work: UnitOfWork, reference: str) -> Outage | None:
    """Return the outage of another ticket: several that are put under one name the first of them."""
    number = parse_ticket_id(reference)
    other = work.tickets.get(number) if number is not None else None
    return work.outages.get(other.outage_id) if other is not None and other.outage_id is not None else None


def _told_of_mask(context: RequestContext) -> Reply | None:
    """Word that a secret was hidden in what was written, where one was."""
    return context.reply(context.say("relay.masked")) if context.utterance.masked else None


def _over(context: RequestContext, outage: Outage | None) -> Outcome:
    if outage is None:
        return context.refuse("press.gone")
    return context.refuse("refused.outage_over", title=outage.title)
