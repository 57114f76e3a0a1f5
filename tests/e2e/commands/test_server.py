"""The commands about the database and the server, as people run them."""

import asyncio
import json
import re
import sqlite3
import zipfile
from pathlib import Path
from uuid import uuid4

import aiohttp

from bot.storage import connect
from bot.storage.migrate import migrate_to
from tests.support.e2e.commands import CONTENT, Demo, demo, good, refused, run
from tests.support.unknown import UNKNOWN

# Of a system that is not used a start imports its package, and the settings in it.
LIGHT = re.compile(r"bot\.(alerts|backends|knowledge)\.\w+(\.settings)?|bot\.knowledge\.wiki\.port")
OF_SYSTEMS = re.compile(r"bot\.(alerts|backends|knowledge\.(confluence|sharepoint|wiki|markup))\.")

# --- start --------------------------------------------------------------------------------------------


async def test_a_start_imports_nothing_of_the_systems_that_are_not_used(tmp_path: Path) -> None:
    async with demo(tmp_path, PYTHONPROFILEIMPORTTIME="1") as desk:
        assert await desk.ask(UNKNOWN) == "ticket"
    log = (tmp_path / "demo.log").read_text()
    imported = set(re.findall(r"\| +(bot\.\S+)$", log, re.MULTILINE))
    assert {"bot.server.mirrors.building", "bot.backends.jira.settings"} <= imported
    assert {one for one in imported if OF_SYSTEMS.match(one) and not LIGHT.fullmatch(one)} == set()


# --- migrate, tickets, outbox -------------------------------------------------------------------------


def test_migrate_twice(tmp_path: Path) -> None:
    assert "Made the database" in run(tmp_path, "migrate").stderr
    assert "already" in run(tmp_path, "migrate").stderr
    assert json.loads(good(tmp_path, "tickets", "list", "--json")) == []
    assert "HELP-1001" in refused(tmp_path, "tickets", "show", "HELP-1001")
    assert "HELP-1001" in refused(tmp_path, "tickets", "show", "HELP-1001", "--markdown")


def test_what_needs_a_database_says_that_there_is_none(tmp_path: Path) -> None:
    for arguments in (("tickets", "list"), ("outbox", "retry")):
        assert "firstline migrate" in refused(tmp_path, *arguments)


async def test_tickets_and_outbox_beside_a_demo_that_keeps_its_data(tmp_path: Path) -> None:
    async with demo(tmp_path) as desk:
        assert await desk.ask("I forgot my password", "tom") == "answered"
        assert await desk.ask(UNKNOWN) == "ticket"
        page = await desk.shows("/web/ticket?desk=maya&ticket=HELP-1001", "HELP-1001")
        token = page.split('data-action="claim" data-token="')[1].split('"')[0]
        await click(desk, "claim", token)
        await desk.shows("/web/ticket?desk=maya&ticket=HELP-1001", 'data-action="release"')
        shown = await asyncio.to_thread(good, tmp_path, "tickets", "show", "help 1001", "--json")
        assert (json.loads(shown)["status"], json.loads(shown)["question"]) == ("claimed", UNKNOWN)
        assert [row["what"] for row in json.loads(shown)["history"]] == ["opened", "claimed"]
        report = await asyncio.to_thread(good, tmp_path, "tickets", "show", "HELP-1001", "--markdown")
        assert report.startswith(f"# HELP-1001: {UNKNOWN}\n")
        for part in (
            "## Environment",
            "## Steps to reproduce",
            "## What was tried",
            "## Transcript",
            "**Ana Costa**",
        ):
            assert part in report
        await asyncio.to_thread(good, tmp_path, "tickets", "release", "HELP-1001")
        await desk.shows("/web/ticket?desk=maya&ticket=HELP-1001", 'data-action="claim"')
        listed = await asyncio.to_thread(good, tmp_path, "tickets", "list")
        assert "HELP-1001" in listed
        assert UNKNOWN not in listed
    with sqlite3.connect(tmp_path / "firstline.db") as database:
        (number,) = database.execute("SELECT max(id) FROM outbox WHERE kind = 'reply'").fetchone()
        database.execute("UPDATE outbox SET status = 'dead', error = 'no_dm' WHERE id = ?", (number,))
    database.close()
    (dead,) = json.loads(good(tmp_path, "outbox", "list", "--dead", "--json"))
    assert (dead["id"], dead["status"], dead["error"]) == (number, "dead", "no_dm")
    assert "0 posts" in run(tmp_path, "outbox", "retry", str(number + 1)).stderr
    assert "1 post will" in run(tmp_path, "outbox", "retry", str(number)).stderr
    async with demo(tmp_path) as again:
        assert UNKNOWN in await again.read("/web/ticket?desk=maya&ticket=HELP-1001")
        assert "HELP-1001" in await again.read("/web/conversation?as=ana")
        await again.shows("/readyz", '"waiting": 0')
    assert json.loads(good(tmp_path, "outbox", "list", "--json")) == []


async def click(desk: Demo, action: str, token: str) -> None:
    """Press a button as Maya."""
    body = {"key": uuid4().hex, "pane": "room", "desk": "maya", "action": action, "token": token}
    async with aiohttp.ClientSession() as http, http.post(f"{desk.url}/web/press", json=body) as answer:
        assert (answer.status, (await answer.json())["kind"]) == (200, "done")


# --- manifest -----------------------------------------------------------------------------------------


def test_manifests(tmp_path: Path) -> None:
    url = "https://firstline.example.com"
    slack = json.loads(good(tmp_path, "manifest", "slack", "--url", url))
    assert slack["settings"]["event_subscriptions"]["request_url"] == f"{url}/slack/events"
    assert slack["settings"]["socket_mode_enabled"] is False
    assert slack["features"]["slash_commands"][0]["command"] == "/firstline"
    socket = json.loads(good(tmp_path, "manifest", "slack", "--socket-mode"))
    assert socket["settings"]["socket_mode_enabled"] is True
    assert "--url" in refused(tmp_path, "manifest", "slack")
    good(tmp_path, "manifest", "teams", "--app-id", str(uuid4()), "--url", url, "--output", "t.zip")
    with zipfile.ZipFile(tmp_path / "t.zip") as package:
        assert {"manifest.json", "color.png", "outline.png"} <= set(package.namelist())
        assert json.loads(package.read("manifest.json"))["bots"]
    assert "MICROSOFT_APP_ID" in refused(tmp_path, "manifest", "teams")


# --- serve --------------------------------------------------------------------------------------------


def test_serve_tells_every_mistake_at_once(tmp_path: Path) -> None:
    wrong = {
        "FIRSTLINE_PORT": "99999",
        "FIRSTLINE_LANGUAGE": "fr",
        "FIRSTLINE_PUBLIC_URL": "firstline.example.com",
        "FIRSTLINE_METRICS_TOKEN": "sesame-short",
        "SLACK_BOT_TOKEN": "no-bot-token",
        "FIRSTLINE_SLACK_ROOM": "general",
        "MICROSOFT_APP_ID": "app",
        "FIRSTLINE_TEAMS_ROOM": "General",
        "FIRSTLINE_WEB_TOKENS": "sesame=ana:boss",
    }
    told = refused(tmp_path, "serve", **wrong)
    named = [*wrong, "SLACK_SIGNING_SECRET", "MICROSOFT_APP_PASSWORD", "MICROSOFT_APP_TENANT_ID"]
    named.remove("MICROSOFT_APP_ID")
    assert [name for name in named if name not in told] == []
    assert "sesame" not in told
    assert list(tmp_path.iterdir()) == []


def test_serve_without_anything_says_what_there_is(tmp_path: Path) -> None:
    told = refused(tmp_path, "serve")
    for name in ("FIRSTLINE_ARTICLES", "FIRSTLINE_INTENTS", "SLACK_BOT_TOKEN", "MICROSOFT_APP_ID"):
        assert name in told


def test_serve_on_an_older_database_says_what_to_do(tmp_path: Path) -> None:
    database = connect(f"sqlite:///{tmp_path / 'firstline.db'}")
    migrate_to(database, "0014")
    database.close()
    tokens = {"FIRSTLINE_WEB_TOKENS": "token-of-wes-the-engineer=wes:engineer"}
    assert "firstline serve --migrate" in refused(tmp_path, "serve", **CONTENT, **tokens)


def test_serve_with_broken_content_names_the_file(tmp_path: Path) -> None:
    for name in ("kb_articles", "intents"):
        (tmp_path / name).mkdir()
    (tmp_path / "kb_articles" / "x.md").write_text("---\ntitle: [\n---\n")
    good(tmp_path, "migrate")
    told = refused(tmp_path, "serve", FIRSTLINE_WEB_TOKENS="token-of-wes-the-engineer=wes:engineer")
    assert "x.md" in told


def test_a_database_that_cannot_be_opened_is_told_in_a_sentence(tmp_path: Path) -> None:
    for url in ("sqlite:///no/such/folder/x.db", "postgresql://127.0.0.1:1/none", "nonsense", "mysql://x/y"):
        told = refused(tmp_path, "migrate", FIRSTLINE_DATABASE_URL=url)
        assert "FIRSTLINE_DATABASE_URL" in told
