"""Repositories of conversations and episodes."""

from datetime import datetime

from sqlalchemy import Connection, Row, insert, select, update
from sqlalchemy.sql import Select

from bot.domain.conversation import ConversationRef, Episode, EpisodeState, Utterance
from bot.domain.knowledge import Finding
from bot.storage.people import Texts, upsert
from bot.storage.tables import conversations, decisions, episodes, texts, utterances


class Conversations:
    """Threads in places, under our own id."""

    def __init__(self, connection: Connection) -> None:
        self._db = connection

    def open(self, ref: ConversationRef) -> int:
        """The conversation's id; a thread that our own post began is found by its anchor."""
        found = self.find(ref)
        if found is not None:
            return found
        added = self._db.execute(
            upsert(self._db, conversations)
            .values(
                channel=ref.channel,
                tenant=ref.tenant,
                space=ref.space,
                thread=ref.thread,
                private=ref.private,
            )
            .on_conflict_do_nothing()
            .returning(conversations.c.id)
        ).scalar()
        found = added if added is not None else self.find(ref)
        if found is None:
            raise LookupError("a conversation vanished while it was being entered")
        return int(found)

    def find(self, ref: ConversationRef) -> int | None:
        """The conversation's id, if it is known."""
        place = (conversations.c.channel == ref.channel, conversations.c.tenant == ref.tenant)
        found = self._db.execute(
            select(conversations.c.id).where(
                *place, conversations.c.space == ref.space, conversations.c.thread == ref.thread
            )
        ).scalar()
        if found is None and ref.thread:
            found = self._db.execute(
                select(conversations.c.id).where(
                    *place,
                    conversations.c.anchor == ref.thread,
                    conversations.c.anchor != "",
                    conversations.c.space == ref.space,
                )
            ).scalar()
        return found

    def ref(self, conversation_id: int) -> ConversationRef:
        """The conversation under this id."""
        row = self._db.execute(select(conversations).where(conversations.c.id == conversation_id)).one()
        return ref_of(row)


def ref_of(row: Row[tuple[object, ...]]) -> ConversationRef:
    """A conversation from a row that has its columns."""
    return ConversationRef(row.channel, row.tenant, row.space, row.thread, row.anchor, row.private)


class Episodes:
    """The state of what a person asks."""

    def __init__(self, connection: Connection) -> None:
        self._db = connection

    def add(self, episode: Episode) -> Episode:
        """Enter an episode; it gets its id."""
        question_id = Texts(self._db).add(episode.question)
        key = self._db.execute(
            insert(episodes).values(
                token=episode.token,
                person_id=episode.person_id,
                conversation_id=episode.conversation_id,
                question_id=question_id,
                started_at=episode.last_at,
                **_state(episode),
            )
        ).inserted_primary_key
        return episode.moved(episode.state, episode.last_at, id=int(key[0]))  # type: ignore[index]  # one row

    def save(self, episode: Episode) -> None:
        """Store an episode's new state."""
        self._db.execute(update(episodes).where(episodes.c.id == episode.id).values(**_state(episode)))

    def reword(self, episode: Episode) -> None:
        """Store an episode's new question."""
        question = select(episodes.c.question_id).where(episodes.c.id == episode.id).scalar_subquery()
        self._db.execute(update(texts).where(texts.c.id == question).values(body=episode.question))

    def by_token(self, token: str) -> Episode | None:
        """The episode that a button names."""
        return self._one(_QUERY.where(episodes.c.token == token))

    def get(self, episode_id: int) -> Episode:
        """The episode under this id."""
        found = self._one(_QUERY.where(episodes.c.id == episode_id))
        if found is None:
            raise LookupError(f"there is no episode {episode_id}")
        return found

    def in_thread(self, conversation_id: int, person_id: int) -> Episode | None:
        """The person's newest episode in one thread."""
        return self._one(
            _QUERY.where(episodes.c.conversation_id == conversation_id, episodes.c.person_id == person_id)
            .order_by(episodes.c.id.desc())
            .limit(1)
        )

    def recent(self, person_id: int, ref: ConversationRef, since: datetime) -> Episode | None:
        """The person's newest episode in this space, whatever its thread, that was active since then."""
        return self._one(
            _QUERY.join(conversations, conversations.c.id == episodes.c.conversation_id)
            .where(
                episodes.c.person_id == person_id,
                episodes.c.last_at >= since,
                conversations.c.channel == ref.channel,
                conversations.c.tenant == ref.tenant,
                conversations.c.space == ref.space,
            )
            .order_by(episodes.c.last_at.desc(), episodes.c.id.desc())
            .limit(1)
        )

    def decided(
        self, episode_id: int, at: datetime, kind: str, finding: Finding, content_hash: str, matcher: str
    ) -> None:
        """Record a decision: ids and confidences, never text."""
        candidates = [[match.target, round(match.confidence, 4)] for match in finding.matches[:10]]
        self._db.execute(
            insert(decisions).values(
                episode_id=episode_id,
                at=at,
                kind=kind,
                language=finding.language,
                content_hash=content_hash,
                matcher=matcher,
                candidates=candidates,
            )
        )

    def said(self, episode: Episode, utterance: Utterance, person_id: int, text: str) -> int:
        """Keep what a person said; return the text's id."""
        text_id = Texts(self._db).add(text)
        self._db.execute(
            insert(utterances).values(
                episode_id=episode.id,
                conversation_id=episode.conversation_id,
                person_id=person_id,
                text_id=text_id,
                files=utterance.files,
                at=utterance.at,
            )
        )
        return text_id

    def _one(self, query: Select[tuple[object, ...]]) -> Episode | None:
        row = self._db.execute(query).first()
        if row is None:
            return None
        return Episode(
            id=row.id,
            token=row.token,
            person_id=row.person_id,
            conversation_id=row.conversation_id,
            state=EpisodeState(row.state),
            language=row.language,
            last_at=row.last_at,
            asked=row.asked,
            angry=row.angry,
            question=row.question,
            offered=tuple((target, confidence) for target, confidence in row.offered),
            tried=tuple((target, confidence) for target, confidence in row.tried),
            presses=tuple(row.presses),
            ticket_id=row.ticket_id,
            post_id=row.post_id,
            link=row.link,
        )


_QUERY: Select[tuple[object, ...]] = select(episodes, texts.c.body.label("question")).join(
    texts, texts.c.id == episodes.c.question_id
)


def _state(episode: Episode) -> dict[str, object]:
    return {
        "state": episode.state.value,
        "language": episode.language,
        "last_at": episode.last_at,
        "asked": episode.asked,
        "angry": episode.angry,
        "offered": [list(pair) for pair in episode.offered],
        "tried": [list(pair) for pair in episode.tried],
        "presses": list(episode.presses),
        "ticket_id": episode.ticket_id,
        "post_id": episode.post_id,
        "link": episode.link,
    }
