"""Shadow mode over signed HTTP, from the question to the operator's report."""

import asyncio
import json
import os
import subprocess
import sys
from contextlib import AsyncExitStack
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from bot.desk.knowledge.library import Library
from bot.desk.ports.tickets import NewTicket
from bot.domain.conversations.episode import Episode, EpisodeState
from bot.domain.conversations.messages import ConversationRef
from bot.domain.knowledge.decision import MatchResult
from bot.domain.knowledge.shadow import NO_ARTICLE, SilentDecision
from bot.domain.people import Identity
from bot.domain.tickets.ticket import Priority, TicketAction
from bot.server import plugins
from bot.storage import Database
from bot.storage.unit_of_work import units_of_work
from tests.support.e2e.microsoft import (
    CARD,
    ENGINEERS,
    NOTICE,
    ROOM,
    chat,
    messages,
    shown,
    teams_tenant,
    titles,
    words,
)
from tests.support.e2e.running import delivered, ready, running, until
from tests.support.e2e.slack import button, has_roster, posted, slack_workspace
from tests.support.e2e.slack import words as said
from tests.support.fakes.slack import SlackFake
from tests.support.paths import ROOT
from tests.support.patience import PATIENCE

START = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)


def report(folder: Path, database_url: str, *arguments: str, **settings: str) -> str:
    """`firstline shadow report`, in a process of its own."""
    done = subprocess.run(
        [sys.executable, "-m", "bot", "shadow", "report", *arguments],
        cwd=folder,
        env={
            "PATH": os.environ["PATH"],
            "HOME": str(folder),
            "PYTHONPATH": str(ROOT),
            "COLUMNS": "200",
            "FIRSTLINE_DATABASE_URL": database_url,
            **settings,
        },
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


async def test_a_journey_in_slack(
    monkeypatch: pytest.MonkeyPatch, library: Library, database_url: str, tmp_path: Path
) -> None:
    async with AsyncExitStack() as stack:
        slack = await stack.enter_async_context(slack_workspace())
        environment = slack.environment(FIRSTLINE_SLACK_ROOM="CROOM", FIRSTLINE_SHADOW="slack")
        app = await stack.enter_async_context(running(monkeypatch, library, database_url, environment))
        slack.target = f"{app.url}/slack/events"
        await until(lambda: not app.application.channels["slack"].trouble(), "Slack's auth.test")
        await until(lambda: has_roster(app), "the roster")
        await slack.say("DUANA", "UANA", "I forgot my password")
        await posted(slack, "DUANA", "Your ticket is HELP-1001")
        card = await posted(slack, "CROOM", "would have answered with Reset a forgotten password")
        await slack.click("UEVA", "CROOM", card["ts"], button(card, "claim"))
        card = await posted(slack, "CROOM", "Claimed")
        await slack.click("UEVA", "CROOM", card["ts"], button(card, "resolve"))
        view = await until(lambda: next(iter(slack.workspace.views.values()), None), "the modal")
        article = next(block for block in view["blocks"] if block.get("block_id") == "field:article")
        assert article["element"]["type"] == "static_select"
        assert [option["text"]["text"] for option in article["element"]["options"]][-1] == "None of these"
        refused = await slack.submit("UEVA", view, note="Reset it", other="pasword-reset")
        assert "password-reset" in refused.json["errors"]["field:note"]
        assert (await slack.submit("UEVA", view, note="Reset it", article="0")).status == 200
        await posted(slack, "DUANA", "Eva has resolved HELP-1001")
        await posted(slack, "CROOM", "this would have helped: Reset a forgotten password")
        await delivered(app.url)
        assert not any("Solved" in said(message) for message in slack.posts("DUANA"))
        await names_afterwards(slack)
    data = json.loads(await asyncio.to_thread(report, tmp_path, database_url, "--json"))
    total = data["total"]
    assert (data["channels"]["slack"]["right"], total["judged"], total["unknown"]) == (2, 2, 0)


async def names_afterwards(slack: SlackFake) -> None:
    """Tom withdraws what he asked, and Eva names the article all the same."""
    await slack.say("DUTOM", "UTOM", "I forgot my password")
    told = await posted(slack, "DUTOM", "Your ticket is HELP-1002")
    await posted(slack, "CROOM", "HELP-1002")
    await slack.click("UTOM", "DUTOM", told["ts"], button(told, "cancel"))
    await until(lambda: "name_article" in said(_second(slack)), "the card of what was withdrawn")
    before = len(slack.workspace.views)
    card = _second(slack)
    await slack.click("UEVA", "CROOM", card["ts"], button(card, "name_article"))
    await until(lambda: len(slack.workspace.views) > before, "the modal")
    view = list(slack.workspace.views.values())[-1]
    assert view["title"]["text"] == "Article for HELP-1002"
    refused = await slack.submit("UEVA", view)
    assert "Choose what would have helped" in refused.json["errors"]["field:article"]
    assert (await slack.submit("UEVA", view, article="0")).status == 200
    await until(lambda: "would have helped: Reset" in said(_second(slack)), "the card with what was named")


def _second(slack: SlackFake) -> dict[str, Any]:
    """The card of the second ticket."""
    return next(message for message in slack.posts("CROOM") if "HELP-1002" in said(message))


async def test_a_journey_in_teams(
    monkeypatch: pytest.MonkeyPatch, library: Library, database_url: str, tmp_path: Path
) -> None:
    async with AsyncExitStack() as stack:
        teams = await stack.enter_async_context(teams_tenant())
        environment = teams.environment() | {"FIRSTLINE_ENGINEERS": ENGINEERS, "FIRSTLINE_SHADOW": "all"}
        app = await stack.enter_async_context(running(monkeypatch, library, database_url, environment))
        teams.bot_url = app.url
        await until(lambda: ready(app.url), "the signing keys")
        await teams.installs()
        await teams.says("ana", "the vpn does not connect")
        await shown(teams, chat("ana"), "Your ticket is HELP-1001")
        card = await shown(teams, ROOM, "would have offered a choice")
        await teams.clicks("eva", card, "Claim")
        await until(lambda: "Resolve" in titles(card.card), "the claimed card")
        (choices,) = [e for e in card.card["body"] if e["type"] == "Input.ChoiceSet"]
        assert choices["choices"][-1] == {"title": "None of these", "value": "none"}
        written = {"field.note": "Use the other one"}
        _, body = await teams.clicks("eva", card, "Resolve", written | {"field.other": "vpn on nothing"})
        assert body["type"] == NOTICE
        assert "There is no article “vpn on nothing”" in body["value"]
        _, body = await teams.clicks("eva", card, "Resolve", written | {"field.article": "1"})
        assert "this would have helped" in json.dumps(body["value"])
        told = await shown(teams, chat("ana"), "has resolved HELP-1001")
        await delivered(app.url)
        assert "would have" not in words(told)
        assert len(messages(teams, ROOM)) == 1
        await until(lambda: "Name the article" in words(card.card), "the resolved card")
        _, body = await teams.clicks("eva", card, "Name the article")
        assert body["type"] == CARD
        none = {"field.article": "none"}
        _, body = await teams.clicks("eva", card, "Name the article", none, card=body["value"])
        assert "no article would have helped" in json.dumps(body["value"])
    data = json.loads(await asyncio.to_thread(report, tmp_path, database_url, "--json"))
    assert (data["channels"]["teams"]["misoffered"], data["total"]["unknown"]) == (1, 0)


# --- the report ---------------------------------------------------------------------------------------


def ask(
    database: Database, number: int, unsaid: dict[str, Any], named: str | None, *, withdrawn: bool = False
) -> None:
    """One question in shadow mode, as the desk keeps it."""
    at = START + timedelta(days=number)
    with units_of_work(database)() as work:
        ana = work.people.meet(Identity("slack", "T1", "UANA"), "Ana", None, at)
        place = work.conversations.open(ConversationRef("slack", "T1", "DUANA", f"{number}.0"))
        episode = work.episodes.add(
            Episode(0, f"e{number}", ana.id, place, EpisodeState.TICKET, "en", at, question="secret words")
        )
        decision = work.episodes.add_decision(
            episode.id, at, unsaid["kind"], MatchResult(), "hash", "matcher"
        )
        ticket = work.tickets.add(
            NewTicket(
                token=f"t{number}",
                requester=ana,
                opened_by=None,
                episode=episode,
                question_id=work.texts.add("secret words"),
                priority=Priority.NORMAL,
                queue="",
                language="en",
                at=at,
                channel=unsaid["channel"],
                link="",
            )
        )
        work.shadow.add(SilentDecision(ticket.id, at=at, **unsaid), decision)
        if named is not None:
            work.shadow.name_article(ticket.id, named, ana, at)
        if withdrawn or named is not None:
            assert work.tickets.apply(ticket, TicketAction.WITHDRAW, ana, at)


def answered(confidence: float = 0.9, channel: str = "slack") -> dict[str, Any]:
    candidates = (("vpn", confidence), ("wifi", 0.02))
    return {"channel": channel, "kind": "answer", "candidates": candidates, "shown": 1}


def test_nothing_in_shadow_mode_says_how_to_begin(tmp_path: Path, database_url: str) -> None:
    assert "Set FIRSTLINE_SHADOW" in report(tmp_path, database_url)
    data = json.loads(report(tmp_path, database_url, "--json"))
    assert (data["channels"], data["total"]["judged"]) == ({}, 0)


def test_the_tables_and_what_to_do_next(tmp_path: Path, database: Database, database_url: str) -> None:
    for number in range(70):
        ask(database, number, answered(), "vpn" if number else "wifi")
    for number in range(70, 75):
        ask(database, number, answered(channel="teams"), "wifi" if number < 73 else NO_ARTICLE)
    ask(database, 75, {"channel": "teams", "kind": "escalate", "candidates": (), "shown": 0}, "badge")
    ask(database, 76, answered(channel="teams"), None)
    ask(database, 77, answered(channel="teams"), None, withdrawn=True)
    shown = report(tmp_path, database_url, FIRSTLINE_SHADOW="slack teams")
    for heading in ("answered rightly", "escalated needlessly", "not closed yet", "How sure, how right"):
        assert heading in shown
    assert "slack: 1 of 70 answers would have been wrong (1.4 %): employees may see the answers" in shown
    assert "take slack out of FIRSTLINE_SHADOW" in shown
    assert "teams: too early to say: 5 of 5 answers would have been wrong" in shown
    assert "wifi would have helped 4 times and was not shown" in shown
    assert "without a verdict, of all questions" in shown
    (row,) = [line for line in shown.splitlines() if "without a verdict" in line]
    assert row.split()[-5:] == ["0", "2", "2", "2.6", "%"]
    assert "1 closed with nobody asked" in shown
    assert "secret words" not in shown


@pytest.mark.parametrize(
    ("sure", "advice"), [(0.99, "set FIRSTLINE_ANSWER_FROM=0.99"), (0.85, "no threshold helps")]
)
def test_too_many_wrong_answers(
    tmp_path: Path, database: Database, database_url: str, sure: float, advice: str
) -> None:
    for number in range(70):
        wrong = number % 7 == 0
        ask(database, number, answered(0.85 if wrong else sure), "wifi" if wrong else "vpn")
    assert advice in report(tmp_path, database_url)


def test_days_are_included(tmp_path: Path, database: Database, database_url: str) -> None:
    for number in range(5):
        ask(database, number, answered(), "vpn")
    between = ("--since", "2026-03-03", "--until", "2026-03-05", "--json")
    data = json.loads(report(tmp_path, database_url, *between))
    assert (data["since"], data["until"], data["total"]["right"]) == ("2026-03-03", "2026-03-05", 3)


def test_a_misspelt_channel_is_a_mistake(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "bot", "demo"],
        cwd=tmp_path,
        env={
            "PATH": os.environ["PATH"],
            "PYTHONPATH": str(ROOT),
            "FIRSTLINE_SHADOW": "slack,temas",
        },
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        check=False,
    )
    assert done.returncode == 1
    channels = ", ".join(plugins.packages(plugins.Kind.CHANNEL))
    assert f"FIRSTLINE_SHADOW: there is no channel 'temas'; name {channels}, or all." in done.stderr
