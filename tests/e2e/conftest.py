"""Slack around the whole application."""

from typing import Any

import pytest

from bot.desk.knowledge.library import Library
from tests.support.e2e.running import running, until
from tests.support.e2e.slack import ENVIRONMENT, has_roster, slack_workspace


@pytest.fixture
async def slack(monkeypatch: pytest.MonkeyPatch, library: Library, database_url: str) -> Any:
    """Slack with the application behind it."""
    async with (
        slack_workspace() as fake,
        running(monkeypatch, library, database_url, fake.environment(**ENVIRONMENT)) as app,
    ):
        fake.target = f"{app.url}/slack/events"
        await until(lambda: not app.application.channels["slack"].trouble(), "Slack's auth.test")
        await until(lambda: has_roster(app), "the roster")
        yield fake
