"""Everything that people say and press comes in here; one transaction each."""

from dataclasses import replace
from datetime import datetime

from bot.desk.automation.still_working import NUDGES, StillWorking
from bot.desk.context import RequestContext
from bot.desk.conversations.dialogue import PENDING, Dialogue
from bot.desk.conversations.employee_buttons import EmployeeButtons
from bot.desk.conversations.on_behalf import OnBehalf
from bot.desk.knowledge.understanding import ParsedMessage, Understanding
from bot.desk.outages.outages import Outages
from bot.desk.ports.channels import Clock, Wording
from bot.desk.ports.unit_of_work import UnitOfWork, UnitsOfWork
from bot.desk.relay.file_offers import FileOffers
from bot.desk.relay.relay import Relay
from bot.desk.staff.permissions import Permissions
from bot.desk.tickets.buttons import TicketButtons
from bot.desk.tickets.lifecycle import PRESSED, TicketLifecycle
from bot.desk.tickets.menu import MENU, TicketMenu
from bot.domain.conversations.commands import Command
from bot.domain.conversations.episode import Episode, EpisodeState
from bot.domain.conversations.masking import clean
from bot.domain.conversations.messages import Addressed, Attachment, Click, Outcome, OutcomeKind, Utterance
from bot.domain.knowledge.content import Answer, Choose

MOST_FILES = 20
TALK = frozenset({"greeting", "thanks", "goodbye", "capabilities"})


class Intake:
    """Receives utterances: repeated ones change nothing, overheard ones that are not for us leave nothing."""

    def __init__(
        self,
        begin: UnitsOfWork,
        understanding: Understanding,
        dialogue: Dialogue,
        on_behalf: OnBehalf,
        clicks: EmployeeButtons,
        lifecycle: TicketLifecycle,
        menu: TicketMenu,
        outages: Outages,
        buttons: TicketButtons,
        relay: Relay,
        offers: FileOffers,
        still_working: StillWorking,
        engineers: Permissions,
        wording: Wording,
        clock: Clock,
    ) -> None:
        self._begin = begin
        self._understanding = understanding
        self._dialogue = dialogue
        self._on_behalf = on_behalf
        self._presses = clicks
        self._lifecycle = lifecycle
        self._menu = menu
        self._outages = outages
        self._buttons = buttons
        self._relay = relay
        self._offers = offers
        self._still_working = still_working
        self._engineers = engineers
        self._wording = wording
        self._clock = clock

    def receive(self, utterance: Utterance) -> Outcome:
        """Take one utterance in; when this returns, what follows from it is committed."""
        now = self._clock()
        utterance = _cleaned(utterance, now)
        # The matching is done before the transaction begins: it may take a while and holds no lock.
        parsed = self._understanding.hear(utterance) if utterance.click is None else None
        with self._begin() as work:
            earlier = work.inbox.admit(utterance.keys, now)
            if earlier is not None:
                return self._once_more(work, utterance, earlier)
            outcome = self._said(work, utterance, parsed) if parsed else self._pressed(work, utterance)
            if outcome.notice is not None and not utterance.inline:
                conversation_id = work.conversations.open(utterance.conversation)
                work.outbox.say(conversation_id, outcome.notice, utterance.at, private_to=utterance.sender)
            work.inbox.settle(utterance.keys, outcome)
        return outcome

    def _once_more(self, work: UnitOfWork, utterance: Utterance, earlier: Outcome) -> Outcome:
        click = utterance.click
        if click is not None and click.action in MENU:
            return self._menu.again(work, utterance, click, earlier)
        if click is not None and self._outages.takes(work, click):
            return self._outages.again(work, utterance, click, earlier)
        if click is not None and self._buttons.have(click.action):
            return self._buttons.again(work, utterance, earlier)
        return self._lifecycle.again(work, utterance, earlier)

    def _pressed(self, work: UnitOfWork, utterance: Utterance) -> Outcome:
        click = utterance.click
        if click is None:
            raise ValueError("a press is expected here")
        if self._offers.takes(click):
            outcome = self._offers.click(work, utterance, click)
        elif self._outages.takes(work, click):
            outcome = self._outages.click(work, utterance, click)
        elif click.action in PRESSED:
            outcome = self._lifecycle.click(work, utterance, click)
        elif click.action in MENU:
            outcome = self._menu.click(work, utterance, click)
        elif self._buttons.have(click.action):
            outcome = self._buttons.click(work, utterance, click)
        elif click.action in NUDGES:
            outcome = self._still_working.click(work, utterance, click)
        else:
            outcome = self._presses.click(work, utterance, click)
        if click.lasting:
            _show_anew(work, utterance, click)
        if utterance.addressed is Addressed.HOME:  # the tab shows the new state: that is the notice
            self._home(work, utterance)
            return replace(outcome, notice=None)
        return outcome

    def _home(self, work: UnitOfWork, utterance: Utterance) -> Outcome:
        person = work.people.meet(utterance.sender, utterance.sender_name, None, utterance.at)
        language = self._understanding.spoken_by(utterance)
        if language and language != person.language:
            work.people.remember_language(person.id, language)
        conversation_id = work.conversations.open(utterance.conversation)
        work.outbox.show_home(conversation_id, utterance.sender, utterance.at)
        return Outcome(OutcomeKind.DONE)

    def _said(self, work: UnitOfWork, utterance: Utterance, parsed: ParsedMessage) -> Outcome:
        if utterance.addressed is Addressed.HOME:
            return self._home(work, utterance)
        relayed = self._relay.parsed(work, utterance, parsed)
        if relayed is not None:
            return relayed
        if not self._is_for_us(work, utterance, parsed):
            return Outcome(OutcomeKind.IGNORED)
        profile = self._understanding.spoken_by(utterance)
        person = work.people.meet(utterance.sender, utterance.sender_name, profile, utterance.at)
        context = RequestContext(
            work, self._wording, utterance, person, profile or self._understanding.policy.language
        )
        if utterance.stranger:
            return self._answer_only(context, "refused.stranger", OutcomeKind.REFUSED)
        if parsed.command is not None and parsed.command.command is Command.OUTAGE:
            if self._may_start_outages(context):
                return self._outages.command(context, parsed.command.title)
            parsed = replace(parsed, command=None)  # from anybody else it is a question like others
        return self._meant(context, parsed)

    def _may_start_outages(self, context: RequestContext) -> bool:
        return context.utterance.behalf is None and self._engineers.allows(
            context.work, context.utterance.sender, context.at
        )

    def _meant(self, context: RequestContext, parsed: ParsedMessage) -> Outcome:
        utterance, work, person = context.utterance, context.work, context.person
        episode = self._current(context, parsed)
        context = replace(
            context, language=self._understanding.language(utterance, parsed.result, episode, person)
        )
        if utterance.behalf is not None:
            return self._on_behalf.open(context, parsed)
        if parsed.empty and not utterance.files:
            return self._answer_only(context, "ask.empty", OutcomeKind.ASKED)
        if parsed.masked:
            self._answer_only(context, "masked", OutcomeKind.DONE)
        if context.language != person.language and parsed.result.language:
            work.people.remember_language(person.id, context.language)
        if parsed.command is not None:
            return self._dialogue.command(context, episode, parsed, parsed.command)
        return self._dialogue.message(context, episode, parsed)

    def _is_for_us(self, work: UnitOfWork, utterance: Utterance, parsed: ParsedMessage) -> bool:
        """Whether to serve it; of what is overheard and not for us, no text is kept."""
        if utterance.addressed not in (Addressed.THREAD, Addressed.HELP):
            return True
        if utterance.to_others or utterance.stranger or (parsed.empty and not utterance.files):
            return False
        if utterance.addressed is Addressed.THREAD:
            person = work.people.known(utterance.sender)
            conversation_id = work.conversations.find(utterance.conversation)
            if person is None or conversation_id is None:
                return False
            return work.episodes.in_thread(conversation_id, person.id) is not None
        if self._engineers.allows(work, utterance.sender, utterance.at) or parsed.action in TALK:
            return False
        decision = self._understanding.decision(self._understanding.without_actions(parsed.result))
        near = isinstance(decision, Answer | Choose)
        if parsed.result.asks or near or parsed.command is not None:
            return True
        return self._goes_on(work, utterance)

    def _goes_on(self, work: UnitOfWork, utterance: Utterance) -> bool:
        """Whether somebody in a help channel goes on with what we wait for, or with a ticket of just now."""
        person = work.people.known(utterance.sender)
        if person is None:
            return False
        since = utterance.at - self._understanding.policy.grouping_window
        recent = work.episodes.recent(person.id, utterance.conversation, since)
        return recent is not None and (recent.state in PENDING or recent.state is EpisodeState.TICKET)

    def _current(self, context: RequestContext, parsed: ParsedMessage) -> Episode | None:
        """The episode that this continues: its thread's, else what the person said here a moment ago."""
        place, work = context.utterance.conversation, context.work
        if place.thread:
            conversation_id = work.conversations.find(place)
            if conversation_id is not None:
                found = work.episodes.in_thread(conversation_id, context.person.id)
                if found is not None:
                    return found
        if place.thread.startswith("new:") or context.utterance.addressed is Addressed.THREAD:
            return None
        if not place.thread:
            # Where there are no threads, everything goes to the person who helps, until it is resolved.
            helped = work.episodes.helped_in(place, context.person.id)
            if helped is not None:
                return helped
        policy = self._understanding.policy
        since = context.at - (policy.patience if place.private else policy.grouping_window)
        recent = work.episodes.recent(context.person.id, place, since)
        if recent is None or recent.state in PENDING or recent.last_at >= context.at - policy.grouping_window:
            return recent
        meant = recent.state is EpisodeState.ANSWERED and parsed.action in ("solved", "not_solved")
        return recent if meant else None

    def _answer_only(self, context: RequestContext, key: str, kind: OutcomeKind) -> Outcome:
        conversation_id = context.work.conversations.open(context.utterance.conversation)
        private = None if context.utterance.conversation.private else context.utterance.sender
        context.work.outbox.say(
            conversation_id, context.reply(context.say(key)), context.at, private_to=private
        )
        return Outcome(kind)


def _show_anew(work: UnitOfWork, utterance: Utterance, click: Click) -> None:
    """Show the card again where it was pressed, so that its menu stands as before the press."""
    ticket = work.tickets.by_token(click.token)
    if ticket is None:
        return
    for conversation_id in work.tickets.cards(ticket.id):
        if work.conversations.ref(conversation_id).place == utterance.conversation.place:
            work.outbox.show_card(ticket.id, conversation_id, utterance.at)


def _cleaned_press(click: Click) -> Click:
    inputs = click.inputs
    if inputs is not None:
        inputs = {clean(name)[:200]: clean(value) for name, value in inputs.items()}
    return replace(
        click,
        action=clean(click.action)[:50],
        token=clean(click.token)[:100],
        argument=clean(click.argument)[:100],
        inputs=inputs,
    )


def _cleaned(utterance: Utterance, now: datetime) -> Utterance:
    # A platform's clock may go before ours: what is said now must not wait until we are there.
    utterance = replace(utterance, at=min(utterance.at, now))
    name = clean(utterance.sender_name)[:200]
    keys = tuple(clean(key)[:500] for key in utterance.keys)
    utterance = replace(utterance, keys=keys, link=clean(utterance.link)[:2000])
    if utterance.click is not None:
        utterance = replace(utterance, click=_cleaned_press(utterance.click))
    if utterance.behalf is not None:
        behalf = replace(utterance.behalf, name=clean(utterance.behalf.name)[:200])
        return replace(utterance, sender_name=name, behalf=behalf)
    files = tuple(_cleaned_file(file) for file in utterance.attachments[:MOST_FILES])
    return replace(utterance, sender_name=name, message=clean(utterance.message)[:500], attachments=files)


def _cleaned_file(file: Attachment) -> Attachment:
    name = " ".join(clean(file.name).replace("/", "_").replace("\\", "_").split())[:150]
    kind, source = clean(file.media_type)[:100], clean(file.source)[:4000]
    return Attachment(name or "file", kind, max(file.size, 0), source, file.content)
