"""A desk whose tickets are mirrored in the fake of Zendesk."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, nullcontext
from typing import Any

from pydantic import SecretStr

from bot import wording
from bot.backends import zendesk
from bot.desk.knowledge.library import Library
from bot.desk.ports.backends import BackendHost
from bot.storage import Database
from tests.support.clock import Clock
from tests.support.fakes.mirrors.desk import MirroredDesk, Through, mirrored
from tests.support.fakes.mirrors.zendesk import EMAIL, SECRET, TOKEN, FakeZendesk


def settings_at(url: str, **changes: Any) -> zendesk.Settings:
    """The settings for a fake at an address."""
    given: dict[str, Any] = {
        "zendesk_url": url,
        "zendesk_email": EMAIL,
        "zendesk_token": SecretStr(TOKEN),
        "zendesk_webhook_secret": SecretStr(SECRET),
    }
    return zendesk.Settings(**(given | changes))


@asynccontextmanager
async def in_zendesk(
    database: Database, library: Library, clock: Clock, through: Through = nullcontext, **changes: Any
) -> AsyncIterator[tuple[MirroredDesk, FakeZendesk]]:
    """A desk and the Zendesk that mirrors its tickets."""
    there = FakeZendesk(clock)
    host = BackendHost(wording.load(), clock, "en", "")
    async with there.served() as url, through(url) as address:
        settings = settings_at(address, **changes)
        async with mirrored(database, library, clock, lambda: zendesk.build(settings, host)) as desk:
            yield desk, there
