"""Stores episodes, and what was said in them."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import Boolean, Connection, and_, bindparam, exists, func, insert, or_, select, update
from sqlalchemy.sql import Select

from bot.desk.ports.unit_of_work import KeptMessage
from bot.domain.conversations.episode import Episode, EpisodeState
from bot.domain.conversations.messages import ConversationRef, Utterance
from bot.domain.conversations.outcome import NO_WORD
from bot.domain.conversations.withdrawal import without_words
from bot.domain.knowledge.decision import MatchResult
from bot.domain.knowledge.traffic import AskedQuestion
from bot.storage.repositories.conversations import PLACE
from bot.storage.repositories.people import Texts, asked_since, says
from bot.storage.rows.asked import newest_asked
from bot.storage.rows.prepared_statements import Prepared, given
from bot.storage.schema.outages import outages
from bot.storage.schema.tables import conversations, decisions, episodes, texts, tickets, utterances

_STATE = (
    "state",
    "language",
    "last_at",
    "asked",
    "angry",
    "offered",
    "tried",
    "presses",
    "ticket_id",
    "post_id",
    "link",
)
_ADD = Prepared(insert(episodes).returning(episodes.c.id))
_DECIDED = Prepared(insert(decisions).returning(decisions.c.id))
_SAID = Prepared(insert(utterances))
_SAVE = Prepared(
    update(episodes)
    .where(episodes.c.id == given(episodes.c.id))
    .values({name: given(episodes.c[name]) for name in _STATE})
)
_TOUCH = Prepared(
    update(episodes)
    .where(episodes.c.id == given(episodes.c.id), episodes.c.last_at < given(episodes.c.last_at))
    .values(last_at=given(episodes.c.last_at))
)
_QUERY: Select[Any] = select(episodes, texts.c.body.label("question")).join(
    texts, texts.c.id == episodes.c.question_id
)
_BY_ID = Prepared(_QUERY.where(episodes.c.id == given(episodes.c.id)))
_BY_TOKEN = Prepared(_QUERY.where(episodes.c.token == given(episodes.c.token)))
_IN_THREAD = Prepared(
    _QUERY.where(
        episodes.c.conversation_id == given(episodes.c.conversation_id),
        episodes.c.person_id == given(episodes.c.person_id),
    )
    .order_by(episodes.c.id.desc())
    .limit(1)
)
_CHANNEL, _TENANT, _SPACE = PLACE
# Where we wrote first and have no receipt yet, a private chat has not got its own name.
_UNNAMED = and_(
    conversations.c.private.is_(True), conversations.c.thread.like("new:%"), conversations.c.anchor == ""
)
_RECENT = Prepared(
    _QUERY.join(conversations, conversations.c.id == episodes.c.conversation_id)
    .where(
        episodes.c.person_id == given(episodes.c.person_id),
        episodes.c.last_at >= given(episodes.c.last_at),
        _CHANNEL,
        _TENANT,
        or_(_SPACE, and_(_UNNAMED, bindparam("p_private", type_=Boolean))),
    )
    .order_by(episodes.c.last_at.desc(), episodes.c.id.desc())
    .limit(1)
)
_LAST_SAID = Prepared(
    select(utterances.c.text_id)
    .where(utterances.c.episode_id == given(utterances.c.episode_id))
    .order_by(utterances.c.id.desc())
    .limit(1)
)
_IN_CHAT = (
    _QUERY.join(tickets, tickets.c.id == episodes.c.ticket_id)
    .join(conversations, conversations.c.id == episodes.c.conversation_id)
    .where(
        episodes.c.person_id == given(episodes.c.person_id),
        conversations.c.channel == given(conversations.c.channel),
        conversations.c.tenant == given(conversations.c.tenant),
        conversations.c.thread == "",
        conversations.c.private.is_(True),
    )
    .order_by(episodes.c.last_at.desc(), episodes.c.id.desc())
    .limit(1)
)
_HELPED = Prepared(_IN_CHAT.where(tickets.c.status == "claimed"))
_WITH_LIVE_TICKET = Prepared(
    _IN_CHAT.where(
        episodes.c.last_at >= given(episodes.c.last_at),
        or_(tickets.c.status == "open", tickets.c.status == "claimed"),
    )
)
_PRESSED = Prepared(
    select(episodes.c.presses).where(
        episodes.c.person_id == given(episodes.c.person_id),
        episodes.c.last_at >= given(episodes.c.last_at),
        episodes.c.ticket_id.is_(None),
    )
)
_SAID_TEXTS = (
    select(texts.c.body, utterances.c.files)
    .join(texts, texts.c.id == utterances.c.text_id)
    .order_by(utterances.c.at, utterances.c.id)
)


class Episodes:
    """Stores the state of what a person asks."""

    def __init__(self, connection: Connection, texts: Texts) -> None:
        self._db = connection
        self._texts = texts

    def add(self, episode: Episode) -> Episode:
        """Enter an episode; it gets its id."""
        question_id = self._texts.add_message(episode.question)
        episode_id = _ADD.number(
            self._db,
            {
                "token": episode.token,
                "person_id": episode.person_id,
                "conversation_id": episode.conversation_id,
                "question_id": question_id,
                "started_at": episode.last_at,
                "look_at": episode.last_at + NO_WORD,
                **_state(episode),
            },
        )
        return episode.with_state(episode.state, episode.last_at, id=episode_id)

    def save(self, episode: Episode) -> None:
        """Store an episode's new state."""
        values = {f"p_{name}": value for name, value in _state(episode).items()}
        _SAVE.run(self._db, {"p_id": episode.id, **values})

    def touch(self, episode_id: int, at: datetime) -> None:
        """Let an episode have been active at a time, unless it was so later."""
        _TOUCH.run(self._db, {"p_id": episode_id, "p_last_at": at})

    def reword(self, episode: Episode) -> None:
        """Store an episode's new question."""
        asked = select(episodes.c.question_id).where(episodes.c.id == episode.id)
        text_id = self._db.execute(asked).scalar_one()
        if self._is_kept_elsewhere(episode.id, text_id):
            question_id = self._texts.add_message(episode.question)
        else:  # in its place: a question that grows line by line is stored once
            question_id = self._texts.replace(text_id, episode.question)
        self._db.execute(update(episodes).where(episodes.c.id == episode.id).values(question_id=question_id))

    def _is_kept_elsewhere(self, episode_id: int, text_id: int) -> bool:
        """Whether the words of a question are also those of a message, or of a known outage."""
        said = exists().where(utterances.c.episode_id == episode_id, utterances.c.text_id == text_id)
        known = exists().where(outages.c.question_id == text_id)
        return bool(self._db.execute(select(or_(said, known))).scalar_one())

    def count_messages(self, episode_id: int, most: int) -> int:
        """How many messages were said in an episode, `most` where there are more."""
        said = select(utterances.c.id).where(utterances.c.episode_id == episode_id).limit(most).subquery()
        return int(self._db.execute(select(func.count()).select_from(said)).scalar_one())

    def by_token(self, token: str) -> Episode | None:
        """The episode that a button names."""
        return self._one(_BY_TOKEN, {"p_token": token})

    def get(self, episode_id: int) -> Episode:
        """The episode under this id."""
        found = self._one(_BY_ID, {"p_id": episode_id})
        if found is None:
            raise LookupError(f"there is no episode {episode_id}")
        return found

    def in_thread(self, conversation_id: int, person_id: int) -> Episode | None:
        """The person's newest episode in one thread."""
        return self._one(_IN_THREAD, {"p_conversation_id": conversation_id, "p_person_id": person_id})

    def recent(self, person_id: int, ref: ConversationRef, since: datetime) -> Episode | None:
        """The person's newest episode in this space, whatever its thread, that was active since then.

        What we have just begun in their private chat is there, though the chat may not have its own name yet.
        """
        place = {"p_channel": ref.channel, "p_tenant": ref.tenant, "p_space": ref.space}
        who = {"p_person_id": person_id, "p_private": ref.private}
        return self._one(_RECENT, {**who, "p_last_at": since, **place})

    def add_decision(
        self, episode_id: int, at: datetime, kind: str, result: MatchResult, content_hash: str, matcher: str
    ) -> int:
        """Record a decision: ids and confidences, never text; return its id."""
        candidates = [[match.target, round(match.confidence, 4)] for match in result.matches[:10]]
        mix = result.mix
        return _DECIDED.number(
            self._db,
            {
                "episode_id": episode_id,
                "at": at,
                "kind": kind,
                "language": result.language,
                "content_hash": content_hash,
                "matcher": matcher,
                "candidates": candidates,
                "none_fits": round(result.nothing, 4) if mix is not None else None,
                "mix_answers": mix.answers if mix is not None else None,
                "mix_requests": mix.requests if mix is not None else None,
                "mix_nothing": mix.nothing if mix is not None else None,
            },
        )

    def newest_asked(self, matcher: str, limit: int) -> tuple[AskedQuestion, ...]:
        """The newest questions of this version of the matcher, each with the target that helped, if known."""
        return newest_asked(self._db, matcher, limit)

    def add_message(self, episode: Episode, utterance: Utterance, person_id: int, text: str) -> int:
        """Keep what a person said; return the text's id."""
        text_id = self._texts.add_message(text)
        _SAID.run(
            self._db,
            {
                "episode_id": episode.id,
                "conversation_id": episode.conversation_id,
                "person_id": person_id,
                "text_id": text_id,
                "files": utterance.files,
                "at": utterance.at,
                "message": utterance.message,
            },
        )
        return text_id

    def kept_message(self, conversation_id: int, message: str) -> KeptMessage | None:
        """A message by the platform's id, if it was kept."""
        row = self._db.execute(
            select(utterances.c.episode_id, utterances.c.text_id, utterances.c.at)
            .where(utterances.c.conversation_id == conversation_id, utterances.c.message == message)
            .order_by(utterances.c.id.desc())
            .limit(1)
        ).first()
        if row is None:
            return None
        said = self._db.execute(
            select(utterances.c.id).where(utterances.c.episode_id == row.episode_id).limit(2)
        ).all()
        return KeptMessage(row.episode_id, row.text_id, row.at, alone=len(said) == 1)

    def newest_text_id(self, episode_id: int) -> int | None:
        """The text of the newest thing that was said in an episode."""
        row = _LAST_SAID.first(self._db, {"p_episode_id": episode_id})
        return int(row.text_id) if row else None

    def helped_in(self, ref: ConversationRef, person_id: int) -> Episode | None:
        """The person's episode in their private chat of this channel whose ticket is claimed, the one last
        active. The chat may be known under two names: its own, and the person's, where we wrote first.
        """
        values = {"p_channel": ref.channel, "p_tenant": ref.tenant, "p_person_id": person_id}
        return self._one(_HELPED, values)

    def with_live_ticket(self, ref: ConversationRef, person_id: int, since: datetime) -> Episode | None:
        """The person's episode in a private chat whose ticket is open or claimed, active since then."""
        values = {"p_channel": ref.channel, "p_tenant": ref.tenant, "p_person_id": person_id}
        return self._one(_WITH_LIVE_TICKET, {**values, "p_last_at": since})

    def texts_after(self, episode_id: int, at: datetime) -> tuple[str, ...]:
        """What was said in an episode later than this, in order, a line for its files included."""
        later = _SAID_TEXTS.where(utterances.c.episode_id == episode_id, utterances.c.at > at)
        return tuple(map(_with_files, self._db.execute(later)))

    def was_asked(self, person_id: int, about: str, since: datetime) -> bool:
        """Whether a person has an episode since then with this among its clicks, and no ticket."""
        rows = _PRESSED.all(self._db, {"p_person_id": person_id, "p_last_at": since})
        return any(about in row.presses for row in rows)

    def take_out(self, message: KeptMessage) -> tuple[str, tuple[int, ...]]:
        """Take a message's words out of its text and of all that its writer has asked.

        Return them, empty where they are gone already, and the ids of the tickets that held them.
        """
        said = self._db.execute(
            select(texts.c.body, utterances.c.files, utterances.c.person_id)
            .join(texts, texts.c.id == utterances.c.text_id)
            .where(utterances.c.episode_id == message.episode_id, utterances.c.text_id == message.text_id)
        ).first()
        if said is None or not said.body:
            return "", ()
        held: set[int] = set()
        for row in asked_since(self._db, said.person_id, message.at):
            left = without_words(without_words(row.body, _with_files(said)), said.body)
            if left == row.body:
                continue
            if row.episode_id != message.episode_id and says(self._db, row.episode_id, said.body):
                continue  # they wrote the same there in a message of its own, which stays
            self._texts.change(row.id, left)
            held |= {row.ticket_id} - {None}
        self._texts.change(message.text_id, "")
        return str(said.body), tuple(sorted(held))

    def forget_question(self, episode_id: int) -> None:
        """Delete the words of a question."""
        question = select(episodes.c.question_id).where(episodes.c.id == episode_id).scalar_subquery()
        self._db.execute(update(texts).where(texts.c.id == question).values(body=""))

    def texts_from(self, episode_id: int, text_id: int) -> tuple[str, ...]:
        """What was said in an episode from this text on, as it came in, a line for its files included."""
        since = (
            select(func.min(utterances.c.id))
            .where(utterances.c.episode_id == episode_id, utterances.c.text_id == text_id)
            .scalar_subquery()
        )
        said = _SAID_TEXTS.where(utterances.c.episode_id == episode_id, utterances.c.id >= since)
        return tuple(map(_with_files, self._db.execute(said)))

    def _one(self, query: Prepared, values: Mapping[str, object]) -> Episode | None:
        row = query.first(self._db, values)
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
            clicks=tuple(row.presses),
            ticket_id=row.ticket_id,
            post_id=row.post_id,
            link=row.link,
        )


def _with_files(row: Any) -> str:
    return f"{row.body}\n📎 {row.files}".strip() if row.files else str(row.body)


def _state(episode: Episode) -> dict[str, object]:
    return {
        "state": episode.state.value,
        "language": episode.language,
        "last_at": episode.last_at,
        "asked": episode.asked,
        "angry": episode.angry,
        "offered": [list(pair) for pair in episode.offered],
        "tried": [list(pair) for pair in episode.tried],
        "presses": list(episode.clicks),
        "ticket_id": episode.ticket_id,
        "post_id": episode.post_id,
        "link": episode.link,
    }
