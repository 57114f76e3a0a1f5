"""Receives alerts of monitoring systems: tells the rooms, and may start and end known outages."""

import secrets
from dataclasses import replace
from datetime import datetime, timedelta

from bot.desk.outages.outages import Outages, make_alert_key
from bot.desk.outages.posts import OutagePosts
from bot.desk.ports.clock import Clock
from bot.desk.ports.outages import KnownAlert, NewOutage
from bot.desk.ports.unit_of_work import UnitOfWork, UnitsOfWork
from bot.domain.secrets.finder import has_credentials
from bot.domain.secrets.masking import visible, without_secrets
from bot.domain.tickets.outage import LONGEST_TITLE, Alert, AlertState

LONGEST_SEVERITY = 40  # characters
LOOKS = timedelta(seconds=30)  # between two looks for alerts whose time is up


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
        self._looked_at: datetime | None = None

    def alerted(self, source: str, *alerts: Alert) -> int:
        """Receive alerts, in one transaction; return how many are neither a repeat nor out of date."""
        now = self._clock()
        cleaned = [_cleaned(alert) for alert in alerts]
        with self._begin() as work:
            return sum(self._receive(work, source, alert, now) for alert in cleaned)

    def end_next_expired(self) -> bool:
        """End one alert of which its system has said nothing more in time; return whether there was one."""
        now = self._clock()
        if self._looked_at is not None and self._looked_at <= now < self._looked_at + LOOKS:
            return False
        with self._begin() as work:
            known = work.outages.alert_expired(now)
            if known is not None:
                self._tell_end(work, known, now, "alert.expired")
        self._looked_at = now if known is None else None
        return known is not None

    def _receive(self, work: UnitOfWork, source: str, alert: Alert, now: datetime) -> bool:
        if alert.state is AlertState.BEGAN:
            return self._began(work, source, alert, now)
        known = work.outages.alert_ended(source, alert)
        if known is not None:
            self._tell_end(work, known, now, "alert.ended")
        return known is not None

    def _began(self, work: UnitOfWork, source: str, alert: Alert, now: datetime) -> bool:
        known = work.outages.alert_began(source, alert, secrets.token_urlsafe(12))
        if known is None:
            return self._changed(work, source, alert, now)
        if self._start_outages:
            token = secrets.token_urlsafe(12)
            new = NewOutage(token=token, key=make_alert_key(known), title=known.title, at=now)
            outage = self._outages.begin_outage(work, new)
            if outage is not None:
                work.outages.link_alert(known, outage)
                known = replace(known, outage_id=outage.id)
        self._outage_posts.post(work, known, now)
        return True

    def _changed(self, work: UnitOfWork, source: str, alert: Alert, now: datetime) -> bool:
        known = work.outages.alert_changed(source, alert)
        if known is not None:
            self._outage_posts.refresh(work, known, now)
        return known is not None

    def _tell_end(self, work: UnitOfWork, known: KnownAlert, now: datetime, sentence: str) -> None:
        self._end_outage(work, known, now)
        self._outage_posts.refresh(work, known, now)
        self._outage_posts.tell(work, known, now, sentence, source=known.source, title=known.title)

    def _end_outage(self, work: UnitOfWork, known: KnownAlert, now: datetime) -> None:
        outage = work.outages.get(known.outage_id) if known.outage_id is not None else None
        if outage is not None and outage.live:
            self._outages.end_outage(work, outage, None, "", now)


def _cleaned(alert: Alert) -> Alert:
    title = " ".join(without_secrets(alert.title).split())[:LONGEST_TITLE]
    title = title if visible(title) else without_secrets(alert.key)[:LONGEST_TITLE]
    url = "" if has_credentials(alert.url) else alert.url  # without its secret it leads nowhere
    severity = " ".join(without_secrets(alert.severity).split())[:LONGEST_SEVERITY]
    return replace(alert, title=title, url=url, severity=severity)
