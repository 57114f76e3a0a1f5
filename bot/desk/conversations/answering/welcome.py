"""Greets somebody who opens their private chat with the bot for the first time, and says how to ask."""

from datetime import UTC, datetime

from bot.desk.cards.shadow_mode import ShadowMode
from bot.desk.context import RequestContext
from bot.desk.knowledge.examples import Examples
from bot.desk.knowledge.understanding import Understanding
from bot.desk.ports.unit_of_work import UnitOfWork
from bot.desk.ports.wording import Wording
from bot.domain.conversations.messages import Line, Outcome, OutcomeKind, Reply, Small, Utterance

MOST_EXAMPLES = 4
_EVER = datetime(1970, 1, 1, tzinfo=UTC)


class Welcome:
    """Greeting of a newcomer: once in a chat, and never to somebody who has asked there already."""

    def __init__(
        self,
        examples: Examples,
        understanding: Understanding,
        shadow: ShadowMode,
        wording: Wording,
    ) -> None:
        self._examples = examples
        self._understanding = understanding
        self._shadow = shadow
        self._wording = wording

    def greet(self, work: UnitOfWork, utterance: Utterance) -> Outcome:
        """Greet whoever opened the chat of this utterance, unless they know it."""
        if utterance.stranger or work.conversations.find(utterance.conversation) is not None:
            return Outcome(OutcomeKind.IGNORED)
        profile = self._understanding.supported_language(utterance)
        person = work.people.meet(utterance.sender, utterance.sender_name, profile, utterance.at)
        language = self._understanding.profile_language(utterance)
        context = RequestContext(work, self._wording, utterance, person, language)
        if self._shadow.is_silent(context):  # nothing is promised that the bot would not keep
            return Outcome(OutcomeKind.IGNORED)
        asked_here = work.episodes.recent(person.id, utterance.conversation, _EVER) is not None
        conversation_id = work.conversations.open(utterance.conversation)
        if asked_here:
            return Outcome(OutcomeKind.IGNORED)
        work.outbox.say(conversation_id, self._words(context), utterance.at)
        return Outcome(OutcomeKind.DONE)

    def _words(self, context: RequestContext) -> Reply:
        hello, examples = context.say("welcome.hello"), self._examples.choose(context.language, MOST_EXAMPLES)
        listed = "\n".join((context.say("welcome.examples"), *(f"• {example.text}" for example in examples)))
        more, listing = Small(context.say("welcome.more")), (Line(listed),) if examples else ()
        suggestions = tuple(example.text for example in examples)
        return Reply(
            (Line(hello), more, *listing),
            summary=hello,
            language=context.language,
            suggestions=suggestions,
        )
