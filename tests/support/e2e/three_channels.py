"""One application with Slack, Teams and the page around it."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import aiohttp
import pytest

from bot.desk.knowledge.library import Library
from bot.domain.people import Identity
from tests.support.e2e import microsoft
from tests.support.e2e.page_client import TOKENS, Page
from tests.support.e2e.running import Running, ready, running, until
from tests.support.e2e.slack import has_roster, posted, slack_workspace
from tests.support.fakes.slack import SlackFake
from tests.support.fakes.teams import TENANT, Message, TeamsFake

ENVIRONMENT = {
    "FIRSTLINE_WEB_TOKENS": f"{TOKENS['wes']}=wes:engineer {TOKENS['ina']}=ina:employee",
    "FIRSTLINE_SLACK_ROOM": "CROOM",
}


@dataclass
class Stage:
    """All three platforms around one application."""

    slack: SlackFake
    teams: TeamsFake
    page: Page
    app: Running


@asynccontextmanager
async def staged(
    monkeypatch: pytest.MonkeyPatch, library: Library, database_url: str, **more: str
) -> AsyncIterator[Stage]:
    """The application with a room in each channel, once it knows who is in them; `more` are settings."""
    async with slack_workspace() as slack, microsoft.teams_tenant() as teams, aiohttp.ClientSession() as http:
        environment = slack.environment(**ENVIRONMENT) | teams.environment() | more
        async with running(monkeypatch, library, database_url, environment) as app:
            slack.target, teams.bot_url = f"{app.url}/slack/events", app.url
            await until(lambda: ready(app.url), "readiness")
            await teams.installs()
            await until(lambda: has_rosters(app), "the three rosters")
            yield Stage(slack, teams, Page(app.url, http), app)


def has_rosters(app: Running) -> bool:
    """Whether the people of all three rooms are known."""
    long_ago = app.application.clock() - timedelta(days=1)
    people = (Identity("teams", TENANT, "aad-eric"), Identity("web", "", "wes"))
    with app.application.begin() as work:
        known = all(work.rosters.holds(person, long_ago) for person in people)
    return known and has_roster(app)


async def three_cards(stage: Stage, text: str) -> tuple[dict[str, Any], Message]:
    """Wait until all three rooms show a card with this text."""
    in_slack = await posted(stage.slack, "CROOM", text)
    in_teams = await microsoft.shown(stage.teams, microsoft.ROOM, text)

    async def on_the_page() -> bool:
        return text in await stage.page.room()

    await until(on_the_page, f"{text!r} on the page")
    return in_slack, in_teams


def with_file(stage: Stage, channel: str, name: str) -> dict[str, Any] | None:
    """A message in Slack that has this file."""
    return next(
        (m for m in stage.slack.posts(channel) if any(name == f["name"] for f in m.get("files", ()))), None
    )


def under(stage: Stage, card: Message, person: str, text: str) -> dict[str, Any]:
    """What somebody writes in the thread of a card in Teams."""
    channel, _, thread = card.conversation.partition(";messageid=")
    return stage.teams.in_channel(person, text, channel, thread)
