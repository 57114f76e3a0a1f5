"""Routes a message: to a ticket's conversation, to nobody, or to the episode that it continues."""

from dataclasses import replace

from bot.desk.context import RequestContext
from bot.desk.conversations.dialogue import PENDING, Dialogue
from bot.desk.conversations.on_behalf import OnBehalf
from bot.desk.knowledge.understanding import ParsedMessage, Understanding
from bot.desk.outages.outages import Outages
from bot.desk.ports.unit_of_work import UnitOfWork
from bot.desk.relay.relay import Relay
from bot.desk.staff.permissions import Permissions
from bot.domain.conversations.commands import Command
from bot.domain.conversations.episode import Episode, EpisodeState
from bot.domain.conversations.messages import Addressed, Outcome, OutcomeKind, Utterance
from bot.domain.knowledge.decision import Answer, Choose, OpenTicket

TALK = frozenset({"greeting", "thanks", "goodbye", "capabilities", "remark"})


class Routing:
    """Routing of messages; of overheard ones that are not for the bot nothing is kept."""

    def __init__(
        self,
        understanding: Understanding,
        permissions: Permissions,
        relay: Relay,
        dialogue: Dialogue,
        on_behalf: OnBehalf,
        outages: Outages,
    ) -> None:
        self._understanding = understanding
        self._permissions = permissions
        self._relay = relay
        self._dialogue = dialogue
        self._on_behalf = on_behalf
        self._outages = outages

    def relay(self, work: UnitOfWork, utterance: Utterance, parsed: ParsedMessage) -> Outcome | None:
        """Relay a message under a card, or a change of one; None for a message that the bot is to answer."""
        return self._relay.handle(work, utterance, parsed)

    def answer(self, context: RequestContext, parsed: ParsedMessage) -> Outcome:
        """Have a message for the bot answered."""
        if context.utterance.stranger:
            return _say_only(context, "refused.stranger", OutcomeKind.REFUSED)
        if parsed.command is not None and parsed.command.command is Command.OUTAGE:
            if self._may_start_outages(context):
                return self._outages.command(context, parsed.command.title)
            parsed = replace(parsed, command=None)  # from anybody else it is a question like others
        return self._answer_in_episode(context, parsed)

    def _may_start_outages(self, context: RequestContext) -> bool:
        return context.utterance.behalf is None and self._permissions.allows(
            context.work, context.utterance.sender, context.at
        )

    def _answer_in_episode(self, context: RequestContext, parsed: ParsedMessage) -> Outcome:
        utterance, work, person = context.utterance, context.work, context.person
        episode = self._current_episode(context, parsed)
        language = self._understanding.language(utterance, parsed.result, episode, person)
        context = replace(context, language=language)
        if utterance.behalf is not None:
            return self._on_behalf.open(context, parsed)
        if parsed.empty and not utterance.files:
            return _say_only(context, "ask.empty", OutcomeKind.ASKED)
        if parsed.masked:
            _say_only(context, "masked", OutcomeKind.DONE)
        if context.language != person.language and parsed.result.language:
            work.people.remember_language(person.id, context.language)
        if parsed.command is not None:
            return self._dialogue.command(context, episode, parsed, parsed.command)
        return self._dialogue.message(context, episode, parsed)

    def is_for_us(self, work: UnitOfWork, utterance: Utterance, parsed: ParsedMessage) -> bool:
        """Tell whether a message is for the bot; of other overheard ones no text is kept."""
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
        if self._permissions.allows(work, utterance.sender, utterance.at) or parsed.action in TALK:
            return False
        if parsed.only_signs and not utterance.files:
            return False
        near = isinstance(self._decide_without_actions(parsed), Answer | Choose | OpenTicket)
        if parsed.result.asks or near or parsed.command is not None:
            return True
        return self._continues(work, utterance)

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
                return helped
        policy = self._understanding.policy
        since = context.at - (policy.patience if place.private else policy.grouping_window)
        recent = work.episodes.recent(context.person.id, place, since)
        if recent is None or recent.state in PENDING:
            return recent
        if recent.last_at >= context.at - policy.grouping_window:
            return recent
        meant = recent.state is EpisodeState.ANSWERED and parsed.action in ("solved", "not_solved")
        return recent if meant else None


def _say_only(context: RequestContext, key: str, kind: OutcomeKind) -> Outcome:
    conversation_id = context.work.conversations.open(context.utterance.conversation)
    private = None if context.utterance.conversation.private else context.utterance.sender
    context.work.outbox.say(conversation_id, context.reply(context.say(key)), context.at, private_to=private)
    return Outcome(kind)
