"""Gathers everything that is held of a person, in words that people read."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, Select, and_, or_, select

from bot.domain.knowledge.proposal import by_person
from bot.domain.tickets.ticket import format_reference
from bot.storage.personal.search import accounts_of
from bot.storage.rows import reply_json
from bot.storage.schema.accounts import absences, join_log
from bot.storage.schema.drafts import typed_drafts
from bot.storage.schema.feedback import learned_examples, ratings, ticket_fields, verdicts
from bot.storage.schema.messages import files, outbox, relays
from bot.storage.schema.tables import (
    conversations,
    decisions,
    episodes,
    people,
    roster_members,
    sessions,
    texts,
    ticket_events,
    tickets,
    utterances,
)

_SOME = 500  # rows in one look


def gather_joined(db: Connection, people_ids: Sequence[int]) -> dict[str, Any]:
    """Gather everything held of a person: of one account, and of those that are joined with it."""
    first, *others = people_ids
    joined = {"joined_accounts": [Export(db, one).gather() for one in others]} if others else {}
    return Export(db, first).gather() | joined


class Export:
    """Everything held of one person, as JSON."""

    def __init__(self, db: Connection, person_id: int) -> None:
        self._db = db
        self._person = person_id

    def gather(self) -> dict[str, Any]:
        """Gather it; what was erased shows as such."""
        person = self._db.execute(select(people).where(people.c.id == self._person)).one()
        accounts = accounts_of(self._db, self._person)
        return {
            "person": {
                "number": person.id,
                "name": person.name,
                "language": person.language,
                "known_since": _iso(person.created_at),
                "accounts": [str(account) for account in accounts],
                "engineers_rooms": self._rooms([account.external_id for account in accounts]),
                "signed_in_to_the_page": self._sessions([account.external_id for account in accounts]),
            },
            "joining": self._joining(),
            "absences": self._absences(),
            "questions": self._questions(),
            "tickets": self._tickets(),
            "written_under_tickets": self._relayed(),
            "work_on_tickets": self._work(),
            "decided_on_examples": self._decided_on_examples(),
            "told_privately": self._told([str(account) for account in accounts]),
            "typed_into_drafts": self._typed([str(account) for account in accounts]),
        }

    def _joining(self) -> list[dict[str, Any]]:
        mine = or_(join_log.c.person_id == self._person, join_log.c.other_id == self._person)
        rows = self._all(select(join_log).where(mine).order_by(join_log.c.id))
        return [{"at": _iso(row.at), "what": row.kind, "how": row.how} for row in rows]

    def _absences(self) -> list[dict[str, Any]]:
        rows = self._all(
            select(absences)
            .where(absences.c.person_id == self._person, absences.c.since.is_not(None))
            .order_by(absences.c.id)
        )
        return [{"from": _iso(row.since), "until": _iso(row.ended_at or row.until)} for row in rows]

    def _rooms(self, ids: list[str]) -> list[str]:
        which = select(roster_members.c.room).where(roster_members.c.external_id.in_(ids)).distinct()
        return sorted(self._db.execute(which).scalars())

    def _sessions(self, ids: list[str]) -> list[dict[str, Any]]:
        columns = (
            sessions.c.opened_at,
            sessions.c.ended_at,
            sessions.c.role,
            sessions.c.name,
            sessions.c.email,
        )
        rows = self._all(select(*columns).where(sessions.c.person.in_(ids)).order_by(sessions.c.opened_at))
        return [
            {
                "from": _iso(row.opened_at),
                "signed_out": _iso(row.ended_at),
                "role": row.role,
                "name": row.name,
                "email": row.email,
            }
            for row in rows
        ]

    def _verdicts(self, episode_id: int) -> list[dict[str, Any]]:
        rows = self._all(select(verdicts).where(verdicts.c.episode_id == episode_id).order_by(verdicts.c.at))
        return [
            {"at": _iso(row.at), "answer": row.target, "said": row.verdict, "why": row.reason or None}
            for row in rows
        ]

    def _examples(self, which: Any) -> list[dict[str, Any]]:
        """What was proposed as examples; their words are the questions'."""
        rows = self._all(select(learned_examples).where(which).order_by(learned_examples.c.id))
        return [
            {
                "number": row.id,
                "for": row.target,
                "status": row.status,
                "proposed_at": _iso(row.proposed_at),
                "approved_at": _iso(row.approved_at),
                "taken_back_at": _iso(row.taken_back_at),
            }
            for row in rows
        ]

    def _decided_on_examples(self) -> list[dict[str, Any]]:
        me = by_person(self._person)
        return self._examples(
            or_(learned_examples.c.approved_by == me, learned_examples.c.taken_back_by == me)
        )

    def _typed(self, accounts: list[str]) -> list[dict[str, Any]]:
        rows = self._all(
            select(typed_drafts).where(typed_drafts.c.owner.in_(accounts)).order_by(typed_drafts.c.at)
        )
        return [
            {"at": _iso(row.at), "of": row.source, "article": row.article, "intent": row.intent}
            for row in rows
        ]

    def _questions(self) -> list[dict[str, Any]]:
        rows = self._all(
            select(
                episodes,
                texts.c.body,
                conversations.c.channel,
                conversations.c.space,
                conversations.c.private,
            )
            .join(texts, texts.c.id == episodes.c.question_id)
            .join(conversations, conversations.c.id == episodes.c.conversation_id)
            .where(episodes.c.person_id == self._person)
            .order_by(episodes.c.id)
        )
        until = _next_ones(rows)
        return [
            {
                "asked_at": _iso(row.started_at),
                "channel": row.channel,
                "place": row.space,
                "private": row.private,
                "link": row.link,
                "language": row.language,
                "question": row.body,
                "ticket": format_reference(row.ticket_id) if row.ticket_id else None,
                "said_of_answers": self._verdicts(row.id),
                "as_example": self._examples(learned_examples.c.episode_id == row.id),
                "messages": self._messages(row.id),
                "decisions": self._decisions(row.id),
                "shown": [target for target, _ in row.offered],
                "tried": [target for target, _ in row.tried],
                "clicked": list(row.presses),
                "answers": self._answers(row, until.get(row.id)),
            }
            for row in rows
        ]

    def _messages(self, episode_id: int) -> list[dict[str, Any]]:
        rows = self._all(
            select(utterances, texts.c.body)
            .join(texts, texts.c.id == utterances.c.text_id)
            .where(utterances.c.episode_id == episode_id)
            .order_by(utterances.c.id)
        )
        return [{"at": _iso(row.at), "text": row.body, "files": row.files} for row in rows]

    def _decisions(self, episode_id: int) -> list[dict[str, Any]]:
        rows = self._all(
            select(decisions).where(decisions.c.episode_id == episode_id).order_by(decisions.c.id)
        )
        return [{"at": _iso(row.at), "what": row.kind, "candidates": row.candidates} for row in rows]

    def _answers(self, question: Row[Any], until: datetime | None) -> list[dict[str, Any]]:
        """What was posted from a question on, up to their next one there: each post once."""
        there = and_(
            outbox.c.conversation_id == question.conversation_id, outbox.c.created_at >= question.started_at
        )
        return self._posts(and_(there, outbox.c.created_at < until) if until is not None else there)

    def _told(self, accounts: list[str]) -> list[dict[str, Any]]:
        return self._posts(outbox.c.private_to.in_(accounts))

    def _posts(self, which: Any) -> list[dict[str, Any]]:
        rows = self._all(
            select(outbox.c.created_at, texts.c.body)
            .join(texts, texts.c.id == outbox.c.text_id)
            .where(which, outbox.c.kind == "reply", outbox.c.revises_id.is_(None), texts.c.body != "")
            .order_by(outbox.c.id)
        )
        return [{"at": _iso(row.created_at), "text": _words_of(row.body)} for row in rows]

    def _tickets(self) -> list[dict[str, Any]]:
        rows = self._all(select(tickets).where(tickets.c.requester_id == self._person).order_by(tickets.c.id))
        return [
            {
                "ticket": format_reference(row.id),
                "status": row.status,
                "priority": row.priority,
                "queue": row.queue,
                "channel": row.channel,
                "link": row.link,
                "opened_at": _iso(row.opened_at),
                "claimed_at": _iso(row.claimed_at),
                "closed_at": _iso(row.closed_at),
                "assignee": self._name(row.assignee_id),
                "opened_by": self._name(row.opened_by_id),
                "question": self._text(row.question_id),
                "note": self._text(row.note_id),
                "history": self._history(row.id),
                "conversation": self._conversation(row.id),
                "details": self._details(row.id),
                "ratings": self._ratings(row.id),
            }
            for row in rows
        ]

    def _history(self, ticket_id: int) -> list[dict[str, Any]]:
        which = ticket_events.c.ticket_id == ticket_id
        return [
            {"at": _iso(row.at), "what": row.kind, "who": self._name(row.actor_id), "detail": row.detail}
            for row in self._all(select(ticket_events).where(which).order_by(ticket_events.c.id))
        ]

    def _conversation(self, ticket_id: int) -> list[dict[str, Any]]:
        return self._said(relays.c.ticket_id == ticket_id)

    def _relayed(self) -> list[dict[str, Any]]:
        mine = select(tickets.c.id).where(tickets.c.requester_id == self._person)
        return self._said(relays.c.author_id == self._person, relays.c.ticket_id.not_in(mine))

    def _said(self, *which: Any) -> list[dict[str, Any]]:
        rows = self._all(
            select(relays, texts.c.body)
            .join(texts, texts.c.id == relays.c.text_id)
            .where(*which)
            .order_by(relays.c.id)
        )
        return [
            {
                "ticket": format_reference(row.ticket_id),
                "at": _iso(row.at),
                "who": self._name(row.author_id),
                "for": row.course,
                "text": row.body,
                "deleted": row.gone,
                "files": self._files(row.id),
            }
            for row in rows
        ]

    def _files(self, relay_id: int) -> list[dict[str, Any]]:
        which = files.c.relay_id == relay_id
        return [
            {"name": row.name, "type": row.media_type, "bytes": row.size, "kept_until": _iso(row.expires_at)}
            for row in self._all(
                select(files.c.name, files.c.media_type, files.c.size, files.c.expires_at)
                .where(which)
                .order_by(files.c.id)
            )
        ]

    def _details(self, ticket_id: int) -> list[dict[str, Any]]:
        which = ticket_fields.c.ticket_id == ticket_id
        return [
            {"question": row.question, "answer": self._text(row.text_id), "at": _iso(row.answered_at)}
            for row in self._all(select(ticket_fields).where(which).order_by(ticket_fields.c.id))
        ]

    def _ratings(self, ticket_id: int) -> list[dict[str, Any]]:
        which = ratings.c.ticket_id == ticket_id
        return [
            {"mark": row.mark, "comment": self._text(row.comment_id), "at": _iso(row.answered_at)}
            for row in self._all(select(ratings).where(which).order_by(ratings.c.id))
        ]

    def _work(self) -> list[dict[str, Any]]:
        mine = or_(tickets.c.assignee_id == self._person, tickets.c.opened_by_id == self._person)
        rows = self._all(select(tickets).where(mine).order_by(tickets.c.id))
        return [
            {
                "ticket": format_reference(row.id),
                "assignee": row.assignee_id == self._person,
                "opened": row.opened_by_id == self._person,
                "note": self._text(row.note_id) if row.assignee_id == self._person else None,
                "did": self._did(row.id),
            }
            for row in rows
        ]

    def _did(self, ticket_id: int) -> list[dict[str, Any]]:
        which = (ticket_events.c.ticket_id == ticket_id, ticket_events.c.actor_id == self._person)
        rows = self._all(select(ticket_events).where(*which).order_by(ticket_events.c.id))
        return [{"at": _iso(row.at), "what": row.kind, "detail": row.detail} for row in rows]

    def _name(self, person_id: int | None) -> str | None:
        if person_id is None:
            return None
        return str(self._db.execute(select(people.c.name).where(people.c.id == person_id)).scalar_one())

    def _text(self, text_id: int | None) -> str | None:
        if text_id is None:
            return None
        return str(self._db.execute(select(texts.c.body).where(texts.c.id == text_id)).scalar_one())

    def _all(self, query: Select[Any]) -> Sequence[Row[Any]]:
        return self._db.execute(query).all()


def _next_ones(questions: Iterable[Row[Any]]) -> dict[int, datetime]:
    """When the next question in the same conversation began, by the ids of questions."""
    found: dict[int, datetime] = {}
    before: dict[int, int] = {}
    for row in questions:
        if row.conversation_id in before:
            found[before[row.conversation_id]] = row.started_at
        before[row.conversation_id] = row.id
    return found


def _words_of(body: str) -> str:
    """The words of one of our posts, a line for each block."""
    reply = reply_json.load_or_nothing(body)
    lines = [str(words) for block in reply.blocks if (words := _words(block))]
    return "\n".join(lines) or reply.summary


def _words(block: object) -> str:
    for name in ("markdown", "text", "name"):
        if found := getattr(block, name, ""):
            return str(found)
    rows = getattr(block, "rows", ())
    return "\n".join(f"{label}: {value}" for label, value in rows)


def _iso(at: Any) -> str | None:
    return at.isoformat(timespec="seconds") if at is not None else None
