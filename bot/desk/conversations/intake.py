"""Receives every message and click of people, one transaction each."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime

from bot.desk.buttons import ButtonTable
from bot.desk.context import NotMatchedYet, RequestContext
from bot.desk.conversations.answering.welcome import Welcome
from bot.desk.conversations.changed_messages import AnswerAnew, ChangedMessages
from bot.desk.conversations.routing import Interest, Routing
from bot.desk.knowledge.understanding import ParsedMessage, Understanding
from bot.desk.ports.clock import Clock
from bot.desk.ports.unit_of_work import UnitOfWork, UnitsOfWork
from bot.desk.ports.wording import Wording
from bot.domain.conversations.file_names import shown_name
from bot.domain.conversations.messages import (
    Addressed,
    Attachment,
    Change,
    Click,
    ConversationRef,
    Line,
    Outcome,
    OutcomeKind,
    Quotation,
    Reply,
    Utterance,
)
from bot.domain.errors import StorageBusy
from bot.domain.knowledge.decision import MatchResult
from bot.domain.secrets.masking import clean, clean_name, mask, mask_file_name, without_secrets
from bot.domain.secrets.values import MASK
from bot.domain.tickets.ticket import parse_ticket_id

MOST_FILES = 20
LARGEST_SIZE = 2**31 - 1  # bytes that a platform may say; more is said as this
MOST_TRIES = 10  # for one transaction, each with one more text matched

Matched = Mapping[tuple[str, str], MatchResult]


class Intake:
    """Intake of utterances: repeated ones change nothing, and overheard ones not for the bot are not kept."""

    def __init__(
        self,
        begin: UnitsOfWork,
        understanding: Understanding,
        routing: Routing,
        buttons: ButtonTable,
        changes: ChangedMessages,
        welcome: Welcome,
        wording: Wording,
        clock: Clock,
    ) -> None:
        self._begin = begin
        self._understanding = understanding
        self._routing = routing
        self._buttons = buttons
        self._changes = changes
        self._welcome = welcome
        self._wording = wording
        self._clock = clock

    def receive(self, utterance: Utterance) -> Outcome:
        """Receive one utterance; when this returns, everything that follows from it is committed.

        All matching is done while no transaction is open: it may take a while, and would hold a lock.
        """
        now = self._clock()
        utterance = _let_in(utterance, now)
        parsed = self._understanding.parse(utterance) if utterance.click is None else None
        matched: dict[tuple[str, str], MatchResult] = {}
        edited = False
        for _ in range(MOST_TRIES):
            try:
                return self._receive(utterance, parsed, matched, now, edited=edited)
            except NotMatchedYet as needed:
                key = (needed.text, needed.language)
                matched[key] = self._understanding.match(needed.text, needed.language)
            except AnswerAnew as changed:
                # What was hidden in an edit that came first is seen by its mask alone.
                masked = utterance.masked or MASK in changed.text
                utterance = replace(utterance, text=changed.text, change=Change.NEW, masked=masked)
                edited = True
                parsed = self._understanding.parse(utterance)
        # Other messages came in between each two tries: somebody writes faster than we match.
        raise StorageBusy

    def _receive(
        self,
        utterance: Utterance,
        parsed: ParsedMessage | None,
        matched: Matched,
        now: datetime,
        *,
        edited: bool,
    ) -> Outcome:
        with self._begin() as work:
            earlier = work.inbox.admit(utterance.keys, now)
            if earlier is not None:
                return self._handle_repeat(work, utterance, earlier)
            if parsed is not None:
                outcome = self._handle_message(work, utterance, parsed, matched, edited=edited)
            else:
                outcome = self._handle_click(work, utterance, matched)
            if outcome.notice is not None and not utterance.inline:
                conversation_id = work.conversations.open(utterance.conversation)
                # It may hold the words of the ticket's requester, and goes when these go.
                of, who = parse_ticket_id(outcome.ticket or ""), utterance.sender
                work.outbox.say(conversation_id, outcome.notice, utterance.at, ticket_id=of, private_to=who)
            if utterance.asked_at is not None and outcome.kind is not OutcomeKind.IGNORED:
                self._say_where(work, utterance, utterance.asked_at)
            work.inbox.settle(utterance.keys, outcome)
        return outcome

    def _say_where(self, work: UnitOfWork, utterance: Utterance, asked_at: ConversationRef) -> None:
        """Tell the author of a message, and nobody else, where it is answered."""
        language = self._understanding.profile_language(utterance)
        text = self._wording.say(language, "told.in_chat")
        said = Reply((Line(text),), summary=text, language=language)
        conversation_id = work.conversations.open(asked_at)
        work.outbox.say(conversation_id, said, utterance.at, private_to=utterance.sender)

    def _handle_repeat(self, work: UnitOfWork, utterance: Utterance, earlier: Outcome) -> Outcome:
        person = work.people.known(utterance.sender)
        if utterance.click is None or person is None:
            return earlier
        language = self._understanding.profile_language(utterance)
        context = RequestContext(work, self._wording, utterance, person, language)
        return self._buttons.repeat(context, _with_token(work, utterance, utterance.click), earlier)

    def _handle_click(self, work: UnitOfWork, utterance: Utterance, matched: Matched) -> Outcome:
        click = utterance.click
        if click is None:
            raise ValueError("a click is expected here")
        person = work.people.meet(utterance.sender, utterance.sender_name, None, utterance.at)
        language = self._understanding.profile_language(utterance)
        context = RequestContext(work, self._wording, utterance, person, language, matched)
        outcome = self._buttons.click(context, _with_token(work, utterance, click))
        if click.lasting:
            _show_card_again(work, utterance, click)
        if utterance.addressed is Addressed.HOME:  # the tab shows the new state: no notice is needed
            self._show_home(work, utterance)
            return replace(outcome, notice=None)
        return outcome

    def _handle_message(
        self, work: UnitOfWork, utterance: Utterance, parsed: ParsedMessage, matched: Matched, *, edited: bool
    ) -> Outcome:
        if utterance.addressed is Addressed.HOME:
            return self._show_home(work, utterance)
        if utterance.addressed is Addressed.OPENED:
            return self._welcome.greet(work, utterance)
        if edited:
            self._changes.take_back(work, utterance)
        elif (changed := self._changed(work, utterance, parsed)) is not None:
            return changed
        relayed = self._routing.relay(work, utterance, parsed)
        if relayed is not None:
            return relayed
        interest = self._routing.interest(work, utterance, parsed)
        if interest is Interest.NONE:
            return Outcome(OutcomeKind.IGNORED)
        profile = self._understanding.supported_language(utterance)
        person = work.people.meet(utterance.sender, utterance.sender_name, profile, utterance.at)
        language = self._understanding.profile_language(utterance)
        context = RequestContext(work, self._wording, utterance, person, language, matched)
        if interest is Interest.UNCLEAR:
            return self._routing.offer(context, parsed)
        return self._routing.answer(context, parsed)

    def _changed(self, work: UnitOfWork, utterance: Utterance, parsed: ParsedMessage) -> Outcome | None:
        """Return an outcome where an edit or a deletion settles what becomes of a question."""
        if utterance.change is Change.NEW:
            return self._changes.overtaken(work, utterance)
        return self._changes.receive(work, utterance, parsed.text)

    def _show_home(self, work: UnitOfWork, utterance: Utterance) -> Outcome:
        """Let the home tab of this person show the state of their tickets."""
        person = work.people.meet(utterance.sender, utterance.sender_name, None, utterance.at)
        language = self._understanding.supported_language(utterance)
        if language and language != person.language:
            work.people.remember_language(person.id, language)
        conversation_id = work.conversations.open(utterance.conversation)
        work.outbox.show_home(conversation_id, utterance.sender, utterance.at)
        return Outcome(OutcomeKind.DONE)


def _with_token(work: UnitOfWork, utterance: Utterance, click: Click) -> Click:
    """Put in the token of a click on a platform's own control, which names a message of ours alone."""
    conversation_id = work.conversations.find(utterance.conversation) if click.message else None
    if click.token or conversation_id is None:
        return click
    return replace(click, token=work.outbox.token_of(conversation_id, click.message))


def _show_card_again(work: UnitOfWork, utterance: Utterance, click: Click) -> None:
    """Show the card again where it was clicked, so that its menu is as before the click."""
    ticket = work.tickets.by_token(click.token)
    if ticket is None:
        return
    for conversation_id in work.tickets.cards(ticket.id):
        if work.conversations.ref(conversation_id).place == utterance.conversation.place:
            work.outbox.show_card(ticket.id, conversation_id, utterance.at)


class _Door:
    """Door for what people write: cleans and masks it, and knows whether a secret was hidden."""

    def __init__(self) -> None:
        self.masked = False

    def text(self, text: str) -> str:
        shown, masked = mask(clean(text))
        self.masked |= masked
        return shown

    def quotation(self, one: Quotation) -> Quotation:
        # Only what somebody forwards becomes their own words, and theirs to change.
        text = self.text(one.text) if one.forwarded else without_secrets(one.text)
        return replace(one, author=without_secrets(one.author), text=text)

    def click(self, click: Click) -> Click:
        inputs = click.inputs
        if inputs is not None:
            inputs = {clean(name)[:200]: self.text(value) for name, value in inputs.items()}
        return replace(
            click,
            action=clean(click.action)[:50],
            token=clean(click.token)[:100],
            argument=clean(click.argument)[:100],
            message=clean(click.message)[:500],
            inputs=inputs,
        )

    def file(self, file: Attachment) -> Attachment:
        name, masked = mask_file_name(shown_name(clean(file.name)))
        self.masked |= masked
        kind, source = clean(file.media_type)[:100], clean(file.source)[:4000]
        size = min(max(file.size, 0), LARGEST_SIZE)
        return Attachment(name or "file", kind, size, source, file.content)


def _let_in(utterance: Utterance, now: datetime) -> Utterance:
    """Clean and mask everything that comes in with an utterance."""
    door = _Door()
    # A platform's clock may be ahead of ours: what is said now must not wait for that time.
    utterance = replace(
        utterance,
        at=min(utterance.at, now),
        keys=tuple(clean(key)[:500] for key in utterance.keys),
        sender_name=clean_name(utterance.sender_name, utterance.sender.external_id),
        link=clean(utterance.link)[:2000],
        message=clean(utterance.message)[:500],
        text=door.text(utterance.text),
        quotations=tuple(map(door.quotation, utterance.quotations)),
        attachments=tuple(map(door.file, utterance.attachments[:MOST_FILES])),
    )
    if utterance.click is not None:
        utterance = replace(utterance, click=door.click(utterance.click))
    if utterance.behalf is not None:
        name = clean_name(utterance.behalf.name, utterance.behalf.identity.external_id)
        utterance = replace(utterance, behalf=replace(utterance.behalf, name=name))
    return replace(utterance, masked=door.masked)
