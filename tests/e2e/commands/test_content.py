"""The demo, and the commands about content, as people run them."""

import json
import shutil
from pathlib import Path

import pytest

from bot.desk.knowledge.library import Library
from bot.runtime.resources import find
from bot.storage import connect, migrate
from tests.support.clock import Clock
from tests.support.desk.helpdesk import Helpdesk
from tests.support.e2e.commands import demo, good, refused
from tests.support.e2e.running import until
from tests.support.matching.embedding_service import KEY, MODEL, serving
from tests.support.paths import ROOT
from tests.support.unknown import UNKNOWN

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


def test_ask_names_the_kind_of_ticket_that_it_would_open(tmp_path: Path) -> None:
    for name in ("kb_articles", "intents"):
        shutil.copytree(ROOT / name, tmp_path / name)
    (tmp_path / "intents" / "zworkle.yaml").write_text(
        "intent: new-zworkle\nopens: ticket\nname: {en: New zworkle, es: Un zworkle nuevo}\nqueue: toys\n"
        "examples:\n  en: [order a zworkle, zworkle please, one more zworkle]\n  es: [pedir un zworkle]\n"
    )
    folders = ("--articles", str(tmp_path / "kb_articles"), "--intents", str(tmp_path / "intents"))
    shown = good(tmp_path, "ask", "please order me a zworkle", *folders)
    assert "Would open a ticket: New zworkle (toys)" in shown
    data = json.loads(good(tmp_path, "ask", "--json", "please order me a zworkle", *folders))
    assert (data["decision"], data["predicted"]) == ("ticket", "new-zworkle")


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


def test_check_says_how_much_is_assumed_to_be_asked_in_vain(tmp_path: Path, library: Library) -> None:
    assumed = "traffic: no article answers 35% of the questions (15% are service requests), as is assumed"
    assert assumed in good(tmp_path, "check")
    assert not (tmp_path / "firstline.db").exists(), "nothing is made by looking"
    assert "answers 20% of the questions (9% are service requests), as FIRSTLINE_UNANSWERED fixes it." in (
        good(tmp_path, "check", FIRSTLINE_UNANSWERED="0.2")
    )
    assert "traffic:" not in good(tmp_path, "check", FIRSTLINE_CERTAINTY="0.95")
    database = connect(f"sqlite:///{tmp_path / 'firstline.db'}")
    warned = good(tmp_path, "check")
    assert "traffic: warning: " in warned
    assert "what was asked cannot be read: " in warned
    assert "`firstline migrate`" in warned
    migrate(database)
    assert assumed in good(tmp_path, "check")
    helpdesk = Helpdesk(database, library, Clock())
    for number in range(60):
        helpdesk.say(f"ana{number}", UNKNOWN if number % 2 else "he olvidado la contraseña")
    database.close()
    told = good(tmp_path, "check")
    assert "by the newest 60" in told
    assert assumed not in told


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
            "FIRSTLINE_EMBEDDINGS_SECONDS": "2",
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


def test_a_promise_is_checked_shown_and_opened_again(tmp_path: Path) -> None:
    settings = {"FIRSTLINE_CERTAINTY": "0.95", "FIRSTLINE_LANGUAGE": "es"}
    assert "FIRSTLINE_CERTAINTY is not set" in refused(tmp_path, "promise")
    assert "FIRSTLINE_CERTAINTY" in refused(tmp_path, "check", FIRSTLINE_CERTAINTY="95")
    good(tmp_path, "migrate")
    checked = good(tmp_path, "check", **settings)
    said = "promesa: aviso: como mucho el 5.0% de las respuestas son erróneas, con una certeza del 95.0%"
    assert said in checked
    assert "unas 118 preguntas etiquetadas más" in checked
    english = good(tmp_path, "check", **settings | {"FIRSTLINE_LANGUAGE": "en"})
    assert "promise: warning: at most 5.0% of the answers are wrong, with 95.0% certainty: not" in english
    assert "0 de 0 respuestas juzgadas" in good(tmp_path, "promise", "--reopen", **settings)
    offered = json.loads(good(tmp_path, "ask", "--json", "I forgot my password", **settings))
    assert (offered["decision"], offered["offered"]) == ("choose", ["password-reset"])
    (tmp_path / "firstline.db").unlink()
    assert "no se sabe si aún se cumple" in good(tmp_path, "check", **settings)
