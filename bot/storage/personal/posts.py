"""Erases a person from what we posted: in the database, and in chat through the outbox."""

import json
import re
from collections import Counter
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, and_, exists, or_, select, update

from bot.domain.people import Identity
from bot.storage.personal.words import ERASED_POST, ERASED_REPLY, erase_posts
from bot.storage.repositories.outbox import Outbox
from bot.storage.rows import reply_json
from bot.storage.rows.delivery import SCHEDULE
from bot.storage.rows.people import ERASED
from bot.storage.schema.messages import outbox, relay_posts, relays
from bot.storage.schema.outages import outages, signs
from bot.storage.schema.tables import cards, conversations, episodes, texts, ticket_events, tickets

MIRROR = "mirror."  # before the channels of ticket backends, which show the ticket itself anew
_CODES = frozenset(("type", "action", "language"))  # of a reply's JSON: no words
Accounts = tuple[tuple[str, str, str], ...]


class Posts:
    """Our posts to a person, about them, and with their words."""

    def __init__(
        self,
        db: Connection,
        person_id: int,
        names: tuple[str, ...],
        accounts: Accounts,
        later: Callable[[], datetime],
    ) -> None:
        """`later` gives the moment of each next change in chat."""
        self._db = db
        self._person = person_id
        self._accounts = [str(Identity(*account)) for account in accounts]
        strings = sorted({*names, *(account[2] for account in accounts)}, key=len, reverse=True)
        whole = [re.escape(one) for one in strings if one]
        self._named = re.compile(rf"(?<!\w)(?:{'|'.join(whole)})(?!\w)") if whole else None
        # Whether one may be in a text: as it stands within JSON.
        escaped = [json.dumps(one, ensure_ascii=False)[1:-1] for one in strings if one]
        self._in_json = re.compile("|".join(map(re.escape, escaped))) if escaped else None
        self._later = later

    def matching(self) -> Any:
        """The posts that may have to do with them."""
        return or_(self._theirs(), self._in_their_conversation(), self._about_their_work())

    def _theirs(self) -> Any:
        me = self._person
        carried = (
            exists()
            .where(relay_posts.c.outbox_id == outbox.c.id, relay_posts.c.relay_id == relays.c.id)
            .where(relays.c.author_id == me)
        )
        asked = exists().where(tickets.c.id == outbox.c.ticket_id, tickets.c.requester_id == me)
        under_card = (
            exists()
            .where(cards.c.conversation_id == outbox.c.conversation_id, cards.c.ticket_id == tickets.c.id)
            .where(tickets.c.requester_id == me)
        )
        return or_(carried, asked, under_card, outbox.c.private_to.in_(self._accounts))

    def _in_their_conversation(self) -> Any:
        return exists().where(
            episodes.c.conversation_id == outbox.c.conversation_id, episodes.c.person_id == self._person
        )

    def _about_their_work(self) -> Any:
        acted = exists().where(
            ticket_events.c.ticket_id == outbox.c.ticket_id, ticket_events.c.actor_id == self._person
        )
        under_card = (
            exists()
            .where(cards.c.conversation_id == outbox.c.conversation_id)
            .where(ticket_events.c.ticket_id == cards.c.ticket_id, ticket_events.c.actor_id == self._person)
        )
        of_outage = exists().where(
            signs.c.conversation_id == outbox.c.conversation_id, signs.c.subject.in_(self._outages())
        )
        return and_(outbox.c.kind == "reply", or_(acted, under_card, of_outage))

    def _outages(self) -> list[str]:
        """The outages that they began or ended, as their posts name them."""
        theirs = or_(outages.c.started_by_id == self._person, outages.c.ended_by_id == self._person)
        return [
            f"outage:{number}" for number in self._db.execute(select(outages.c.id).where(theirs)).scalars()
        ]

    def erase(self, rows: Sequence[Row[Any]], at: datetime) -> Counter[str]:
        """Erase them from these posts; return how many texts and posts that were."""
        ids = [row.id for row in rows]
        theirs = self._which(ids, self._theirs())
        about = self._which(ids, self._in_their_conversation())
        bodies = self._bodies(rows)
        mirrors = self._mirrors(rows)
        count: Counter[str] = Counter()
        for row in rows:
            body, mine = bodies.get(row.text_id, ""), row.id in theirs
            renamed = self._renamed(body)
            named = renamed != body
            if mine or row.id in about:
                if (
                    self._can_change(row)
                    and row.id not in mirrors
                    and (mine or named or row.status == "waiting")
                ):
                    Outbox(self._db).remove(row.id, ERASED_REPLY, self._later())
                    count["posts"] += 1
                count["texts"] += erase_posts(self._db, [row.text_id], at)
            elif named:
                self._rename(row, renamed, mirror=row.id in mirrors)
                count["posts"] += 1
        self._forget_addresses(ids)
        return count

    def _which(self, ids: list[int], matching: Any) -> set[int]:
        return set(self._db.execute(select(outbox.c.id).where(outbox.c.id.in_(ids), matching)).scalars())

    def _bodies(self, rows: Sequence[Row[Any]]) -> dict[int, str]:
        wanted = {row.text_id for row in rows if row.text_id is not None}
        found = self._db.execute(select(texts.c.id, texts.c.body).where(texts.c.id.in_(wanted)))
        return {row.id: row.body for row in found}

    def _mirrors(self, rows: Sequence[Row[Any]]) -> set[int]:
        places = {row.conversation_id for row in rows}
        which = and_(conversations.c.id.in_(places), conversations.c.channel.startswith(MIRROR))
        found = set(self._db.execute(select(conversations.c.id).where(which)).scalars())
        return {row.id for row in rows if row.conversation_id in found}

    @staticmethod
    def _can_change(row: Row[Any]) -> bool:
        return (
            row.kind == "reply"
            and row.status in ("waiting", "sent")
            and row.revises_id is None
            and not (row.removed or row.private_to or row.mark)
        )

    def _renamed(self, body: str) -> str:
        """A reply's JSON without their names, as words of it, not of its form; as it is without any."""
        if self._in_json is None or not self._in_json.search(body):
            return body
        try:
            data = json.loads(body)
            named = self._without_names(data)
            return body if named == data else reply_json.dump(reply_json.load(json.dumps(named)))
        except reply_json.UNREADABLE:  # another version wrote it
            return ERASED_POST

    def _without_names(self, data: Any) -> Any:
        if isinstance(data, str) and self._named is not None:
            return self._named.sub(ERASED, data)
        if isinstance(data, list):
            return [self._without_names(one) for one in data]
        if isinstance(data, dict):
            return {key: one if key in _CODES else self._without_names(one) for key, one in data.items()}
        return data

    def _rename(self, row: Row[Any], body: str, *, mirror: bool) -> None:
        if self._can_change(row) and not mirror:
            Outbox(self._db).revise(row.id, reply_json.load(body), self._later())
        else:
            self._db.execute(update(texts).where(texts.c.id == row.text_id).values(body=body))

    def _forget_addresses(self, ids: list[int]) -> None:
        """Post nothing more for their eyes alone, and name neither them nor their messages."""
        own = and_(outbox.c.id.in_(ids), outbox.c.private_to.in_(self._accounts))
        waiting = and_(own, outbox.c.status == "waiting")
        stopped = update(outbox).where(waiting).values(status="superseded")
        for place in set(self._db.execute(stopped.returning(outbox.c.conversation_id)).scalars()):
            SCHEDULE.run(self._db, {"p_id": place, "p_conversation_id": place})
        self._db.execute(update(outbox).where(own).values(private_to=""))
        settled = and_(outbox.c.id.in_(ids), outbox.c.mark_of != "", outbox.c.status != "waiting")
        self._db.execute(update(outbox).where(settled).values(mark_of=""))
