"""Stores outages, the alerts that begin them, and their posts in the rooms."""

import secrets
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, insert, select, update
from sqlalchemy.sql import Select

from bot.desk.ports.outages import KnownAlert, NewOutage
from bot.domain.people import Person
from bot.domain.tickets.outage import Alert, Outage
from bot.domain.tickets.ticket import Ticket, TicketAction
from bot.storage.repositories.people import Texts
from bot.storage.rows.outages import (
    ALERTS,
    ANY,
    LIVE,
    NOTICES,
    OUTAGES,
    SIZE,
    alert_of,
    newest_word,
    outage_of,
)
from bot.storage.rows.prepared_statements import upsert
from bot.storage.rows.tickets import QUERY, guarded, ticket_of
from bot.storage.schema.outages import alerts, outage_notices, outages, signs
from bot.storage.schema.tables import tickets


class Outages:
    """Stores known outages with their tickets, alerts and posts."""

    def __init__(self, connection: Connection) -> None:
        self._db = connection
        self._texts = Texts(connection)

    def add(self, new: NewOutage) -> Outage | None:
        """Start an outage; None when one with this key lasts already."""
        question_id = self._texts.add(new.question) if new.question else None
        entry = upsert(self._db, outages).values(
            token=new.token,
            key=new.key,
            title_id=self._texts.add(new.title),
            target=new.target,
            question_id=question_id,
            started_at=new.at,
            started_by_id=new.started_by.id if new.started_by else None,
        )
        outage_id = self._db.execute(entry.on_conflict_do_nothing().returning(outages.c.id)).scalar()
        if outage_id is None:
            return None
        self._put_notices(outage_id, new.notices)
        return self.get(outage_id)

    def get(self, outage_id: int) -> Outage | None:
        """The outage under this id."""
        return self._one(OUTAGES.where(outages.c.id == outage_id))

    def current(self, outage: Outage) -> Outage:
        """The outage as it is now; raise `LookupError` where it is gone."""
        found = self.get(outage.id)
        if found is None:
            raise LookupError(f"the outage {outage.id} vanished while it was being changed")
        return found

    def by_token(self, token: str) -> Outage | None:
        """The outage that a button names."""
        return self._one(OUTAGES.where(outages.c.token == token))

    def by_key(self, key: str) -> Outage | None:
        """The outage with this key that lasts."""
        return self._one(OUTAGES.where(outages.c.key == key, outages.c.ended_at.is_(None)))

    def live(self, limit: int) -> tuple[Outage, ...]:
        """The outages that last, the newest first."""
        # On the way of every question: mostly there is none, and this look costs next to nothing.
        if ANY.first(self._db, {}) is None:
            return ()
        return self._all(LIVE.limit(limit))

    def size(self, outage_id: int) -> int:
        """How many live tickets an outage has, or ended with."""
        return SIZE.number(self._db, {"p_id": outage_id})

    def reword(self, outage: Outage, title: str, notices: Mapping[str, str]) -> bool:
        """Give an outage that lasts another title and other notices."""
        changed = self._db.execute(
            update(outages)
            .where(outages.c.id == outage.id, outages.c.ended_at.is_(None))
            .values(title_id=self._texts.add(title))
        )
        if changed.rowcount == 1:
            self._put_notices(outage.id, notices)
        return changed.rowcount == 1

    def lock(self, outage_id: int) -> bool:
        """Let nobody end it until the transaction ends; False when it has ended."""
        lasting = select(outages.c.id).where(outages.c.id == outage_id, outages.c.ended_at.is_(None))
        return self._db.execute(lasting.with_for_update(key_share=True)).first() is not None

    def group(self, ticket: Ticket, outage_id: int) -> bool:
        """Put a live ticket under an outage; False when it is under one, or no longer live."""
        guard = guarded(TicketAction.GROUP, ticket.id)
        grouped = self._db.execute(
            update(tickets).where(guard, tickets.c.outage_id.is_(None)).values(outage_id=outage_id)
        )
        return grouped.rowcount == 1

    def adopt_question(self, outage_id: int, ticket: Ticket) -> None:
        """Let an outage that knows no ticket's target and question have this one's."""
        self._db.execute(
            update(outages)
            .where(outages.c.id == outage_id, outages.c.question_id.is_(None))
            .values(question_id=ticket.question_id, target=ticket.target)
        )

    def ungroup(self, ticket: Ticket) -> bool:
        """Take a live ticket out of its outage."""
        guard = guarded(TicketAction.GROUP, ticket.id)
        taken = self._db.execute(
            update(tickets).where(guard, tickets.c.outage_id == ticket.outage_id).values(outage_id=None)
        )
        return taken.rowcount == 1

    def end(self, outage: Outage, by: Person | None, closing: str, at: datetime) -> bool:
        """End an outage that lasts; one winner."""
        ended = self._db.execute(
            update(outages)
            .where(outages.c.id == outage.id, outages.c.ended_at.is_(None))
            .values(
                ended_at=at,
                ended_by_id=by.id if by else None,
                closing_id=self._texts.add(closing) if closing else None,
            )
        )
        return ended.rowcount == 1

    def lock_live_tickets(self, outage_id: int, limit: int) -> tuple[Ticket, ...]:
        """The first live tickets of an outage, held until the transaction ends."""
        live = select(tickets.c.id).where(
            tickets.c.outage_id == outage_id, tickets.c.status.in_(("open", "claimed"))
        )
        ids = (
            self._db.execute(live.order_by(tickets.c.id).limit(limit).with_for_update(key_share=True))
            .scalars()
            .all()
        )
        rows = self._db.execute(QUERY.where(tickets.c.id.in_(ids)).order_by(tickets.c.id))
        return tuple(ticket_of(row) for row in rows)

    def unsettled(self) -> Outage | None:
        """An outage that has ended and still holds tickets; no other replica looks at it meanwhile."""
        waiting = select(outages.c.id).where(outages.c.ended_at.is_not(None), outages.c.settled_at.is_(None))
        first = waiting.order_by(outages.c.id).limit(1).with_for_update(skip_locked=True, key_share=True)
        outage_id = self._db.execute(first).scalar()
        return self.get(outage_id) if outage_id is not None else None

    def settle(self, outage_id: int, at: datetime) -> None:
        """Note that the last ticket of an outage is closed."""
        self._db.execute(update(outages).where(outages.c.id == outage_id).values(settled_at=at))

    def add_post(self, subject: str, conversation_id: int, post_id: int) -> None:
        """Note that this post shows an outage or alert."""
        self._db.execute(
            insert(signs).values(subject=subject, conversation_id=conversation_id, post_id=post_id)
        )

    def posts(self, subject: str) -> tuple[tuple[int, int], ...]:
        """The conversations and posts that show it."""
        rows = self._db.execute(
            select(signs.c.conversation_id, signs.c.post_id)
            .where(signs.c.subject == subject)
            .order_by(signs.c.conversation_id)
        )
        return tuple((row.conversation_id, row.post_id) for row in rows)

    def alert_began(self, source: str, alert: Alert, token: str) -> KnownAlert | None:
        """Note that an alert began; None when it lasts already, or is older than what is known."""
        before = self._last(source, alert.key)
        if before is not None and before.ended_at is not None and alert.at <= before.newest_word:
            return None
        entry = upsert(self._db, alerts).values(
            token=token,
            source=source,
            key=alert.key,
            title_id=self._texts.add(alert.title),
            url=alert.url,
            began_at=alert.at,
            severity=alert.severity or None,
            until=alert.until,
        )
        added = self._db.execute(entry.on_conflict_do_nothing().returning(alerts.c.id)).scalar()
        return self._last(source, alert.key) if added is not None else None

    def alert_changed(self, source: str, alert: Alert) -> KnownAlert | None:
        """Note what is newly said of an alert that lasts; None where nothing that people read changes."""
        before = self._last(source, alert.key)
        if before is None or before.ended_at is not None:
            return None
        heard = self._db.execute(
            update(alerts)
            .where(
                alerts.c.id == before.id,
                alerts.c.ended_at.is_(None),
                newest_word <= alert.at,
            )
            .values(
                title_id=self._texts.add(alert.title) if alert.title != before.title else alerts.c.title_id,
                url=alert.url,
                severity=alert.severity or None,
                heard_at=alert.at,
                until=alert.until,
            )
        )
        shown = (before.title, before.url, before.severity)
        if heard.rowcount != 1 or shown == (alert.title, alert.url, alert.severity):
            return None
        return self._last(source, alert.key)

    def alert_expired(self, now: datetime) -> KnownAlert | None:
        """Note the end of an alert whose time is up, the oldest first; None without one."""
        lasts = alerts.c.ended_at.is_(None) & (alerts.c.until <= now)
        due = select(alerts.c.id).where(lasts).order_by(alerts.c.until).limit(1)
        ended = self._db.execute(
            update(alerts)
            .where(alerts.c.id == due.scalar_subquery(), lasts)
            .values(ended_at=alerts.c.until)
            .returning(alerts.c.id)
        ).scalar()
        row = self._db.execute(ALERTS.where(alerts.c.id == ended)).first() if ended is not None else None
        return alert_of(row) if row else None

    def alert_ended(self, source: str, alert: Alert) -> KnownAlert | None:
        """Note that an alert has ended; None when none lasts that began before."""
        ended = self._db.execute(
            update(alerts)
            .where(
                alerts.c.source == source,
                alerts.c.key == alert.key,
                alerts.c.ended_at.is_(None),
                newest_word <= alert.at,
            )
            .values(ended_at=alert.at)
        )
        if ended.rowcount == 1:
            return self._last(source, alert.key)
        self._keep_early_end(source, alert)
        return None

    def alert_by_token(self, token: str) -> KnownAlert | None:
        """The alert that a button names."""
        row = self._db.execute(ALERTS.where(alerts.c.token == token)).first()
        return alert_of(row) if row else None

    def lasting_alerts(self, limit: int) -> tuple[KnownAlert, ...]:
        """The alerts that last and have begun no outage, the newest first."""
        waits = ALERTS.where(alerts.c.ended_at.is_(None), alerts.c.outage_id.is_(None))
        rows = self._db.execute(waits.order_by(alerts.c.id.desc()).limit(limit))
        return tuple(alert_of(row) for row in rows)

    def link_alert(self, alert: KnownAlert, outage: Outage) -> bool:
        """Note which outage an alert has begun; False when it has begun one."""
        led = self._db.execute(
            update(alerts)
            .where(alerts.c.id == alert.id, alerts.c.outage_id.is_(None))
            .values(outage_id=outage.id)
        )
        return led.rowcount == 1

    def _keep_early_end(self, source: str, alert: Alert) -> None:
        before = self._last(source, alert.key)
        if before is not None and before.ended_at is not None and before.newest_word < alert.at:
            self._db.execute(update(alerts).where(alerts.c.id == before.id).values(heard_at=alert.at))
        elif before is None:
            self._db.execute(
                insert(alerts).values(
                    token=secrets.token_urlsafe(12),
                    source=source,
                    key=alert.key,
                    title_id=self._texts.add(alert.title),
                    url=alert.url,
                    began_at=alert.at,
                    ended_at=alert.at,
                )
            )

    def _last(self, source: str, key: str) -> KnownAlert | None:
        query = ALERTS.where(alerts.c.source == source, alerts.c.key == key)
        row = self._db.execute(query.order_by(alerts.c.id.desc()).limit(1)).first()
        return alert_of(row) if row else None

    def _put_notices(self, outage_id: int, notices: Mapping[str, str]) -> None:
        for language, notice in notices.items():
            text_id = self._texts.add(notice)
            entry = upsert(self._db, outage_notices).values(
                outage_id=outage_id, language=language, text_id=text_id
            )
            self._db.execute(
                entry.on_conflict_do_update(
                    index_elements=["outage_id", "language"], set_={"text_id": text_id}
                )
            )

    def _one(self, query: Select[Any]) -> Outage | None:
        return next(iter(self._all(query)), None)

    def _all(self, query: Select[Any]) -> tuple[Outage, ...]:
        rows = self._db.execute(query).all()
        if not rows:
            return ()
        notices: dict[int, dict[str, str]] = {row.id: {} for row in rows}
        for outage_id, language, body in self._db.execute(
            NOTICES.where(outage_notices.c.outage_id.in_(list(notices)))
        ):
            notices[outage_id][language] = body
        return tuple(outage_of(row, notices[row.id]) for row in rows)
