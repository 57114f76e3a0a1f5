"""The first day: answers, tickets, races, an outage, a restart, a transfer, and somebody who is silent."""

import asyncio
import itertools
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import text

from bot.storage import connect
from tests.support.days.checks import cards_are_true, events_once, no_note_has_left, transcripts
from tests.support.days.day import Stage, madrid
from tests.support.days.engineers import Engineer, SlackEngineer, TeamsEngineer
from tests.support.e2e import microsoft
from tests.support.e2e.databases import rows
from tests.support.e2e.running import until
from tests.support.e2e.slack import button, posted
from tests.support.fakes.teams import Failure
from tests.support.unknown import OTHER, THIRD, UNKNOWN

HOMES = {"Ana": "DUANA", "Tom": "DUTOM", "Bob Stone": microsoft.chat("bob")}
MINUTE = timedelta(minutes=1)


@dataclass
class Day:
    """Who plays it, and the employees' threads by ticket."""

    stage: Stage
    eva: SlackEngineer
    eric: SlackEngineer
    nia: TeamsEngineer
    threads: dict[int, str] = field(default_factory=dict)
    numbers: Any = field(default_factory=lambda: itertools.count(10))

    @property
    def engineers(self) -> dict[str, Engineer]:
        return {one.name: one for one in (self.eva, self.eric, self.nia)}

    def text(self, kind: str) -> str:
        """Words that are said once in the whole day; what begins with note or room stays in the rooms."""
        return f"{kind}-{next(self.numbers)} about the <!channel> *valve* & {kind}"

    async def asks(self, number: int, user: str, question: str) -> None:
        """An employee asks what no article answers, and the ticket of this number is in every room."""
        if user == "bob":
            await self.stage.teams.says("bob", question)
        else:
            event = await self.stage.slack.say(f"D{user}", user, question)
            self.threads[number] = event["ts"]
        await self.stage.delivered()
        assert self.stage.kinds(number) == ["opened"]

    async def answers(self, number: int, user: str) -> None:
        """The employee writes in the thread of their ticket."""
        said = self.text("ask")
        if user == "bob":
            assert (await self.stage.teams.says("bob", said))[0] == 200
        else:
            await self.stage.slack.say(f"D{user}", user, said, thread_ts=self.threads[number])


async def everything_is_right(day: Day) -> None:
    stage = day.stage
    await stage.delivered()
    transcripts(stage, HOMES, moved={3})
    events_once(stage)
    no_note_has_left(stage)
    cards_are_true(stage)
    await stage.delivered()  # what the application's own loops have said meanwhile, too
    assert (
        rows(stage.database_url, "SELECT status, id FROM outbox WHERE status NOT IN ('sent','superseded')")
        == []
    )


async def answered(day: Day) -> None:
    """What an article answers needs nobody."""
    slack, teams = day.stage.slack, day.stage.teams
    await slack.say("DUANA", "UANA", "I forgot my password")
    answer = await posted(slack, "DUANA", "Solved")
    await slack.click("UANA", "DUANA", answer["ts"], button(answer, "solved"))
    await teams.says("bob", "I forgot my password")
    shown = await microsoft.shown(teams, microsoft.chat("bob"), "Solved")
    assert (await teams.clicks("bob", shown, "Solved"))[0] == 200
    await day.stage.delivered()
    assert rows(day.stage.database_url, "SELECT id FROM tickets") == []
    await day.stage.jump("2026-03-27T09:40")


async def talks(day: Day) -> None:
    """Each employee is helped by somebody else, across the channels."""
    stage = day.stage
    await day.asks(1001, "UANA", UNKNOWN)
    await day.asks(1002, "UTOM", THIRD)
    await day.asks(1003, "bob", OTHER)
    first = stage.ticket(1001)
    assert due(first.first_response_due) == madrid("2026-03-27T13:40")
    assert due(first.resolution_due) == madrid("2026-03-31T15:40")
    claims = [await one.prepare(1001, "Claim") for one in day.engineers.values()]
    await asyncio.gather(*(claim() for claim in claims))
    assert sorted(stage.kinds(1001)) == ["claimed", "opened", "refused", "refused"]
    await given_to(day, 1001, day.eva)
    for number, who in ((1002, day.nia), (1003, day.eric)):
        await who.do(number, "Claim")
    await stage.delivered()
    for number, user, who in ((1001, "UANA", day.eva), (1002, "UTOM", day.nia), (1003, "bob", day.eric)):
        await talk(day, number, user, who)


async def talk(day: Day, number: int, user: str, who: Engineer) -> None:
    """Messages both ways, notes, edits and deletions."""
    stage = day.stage
    other = day.eva if who is not day.eva else day.nia
    await day.answers(number, user)
    sent = await who.write(number, day.text("say"))
    await who.write(number, "// " + day.text("note"))
    await other.write(number, day.text("room"))
    await asyncio.gather(
        *(who.write(number, day.text("say")) for _ in range(3)),
        *(day.answers(number, user) for _ in range(3)),
        other.write(number, "// " + day.text("note")),
    )
    await who.edit(sent, day.text("say") + " (better)")
    slip = await who.write(number, day.text("say"))
    gone = await who.write(number, day.text("say"))
    await stage.delivered()
    await who.edit(slip, "// " + day.text("note"))
    await who.delete(gone)
    note = await who.write(number, "// " + day.text("note"))
    await who.edit(note, day.text("note"))
    await who.do(number, "Notes only")
    await who.write(number, day.text("note"))
    await stage.delivered()
    await who.do(number, "End “Notes only”")
    await who.write(number, day.text("say"))
    await stage.delivered()
    no_note_has_left(stage)


async def given_to(day: Day, number: int, who: Engineer) -> None:
    """Whoever has a ticket gives it to somebody."""
    holder = day.stage.ticket(number).assignee
    assert holder is not None
    if holder.name != who.name:
        await day.stage.delivered()
        await day.engineers[holder.name].do(number, "Assign", engineer=who.identity)
    await day.stage.delivered()


async def races(day: Day) -> None:
    """Everything at the same moment, on open tickets and on claimed ones."""
    stage = day.stage
    for turn in range(4):
        number = 1004 + turn
        await stage.jump(f"2026-03-27T10:{10 + 5 * turn}")
        user = ("UANA", "UTOM")[turn % 2]
        await day.asks(number, user, f"my gizmotron {'abcd'[turn] * 5} is fizzing goo")
        stale = [await one.prepare(number, "Claim") for one in day.engineers.values()]
        if turn % 2:
            await day.eva.do(number, "Claim")
            await stage.delivered()
            acts = [
                await day.eva.prepare(number, "Release"),
                await day.eva.prepare(number, "Resolve", note=day.text("resolved")),
                await day.eric.prepare(number, "Assign", engineer=day.nia.identity),
                await day.nia.prepare(number, "Merge", ticket="HELP-1001"),
                *stale[1:],
            ]
        else:
            acts = [
                await day.eva.prepare(number, "Assign", engineer=day.eric.identity),
                await day.nia.prepare(number, "Merge", ticket="HELP-1002"),
                *stale,
            ]
        before = len(stage.kinds(number))
        await asyncio.gather(*(act() for act in acts))
        kinds = stage.kinds(number)[before:]
        assert len(kinds) == len(acts), kinds
        assert kinds.count("claimed") <= 1 + kinds.count("released"), kinds
        await stage.delivered()
        events_once(stage)
        cards_are_true(stage)


async def outage_begins(day: Day) -> None:
    """A notice that an employee joins; a press that comes again changes nothing."""
    slack, stage = day.stage.slack, day.stage
    await stage.jump("2026-03-27T11:00")
    before = set(slack.workspace.views)
    await slack.command("UEVA", "outage The canteen screens are dark", channel="CROOM")
    [view] = await until(lambda: set(slack.workspace.views) - before, "the modal")
    notice = {"title": "The canteen screens are dark", "notice_en": "We are on it."}
    answer = await slack.submit("UEVA", slack.workspace.views[view], **notice)
    assert answer.status == 200
    await posted(slack, "CROOM", "Known outage: The canteen screens are dark")
    await slack.command("UANA", "help, the canteen screens are dark")
    told = await posted(slack, "DUANA", "We are on it.")
    await slack.click("UANA", "DUANA", told["ts"], button(told, "joined"))
    await slack.click("UANA", "DUANA", told["ts"], button(told, "joined"), message=told)
    await posted(slack, "DUANA", "I have added you to the outage")
    await stage.delivered()
    assert len(rows(stage.database_url, "SELECT id FROM tickets WHERE outage_id IS NOT NULL")) == 1


async def restart(day: Day) -> None:
    """Posts whose answers were lost, posts that wait, and one whose receipt died with the process."""
    stage = day.stage
    await day.eva.write(1001, day.text("say"))
    await stage.delivered()
    stage.slack.fail("chat.postMessage", status=500, times=3, after=True)
    stage.slack.fail("chat.postMessage", status=500, times=1000)
    stage.teams.failures += [Failure(503)] * 1000
    await asyncio.gather(
        *(day.eva.write(1001, day.text("say")) for _ in range(2)),
        *(day.eric.write(1003, day.text("say")) for _ in range(2)),
        day.answers(1002, "UTOM"),
    )
    assert stage.waiting() > 0
    await stage.stop()
    forgotten, home = receipt_lost(stage)
    stage.slack.workspace.failures.clear()
    stage.teams.failures.clear()
    await stage.start()
    await stage.delivered()
    carried = [m["metadata"]["event_payload"]["outbox_id"] for m in stage.slack.posts(home)]
    assert len(carried) == len(set(carried))
    assert carried.count(forgotten) == 1
    await everything_is_right(day)


def receipt_lost(stage: Stage) -> tuple[int, str]:
    """What a kill leaves between a post and its receipt: Slack has it, and nobody noted that."""
    [(post, conversation, home)] = rows(
        stage.database_url,
        """SELECT o.id, c.id, c.space FROM outbox o JOIN conversations c ON c.id = o.conversation_id
        WHERE c.channel = 'slack' AND c.space LIKE 'DU%' AND o.status = 'sent' AND o.kind = 'reply'
        AND o.mark = '' AND o.revises_id IS NULL AND NOT o.removed
        AND NOT EXISTS (SELECT 1 FROM outbox x WHERE x.conversation_id = c.id AND x.number > o.number
            AND x.status = 'sent')
        ORDER BY o.id DESC LIMIT 1""",
    )
    database = connect(stage.database_url)
    with database.transaction() as connection:
        values = {"post": post, "place": conversation}
        connection.execute(
            text(
                "UPDATE outbox SET status = 'waiting', receipt = '', settled_at = NULL, attempts = 1 "
                "WHERE id = :post"
            ),
            values,
        )
        connection.execute(
            text(
                "UPDATE conversations SET due_at = o.due_at, lease_until = o.due_at, lease = lease + 1 "
                "FROM outbox o WHERE o.id = :post AND conversations.id = :place"
            ),
            values,
        )
    database.close()
    assert isinstance(post, int)
    return post, home


async def transfer(day: Day) -> None:
    """To another queue and its rooms, where somebody else goes on."""
    stage = day.stage
    await stage.jump("2026-03-27T12:00")
    await day.eric.do(1003, "Transfer", queue="net")
    await stage.delivered()
    moved = stage.ticket(1003)
    await stage.look()
    moved = stage.ticket(1003)
    assert (moved.queue, moved.status) == ("net", "open")
    assert due(moved.resolution_due) == madrid("2026-03-27T17:40")
    await posted(stage.slack, "CNET", "HELP-1003")
    claims = [await one.prepare(1003, "Claim") for one in day.engineers.values()]
    await asyncio.gather(*(claim() for claim in claims))
    assert stage.kinds(1003)[-3:].count("claimed") == 1
    await given_to(day, 1003, day.nia)
    await talk(day, 1003, "bob", day.nia)


async def afternoon(day: Day) -> None:
    """Somebody is silent: asked after four hours, and released on Monday, after two more of work."""
    stage = day.stage
    await stage.jump("2026-03-27T12:30")
    await day.nia.write(1002, day.text("say"))
    await day.answers(1002, "UTOM")
    for moment, nudges, releases in (
        ("16:29", 0, 0),
        ("16:31", 1, 0),
        ("16:32", 1, 0),
    ):
        await stage.jump(f"2026-03-27T{moment}")
        await stage.look()
        kinds = stage.kinds(1002)
        assert (kinds.count("nudged"), kinds.count("released")) == (nudges, releases), moment
    await day.nia.do(1003, "Resolve", note="Mopped.")
    await stage.delivered()


def due(at: datetime | None) -> datetime:
    """A due time to the minute, in UTC."""
    assert at is not None
    return at.astimezone(UTC).replace(second=0, microsecond=0)
