"""Every line of a real server is an object, whoever writes it, from its start to its end."""

import json
import signal
from collections.abc import Callable
from pathlib import Path
from typing import Any

import aiohttp

from tests.support.e2e.commands import run
from tests.support.e2e.running import Command, free_port, until
from tests.support.e2e.slack import ENVIRONMENT, posted, slack_workspace
from tests.support.unknown import UNKNOWN

# What every process of the server reads when it starts; at SIGUSR1 everything goes wrong that can.
MISBEHAVIOUR = """
import atexit, signal, sys, threading, warnings

def misbehave(*_):
    import asyncio, logging
    warnings.warn("an old habit", DeprecationWarning)
    print("a library prints")
    print("and complains\\nin two lines", file=sys.stderr)
    threading.Thread(target=lambda: 1 / 0, name="a thread").start()
    asyncio.get_running_loop().call_soon_threadsafe(lambda: [][0])
    logging.getLogger("slack_bolt").error("bolt says\\n%s", "two lines")
    logging.getLogger("aiohttp.server").error("caught", exc_info=KeyError("x"))
    logging.getLogger("alembic").warning("alembic says")

warnings.simplefilter("always")
signal.signal(signal.SIGUSR1, misbehave)
atexit.register(lambda: print("the end of", sys.orig_argv[2], file=sys.stderr))
"""
ARTICLE = "---\ntitle: Water the garden\nquestions: [how do I water the garden]\n---\nAt dawn.\n"
INTENT = '{"intent": "tea", "reply": "Tea is at four.", "examples": {"en": ["when is tea", "is there tea"]}}'


def content_in(folder: Path) -> dict[str, str]:
    """A small content of its own, which is learned from in another process, and the settings for it."""
    for name in ("kb", "intents", "site"):
        (folder / name).mkdir()
    (folder / "kb" / "garden.md").write_text(ARTICLE)
    (folder / "intents" / "tea.yaml").write_text(INTENT)
    (folder / "site" / "sitecustomize.py").write_text(MISBEHAVIOUR)
    return {
        "FIRSTLINE_ARTICLES": "kb",
        "FIRSTLINE_INTENTS": "intents",
        "FIRSTLINE_CACHE": "cache",
        "FIRSTLINE_LOG_FORMAT": "json",
        "PYTHONPATH": str(folder / "site"),
    }


def parsed(text: str) -> list[dict[str, Any]]:
    """Each line as an object with what every one of them must have."""
    lines = [json.loads(line) for line in text.splitlines()]
    assert [line for line in lines if not {"time", "level", "event"} <= line.keys()] == []
    return lines


async def said(folder: Path, wanted: Callable[[dict[str, Any]], bool]) -> None:
    """Wait until the server has written such a line."""

    def there() -> bool:
        whole = (folder / "serve.log").read_text().rpartition("\n")[0]
        return any(map(wanted, parsed(whole)))

    await until(there, "a line of the log")


async def test_each_line_of_a_server_is_an_object(tmp_path: Path) -> None:
    settings = content_in(tmp_path)
    assert run(tmp_path, "migrate").returncode == 0
    async with slack_workspace() as slack:
        server = Command({**slack.environment(**ENVIRONMENT), **settings}, tmp_path, free_port())
        await server.start()
        try:
            slack.target = f"{server.url}/slack/events"
            await slack.say("DUANA", "UANA", UNKNOWN)
            await posted(slack, "DUANA", "HELP-1001")
            headers = {"X-Slack-Request-Timestamp": "1", "X-Slack-Signature": "v0=0"}
            async with (
                aiohttp.ClientSession() as http,
                http.post(slack.target, data=b"{}", headers=headers) as answer,
            ):
                assert answer.status == 401
            await said(tmp_path, lambda line: line["event"] == "content_learned")
            server.send(signal.SIGUSR1)
            await said(tmp_path, lambda line: "IndexError" in line.get("exception", ""))
            await said(tmp_path, lambda line: line["event"] == "alembic says")
            await said(tmp_path, lambda line: line.get("thread") == "a thread")
        finally:
            code = await server.end(signal.SIGTERM)
    assert code == 0
    lines = parsed((tmp_path / "serve.log").read_text())
    events = [line["event"] for line in lines]
    assert {"started", "slack_request_refused", "stopped", "bolt says\ntwo lines", "caught"} <= set(events)
    assert any("an old habit" in event for event in events)
    written = [line["text"] for line in lines if line["event"] == "written"]
    assert {"a library prints", "and complains", "in two lines"} <= set(written)
    assert {"the end of bot", "the end of bot.server.training"} <= {
        text for text in written if text.startswith("the end")
    }


def test_what_stops_the_start_and_what_a_command_says_are_objects(tmp_path: Path) -> None:
    as_json = {"FIRSTLINE_LOG_FORMAT": "json"}
    (told,) = parsed(run(tmp_path, "serve", FIRSTLINE_PORT="x", **as_json).stderr)
    assert (told["event"], told["level"], "FIRSTLINE_PORT" in told["reason"]) == (
        "command_failed",
        "error",
        True,
    )
    (tmp_path / ".env").write_text("FIRSTLINE_LOG_FORMAT=json\n")
    wrong = run(tmp_path, "serve", "--no-such-option")
    assert (wrong.returncode, wrong.stdout) == (2, "")
    assert "no-such-option" in str(parsed(wrong.stderr))
    migrated = run(tmp_path, "migrate")
    assert [line["event"] for line in parsed(migrated.stderr)] == ["written"]
