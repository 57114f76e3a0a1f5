"""Every command as people run it: a process of its own, in a folder where nothing is."""

import asyncio
import json
import os
import shutil
import signal
import sqlite3
import subprocess
import sys
import zipfile
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from uuid import uuid4

import aiohttp
import pytest

from bot.learn import LACKING, as_line
from bot.resources import find
from bot.stock import content_in
from tests.e2e.running import free_port, ready, until
from tests.matching.semantic.service import KEY, MODEL, serving

ROOT = Path(__file__).parents[2]
UNKNOWN = "my flurbostat is leaking green goo"
CONTENT = {"FIRSTLINE_ARTICLES": str(ROOT / "kb_articles"), "FIRSTLINE_INTENTS": str(ROOT / "intents")}
STOPS_WITHIN = 8.0


def environment(folder: Path, more: Mapping[str, str]) -> dict[str, str]:
    """Next to nothing: no setting of whoever runs the tests comes through."""
    base = {"PATH": os.environ["PATH"], "HOME": str(folder), "LANG": "C.UTF-8", "COLUMNS": "200"}
    base["FIRSTLINE_CACHE"] = os.environ["FIRSTLINE_CACHE"]
    return base | dict(more)


def run(folder: Path, *arguments: str, **settings: str) -> subprocess.CompletedProcess[str]:
    """`firstline ...`, to its end."""
    return subprocess.run(
        [sys.executable, "-m", "bot", *arguments],
        cwd=folder,
        env=environment(folder, settings),
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def good(folder: Path, *arguments: str, **settings: str) -> str:
    """Run a command that must succeed; return what it printed."""
    done = run(folder, *arguments, **settings)
    assert done.returncode == 0, done.stderr
    assert "Traceback" not in done.stderr
    return done.stdout


def refused(folder: Path, *arguments: str, **settings: str) -> str:
    """Run a command that must fail with a sentence; return it."""
    done = run(folder, *arguments, **settings)
    assert done.returncode == 1, done.stdout + done.stderr
    assert "Traceback" not in done.stderr
    return done.stdout + done.stderr


class Demo:
    """`firstline demo` as a process, and the page's own HTTP calls."""

    def __init__(self, process: asyncio.subprocess.Process, url: str, http: aiohttp.ClientSession) -> None:
        self.process = process
        self.url = url
        self._http = http

    async def ask(self, text: str, person: str = "ana") -> str:
        """Ask as one of the personas; return what became of it."""
        body = {"key": uuid4().hex, "pane": "ask", "as": person, "text": text}
        async with self._http.post(f"{self.url}/web/ask", json=body) as answer:
            assert answer.status == 200, await answer.text()
            kind: str = (await answer.json())["kind"]
            return kind

    async def read(self, path: str) -> str:
        """What a GET answers."""
        async with self._http.get(self.url + path) as answer:
            assert answer.status == 200
            return await answer.text()

    async def shows(self, path: str, text: str) -> str:
        """Wait until a page shows this."""

        async def there() -> str:
            page = await self.read(path)
            return page if text in page else ""

        found: str = await until(there, f"{text!r} on {path}")
        return found

    async def stop(self) -> None:
        """Press Ctrl+C."""
        self.process.send_signal(signal.SIGINT)
        async with asyncio.timeout(STOPS_WITHIN):
            assert await self.process.wait() == 0


@asynccontextmanager
async def demo(folder: Path, **settings: str) -> AsyncIterator[Demo]:
    """A demo that is stopped at the end."""
    port = free_port()
    with (folder / "demo.log").open("w") as log:
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            "bot",
            "demo",
            "--port",
            str(port),
            cwd=folder,
            env=environment(folder, settings),
            stdout=log,
            stderr=log,
        )
    url = f"http://127.0.0.1:{port}"

    async def is_ready() -> bool:
        assert process.returncode is None, (folder / "demo.log").read_text()
        return await ready(url)

    try:
        async with aiohttp.ClientSession() as http:
            await until(is_ready, "the demo")
            running = Demo(process, url, http)
            yield running
            await running.stop()
            printed = (folder / "demo.log").read_text()
            assert url in printed
            assert "Traceback" not in printed
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()


# --- demo ---------------------------------------------------------------------------------------------


async def test_an_edit_takes_effect_and_a_broken_one_changes_nothing(tmp_path: Path) -> None:
    for name in ("kb_articles", "intents"):
        shutil.copytree(ROOT / name, tmp_path / name)
    article = tmp_path / "kb_articles" / "password-reset.md"
    before = article.read_text()
    async with demo(tmp_path) as desk:
        article.write_text(before.replace("title: ", "title: Zworkle and ", 1))
        log = tmp_path / "demo.log"
        await until(lambda: "content_in_force" in log.read_text(), "the new content")
        assert await desk.ask("I forgot my password") == "answered"
        assert "Zworkle and " in await desk.read("/web/conversation?as=ana")
        article.write_text(before.replace("title: ", "title: [Broken ", 1))
        body = json.loads(await desk.shows("/readyz", "password-reset.md"))
        assert body["status"] == "degraded"
        await desk.shows("/web/room?desk=maya", "password-reset.md")
        assert await desk.ask("how do I get into the wifi") in ("answered", "choice", "ticket", "added")
        article.write_text(before)
        await desk.shows("/readyz", '"status": "ready"')
        assert "password-reset.md" not in await desk.read("/web/room?desk=maya")


def test_the_demo_listens_on_this_machine_only(tmp_path: Path) -> None:
    assert "127.0.0.1" in refused(tmp_path, "demo", "--host", "0.0.0.0")  # noqa: S104  # it is to be refused


# --- ask, check ---------------------------------------------------------------------------------------


def test_ask_in_english_spanish_and_for_scripts(tmp_path: Path) -> None:
    assert "password" in good(tmp_path, "ask", "I forgot my password").lower()
    assert "contraseña" in good(tmp_path, "ask", "he olvidado la contraseña y no puedo entrar").lower()
    data = json.loads(good(tmp_path, "ask", "--json", "I forgot my password"))
    assert (data["decision"], data["predicted"], data["language"]) == ("answer", "password-reset", "en")
    assert 0.75 <= data["confidence"] <= 1
    ticket = json.loads(good(tmp_path, "ask", "--json", UNKNOWN))
    assert (ticket["decision"], "answer" in ticket) == ("escalate", False)
    assert list(tmp_path.iterdir()) == []


def test_ask_explains_what_each_part_gave(tmp_path: Path) -> None:
    shown = good(tmp_path, "ask", "--explain", "I forgot my passwrod [bold]")
    for part in ("words matched", "passwrod→password", "classifier", "coverage", "in all", "nothing here"):
        assert part in shown
    data = json.loads(good(tmp_path, "ask", "--json", "--explain", "I forgot my passwrod"))
    first, last = data["explained"][0], data["explained"][-1]
    assert (first["target"], first["repaired"]) == ("password-reset", {"passwrod": "password"})
    assert first["evidence"].keys() == first["gave"].keys()
    assert last["target"] is None


@pytest.mark.parametrize("text", ["", "--json [bold]x[/bold] [/nope] " + "🔥" * 5000])
def test_ask_survives_anything(tmp_path: Path, text: str) -> None:
    good(tmp_path, "ask", "--", text)


def test_check_of_good_content(tmp_path: Path) -> None:
    assert "0 errors" in good(tmp_path, "check")


def test_check_names_file_line_and_what_to_do(tmp_path: Path) -> None:
    articles, intents = tmp_path / "a", tmp_path / "i"
    articles.mkdir()
    intents.mkdir()
    (articles / "one.md").write_text("---\nid: one\ntitle: One\ncolour: red\n---\nBody.\n")
    (articles / "two.md").write_text("---\nid: one\ntitle: Two\n---\nBody.\n")
    (articles / "three.md").write_text("---\ntitle: [broken\n---\nBody.\n")
    (intents / "x.yaml").write_text("intent: x\narticle: missing\nexamples:\n  en: [hello there]\n")
    printed = refused(tmp_path, "check", "--articles", str(articles), "--intents", str(intents))
    for place in ("one.md:4: error", "three.md:", "x.yaml:2: error", "two.md:2: error"):
        assert place in printed
    assert "colour" in printed
    assert "missing" in printed


def test_check_and_start_tell_what_is_wrong_with_the_embeddings(tmp_path: Path) -> None:
    gone, empty = str(tmp_path / "gone"), tmp_path / "empty"
    empty.mkdir()
    assert "FIRSTLINE_EMBEDDINGS: there is no folder" in refused(tmp_path, "check", FIRSTLINE_EMBEDDINGS=gone)
    assert "FIRSTLINE_EMBEDDINGS: there is no folder" in refused(tmp_path, "demo", FIRSTLINE_EMBEDDINGS=gone)
    assert "FIRSTLINE_EMBEDDINGS: there is no folder" in refused(tmp_path, "serve", FIRSTLINE_EMBEDDINGS=gone)
    assert "FIRSTLINE_EMBEDDINGS: there is no folder" in refused(
        tmp_path, "ask", "vpn", FIRSTLINE_EMBEDDINGS=gone
    )
    assert "holds no sentence-transformers" in refused(tmp_path, "check", FIRSTLINE_EMBEDDINGS=str(empty))
    assert "FIRSTLINE_EMBEDDINGS_MODEL" in refused(
        tmp_path, "check", FIRSTLINE_EMBEDDINGS="http://127.0.0.1:9"
    )


def test_with_a_service_of_embeddings(tmp_path: Path) -> None:
    with serving() as service:
        settings = {
            "FIRSTLINE_EMBEDDINGS": service.url,
            "FIRSTLINE_EMBEDDINGS_MODEL": MODEL,
            "FIRSTLINE_EMBEDDINGS_KEY": KEY,
            "FIRSTLINE_CACHE": str(tmp_path / "cache"),
        }
        assert "0 errors" in good(tmp_path, "check", **settings)
        assert service.batches == [["firstline check"]]
        wrong = refused(tmp_path, "check", **settings | {"FIRSTLINE_EMBEDDINGS_KEY": "another"})
        assert "(401)" in wrong
        assert "another" not in wrong


def test_check_names_a_placeholder_that_nothing_fills(tmp_path: Path) -> None:
    (tmp_path / "replies").mkdir()
    (tmp_path / "replies" / "hello.md").write_text("---\ntitle: Hello\n---\n\nDear {requestor},\n")
    printed = refused(tmp_path, "check")
    assert "hello.md:5: error: unknown placeholder {requestor}; did you mean {requester}?" in printed


def test_check_of_the_queues_names_file_line_and_what_to_do(tmp_path: Path) -> None:
    (tmp_path / "queues.yaml").write_text(
        "queues:\n  it:\n    zone: Europe/Madrid\n    hours:\n      mon-fri: 9-18\n"
        "    rooms: {slack: general}\n"
    )
    printed = refused(tmp_path, "check", FIRSTLINE_QUEUES="queues.yaml")
    assert "queues.yaml:5: error: mon-fri '9-18' are no hours; write 09:00-18:00" in printed
    assert "queues.yaml:6: error: 'general' is no channel of Slack" in printed
    (tmp_path / "queues.yaml").write_text("queues:\n  it:\n  net:\n")
    assert "2 queues: 0 errors" in good(tmp_path, "check", FIRSTLINE_QUEUES="queues.yaml")
    assert "there is no such file" in refused(tmp_path, "check", FIRSTLINE_QUEUES="gone.yaml")


def test_serve_does_not_start_with_queues_that_are_wrong(tmp_path: Path) -> None:
    (tmp_path / "queues.yaml").write_text("queues:\n  it: {hour: {}}\n")
    good(tmp_path, "migrate")
    environment = {
        "FIRSTLINE_QUEUES": "queues.yaml",
        "FIRSTLINE_WEB_TOKENS": "a-long-enough-token=eva:engineer",
    }
    for name in ("kb_articles", "intents"):
        environment[f"FIRSTLINE_{name.removeprefix('kb_').upper()}"] = str(find(name))
    printed = refused(tmp_path, "serve", **environment)
    assert "queues.yaml:2: error: unknown key 'hour'; did you mean 'hours'?" in printed


# --- migrate, tickets, outbox -------------------------------------------------------------------------


def test_migrate_twice(tmp_path: Path) -> None:
    assert "Migrated" in run(tmp_path, "migrate").stderr
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
        page = await desk.shows("/web/room?desk=maya", "HELP-1001")
        token = page.split('data-action="claim" data-token="')[1].split('"')[0]
        await press(desk, "claim", token)
        await desk.shows("/web/room?desk=maya", 'data-action="release"')
        shown = await asyncio.to_thread(good, tmp_path, "tickets", "show", "help 1001", "--json")
        assert (json.loads(shown)["status"], json.loads(shown)["question"]) == ("claimed", UNKNOWN)
        assert [row["what"] for row in json.loads(shown)["history"]] == ["opened", "claimed"]
        report = await asyncio.to_thread(good, tmp_path, "tickets", "show", "HELP-1001", "--markdown")
        assert report.startswith(f"# HELP-1001: {UNKNOWN}\n")
        for part in (
            "## Environment",
            "## Steps to repeat",
            "## What was tried",
            "## Transcript",
            "**Ana Costa**",
        ):
            assert part in report
        await asyncio.to_thread(good, tmp_path, "tickets", "release", "HELP-1001")
        await desk.shows("/web/room?desk=maya", 'data-action="claim"')
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
    assert "1 posts" in run(tmp_path, "outbox", "retry", str(number)).stderr
    async with demo(tmp_path) as again:
        assert UNKNOWN in await again.read("/web/room?desk=maya")
        assert "HELP-1001" in await again.read("/web/conversation?as=ana")
        await again.shows("/readyz", '"waiting": 0')
    assert json.loads(good(tmp_path, "outbox", "list", "--json")) == []


async def press(desk: Demo, action: str, token: str) -> None:
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


def test_serve_on_an_unmigrated_database_says_what_to_do(tmp_path: Path) -> None:
    tokens = {"FIRSTLINE_WEB_TOKENS": "token-of-wes-the-engineer=wes:engineer"}
    assert "firstline migrate" in refused(tmp_path, "serve", **CONTENT, **tokens)


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


# --- the wheel ----------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel, installed into a folder of its own."""
    folder = tmp_path_factory.mktemp("wheel")
    pip = [sys.executable, "-m", "pip", "--disable-pip-version-check", "-q"]
    built = [*pip, "wheel", "--no-deps", "--no-build-isolation", "-w", str(folder), str(ROOT)]
    subprocess.run(built, check=True, capture_output=True, timeout=120)
    (file,) = folder.glob("firstline-*.whl")
    target = folder / "installed"
    installed = [*pip, "install", "--no-deps", "--no-index", "--target", str(target), str(file)]
    subprocess.run(installed, check=True, capture_output=True, timeout=120)
    return target


def test_it_is_the_wheel_that_runs(wheel: Path, tmp_path: Path) -> None:
    where = subprocess.run(
        [sys.executable, "-c", "import bot; print(bot.__file__)"],
        cwd=tmp_path,
        env=environment(tmp_path, {"PYTHONPATH": str(wheel)}),
        capture_output=True,
        text=True,
        check=True,
    )
    assert where.stdout.startswith(str(wheel))


async def test_the_wheel_works_in_an_empty_folder(wheel: Path, tmp_path: Path) -> None:
    path = {"PYTHONPATH": str(wheel)}
    checked = good(tmp_path, "check", **path)
    assert "0 errors" in checked
    assert int(checked.split(" articles")[0].split()[-1]) >= 40
    assert int(checked.split(" replies")[0].split()[-1]) >= 8
    async with demo(tmp_path, **path) as desk:
        assert await desk.ask("I forgot my password") == "answered"
        assert await desk.ask(UNKNOWN) == "ticket"
        page = await desk.read("/")
        assert "Ana Costa" in page
        style = page.split('href="/web/static/')[1].split('"')[0]
        assert await desk.read(f"/web/static/{style}")


def test_the_wheel_holds_no_tests_and_no_secrets(wheel: Path) -> None:
    names = {str(path.relative_to(wheel)) for path in wheel.rglob("*") if path.is_file()}
    assert not [name for name in names if name.startswith("tests/") or name.endswith((".env", ".db"))]
    for needed in (
        "bot/_data/migrations/env.py",
        "bot/wording/locales/es/desk.po",
        "bot/channels/web/static/page.js",
    ):
        assert needed in names


def test_the_version(tmp_path: Path) -> None:
    assert good(tmp_path, "--version").strip() == "0.1.0"


def test_the_learner_ends_well_while_its_server_lives(tmp_path: Path) -> None:
    articles, intents = tmp_path / "kb_articles", tmp_path / "intents"
    articles.mkdir()
    intents.mkdir()
    for name in ("wifi", "printer", "badge"):
        shutil.copy(ROOT / "kb_articles" / f"{name}.md", articles)
        shutil.copy(ROOT / "intents" / f"{name}.yaml", intents)
    learner = subprocess.Popen(
        [sys.executable, "-m", "bot.learn", "en", str(tmp_path / "cache")],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    assert learner.stdin is not None
    learner.stdin.write(as_line(content_in(articles, intents)))
    learner.stdin.flush()
    assert learner.wait(timeout=60) == 0, learner.stderr.read() if learner.stderr else ""
    for pipe in (learner.stdin, learner.stderr):
        if pipe is not None:
            pipe.close()
    assert len(list((tmp_path / "cache").glob("*.npz"))) == 1


def test_the_learner_encodes_the_content_or_says_that_it_must_try_again(tmp_path: Path) -> None:
    articles, intents = tmp_path / "kb_articles", tmp_path / "intents"
    articles.mkdir()
    intents.mkdir()
    for name in ("wifi", "printer", "badge"):
        shutil.copy(ROOT / "kb_articles" / f"{name}.md", articles)
        shutil.copy(ROOT / "intents" / f"{name}.yaml", intents)
    with serving() as service:
        settings = {"FIRSTLINE_EMBEDDINGS": service.url, "FIRSTLINE_EMBEDDINGS_MODEL": MODEL}

        def learn(key: str) -> int:
            with subprocess.Popen(
                [sys.executable, "-m", "bot.learn", "en", str(tmp_path / "cache")],
                cwd=ROOT,
                env=environment(tmp_path, settings | {"FIRSTLINE_EMBEDDINGS_KEY": key}),
                stdin=subprocess.PIPE,
            ) as learner:
                assert learner.stdin is not None
                learner.stdin.write(as_line(content_in(articles, intents)))
                learner.stdin.flush()
                return learner.wait(timeout=60)

        assert learn("another") == LACKING
        assert len(list((tmp_path / "cache").glob("*.npz"))) == 1, "words were learned"
        assert service.batches == []
        assert learn(KEY) == 0
        assert any("printer" in text.lower() for batch in service.batches for text in batch)
        assert len(list((tmp_path / "cache" / "vectors").glob("*.npz"))) == 1
        asked = len(service.batches)
        assert learn(KEY) == 0
        assert len(service.batches) == asked, "every text is encoded once"
