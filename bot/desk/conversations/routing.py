"""Routes a message: to a ticket's conversation, to nobody, or to the episode that it continues."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import timedelta
from enum import Enum, auto

from bot.desk.context import RequestContext
from bot.desk.conversations.dialogue import PENDING, Dialogue
from bot.desk.conversations.message_grouping import is_detail
from bot.desk.conversations.on_behalf import OnBehalf
from bot.desk.knowledge.understanding import ParsedMessage, Understanding
from bot.desk.ports.unit_of_work import UnitOfWork
from bot.desk.relay.relay import Relay
from bot.desk.staff.permissions import Permissions
from bot.domain.conversations.commands import Command, ParsedCommand, is_wish_alone
from bot.domain.conversations.episode import OFFERED, Episode, EpisodeState
from bot.domain.conversations.messages import Addressed, Outcome, OutcomeKind, Utterance
from bot.domain.conversations.reopen_phrases import says_it_came_back
from bot.domain.conversations.short_replies import ShortReply
from bot.domain.conversations.standalone import (
    FEWEST_WORDS,
    announces,
    asks_for_help,
    may_be_trouble,
    refers_back,
    stands_alone,
    tells_trouble,
)
from bot.domain.knowledge.decision import Answer, Choose, OpenTicket
from bot.domain.secrets.masking import mask_after

_ABOUT_AN_ANSWER = (ShortReply.ASSENT, ShortReply.UNSOLVED)
TALK = frozenset({"greeting", "thanks", "goodbye", "capabilities", "remark"})


# Carries out a command that stands outside every episode; None where it is a question like others.
CommandHandler = Callable[[RequestContext, ParsedCommand], Outcome | None]
OFFERED_WITHIN = timedelta(days=1)  # nobody is offered a ticket more often, unless they took it


class Interest(Enum):
    """Whether a message is for the bot."""

    OURS = auto()
    UNCLEAR = auto()  # in a help channel: neither surely a request nor surely none
    NONE = auto()


class Routing:
    """Routing of messages; of overheard ones that are not for the bot nothing is kept."""

    def __init__(
        self,
        understanding: Understanding,
        permissions: Permissions,
        relay: Relay,
        dialogue: Dialogue,
        on_behalf: OnBehalf,
        commands: Mapping[Command, CommandHandler],
    ) -> None:
        self._understanding = understanding
        self._permissions = permissions
        self._relay = relay
        self._dialogue = dialogue
        self._on_behalf = on_behalf
        self._commands = commands

    def relay(self, work: UnitOfWork, utterance: Utterance, parsed: ParsedMessage) -> Outcome | None:
        """Relay a message under a card, or a change of one; None for a message that the bot is to answer."""
        return self._relay.handle(work, utterance, parsed)

    def answer(self, context: RequestContext, parsed: ParsedMessage) -> Outcome:
        """Have a message for the bot answered."""
        if context.utterance.stranger:
            return _say_only(context, "refused.stranger", OutcomeKind.REFUSED)
        command = parsed.command
        if command is not None and command.command in self._commands:
            spoken = replace(context, language=command.language or context.language)
            done = (
                self._commands[command.command](spoken, command) if context.utterance.behalf is None else None
            )
            if done is not None:
                if parsed.masked:
                    _say_only(context, "masked", OutcomeKind.DONE)
                return done
            parsed = replace(parsed, command=None)  # it is a question like others
        return self._answer_in_episode(context, parsed)

    def _answer_in_episode(self, context: RequestContext, parsed: ParsedMessage) -> Outcome:
        utterance, work, person = context.utterance, context.work, context.person
        episode = self._current_episode(context, parsed)
        parsed = self._hide_what_was_announced(context, episode, parsed)
        if utterance.behalf is not None:  # said in the words of somebody else: its writer has a language, too
            return self._on_behalf.open(context, parsed)
        language = self._understanding.language(utterance, parsed, episode, person)
        context = replace(context, language=language)
        if parsed.empty and not utterance.files:
            return _say_only(context, "ask.empty", OutcomeKind.ASKED)
        if parsed.masked:
            _say_only(context, "masked", OutcomeKind.DONE)
        if context.language != person.language and parsed.result.language:
            work.people.remember_language(person.id, context.language)
        if parsed.command is not None:
            return self._dialogue.command(context, episode, parsed, parsed.command)
        return self._dialogue.message(context, episode, parsed)

    def _hide_what_was_announced(
        self, context: RequestContext, episode: Episode | None, parsed: ParsedMessage
    ) -> ParsedMessage:
        """Hide a secret in a message of its own, after one such as “my password is”."""
        window = self._understanding.policy.grouping_window
        if episode is None or context.at - episode.last_at > window:
            return parsed
        text, masked = mask_after(episode.question, parsed.text)
        return replace(parsed, text=text, masked=True) if masked else parsed

    def interest(self, work: UnitOfWork, utterance: Utterance, parsed: ParsedMessage) -> Interest:
        """Tell whether a message is for the bot; of other overheard ones no text is kept."""
        if utterance.addressed not in (Addressed.THREAD, Addressed.HELP):
            return Interest.OURS
        if utterance.to_others or utterance.stranger or (parsed.empty and not utterance.files):
            return Interest.NONE
        if utterance.addressed is Addressed.THREAD:
            return Interest.OURS if self._continues_thread(work, utterance) else Interest.NONE
        if self._permissions.allows(work, utterance.sender, utterance.at) or parsed.action in TALK:
            return Interest.NONE
        if parsed.only_signs and not utterance.files:
            return Interest.NONE
        if self._continues(work, utterance) and parsed.short is None:
            return Interest.OURS
        found = self._interest_in_help_channel(parsed)
        return Interest.NONE if found is Interest.UNCLEAR and self._was_offered(work, utterance) else found

    def _interest_in_help_channel(self, parsed: ParsedMessage) -> Interest:
        """Tell a request from other messages at the top level of a help channel."""
        if parsed.command is not None:
            return Interest.OURS
        if parsed.short in (ShortReply.ASSENT, ShortReply.HESITATION):
            return Interest.NONE
        trouble = tells_trouble(parsed.text)
        if announces(parsed.text):
            return Interest.UNCLEAR if trouble else Interest.NONE
        decision = self._decide_without_actions(parsed)
        near = isinstance(decision, Answer | Choose | OpenTicket)
        # Neither “¿comemos?” nor “does anybody know if there is cake?” asks the desk for anything.
        whole = near or parsed.result.vague or len(parsed.text.split()) >= FEWEST_WORDS
        asks = parsed.result.asks and whole and (near or parsed.result.vague or asks_for_help(parsed.text))
        if asks or (near and trouble) or self._surely_wants(parsed, decision):
            return Interest.OURS
        unclear = parsed.result.asks or near or trouble or may_be_trouble(parsed.text)
        return Interest.UNCLEAR if unclear else Interest.NONE

    def _surely_wants(self, parsed: ParsedMessage, decision: object) -> bool:
        """Tell whether a message names a service request so surely that it need not ask for it."""
        thresholds = self._understanding.thresholds(parsed.result)
        sure = (thresholds.choose + thresholds.answer) / 2  # here nobody spoke to the bot
        return isinstance(decision, OpenTicket) and decision.match.confidence >= sure

    def _was_offered(self, work: UnitOfWork, utterance: Utterance) -> bool:
        """Tell whether a ticket may not be offered: never where that is off, once a day to a person."""
        if not self._understanding.policy.offer_tickets:
            return True
        person = work.people.known(utterance.sender)
        since = utterance.at - OFFERED_WITHIN
        return person is not None and work.episodes.was_asked(person.id, OFFERED, since)

    def offer(self, context: RequestContext, parsed: ParsedMessage) -> Outcome:
        """Offer a ticket to the author alone; what they wrote is kept until they decline."""
        language = self._understanding.language(context.utterance, parsed, None, context.person)
        context = replace(context, language=language)
        if parsed.masked:
            _say_only(context, "masked", OutcomeKind.DONE)
        return self._dialogue.offer_ticket(context, parsed)

    def _continues_thread(self, work: UnitOfWork, utterance: Utterance) -> bool:
        person = work.people.known(utterance.sender)
        conversation_id = work.conversations.find(utterance.conversation)
        if person is None or conversation_id is None:
            return False
        found = work.episodes.in_thread(conversation_id, person.id)
        return found is not None and (OFFERED not in found.clicks or found.ticket_id is not None)

    def _decide_without_actions(self, parsed: ParsedMessage) -> object:
        """Decide between articles, replies and service requests alone."""
        if parsed.action is None:
            return parsed.decision
        return self._understanding.decide_without_actions(parsed.result)

    def _continues(self, work: UnitOfWork, utterance: Utterance) -> bool:
        """Tell whether a message in a help channel replies to the bot, or continues a new ticket."""
        person = work.people.known(utterance.sender)
        if person is None:
            return False
        since = utterance.at - self._understanding.policy.grouping_window
        recent = work.episodes.recent(person.id, utterance.conversation, since)
        return recent is not None and (recent.state in PENDING or recent.state is EpisodeState.TICKET)

    def _current_episode(self, context: RequestContext, parsed: ParsedMessage) -> Episode | None:
        """Return the episode that a message continues: its thread's, else the person's recent one here."""
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
            # Where there are no threads, every message goes to the assignee until the ticket is resolved.
            helped = work.episodes.helped_in(place, context.person.id)
            if helped is not None:
                since = max(context.at - self._understanding.policy.grouping_window, helped.last_at)
                newer = work.episodes.recent(context.person.id, place, since)
                continues = newer is not None and _continues_answer(newer, parsed)
                return newer if newer is not None and newer.last_at > helped.last_at and continues else helped
        return self._recent_episode(context, parsed)

    def _recent_episode(self, context: RequestContext, parsed: ParsedMessage) -> Episode | None:
        """Return the person's recent episode in this place, if a message may continue it."""
        place, policy = context.utterance.conversation, self._understanding.policy
        since = context.at - (policy.patience if place.private else policy.grouping_window)
        recent = context.work.episodes.recent(context.person.id, place, since)
        if recent is None or recent.state in PENDING:
            return recent
        if recent.last_at >= context.at - policy.grouping_window:
            return recent
        if recent.state is EpisodeState.TICKET:  # a part of a sentence is no new question
            goes_on = parsed.short is not None or says_it_came_back(parsed.text)  # “still can't get in”
            goes_on = goes_on or is_wish_alone(parsed.text)  # they have asked for a person already
            return recent if place.private and (goes_on or not stands_alone(parsed.text)) else None
        said = parsed.action in ("solved", "not_solved") or parsed.short in _ABOUT_AN_ANSWER
        said = said or (place.private and is_detail(parsed))
        return recent if recent.state in (EpisodeState.ANSWERED, EpisodeState.SOLVED) and said else None


def for_engineers(permissions: Permissions, handler: CommandHandler) -> CommandHandler:
    """Make a command the engineers' own: from anybody else it is a question like others."""

    def carry_out(context: RequestContext, command: ParsedCommand) -> Outcome | None:
        admitted = permissions.admits(context.work, context.utterance)
        return handler(context, command) if admitted else None

    return carry_out


def _continues_answer(episode: Episode, parsed: ParsedMessage) -> bool:
    """Tell whether a message goes on with what was answered, while an engineer waits in the same chat."""
    if episode.state is EpisodeState.TICKET:
        return not stands_alone(parsed.text) and not refers_back(parsed.text)
    said = parsed.short is not None or parsed.action in ("solved", "not_solved", "thanks")
    return said or (episode.state in PENDING and not stands_alone(parsed.text))


def _say_only(context: RequestContext, key: str, kind: OutcomeKind) -> Outcome:
    conversation_id = context.work.conversations.open(context.utterance.conversation)
    private = None if context.utterance.conversation.private else context.utterance.sender
    context.work.outbox.say(conversation_id, context.reply(context.say(key)), context.at, private_to=private)
    return Outcome(kind)
