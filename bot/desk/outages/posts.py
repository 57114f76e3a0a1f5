"""Posts an outage or an alert in every room, and keeps those posts up to date."""

from collections.abc import Callable
from datetime import datetime

from bot.desk.notifications import outage_subject
from bot.desk.ports.button_actions import OUTAGE_EDIT, OUTAGE_END, OUTAGE_START
from bot.desk.ports.outages import KnownAlert
from bot.desk.ports.unit_of_work import UnitOfWork
from bot.desk.ports.wording import Wording
from bot.domain.conversations.messages import (
    Banner,
    Block,
    Button,
    ConversationRef,
    Facts,
    Line,
    Link,
    Quote,
    Reply,
    When,
)
from bot.domain.tickets.outage import Outage

MOST_LISTED = 20  # outages, and alerts

Rooms = Callable[[], tuple[ConversationRef, ...]]


def subject_of(thing: Outage | KnownAlert) -> str:
    """Return the subject under which the posts of an outage or alert are kept."""
    return outage_subject(thing.id) if isinstance(thing, Outage) else f"alert:{thing.id}"


class OutagePosts:
    """Posts of outages and alerts in every room, which change with them."""

    def __init__(self, wording: Wording, language: str, rooms: Rooms) -> None:
        self._wording = wording
        self._language = language
        self._rooms = rooms

    def post(self, work: UnitOfWork, thing: Outage | KnownAlert, at: datetime) -> None:
        """Post an outage or alert in every room, in a thread of its own."""
        reply = self.render(work, thing, self._language)
        for room in self._rooms():
            thread = f"new:{thing.token}"
            place = ConversationRef(room.channel, room.tenant, room.space, thread, private=room.private)
            conversation_id = work.conversations.open(place)
            work.outages.add_post(
                subject_of(thing), conversation_id, work.outbox.say(conversation_id, reply, at)
            )

    def refresh(self, work: UnitOfWork, thing: Outage | KnownAlert, at: datetime) -> None:
        """Let every post of an outage or alert show its current state."""
        for conversation_id, post_id in work.outages.posts(subject_of(thing)):
            self.refresh_post(work, thing, conversation_id, post_id, at)

    def refresh_post(
        self, work: UnitOfWork, thing: Outage | KnownAlert, conversation_id: int, post_id: int, at: datetime
    ) -> None:
        """Let one post of an outage or alert show its current state, if it does not already."""
        # Locked before the post is read: somebody may be changing the same one.
        work.conversations.lock((conversation_id,))
        reply = self.render(work, thing, self._language)
        if reply != work.outbox.read(post_id):
            work.outbox.amend(post_id, reply, at)

    def tell(
        self, work: UnitOfWork, thing: Outage | KnownAlert, at: datetime, key: str, **values: str
    ) -> None:
        """Post a sentence under every post of an outage or alert."""
        text = self._wording.say(self._language, key, **values)
        for conversation_id, _ in work.outages.posts(subject_of(thing)):
            work.outbox.say(conversation_id, Reply((Line(text),), summary=text, language=self._language), at)

    def render(self, work: UnitOfWork, thing: Outage | KnownAlert, language: str) -> Reply:
        """Render an outage or alert as it is now, with only the buttons that somebody may click."""
        if isinstance(thing, Outage):
            return self._outage(thing, work.outages.size(thing.id), language)
        return self._alert(thing, language)

    def _outage(self, outage: Outage, size: int, language: str) -> Reply:
        def say(key: str, **values: object) -> str:
            return self._wording.say(language, key, **values)

        title = say("outage.title" if outage.live else "outage.title_ended", title=outage.title)
        starter = outage.started_by.name if outage.started_by else say("outage.by_alert")
        rows = [(say("outage.by"), starter), (say("outage.size"), str(size))]
        if outage.ended_by is not None:
            rows.append((say("outage.ended_by"), outage.ended_by.name))
        blocks: list[Block] = [
            Banner(title, not outage.live),
            self._when("outage.since", outage.started_at, language),
        ]
        if outage.ended_at is not None:
            blocks.append(self._when("outage.until", outage.ended_at, language))
        blocks.append(Facts(tuple(rows)))
        for code, notice in outage.notices.items():
            name = self._wording.language(language, code)
            blocks += [Line(say("outage.notice_in", spoken=name)), Quote(notice)]
        if outage.closing:
            blocks += [Line(say("outage.closing")), Quote(outage.closing)]
        buttons = (
            # It tells everybody, so it is not the loudest button in the room.
            Button(OUTAGE_END, say("button.outage_end"), outage.token),
            Button(OUTAGE_EDIT, say("button.outage_edit"), outage.token),
        )
        return Reply(tuple(blocks), buttons if outage.live else (), summary=title, language=language)

    def _alert(self, alert: KnownAlert, language: str) -> Reply:
        values = {"source": alert.source, "title": alert.title}
        title = self._wording.say(language, "alert.title", **values)
        banner = Banner(title, alert.ended_at is not None)
        blocks: list[Block] = [banner, self._when("outage.since", alert.began_at, language)]
        if alert.ended_at is not None:
            blocks.append(self._when("outage.until", alert.ended_at, language))
        if alert.severity:
            blocks.append(Facts(((self._wording.say(language, "alert.severity"), alert.severity),)))
        if alert.outage_id is not None:
            blocks.append(Line(self._wording.say(language, "alert.told")))
        if alert.url:
            blocks.append(Link(self._wording.say(language, "alert.open"), alert.url))
        label = self._wording.say(language, "button.outage_start")
        tell = Button(OUTAGE_START, label, alert.token, style="primary")
        waits = alert.ended_at is None and alert.outage_id is None
        return Reply(tuple(blocks), (tell,) if waits else (), summary=title, language=language)

    def _when(self, key: str, at: datetime, language: str) -> When:
        return When(self._wording.say(language, key), at, f"{self._wording.when(language, at)} UTC")
