"""Signs in to the page with a provider that lies, and ends sessions in its name."""

import tempfile
from collections.abc import Mapping
from pathlib import Path

from bench.attack.attempts import Options, Row, row
from bot.storage import Database, connect, migrate
from tests.support.channels.signing_in import a_page, signed_in
from tests.support.fakes.identity.forgeries import REFUSED, Change
from tests.support.fakes.identity.nasty import Key, Nasty, new_key

ATTACKS = tuple(f"sign-in: {name}" for name in REFUSED)


async def run(_options: Options) -> list[Row]:
    """Try each forgery on a page of its own."""
    return await attack({name: change for name, (_, change) in REFUSED.items()})


async def attack(forgeries: Mapping[str, Change]) -> list[Row]:
    """Try these; each that opens a session got through."""
    key = new_key()
    with tempfile.TemporaryDirectory() as folder:
        database = connect(f"sqlite:///{Path(folder) / 'sessions.db'}")
        migrate(database)
        try:
            return [
                row(f"sign-in: {name}", [await _tried(database, key, change)])
                for name, change in forgeries.items()
            ]
        finally:
            database.close()


async def _tried(database: Database, key: Key, change: Change) -> str:
    async with Nasty(keys={"first": key}) as nasty, a_page(database, nasty.issuer) as page:
        change(nasty)
        answer = await signed_in(page, nasty)
        return (
            f"answered {answer.status}, and opened a session" if page.session or answer.status < 400 else ""
        )
