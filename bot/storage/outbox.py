"""The outbox: what is to be said."""

from datetime import datetime

from sqlalchemy import Connection, func, insert, select, update

from bot.domain.conversation import Reply
from bot.domain.people import Identity
from bot.storage import codec
from bot.storage.people import Texts
from bot.storage.statements import Prepared, given
from bot.storage.tables import conversations, outbox, texts

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


class Outbox:
    """What is to be said, in order within each conversation."""

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
    ) -> int:
        """Post a reply after everything that waits in this conversation."""
        text_id = Texts(self._db).add(codec.dump(reply))
        return self._add(
            conversation_id, at, kind="reply", text_id=text_id, ticket_id=ticket_id, private_to=private_to
        )

    def revise(self, post_id: int, reply: Reply, at: datetime) -> None:
        """Change an earlier post to this."""
        row = self._db.execute(
            select(outbox.c.conversation_id, outbox.c.text_id).where(outbox.c.id == post_id)
        ).one()
        self._db.execute(update(texts).where(texts.c.id == row.text_id).values(body=codec.dump(reply)))
        self._add(row.conversation_id, at, kind="reply", text_id=row.text_id, revises_id=post_id)

    def read(self, post_id: int) -> Reply:
        """What an earlier post says."""
        body = select(texts.c.body).join(outbox, outbox.c.text_id == texts.c.id)
        return codec.load(self._db.execute(body.where(outbox.c.id == post_id)).scalar_one())

    def show_card(self, ticket_id: int, conversation_id: int, at: datetime) -> None:
        """Show the ticket as it will be when this is delivered."""
        self._add(conversation_id, at, kind="card", ticket_id=ticket_id)

    def show_home(self, conversation_id: int, identity: Identity, at: datetime) -> None:
        """Show a person's own tab as it will be when this is delivered."""
        self._add(conversation_id, at, kind="home", private_to=identity)

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
    ) -> int:
        # This update locks the conversation until the commit: numbers have no gaps and no ties, and a
        # courier that settles at this moment sees either nothing of this post or all of it.
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
                "private_to": str(private_to) if private_to else "",
                "due_at": at,
                "created_at": at,
            },
        )
