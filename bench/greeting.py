"""Draws Slack's greeting for its guide, of what the fake of Slack was sent: `python -m bench.greeting`."""

import asyncio
import os
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest

from bot.server.authoring.preview.drawing import drawings
from bot.server.content import library_of
from bot.server.settings import Settings
from bot.storage import connect
from bot.storage.migrate import migrate
from tests.support.chromium import a_window, launched
from tests.support.e2e.running import ready, running, until
from tests.support.e2e.slack import posted, slack_workspace
from tests.support.paths import ROOT

FILE = ROOT / "docs" / "images" / "slack-greeting.png"
CHAT = """{% import "slack.html" as slack with context %}<!doctype html><html lang="en">
<div class="column slack"><div class="s-post">
<p class="s-by"><img src="data:image/svg+xml,{{ mark | urlencode }}" alt="" width="36" height="36">
<strong>Firstline</strong> <span class="s-app">APP</span></p>
<div class="s-body">{{ slack.blocks(message.blocks) }}</div></div>
<div class="prompts"><p>{{ prompts.title }}</p>
{% for one in prompts.prompts %}<span>{{ one.title }}</span>{% endfor %}</div></div></html>"""
STYLE = """
.column { width: 36rem; border-radius: 0; }
.prompts { display: grid; grid-template-columns: 1fr 1fr; gap: 0.5rem; margin-top: 1.25rem; }
.prompts p { grid-column: 1 / -1; color: var(--s-soft); font-size: 0.8125rem; }
.prompts span { padding: 0.5rem 0.75rem; border: 1px solid var(--s-line); border-radius: 0.5rem; }
"""


async def greeted(folder: Path) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return what somebody finds who opens the app's chat for the first time: the message and the prompts."""
    library = library_of(Settings(articles=ROOT / "kb_articles", intents=ROOT / "intents"))
    assert library.load(), library.errors
    database_url = f"sqlite:///{folder}/firstline.db"
    database = connect(database_url)
    migrate(database)
    database.close()
    with pytest.MonkeyPatch.context() as patch:
        async with slack_workspace() as slack:
            slack.workspace.dm("UANA")
            environment = slack.environment(FIRSTLINE_SLACK_ROOM="CROOM")
            async with running(patch, library, database_url, environment) as app:
                slack.target = f"{app.url}/slack/events"
                await until(lambda: ready(app.url), "readiness")
                await slack.open_home("UANA", "messages")
                message = await posted(slack, "DUANA", "own words")
                await until(lambda: slack.workspace.prompts.get("DUANA"), "prompts")
                return message, slack.workspace.prompts["DUANA"]


async def draw(file: Path) -> None:
    """Draw the greeting into a file."""
    static = ROOT / "bot" / "channels" / "web" / "static"
    with TemporaryDirectory() as folder:
        os.environ.setdefault("FIRSTLINE_CACHE", f"{folder}/cache")
        message, prompts = await greeted(Path(folder))
    page = drawings().from_string(CHAT)
    html = page.render(
        message=message,
        prompts=prompts,
        mark=(static / "mark.svg").read_text("utf-8"),
        language="en",
    )
    async with launched() as browser:
        window = await (await a_window(browser, device_scale_factor=2)).new_page()
        await window.set_content(html)
        for name in ("page.css", "preview.css"):
            await window.add_style_tag(path=static / name)
        await window.add_style_tag(content=STYLE)
        await window.locator(".column").screenshot(path=file)


if __name__ == "__main__":
    asyncio.run(draw(FILE))
