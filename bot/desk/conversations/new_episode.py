"""The beginning of an episode."""

import secrets

from bot.desk.context import Turn
from bot.desk.conversations.message_grouping import words_of
from bot.desk.knowledge.understanding import Heard
from bot.domain.conversations.episode import Episode, EpisodeState


def begun(turn: Turn, heard: Heard) -> Episode:
    """Enter an episode that begins with this."""
    utterance = turn.utterance
    return turn.work.episodes.add(
        Episode(
            id=0,
            token=secrets.token_urlsafe(12),
            person_id=turn.person.id,
            conversation_id=turn.work.conversations.open(utterance.conversation),
            state=EpisodeState.CLOSED,
            language=turn.language,
            last_at=turn.at,
            angry=heard.finding.angry,
            question=words_of(turn, heard),
            link="" if utterance.conversation.private else utterance.link,
        )
    )
