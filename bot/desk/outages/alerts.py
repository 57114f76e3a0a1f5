"""Receives alerts of monitoring systems: tells the rooms, and may start and end known outages."""

import secrets
from dataclasses import replace
from datetime import datetime

from bot.desk.outages.outages import Outages, make_alert_key
from bot.desk.outages.posts import OutagePosts
from bot.desk.ports.clock import Clock
from bot.desk.ports.outages import KnownAlert, NewOutage
from bot.desk.ports.unit_of_work import UnitOfWork, UnitsOfWork
from bot.domain.secrets.finder import has_credentials
from bot.domain.secrets.masking import visible, without_secrets
from bot.domain.tickets.outage import LONGEST_TITLE, Alert, AlertState


class Alerts:
    """Alerts of monitoring systems; with `start_outages` each one starts a known outage."""

    def __init__(
        self,
        begin: UnitsOfWork,
        outages: Outages,
        outage_posts: OutagePosts,
        clock: Clock,
        *,
        start_outages: bool,
    ) -> None:
        self._begin = begin
        self._outages = outages
        self._outage_posts = outage_posts
        self._clock = clock
        self._start_outages = start_outages

    def alerted(self, source: str, alert: Alert) -> bool:
        """Receive one alert, in one transaction; return False when it is a repeat or out of date."""
        now = self._clock()
        title = " ".join(without_secrets(alert.title).split())[:LONGEST_TITLE]
        title = title if visible(title) else without_secrets(alert.key)[:LONGEST_TITLE]
        url = "" if has_credentials(alert.url) else alert.url  # without its secret it leads nowhere
        alert = replace(alert, title=title, url=url)
        with self._begin() as work:
            if alert.state is AlertState.BEGAN:
                return self._began(work, source, alert, now)
            return self._ended(work, source, alert, now)

    def _began(self, work: UnitOfWork, source: str, alert: Alert, now: datetime) -> bool:
        known = work.outages.alert_began(source, alert, secrets.token_urlsafe(12))
        if known is None:
            return False
        if self._start_outages:
            token = secrets.token_urlsafe(12)
            new = NewOutage(token=token, key=make_alert_key(known), title=known.title, at=now)
            outage = self._outages.begin_outage(work, new)
            if outage is not None:
                work.outages.link_alert(known, outage)
                known = replace(known, outage_id=outage.id)
        self._outage_posts.post(work, known, now)
        return True

    def _ended(self, work: UnitOfWork, source: str, alert: Alert, now: datetime) -> bool:
        known = work.outages.alert_ended(source, alert)
        if known is None:
            return False
        self._end_outage(work, known, now)
        self._outage_posts.refresh(work, known, now)
        self._outage_posts.tell(work, known, now, "alert.ended", source=source, title=known.title)
        return True

    def _end_outage(self, work: UnitOfWork, known: KnownAlert, now: datetime) -> None:
        outage = work.outages.get(known.outage_id) if known.outage_id is not None else None
        if outage is not None and outage.live:
            self._outages.end_outage(work, outage, None, "", now)
