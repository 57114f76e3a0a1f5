"""The apps that acknowledgements are compared with: one acknowledges only, one makes four inserts before.

    python -m bench.bare slack|teams|sdk PORT [DATABASE_URL]

The four inserts are what any design must write so that nothing is lost and nothing done twice: the event's
key, the text, the decision, the post to be delivered. One connection, one prepared transaction, as durable
as ours, in a thread of its own so that the loop goes on meanwhile.
"""

import asyncio
import logging
import os
import re
import sqlite3
import sys
import time
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from aiohttp import web

Insert = Callable[[str, str], None]
Handler = Callable[[web.Request], Awaitable[web.Response]]

TABLES = (
    "CREATE TABLE inbox (key TEXT PRIMARY KEY, received_at TEXT NOT NULL)",
    "CREATE TABLE texts (id {id} PRIMARY KEY{auto}, body TEXT NOT NULL)",
    "CREATE TABLE decisions (id {id} PRIMARY KEY{auto}, text_id INTEGER NOT NULL, kind TEXT NOT NULL)",
    "CREATE TABLE outbox (id {id} PRIMARY KEY{auto}, text_id INTEGER NOT NULL, place TEXT NOT NULL)",
)


def sqlite_inserts(path: str) -> Insert:
    """Four inserts in one transaction of SQLite: WAL, synchronous=FULL, as ours."""
    connection = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
    connection.execute("PRAGMA journal_mode=WAL")
    connection.execute("PRAGMA synchronous=FULL")
    for table in TABLES:
        connection.execute(table.format(id="INTEGER", auto=" AUTOINCREMENT"))

    def insert(key: str, text: str) -> None:
        connection.execute("BEGIN IMMEDIATE")
        connection.execute("INSERT INTO inbox VALUES (?, ?)", (key, str(time.time())))
        text_id = connection.execute("INSERT INTO texts (body) VALUES (?)", (text,)).lastrowid
        connection.execute("INSERT INTO decisions (text_id, kind) VALUES (?, ?)", (text_id, "answer"))
        connection.execute("INSERT INTO outbox (text_id, place) VALUES (?, ?)", (text_id, "C1"))
        connection.execute("COMMIT")

    return insert


def postgresql_inserts(url: str) -> Insert:
    """Four inserts in one transaction of PostgreSQL, at its own default durability."""
    import psycopg

    connection = psycopg.connect(url.replace("postgresql+psycopg://", "postgresql://"), autocommit=True)
    for table in TABLES:
        connection.execute(table.format(id="SERIAL", auto=""))

    def insert(key: str, text: str) -> None:
        with connection.transaction(), connection.cursor() as cursor:
            cursor.execute("INSERT INTO inbox VALUES (%s, %s)", (key, str(time.time())), prepare=True)
            cursor.execute("INSERT INTO texts (body) VALUES (%s) RETURNING id", (text,), prepare=True)
            row = cursor.fetchone()
            text_id = row[0] if row else None
            cursor.execute(
                "INSERT INTO decisions (text_id, kind) VALUES (%s, %s)", (text_id, "answer"), prepare=True
            )
            cursor.execute(
                "INSERT INTO outbox (text_id, place) VALUES (%s, %s)", (text_id, "C1"), prepare=True
            )

    return insert


class Bare:
    """An app that acknowledges, after an insert where there is one."""

    def __init__(self, insert: Insert | None) -> None:
        self._insert = insert
        self._executor = ThreadPoolExecutor(1)

    async def keep(self, key: str, text: str) -> None:
        """Insert a message, where there is a database."""
        if self._insert is not None:
            await asyncio.get_running_loop().run_in_executor(self._executor, self._insert, key, text)


def slack(bare: Bare) -> Handler:
    """A Bolt app with our settings, whose one listener acknowledges."""
    from slack_bolt.adapter.aiohttp import to_aiohttp_response, to_bolt_request
    from slack_bolt.app.async_app import AsyncApp
    from slack_bolt.authorization import AuthorizeResult
    from slack_sdk.web.async_client import AsyncWebClient

    quiet = logging.getLogger("bench.quiet")
    quiet.setLevel(logging.WARNING)

    async def authorize(team_id: str | None) -> AuthorizeResult:
        return AuthorizeResult(
            enterprise_id=None, team_id=team_id, bot_user_id="UBOT", bot_id="B1", bot_token="xoxb-bench"
        )

    app = AsyncApp(
        name="bare",
        logger=quiet,
        client=AsyncWebClient(logger=quiet),
        signing_secret=os.environ["SLACK_SIGNING_SECRET"],
        authorize=authorize,
        process_before_response=True,
    )

    async def acknowledge(body: dict[str, Any]) -> None:
        await bare.keep(body["event_id"], body["event"]["text"])

    app.event(re.compile(".*", re.DOTALL))(acknowledge)

    async def route(request: web.Request) -> web.Response:
        return await to_aiohttp_response(await app.async_dispatch(await to_bolt_request(request)))

    return route


def teams(bare: Bare) -> Handler:
    """A handler by hand: it checks the token where there is an app id, with keys fetched once."""
    import jwt

    issuer, app_id = os.environ.get("MICROSOFT_TOKEN_ISSUER", ""), os.environ.get("MICROSOFT_APP_ID", "")
    keys = (
        {key.key_id: key.key for key in jwt.PyJWKClient(f"{issuer}/keys").get_signing_keys()}
        if app_id
        else {}
    )

    async def route(request: web.Request) -> web.Response:
        activity = await request.json()
        if app_id:
            token = request.headers["Authorization"].removeprefix("Bearer ")
            key = keys[jwt.get_unverified_header(token)["kid"]]
            claims = jwt.decode(token, key, algorithms=["RS256"], audience=app_id, issuer=issuer)
            if claims["serviceurl"] != activity["serviceUrl"]:
                raise web.HTTPUnauthorized
        await bare.keep(f"{activity['conversation']['id']}:{activity['id']}", activity["text"])
        return web.Response()

    return route


def sdk(bare: Bare) -> Handler:
    """Bot Framework's own adapter: it checks the token where there is an app id, and the bot does nothing."""
    from botbuilder.core import CloudAdapterBase, TurnContext
    from botbuilder.schema import Activity
    from botframework.connector.auth import (
        BotFrameworkAuthenticationFactory,
        PasswordServiceClientCredentialFactory,
    )

    credentials = PasswordServiceClientCredentialFactory(
        os.environ.get("MICROSOFT_APP_ID", ""), os.environ.get("MICROSOFT_APP_PASSWORD", "")
    )
    adapter = CloudAdapterBase(
        BotFrameworkAuthenticationFactory.create(**_issuer(), credential_factory=credentials)
    )

    async def turn(context: TurnContext) -> None:
        activity = context.activity
        await bare.keep(f"{activity.conversation.id}:{activity.id}", activity.text)

    async def route(request: web.Request) -> web.Response:
        activity = Activity().deserialize(await request.json())
        await adapter.process_activity(request.headers.get("Authorization", ""), activity, turn)
        return web.Response()

    return route


def _issuer() -> dict[str, str]:
    """The issuer of tokens, as settings of the SDK; nothing for an anonymous bot."""
    issuer = os.environ.get("MICROSOFT_TOKEN_ISSUER", "")
    if not issuer:
        return {}
    return {
        "to_channel_from_bot_login_url": f"{issuer}/t",
        "to_channel_from_bot_oauth_scope": "https://api.botframework.com",
        "to_bot_from_channel_token_issuer": issuer,
        "oauth_url": issuer,
        "to_bot_from_channel_open_id_metadata_url": os.environ["MICROSOFT_OPENID_METADATA"],
        "to_bot_from_emulator_open_id_metadata_url": os.environ["MICROSOFT_OPENID_METADATA"],
    }


def main() -> None:
    """Serve until the process is asked to end."""
    platform, port, *urls = sys.argv[1:]
    insert: Insert | None = None
    if urls:
        path = urls[0].removeprefix("sqlite:///")
        insert = postgresql_inserts(path) if path.startswith("postgresql") else sqlite_inserts(path)
    bare = Bare(insert)
    app = web.Application()
    app.router.add_post("/", {"slack": slack, "teams": teams, "sdk": sdk}[platform](bare))
    web.run_app(app, host="127.0.0.1", port=int(port), print=None, access_log=None)


if __name__ == "__main__":
    main()
