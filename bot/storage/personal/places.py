"""Forgets where a person can be reached."""

import re
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, and_, delete, exists, func, or_, select, update

from bot.domain.conversations.messages import ConversationRef
from bot.storage.personal.posts import Accounts
from bot.storage.personal.words import erase_words
from bot.storage.repositories.channel_memory import NOTHING_MORE
from bot.storage.rows.people import ERASED
from bot.storage.rows.planning import is_status
from bot.storage.schema.messages import outbox
from bot.storage.schema.tables import (
    cards,
    changed_messages,
    channel_memory,
    conversations,
    episodes,
    holds,
    roster_members,
    sessions,
)

_SOME = 500  # ids in one statement


def places_of(person_id: int, accounts: Accounts) -> Any:
    """The private conversations of a person, but for those that hold a card."""
    theirs = exists().where(
        episodes.c.conversation_id == conversations.c.id, episodes.c.person_id == person_id
    )
    by_name = conversations.c.space.in_([name for _, _, name in accounts])
    no_card = ~exists().where(cards.c.conversation_id == conversations.c.id)
    return and_(conversations.c.private.is_(True), or_(theirs, by_name), no_card)


class Places:
    """The private chats of a person, and what channels remember of them."""

    def __init__(self, db: Connection, person_id: int, accounts: Accounts, places: Accounts) -> None:
        """`places`: channel, tenant and space of each chat."""
        self._db = db
        self._person = person_id
        self._accounts = accounts
        self._own = places
        self._conversations = [number for place in places for number in self._in(place)]

    def _in(self, place: tuple[str, str, str]) -> Sequence[int]:
        columns = (conversations.c.channel, conversations.c.tenant, conversations.c.space)
        which = and_(*(column == value for column, value in zip(columns, place, strict=True)))
        return self._db.execute(select(conversations.c.id).where(which)).scalars().all()

    def waiting(self) -> int:
        """How many posts are still on their way there."""
        found = 0
        for start in range(0, len(self._conversations), _SOME):
            here = outbox.c.conversation_id.in_(self._conversations[start : start + _SOME])
            which = and_(is_status(outbox.c.status, "waiting"), here)
            found += self._db.execute(select(func.count()).select_from(outbox).where(which)).scalar_one()
        return found

    def forget(self, at: datetime) -> None:
        """Put nothing in the place of their addresses that leads anywhere."""
        for channel, tenant, space in self._own:
            self._forget_changes(ConversationRef(channel, tenant, space, private=True).place, at)
            here = and_(holds.c.channel == channel, holds.c.tenant == tenant, holds.c.space == space)
            self._db.execute(delete(holds).where(here))
        self._forget_conversations()
        self._forget_memory()
        for channel, tenant, name in self._accounts:
            member = and_(
                roster_members.c.channel == channel,
                roster_members.c.tenant == tenant,
                roster_members.c.external_id == name,
            )
            hidden = {"external_id": f"{ERASED}{self._person}", "name": ""}
            self._db.execute(update(roster_members).where(member).values(**hidden))
            self._sign_out(name, at)

    def _sign_out(self, name: str, at: datetime) -> None:
        ended = {
            "person": f"{ERASED}{self._person}",
            "ended_at": func.coalesce(sessions.c.ended_at, at),
            **NOTHING_MORE,
        }
        self._db.execute(update(sessions).where(sessions.c.person == name).values(**ended))

    def _forget_changes(self, place: str, at: datetime) -> None:
        which = changed_messages.c.place == place
        erase_words(
            self._db, list(self._db.execute(select(changed_messages.c.text_id).where(which)).scalars()), at
        )
        self._db.execute(delete(changed_messages).where(which))

    def _forget_conversations(self) -> None:
        for number in self._conversations:
            hidden = {"space": f"{ERASED}{self._person}", "thread": f"{ERASED}{number}", "anchor": ""}
            self._db.execute(update(conversations).where(conversations.c.id == number).values(**hidden))

    def _forget_memory(self) -> None:
        wanted: dict[str, set[str]] = {}
        for channel, _, name in (*self._accounts, *self._own):
            wanted.setdefault(channel, set()).add(name)
        for channel, names in wanted.items():
            named = re.compile(rf"(?<!\w)(?:{'|'.join(map(re.escape, names))})(?!\w)")
            kept = select(channel_memory).where(channel_memory.c.channel == channel)
            for row in self._db.execute(kept).all():
                if named.search(row.key) or named.search(row.value):
                    which = and_(channel_memory.c.channel == channel, channel_memory.c.key == row.key)
                    self._db.execute(delete(channel_memory).where(which))
