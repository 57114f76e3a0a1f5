"""Queues posts for their delivery."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Connection, delete, exists, func, insert, select, update

from bot.desk.ports.outbox import Looked, Offer, Posted
from bot.domain.conversations.messages import Reply
from bot.domain.people import Identity
from bot.domain.tickets.relay import Mark
from bot.runtime.trace import trace
from bot.storage.repositories.people import Texts
from bot.storage.rows import reply_json
from bot.storage.rows.delivery import SCHEDULE
from bot.storage.rows.prepared_statements import Prepared, given
from bot.storage.schema.feedback import ratings, ticket_fields
from bot.storage.schema.messages import outbox, pressables, relay_posts, relays
from bot.storage.schema.outages import signs
from bot.storage.schema.tables import conversations, episodes, texts

_NUMBER = Prepared(
    update(conversations)
    .where(conversations.c.id == given(conversations.c.id))
    .values(
        next_number=conversations.c.next_number + 1,
        due_at=func.coalesce(conversations.c.due_at, given(conversations.c.due_at)),
    )
    .returning(conversations.c.next_number)
)
_ADD = Prepared(insert(outbox).returning(outbox.c.id))
_PLACE = Prepared(
    select(outbox.c.conversation_id, outbox.c.text_id, outbox.c.ticket_id, outbox.c.file_id).where(
        outbox.c.id == given(outbox.c.id)
    )
)
_REMOVED = Prepared(update(outbox).where(outbox.c.id == given(outbox.c.id)).values(removed=True))
_REVISIONS_REMOVED = Prepared(
    update(outbox).where(outbox.c.revises_id == given(outbox.c.revises_id)).values(removed=True)
)
_NEWEST = Prepared(
    select(outbox.c.id, outbox.c.status, outbox.c.created_at, outbox.c.ticket_id)
    .where(outbox.c.conversation_id == given(outbox.c.conversation_id), outbox.c.revises_id.is_(None))
    .order_by(outbox.c.number.desc())
    .limit(40)
)
_NEWEST_POSTS = (
    select(outbox.c.id, outbox.c.receipt)
    .where(outbox.c.conversation_id == given(outbox.c.conversation_id))
    .order_by(outbox.c.number.desc())
    .limit(500)  # so that a long chat costs no more than a short one
    .subquery()
)
_TOKEN_OF_POST = Prepared(
    select(episodes.c.token)
    .join(_NEWEST_POSTS, _NEWEST_POSTS.c.id == episodes.c.post_id)
    .where(_NEWEST_POSTS.c.receipt == given(outbox.c.receipt))
    .order_by(episodes.c.id.desc())
    .limit(1)
)
_WAITS = Prepared(
    select(outbox.c.id)
    .where(outbox.c.conversation_id == given(outbox.c.conversation_id), outbox.c.status == "waiting")
    .limit(1)
)
_PRESSABLE = Prepared(insert(pressables))
_PRESSABLES = Prepared(
    select(outbox.c.conversation_id, outbox.c.id)
    .join(pressables, pressables.c.post_id == outbox.c.id)
    .where(pressables.c.ticket_id == given(pressables.c.ticket_id))
    .order_by(outbox.c.conversation_id, outbox.c.id)
)
_SUPERSEDE = (
    update(outbox)
    .where(outbox.c.id == given(outbox.c.id))
    .values(status="superseded", settled_at=given(outbox.c.settled_at))
)
_SUPERSEDED = Prepared(_SUPERSEDE)
_NEVER_POSTED = Prepared(_SUPERSEDE.where(outbox.c.status == "waiting", outbox.c.attempts == 0))
_ANSWER = outbox.alias("answer")
_OFFER = select(
    outbox.c.conversation_id,
    outbox.c.file_id,
    exists().where(_ANSWER.c.revises_id == outbox.c.id).label("answered"),
).where(
    outbox.c.id == given(outbox.c.id),
    outbox.c.file_id.is_not(None),
    outbox.c.revises_id.is_(None),
    outbox.c.removed.is_(False),
)
_NAMED_BY = (
    pressables.c.post_id,
    relay_posts.c.outbox_id,
    relays.c.mark_id,
    signs.c.post_id,
    ratings.c.post_id,
    ticket_fields.c.post_id,
    episodes.c.post_id,
)
_ENDED = ("sent", "superseded")


class Outbox:
    """Queues posts, in order within each conversation."""

    def __init__(self, connection: Connection) -> None:
        self._db = connection

    def say(
        self,
        conversation_id: int,
        reply: Reply,
        at: datetime,
        *,
        ticket_id: int | None = None,
        private_to: Identity | None = None,
        file_id: int | None = None,
        naming: Sequence[int] = (),
    ) -> int:
        """Post a reply after everything that waits in this conversation."""
        text_id = Texts(self._db).add(reply_json.dump(reply))
        post_id = self._add(
            conversation_id,
            at,
            kind="reply",
            text_id=text_id,
            ticket_id=ticket_id,
            private_to=private_to,
            file_id=file_id,
        )
        if reply.buttons and private_to is None:  # what one person alone was shown cannot be changed
            for named in naming or ((ticket_id,) if ticket_id is not None else ()):
                _PRESSABLE.run(self._db, {"ticket_id": named, "post_id": post_id})
        return post_id

    def with_buttons(self, ticket_id: int) -> tuple[tuple[int, int], ...]:
        """The conversations and posts with buttons that name a ticket, or hang on it."""
        rows = _PRESSABLES.all(self._db, {"p_ticket_id": ticket_id})
        return tuple((row.conversation_id, row.id) for row in rows)

    def unsent(self, conversation_id: int, at: datetime) -> tuple[int, ...]:
        """The posts of this moment that name no ticket; none where one of them was sent already."""
        newest = _NEWEST.all(self._db, {"p_conversation_id": conversation_id})
        rows = [row for row in reversed(newest) if row.created_at == at and row.ticket_id is None]
        return tuple(row.id for row in rows) if all(row.status == "waiting" for row in rows) else ()

    def waits(self, conversation_id: int) -> bool:
        """Whether a post waits in this conversation."""
        return _WAITS.first(self._db, {"p_conversation_id": conversation_id}) is not None

    def revise(self, post_id: int, reply: Reply, at: datetime) -> None:
        """Change an earlier post to this."""
        row = self._db.execute(
            select(outbox.c.conversation_id, outbox.c.text_id).where(outbox.c.id == post_id)
        ).one()
        self._db.execute(update(texts).where(texts.c.id == row.text_id).values(body=reply_json.dump(reply)))
        self._add(row.conversation_id, at, kind="reply", text_id=row.text_id, revises_id=post_id)

    def remove(self, post_id: int, instead: Reply, at: datetime) -> None:
        """Take an earlier post away, or do not post it at all; `instead` where it can only be changed.

        The removal is entered first: from then on the conversation is locked, and no replica can begin to
        post what is found to be waiting here. A post that an attempt may have posted already stays in the
        outbox as a removal of its own, so that a repeat looks for it and never posts it anew.
        """
        row = _PLACE.one(self._db, {"p_id": post_id})
        removal = self._add(
            row.conversation_id,
            at,
            kind="reply",
            text_id=row.text_id,
            ticket_id=row.ticket_id,
            revises_id=post_id,
            file_id=row.file_id,
            removed=True,
        )
        # The words themselves go: nothing that is rendered from now on can hold them.
        self._db.execute(update(texts).where(texts.c.id == row.text_id).values(body=reply_json.dump(instead)))
        _REMOVED.run(self._db, {"p_id": post_id})
        _REVISIONS_REMOVED.run(self._db, {"p_revises_id": post_id})
        if _NEVER_POSTED.run(self._db, {"p_id": post_id, "p_settled_at": at}):
            _SUPERSEDED.run(self._db, {"p_id": removal, "p_settled_at": at})
            schedule = {"p_id": row.conversation_id, "p_conversation_id": row.conversation_id}
            SCHEDULE.run(self._db, schedule)

    def mark(
        self,
        conversation_id: int,
        message: str,
        mark: Mark,
        reply: Reply,
        at: datetime,
        *,
        earlier: int | None,
    ) -> int:
        """Put a mark on somebody's message, in place of an earlier one; `reply` says it in words."""
        post_id = self._add(
            conversation_id,
            at,
            kind="reply",
            text_id=Texts(self._db).add(reply_json.dump(reply)),
            revises_id=earlier,
            mark=mark.value,
            mark_of=message,
        )
        return earlier or post_id

    def offer(self, post_id: int) -> Offer | None:
        """The file that a post offers, unless it is taken back; the post's conversation must be held."""
        row = self._db.execute(_OFFER, {"p_id": post_id}).first()
        return Offer(row.conversation_id, row.file_id, bool(row.answered)) if row else None

    def hand_over(self, post_id: int, at: datetime) -> None:
        """Let the offered file take the place of its offer."""
        row = _PLACE.one(self._db, {"p_id": post_id})
        self._add(
            row.conversation_id,
            at,
            kind="reply",
            text_id=row.text_id,
            ticket_id=row.ticket_id,
            file_id=row.file_id,
            revises_id=post_id,
        )

    def amend(self, post_id: int, reply: Reply, at: datetime) -> None:
        """Change an earlier post to this; changes that follow each other quickly are delivered as one."""
        row = self._db.execute(
            select(outbox.c.conversation_id, outbox.c.text_id).where(outbox.c.id == post_id)
        ).one()
        # The lock comes before the look: a replica that leases at this moment has either read the old text
        # already, which its attempt shows, or waits for ours.
        held = select(conversations.c.id).where(conversations.c.id == row.conversation_id)
        self._db.execute(held.with_for_update(key_share=True))
        self._db.execute(update(texts).where(texts.c.id == row.text_id).values(body=reply_json.dump(reply)))
        unread = select(outbox.c.id).where(
            outbox.c.conversation_id == row.conversation_id,
            outbox.c.status == "waiting",
            outbox.c.text_id == row.text_id,
            outbox.c.attempts == 0,
        )
        if self._db.execute(unread.limit(1)).first() is None:
            self._add(row.conversation_id, at, kind="reply", text_id=row.text_id, revises_id=post_id)

    def since(self, conversation_id: int, at: datetime) -> tuple[Posted, ...]:
        """The replies of a conversation from a time on, without what was taken away."""
        rows = self._db.execute(
            select(outbox.c.id, outbox.c.status, outbox.c.private_to, texts.c.body)
            .join(texts, texts.c.id == outbox.c.text_id)
            .where(
                outbox.c.conversation_id == conversation_id,
                outbox.c.created_at >= at,
                outbox.c.kind == "reply",
                outbox.c.revises_id.is_(None),
                outbox.c.removed.is_(False),
                outbox.c.mark == "",
                texts.c.body != "",
            )
            .order_by(outbox.c.number)
        )
        return tuple(
            Posted(
                row.id,
                reply_json.load_or_nothing(row.body),
                # What one person alone was shown cannot be changed, nor what never came.
                changeable=row.status in ("waiting", "sent") and not row.private_to,
            )
            for row in rows
        )

    def reword(self, post_id: int, reply: Reply) -> None:
        """Let an earlier post say this from now on, without a word to the chat."""
        text_id = select(outbox.c.text_id).where(outbox.c.id == post_id).scalar_subquery()
        self._db.execute(update(texts).where(texts.c.id == text_id).values(body=reply_json.dump(reply)))

    def token_of(self, conversation_id: int, message: str) -> str:
        """Return the token of the episode whose last post with buttons this message is, or nothing."""
        values = {"p_conversation_id": conversation_id, "p_receipt": message}
        row = _TOKEN_OF_POST.first(self._db, values)
        return str(row.token) if row is not None else ""

    def read(self, post_id: int) -> Reply:
        """What an earlier post says; nothing where it cannot be read."""
        body = select(texts.c.body).join(outbox, outbox.c.text_id == texts.c.id)
        found = self._db.execute(body.where(outbox.c.id == post_id)).scalar_one_or_none()
        return reply_json.load_or_nothing(found)

    def show_card(self, ticket_id: int, conversation_id: int, at: datetime) -> None:
        """Show the ticket as it will be when this is delivered."""
        self._add(conversation_id, at, kind="card", ticket_id=ticket_id)

    def show_home(self, conversation_id: int, identity: Identity, at: datetime) -> None:
        """Show a person's own tab as it will be when this is delivered."""
        self._add(conversation_id, at, kind="home", private_to=identity)

    def give_up_sent(self, before: datetime, at: datetime, after: int, limit: int) -> Looked:
        """Delete posts that were sent before then, with their words; look at so many, after this id.

        A post stays with its changes as long as one of them may still be delivered, or something names one of
        them: its buttons can be pressed, or the message that it carries can be edited.
        """
        columns = (outbox.c.id, outbox.c.text_id, outbox.c.revises_id, outbox.c.status, outbox.c.settled_at)
        lot = select(*columns, outbox.c.created_at).where(outbox.c.id > after)
        posts = self._db.execute(lot.order_by(outbox.c.id).limit(limit)).all()
        old = [post for post in posts if post.created_at < before]
        first = {post.id: post for post in old if post.revises_id is None}
        changes = self._db.execute(select(*columns).where(outbox.c.revises_id.in_(first))).all()
        family = {post.id: post.revises_id or post.id for post in (*first.values(), *changes)}
        staying = {
            family[post.id]
            for post in (*first.values(), *changes)
            if post.status not in _ENDED or post.settled_at is None or post.settled_at >= before
        }
        staying |= {family[number] for number in self._named(list(family))}
        going = [number for number, of in family.items() if of not in staying]
        words = {post.text_id for post in (*first.values(), *changes) if family[post.id] not in staying}
        # The changes of a post go before it, which they name.
        for some in ([one for one in going if one not in first], [one for one in going if one in first]):
            self._db.execute(delete(outbox).where(outbox.c.id.in_(some)))
        gone = [word for word in words if word is not None]
        self._db.execute(update(texts).where(texts.c.id.in_(gone)).values(body="", erased_at=at))
        return Looked(old[-1].id if old else after, len(going), more=len(old) == limit)

    def _named(self, ids: Sequence[int]) -> set[int]:
        found: set[int] = set()
        for column in _NAMED_BY:
            found |= set(self._db.execute(select(column).where(column.in_(ids))).scalars())
        return found

    def _add(
        self,
        conversation_id: int,
        at: datetime,
        *,
        kind: str,
        text_id: int | None = None,
        ticket_id: int | None = None,
        private_to: Identity | None = None,
        revises_id: int | None = None,
        file_id: int | None = None,
        removed: bool = False,
        mark: str = "",
        mark_of: str = "",
    ) -> int:
        # This update locks the conversation until the commit: numbers have no gaps and no ties, and a
        # replica that settles at this moment sees either nothing of this post or all of it.
        number = _NUMBER.number(self._db, {"p_id": conversation_id, "p_due_at": at})
        return _ADD.number(
            self._db,
            {
                "conversation_id": conversation_id,
                "number": number - 1,
                "kind": kind,
                "text_id": text_id,
                "ticket_id": ticket_id,
                "revises_id": revises_id,
                "file_id": file_id,
                "removed": removed,
                "mark": mark,
                "mark_of": mark_of,
                "private_to": str(private_to) if private_to else "",
                "due_at": at,
                "created_at": at,
                "trace": trace.get(),
            },
        )
