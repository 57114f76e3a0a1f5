"""What `make attack` would find: each attack that succeeds here because it was let through, and no other."""

import json
import re
import time
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web
from rich.console import Console
from slack_bolt.oauth.async_oauth_flow import AsyncOAuthFlow

from bench.attack import __main__ as program
from bench.attack import (
    alerts,
    browser,
    buttons,
    code,
    installing,
    links,
    masking,
    mirrors,
    page,
    privacy,
    routes,
    shipped,
    sign_in,
    signatures,
)
from bench.attack import teams_tokens as teams
from bench.attack.attempts import Options, Row, rows_of
from bench.attack.families import FAMILIES, Family
from bench.attack.monitoring import SYSTEMS, body_of, proof_of
from bench.attack.site import ALERTS, Site, a_site, bearer, plant
from bench.report import Goal
from bot.alerts.webhook.webhook import SIGNATURE, sign
from bot.channels.slack.workspaces import install
from bot.storage import connect, migrate
from tests.support.chromium import a_window, launched, needs_chromium
from tests.support.desk.helpdesk import Helpdesk
from tests.support.fakes.identity.forgeries import REFUSED
from tests.support.paths import ROOT

NOBODY = "without a token"


@pytest.fixture
async def site() -> AsyncIterator[Site]:
    async with a_site() as made:
        await plant(made)
        yield made


def through(rows: list[Row]) -> str:
    return " ".join(one for row in rows for one in row.through)


async def test_an_engineer_among_those_who_have_no_token_is_noticed(site: Site) -> None:
    told = through(await routes.attack(site, {NOBODY: lambda: bearer("wes")}))
    for sign_of_it in ("GET /web/room", "GET /web/files/{file}", "answered 200", "shows what", "changed"):
        assert sign_of_it in told
    assert through(await routes.attack(site, {NOBODY: dict})) == ""


async def test_a_door_of_tickets_that_believes_what_it_should_not_is_noticed(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async with mirrors.the_doors() as doors:
        assert through(await mirrors.attack(doors)) == ""
    for name in ("bot.backends.zendesk.webhook.same", "bot.backends.jira.webhook.same"):
        monkeypatch.setattr(name, lambda *_: True)
    async with mirrors.the_doors() as doors:
        found = {one.attack: one.through for one in await mirrors.attack(doors)}
    assert all(f"{name}, " in " ".join(found[mirrors.FORGED]) for name in mirrors.SYSTEMS)
    assert found[mirrors.OLD] == ()


async def test_a_page_of_our_own_and_a_manager_among_strangers_are_noticed(site: Site) -> None:
    sent = await page.foreign(site, "/web/press", site.url)
    assert "answered 200 and changed" in sent
    rows = await page.attack(site, stranger="max")
    assert {row.attack for row in rows if row.through} == {page.FIGURES}
    assert all("by max" in one for one in through(rows).split(" GET "))
    told = through(await routes.attack(site, {routes.OTHERS[0]: lambda: bearer("max")}))
    assert "GET /gaps/progress" in told
    assert "POST /gaps/look" in told


async def test_an_installation_that_is_allowed_and_tokens_that_are_readable_are_noticed(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async with installing.a_company() as company:
        assert "answered 200" in await installing.installed(company, company.own)
        monkeypatch.setattr(install._Flow, "build_authorize_url", AsyncOAuthFlow.build_authorize_url)
        assert "admin" in await installing.address(company, "x%26scope%3Dadmin")
        await company.slack.install(company.other, company.app.url)
        rows = company.rows()
        assert "".join(installing.readable(rows)) == ""
        moved = dict(zip(rows, reversed(rows.values()), strict=True))
        assert "another's row" in "".join(installing.readable(moved))
        plain = {
            name: value.replace('"bot": {', '"bot": {"app_id": "xoxb-1", ') for name, value in rows.items()
        }
        assert "shows a token" in "".join(installing.readable(plain))
        assert "claimed" in await installing.pressed(company, company.own)


async def test_a_good_signature_among_the_forged_is_noticed(site: Site) -> None:
    slack = site.stage.slack
    (found, *others) = await signatures.attack(site, {"good": slack.signature})
    assert [one.partition(" was")[0] for one in found.through] == ["a event", "a command"]
    assert through(others) == ""
    assert "kept 5 times" in await signatures.repeated(site, anew=True)
    assert "kept" in await signatures.foreign(site, slack.workspace.team)
    now = str(int(time.time()))
    assert "answered 200" in await signatures.alert(
        site, lambda body: {SIGNATURE: sign(ALERTS.encode(), now, body)}
    )


async def test_a_proved_alert_among_those_that_prove_nothing_is_noticed(site: Site) -> None:
    systems = ("alertmanager", "cloudwatch", "google_monitoring", "splunk")
    good = [
        alerts.Sent(name, "good", proof_of(name)[1], body_of(name), proof_of(name)[0]) for name in systems
    ]
    found, *others = await alerts.attack(site, good)
    assert [one.partition(",")[0] for one in found.through] == list(systems)
    again = next(row for row in others if row.attack == alerts.AGAIN)
    assert [one.partition(":")[0] for one in again.through] == list(systems), "their alerts were known"
    assert through([row for row in others if row is not again]) == ""
    assert set(systems) < set(SYSTEMS)


async def test_a_good_token_among_the_forged_is_noticed(site: Site) -> None:
    (found, *others) = await teams.attack(site, {"good": teams.signed()})
    assert "answered 200, and kept 1 times" in through([found])
    assert through(others) == ""
    assert "kept 1 times" in await teams.foreign(site, lambda activity: activity)


async def test_a_good_answer_of_a_provider_among_the_forged_is_noticed() -> None:
    rows = await sign_in.attack({"good": lambda _: None, "none": REFUSED["alg none"][1]})
    assert [row.attack for row in rows if row.through] == ["sign-in: good"]


async def test_who_may_press_among_those_who_may_not_is_noticed(site: Site) -> None:
    assert any("changed" in one for one in await buttons.messages(site, ("ina",)))
    assert any("changed" in one for one in await buttons.in_slack(site, ("UEVA",)))
    assert any("changed" in one for one in await buttons.employees(site, ("UANA",)))
    assert any("tickets" in one for one in await buttons.forged(site, ("wes",), "room"))


async def test_a_claim_by_an_engineer_of_teams_is_noticed(site: Site) -> None:
    assert any("changed" in one for one in await buttons.in_teams(site, ("eva",)))


async def test_a_genuine_link_among_the_altered_is_noticed(site: Site) -> None:
    rows = await links.attack(site, [f"/files/{links.Links(site).genuine}"])
    assert {row.attack for row in rows if row.through} == {links.ALTERED}


@pytest.mark.browser
@needs_chromium
async def test_a_page_on_which_things_run_is_noticed() -> None:
    async def page(_request: web.Request) -> web.Response:
        # One that leads elsewhere at once would leave nothing to look at.
        shown = [one for one in browser.PAYLOADS if "http-equiv" not in one]
        return web.Response(text="\n".join(shown), content_type="text/html")

    app = web.Application()
    app.router.add_get("/", page)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()

    async def shown() -> AsyncIterator[tuple[str, Any, list[str]]]:
        async with launched() as started:
            window = await (await a_window(started)).new_page()
            asked = browser.watched(window)
            await window.route(re.compile(browser.ELSEWHERE), lambda route: route.abort())
            await window.goto(f"http://127.0.0.1:{runner.addresses[0][1]}/", wait_until="commit")
            yield "a page", window, asked

    try:
        rows = await browser.attack(shown())
    finally:
        await runner.cleanup()
    assert [row.attack for row in rows if row.through] == list(browser.ATTACKS)


def test_an_erasure_that_leaves_everything_is_noticed(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'firstline.db'}"
    database = connect(url)
    migrate(database)
    database.close()

    def nothing(desk: Helpdesk, person: str) -> None:
        desk.say(person, "one more question that nobody has asked")

    rows = privacy.attack("sqlite", url, nothing)
    assert [row.attack for row in rows if row.through] == list(privacy.ATTACKS)


def test_masks_that_hide_nothing_and_everything_are_noticed() -> None:
    assert [bool(row.through) for row in masking.attack(lambda text: (text, False))] == [True, False]
    assert [bool(row.through) for row in masking.attack(lambda _: ("", True))] == [False, True]


def test_code_that_runs_what_it_is_given_is_noticed(tmp_path: Path) -> None:
    pytest.importorskip("bandit")
    (tmp_path / "bad.py").write_text("import subprocess\nsubprocess.call(input(), shell=True)\n")
    (row,) = code.attack(tmp_path)
    assert any("shell=True" in one for one in row.through)


def test_a_licence_a_gap_and_a_known_flaw_are_noticed() -> None:
    locked = [pin for pin in shipped.pins() if pin.here]
    assert len(locked) > 50
    assert len(shipped.licences(locked, lambda _: "MIT AND AGPL-3.0-only").through) == len(locked)
    assert shipped.licences(locked, lambda _: "GPL-3.0-or-later OR (MIT AND ISC)").through == ()
    gap, *others = locked
    assert [gap.name in one for one in shipped.checked(shipped.bill(others), locked).through] == [True]
    broken = json.dumps(json.loads(shipped.bill(locked)) | {"bomFormat": "none"})
    assert "schema" in shipped.checked(broken, locked).through[0]
    answer = {"name": "x", "version": "1", "vulns": [{"id": "PYSEC-0"}]}
    assert shipped.told(json.dumps({"dependencies": [answer]})).through == ("x 1: PYSEC-0",)


def test_the_table_tells_what_got_through_and_fails() -> None:
    def broken(_options: Options) -> list[Row]:
        raise LookupError("there is nothing to attack")

    sound = Family("sound", lambda _: rows_of([Goal("a flood", "1.3", "1.1", met=True)]))
    unmet = Family("unmet", lambda _: rows_of([Goal("a flood", "1.3", "[bold]2.0", met=False)]))
    console, options = Console(quiet=True), Options()
    assert program.verdict(program.attacked([sound], options, console)) == 0
    for family in (unmet, Family("broken", broken)):
        found = program.attacked([sound, family], options, console)
        assert program.verdict(found) == 1
        notes = program.table_of(found, options, 1.0).notes
        assert [note.partition(": ")[0] for note in notes] == ["GOT THROUGH"]


def test_every_attack_is_named_where_people_read_of_them() -> None:
    page = (ROOT / "docs" / "security.md").read_text(encoding="utf-8")
    named = re.findall(r"^\| `(\w+)` \|", page, re.MULTILINE)
    assert named == [family.name for family in FAMILIES]
    flat = " ".join(page.split())
    assert [one for family in FAMILIES for one in family.attacks if one not in flat] == []
    assert len({one for family in FAMILIES for one in family.attacks}) > 50
