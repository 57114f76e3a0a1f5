"""Everything that people say and press comes in here; one transaction each."""

from dataclasses import replace
from datetime import datetime

from bot.desk.automation.still_working import NUDGES, Nudges
from bot.desk.context import Turn
from bot.desk.conversations.dialogue import PENDING, Dialogue
from bot.desk.conversations.employee_buttons import Presses
from bot.desk.conversations.on_behalf import OnBehalf
from bot.desk.knowledge.understanding import Heard, Hearing
from bot.desk.outages.outages import Outages
from bot.desk.ports.channels import Clock, Wording
from bot.desk.ports.unit_of_work import UnitOfWork, UnitsOfWork
from bot.desk.relay.file_offers import Offers
from bot.desk.relay.relay import Relaying
from bot.desk.staff.permissions import Engineers
from bot.desk.tickets.buttons import Controls
from bot.desk.tickets.lifecycle import PRESSED, Escalations
from bot.desk.tickets.menu import MENU, TicketMoves
from bot.domain.conversations.commands import Command
from bot.domain.conversations.episode import Episode, EpisodeState
from bot.domain.conversations.masking import clean
from bot.domain.conversations.messages import Addressed, Attachment, Outcome, OutcomeKind, Press, Utterance
from bot.domain.knowledge.content import Answer, Choose

MOST_FILES = 20
TALK = frozenset({"greeting", "thanks", "goodbye", "capabilities"})


class Intake:
    """Receives utterances: repeated ones change nothing, overheard ones that are not for us leave nothing."""

    def __init__(
        self,
        begin: UnitsOfWork,
        hearing: Hearing,
        dialogue: Dialogue,
        on_behalf: OnBehalf,
        presses: Presses,
        escalations: Escalations,
        moves: TicketMoves,
        outages: Outages,
        controls: Controls,
        relaying: Relaying,
        offers: Offers,
        nudges: Nudges,
        engineers: Engineers,
        wording: Wording,
        clock: Clock,
    ) -> None:
        self._begin = begin
        self._hearing = hearing
        self._dialogue = dialogue
        self._on_behalf = on_behalf
        self._presses = presses
        self._escalations = escalations
        self._moves = moves
        self._outages = outages
        self._controls = controls
        self._relaying = relaying
        self._offers = offers
        self._nudges = nudges
        self._engineers = engineers
        self._wording = wording
        self._clock = clock

    def receive(self, utterance: Utterance) -> Outcome:
        """Take one utterance in; when this returns, what follows from it is committed."""
        now = self._clock()
        utterance = _cleaned(utterance, now)
        # The matching is done before the transaction begins: it may take a while and holds no lock.
        heard = self._hearing.hear(utterance) if utterance.press is None else None
        with self._begin() as work:
            earlier = work.inbox.admit(utterance.keys, now)
            if earlier is not None:
                return self._once_more(work, utterance, earlier)
            outcome = self._said(work, utterance, heard) if heard else self._pressed(work, utterance)
            if outcome.notice is not None and not utterance.inline:
                conversation_id = work.conversations.open(utterance.conversation)
                work.outbox.say(conversation_id, outcome.notice, utterance.at, private_to=utterance.sender)
            work.inbox.settle(utterance.keys, outcome)
        return outcome

    def _once_more(self, work: UnitOfWork, utterance: Utterance, earlier: Outcome) -> Outcome:
        press = utterance.press
        if press is not None and press.action in MENU:
            return self._moves.again(work, utterance, press, earlier)
        if press is not None and self._outages.takes(work, press):
            return self._outages.again(work, utterance, press, earlier)
        if press is not None and self._controls.have(press.action):
            return self._controls.again(work, utterance, earlier)
        return self._escalations.again(work, utterance, earlier)

    def _pressed(self, work: UnitOfWork, utterance: Utterance) -> Outcome:
        press = utterance.press
        if press is None:
            raise ValueError("a press is expected here")
        if self._offers.takes(press):
            outcome = self._offers.press(work, utterance, press)
        elif self._outages.takes(work, press):
            outcome = self._outages.press(work, utterance, press)
        elif press.action in PRESSED:
            outcome = self._escalations.press(work, utterance, press)
        elif press.action in MENU:
            outcome = self._moves.press(work, utterance, press)
        elif self._controls.have(press.action):
            outcome = self._controls.press(work, utterance, press)
        elif press.action in NUDGES:
            outcome = self._nudges.press(work, utterance, press)
        else:
            outcome = self._presses.press(work, utterance, press)
        if press.lasting:
            _show_anew(work, utterance, press)
        if utterance.addressed is Addressed.HOME:  # the tab shows the new state: that is the notice
            self._home(work, utterance)
            return replace(outcome, notice=None)
        return outcome

    def _home(self, work: UnitOfWork, utterance: Utterance) -> Outcome:
        person = work.people.meet(utterance.sender, utterance.sender_name, None, utterance.at)
        language = self._hearing.spoken_by(utterance)
        if language and language != person.language:
            work.people.remember_language(person.id, language)
        conversation_id = work.conversations.open(utterance.conversation)
        work.outbox.show_home(conversation_id, utterance.sender, utterance.at)
        return Outcome(OutcomeKind.DONE)

    def _said(self, work: UnitOfWork, utterance: Utterance, heard: Heard) -> Outcome:
        if utterance.addressed is Addressed.HOME:
            return self._home(work, utterance)
        relayed = self._relaying.heard(work, utterance, heard)
        if relayed is not None:
            return relayed
        if not self._is_for_us(work, utterance, heard):
            return Outcome(OutcomeKind.IGNORED)
        profile = self._hearing.spoken_by(utterance)
        person = work.people.meet(utterance.sender, utterance.sender_name, profile, utterance.at)
        turn = Turn(work, self._wording, utterance, person, profile or self._hearing.habits.language)
        if utterance.stranger:
            return self._answer_only(turn, "refused.stranger", OutcomeKind.REFUSED)
        if heard.command is not None and heard.command.command is Command.OUTAGE:
            if self._may_start_outages(turn):
                return self._outages.command(turn, heard.command.title)
            heard = replace(heard, command=None)  # from anybody else it is a question like others
        return self._meant(turn, heard)

    def _may_start_outages(self, turn: Turn) -> bool:
        return turn.utterance.behalf is None and self._engineers.allows(
            turn.work, turn.utterance.sender, turn.at
        )

    def _meant(self, turn: Turn, heard: Heard) -> Outcome:
        utterance, work, person = turn.utterance, turn.work, turn.person
        episode = self._current(turn, heard)
        turn = replace(turn, language=self._hearing.language(utterance, heard.finding, episode, person))
        if utterance.behalf is not None:
            return self._on_behalf.open(turn, heard)
        if heard.empty and not utterance.files:
            return self._answer_only(turn, "ask.empty", OutcomeKind.ASKED)
        if heard.masked:
            self._answer_only(turn, "masked", OutcomeKind.DONE)
        if turn.language != person.language and heard.finding.language:
            work.people.remember_language(person.id, turn.language)
        if heard.command is not None:
            return self._dialogue.command(turn, episode, heard, heard.command)
        return self._dialogue.message(turn, episode, heard)

    def _is_for_us(self, work: UnitOfWork, utterance: Utterance, heard: Heard) -> bool:
        """Whether to serve it; of what is overheard and not for us, no text is kept."""
        if utterance.addressed not in (Addressed.THREAD, Addressed.HELP):
            return True
        if utterance.to_others or utterance.stranger or (heard.empty and not utterance.files):
            return False
        if utterance.addressed is Addressed.THREAD:
            person = work.people.known(utterance.sender)
            conversation_id = work.conversations.find(utterance.conversation)
            if person is None or conversation_id is None:
                return False
            return work.episodes.in_thread(conversation_id, person.id) is not None
        if self._engineers.allows(work, utterance.sender, utterance.at) or heard.action in TALK:
            return False
        decision = self._hearing.decision(self._hearing.without_actions(heard.finding))
        near = isinstance(decision, Answer | Choose)
        if heard.finding.asks or near or heard.command is not None:
            return True
        return self._goes_on(work, utterance)

    def _goes_on(self, work: UnitOfWork, utterance: Utterance) -> bool:
        """Whether somebody in a help channel goes on with what we wait for, or with a ticket of just now."""
        person = work.people.known(utterance.sender)
        if person is None:
            return False
        since = utterance.at - self._hearing.habits.one_breath
        recent = work.episodes.recent(person.id, utterance.conversation, since)
        return recent is not None and (recent.state in PENDING or recent.state is EpisodeState.TICKET)

    def _current(self, turn: Turn, heard: Heard) -> Episode | None:
        """The episode that this continues: its thread's, else what the person said here a moment ago."""
        place, work = turn.utterance.conversation, turn.work
        if place.thread:
            conversation_id = work.conversations.find(place)
            if conversation_id is not None:
                found = work.episodes.in_thread(conversation_id, turn.person.id)
                if found is not None:
                    return found
        if place.thread.startswith("new:") or turn.utterance.addressed is Addressed.THREAD:
            return None
        if not place.thread:
            # Where there are no threads, everything goes to the person who helps, until it is resolved.
            helped = work.episodes.helped_in(place, turn.person.id)
            if helped is not None:
                return helped
        habits = self._hearing.habits
        since = turn.at - (habits.patience if place.private else habits.one_breath)
        recent = work.episodes.recent(turn.person.id, place, since)
        if recent is None or recent.state in PENDING or recent.last_at >= turn.at - habits.one_breath:
            return recent
        meant = recent.state is EpisodeState.ANSWERED and heard.action in ("solved", "not_solved")
        return recent if meant else None

    def _answer_only(self, turn: Turn, key: str, kind: OutcomeKind) -> Outcome:
        conversation_id = turn.work.conversations.open(turn.utterance.conversation)
        private = None if turn.utterance.conversation.private else turn.utterance.sender
        turn.work.outbox.say(conversation_id, turn.reply(turn.say(key)), turn.at, private_to=private)
        return Outcome(kind)


def _show_anew(work: UnitOfWork, utterance: Utterance, press: Press) -> None:
    """Show the card again where it was pressed, so that its menu stands as before the press."""
    ticket = work.tickets.by_token(press.token)
    if ticket is None:
        return
    for conversation_id in work.tickets.cards(ticket.id):
        if work.conversations.ref(conversation_id).place == utterance.conversation.place:
            work.outbox.show_card(ticket.id, conversation_id, utterance.at)


def _cleaned_press(press: Press) -> Press:
    inputs = press.inputs
    if inputs is not None:
        inputs = {clean(name)[:200]: clean(value) for name, value in inputs.items()}
    return replace(
        press,
        action=clean(press.action)[:50],
        token=clean(press.token)[:100],
        argument=clean(press.argument)[:100],
        inputs=inputs,
    )


def _cleaned(utterance: Utterance, now: datetime) -> Utterance:
    # A platform's clock may go before ours: what is said now must not wait until we are there.
    utterance = replace(utterance, at=min(utterance.at, now))
    name = clean(utterance.sender_name)[:200]
    keys = tuple(clean(key)[:500] for key in utterance.keys)
    utterance = replace(utterance, keys=keys, link=clean(utterance.link)[:2000])
    if utterance.press is not None:
        utterance = replace(utterance, press=_cleaned_press(utterance.press))
    if utterance.behalf is not None:
        behalf = replace(utterance.behalf, name=clean(utterance.behalf.name)[:200])
        return replace(utterance, sender_name=name, behalf=behalf)
    files = tuple(_cleaned_file(file) for file in utterance.attachments[:MOST_FILES])
    return replace(utterance, sender_name=name, message=clean(utterance.message)[:500], attachments=files)


def _cleaned_file(file: Attachment) -> Attachment:
    name = " ".join(clean(file.name).replace("/", "_").replace("\\", "_").split())[:150]
    kind, source = clean(file.media_type)[:100], clean(file.source)[:4000]
    return Attachment(name or "file", kind, max(file.size, 0), source, file.content)
