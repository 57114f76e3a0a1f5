"""Groups messages sent within two minutes into one question, and begins episodes."""

import secrets
from dataclasses import replace

from bot.desk.context import RequestContext
from bot.desk.knowledge.understanding import ParsedMessage, Understanding
from bot.domain.conversations.episode import Episode, EpisodeState
from bot.domain.knowledge.decision import Answer

FRAGMENT_WORDS = 3  # a message that is no longer may be a part of the one before it


class MessageGrouping:
    """Grouping of messages into one question, in the order in which they were sent."""

    def __init__(self, understanding: Understanding) -> None:
        self._understanding = understanding

    def join(self, context: RequestContext, episode: Episode, parsed: ParsedMessage) -> Episode:
        """Add a message to the episode's question, in the order in which messages were sent."""
        later = ""
        if context.at < episode.last_at:  # a message that was sent after it came in first
            later = "\n".join(context.work.episodes.texts_after(episode.id, context.at)).strip()
        before = episode.question.removesuffix(later) if later else episode.question
        lines = (
            before.strip(),
            text_with_files(context, parsed),
            later if len(before) < len(episode.question) else "",
        )
        question = "\n".join(line for line in lines if line)
        # What is told about a ticket stays in the language in which it was asked for.
        language = context.language if episode.ticket_id is None else episode.language
        joined = replace(episode, question=question, language=language)
        context.work.episodes.reword(joined)
        return joined

    def continues_answered(
        self, context: RequestContext, episode: Episode, parsed: ParsedMessage, tried: list[str]
    ) -> bool:
        """Tell whether a message only continues a question that was answered already."""
        result = parsed.result
        whole = result.asks or len(parsed.text.split()) > FRAGMENT_WORDS
        if parsed.empty or whole or result.vague or not self.is_within_window(context, episode):
            return False
        result = context.match(f"{episode.question}\n{parsed.text}", context.language)
        decision = self._understanding.decide(result)
        return isinstance(decision, Answer) and decision.match.target in tried

    def is_within_window(self, context: RequestContext, episode: Episode) -> bool:
        """Tell whether a message was sent within two minutes of the person's last one."""
        return context.at - episode.last_at <= self._understanding.policy.grouping_window


def text_with_files(context: RequestContext, parsed: ParsedMessage) -> str:
    """Return the text of a message, with a line for its files."""
    files = f"\n📎 {context.utterance.files}" if context.utterance.files else ""
    return f"{parsed.text}{files}".strip()


def start_episode(context: RequestContext, parsed: ParsedMessage) -> Episode:
    """Start an episode with this message."""
    utterance = context.utterance
    return context.work.episodes.add(
        Episode(
            id=0,
            token=secrets.token_urlsafe(12),
            person_id=context.person.id,
            conversation_id=context.work.conversations.open(utterance.conversation),
            state=EpisodeState.CLOSED,
            language=context.language,
            last_at=context.at,
            angry=parsed.result.angry,
            question=text_with_files(context, parsed),
            link="" if utterance.conversation.private else utterance.link,
        )
    )
