"""The beginning of an episode."""

import secrets

from bot.desk.context import RequestContext
from bot.desk.conversations.message_grouping import words_of
from bot.desk.knowledge.understanding import ParsedMessage
from bot.domain.conversations.episode import Episode, EpisodeState


def begun(context: RequestContext, parsed: ParsedMessage) -> Episode:
    """Enter an episode that begins with this."""
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
            question=words_of(context, parsed),
            link="" if utterance.conversation.private else utterance.link,
        )
    )
