"""Queues over signed HTTP: their rooms, the queue command, and a reminder that really mentions somebody."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from bot.desk.knowledge.library import Library
from bot.domain.people import Identity
from bot.domain.tickets.queues import Queue, Queues, Target
from bot.domain.tickets.rota import Rota
from bot.domain.tickets.ticket import Priority
from tests.support.desk.helpdesk import with_queues
from tests.support.e2e.databases import on_sqlite
from tests.support.e2e.microsoft import NOTICE, chat, messages, shown, teams_tenant, titles, words
from tests.support.e2e.running import Running, delivered, ready, running, until
from tests.support.e2e.slack import button, buttons, posted, slack_workspace
from tests.support.fakes.teams import TENANT
from tests.support.unknown import UNKNOWN

NET = "19:net@thread.tacv2"
MINUTE = timedelta(minutes=1)


class Ahead:
    """The real time, and what the test adds to it."""

    def __init__(self) -> None:
        self.by = timedelta()

    def __call__(self) -> datetime:
        return datetime.now(UTC) + self.by

    async def jump(self, app: Running, by: timedelta) -> None:
        """It is so much later; nothing is on its way meanwhile: its lease would run out."""
        await delivered(app.url)
        self.by = by


def queues(rooms: dict[str, str], on_call: str) -> Queues:
    rota = Rota(datetime.fromisoformat("2026-01-05"), (Identity.parse(on_call),))
    targets = dict.fromkeys(Priority, Target(10 * MINUTE, 60 * MINUTE))
    queue = Queue(
        "net",
        {"en": "Network"},
        rooms,
        targets=targets,
        silent_after=30 * MINUTE,
        release_after=5 * MINUTE,
        rota=rota,
    )
    return Queues({"net": queue}, "net")


@on_sqlite
async def test_a_queue_in_slack(monkeypatch: pytest.MonkeyPatch, library: Library, database_url: str) -> None:
    clock = Ahead()
    library = with_queues(library, queues({"slack": "CNET"}, "slack:T1/UERIC"))
    async with slack_workspace() as slack:
        slack.workspace.add_channel("CNET", private=True, members=("UEVA", "UERIC"))
        environment = slack.environment(FIRSTLINE_ROSTER_MINUTES="60")  # the clock is moved further than 15
        async with running(monkeypatch, library, database_url, environment, clock=clock) as app:
            slack.target = f"{app.url}/slack/events"
            await until(lambda: not app.application.channels["slack"].trouble(), "Slack's auth.test")
            await until(lambda: slack.called("conversations.members"), "the roster")
            await slack.command("UANA", UNKNOWN)  # the fake's messages are of another year
            card = await posted(slack, "CNET", UNKNOWN)
            await delivered(app.url)
            assert slack.posts("CROOM") == []
            assert '"type": "date"' in words_of(card)

            async def queue() -> dict[str, Any]:
                answer: dict[str, Any] = (await slack.command("UEVA", "queue")).json
                return answer

            await until(lambda: has_roster(app.application), "the stored roster")
            told = await queue()
            assert told["response_type"] == "ephemeral"
            assert "HELP-1001 · Normal · " in words_of(told)
            refused = await slack.command("UMAL", "cola")
            assert "HELP-1001" not in refused.text
            assert "Solo el equipo" in refused.text

            await clock.jump(app, 11 * MINUTE)
            reminder = await posted(slack, "CNET", "the first response is overdue")
            assert reminder["thread_ts"] == card["ts"]
            assert '{"type": "user", "user_id": "UERIC"}' in words_of(reminder)
            room = await posted(slack, "CNET", "These tickets need somebody now")
            assert "thread_ts" not in room

            await slack.click("UEVA", "CNET", card["ts"], button(card, "claim"))
            await posted(slack, "CNET", "Claimed")
            await clock.jump(app, 42 * MINUTE)
            question = await posted(slack, "CNET", "Are you still on it?")
            assert '{"type": "user", "user_id": "UEVA"}' in words_of(question)
            await slack.click("UEVA", "CNET", question["ts"], button(question, "keep"), message=question)
            answered = await posted(slack, "CNET", "Eva is still on it")
            assert answered["ts"] == question["ts"]
            assert buttons(answered) == []


def words_of(message: dict[str, Any]) -> str:
    return json.dumps(message, ensure_ascii=False)


def has_roster(application: Any) -> bool:
    long_ago = application.clock() - timedelta(days=1)
    with application.begin() as work:
        eva = Identity("slack", "T1", "UEVA")
        return bool(work.rosters.holds(eva, long_ago, ["slack:T1/CNET"]))


@on_sqlite
async def test_a_queue_in_teams(monkeypatch: pytest.MonkeyPatch, library: Library, database_url: str) -> None:
    clock = Ahead()
    library = with_queues(library, queues({"teams": NET}, f"teams:{TENANT}/aad-eric"))
    async with teams_tenant() as teams:
        teams.store.channels.add(NET)
        environment = teams.environment() | {
            "FIRSTLINE_ENGINEERS": f"teams:{TENANT}/aad-eva",
            "FIRSTLINE_TEAMS_ROOM": "",
        }
        async with running(monkeypatch, library, database_url, environment, clock=clock) as app:
            teams.bot_url = app.url
            await until(lambda: ready(app.url), "the signing keys")
            assert (await teams.installs())[0] == 200
            assert (await teams.says("ana", UNKNOWN))[0] == 200
            card = await shown(teams, NET, UNKNOWN)
            assert "First response due" in words(card)
            await teams.says("eva", "queue")
            assert "HELP-1001 · Normal · Ana Ruiz · nobody" in words(
                await shown(teams, chat("eva"), "The queue")
            )
            await teams.says("ana", "queue")
            await shown(teams, chat("ana"), "Only engineers")
            assert "Ana Ruiz" not in "".join(map(words, messages(teams, chat("ana"))))

            await clock.jump(app, 11 * MINUTE)
            reminder = await shown(teams, NET, "the first response is overdue")
            [entity] = reminder.card["msteams"]["entities"]
            assert entity["mentioned"]["id"] == "aad-eric"
            await shown(teams, NET, "These tickets need somebody now")

            status, _ = await teams.clicks("eva", card, "Claim")
            assert status == 200
            await clock.jump(app, 42 * MINUTE)
            question = await shown(teams, NET, "Are you still on it?")
            assert titles(question.card) == ["Still on it", "Release"]
            _, body = await teams.clicks("eric", question, "Still on it")
            assert body["type"] == NOTICE
            status, body = await teams.clicks("eva", question, "Release")
            assert status == 200
            assert "Eva Engineer has released it" in words(body["value"])
            assert titles(body["value"]) == []
            await until(lambda: titles(question.card) == [], "the answered question")
