"""Teams around the whole application, and one application in all three channels."""

from typing import Any

import pytest

from bot.desk.knowledge.library import Library
from tests.support.e2e.microsoft import ENGINEERS, teams_tenant
from tests.support.e2e.running import ready, running, until
from tests.support.e2e.three_channels import staged


@pytest.fixture
async def teams(monkeypatch: pytest.MonkeyPatch, library: Library, database_url: str) -> Any:
    """Teams with the application behind it."""
    async with teams_tenant() as fake:
        environment = fake.environment() | {"FIRSTLINE_ENGINEERS": ENGINEERS}
        async with running(monkeypatch, library, database_url, environment) as app:
            fake.bot_url = app.url
            await until(lambda: ready(app.url), "the signing keys")
            assert (await fake.installs())[0] == 200
            yield fake


@pytest.fixture
async def stage(monkeypatch: pytest.MonkeyPatch, library: Library, database_url: str) -> Any:
    """All three channels around one application."""
    async with staged(monkeypatch, library, database_url) as made:
        yield made
