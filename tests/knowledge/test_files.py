import asyncio
import os
from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest

from bot.domain.knowledge.content import Content, Problem
from bot.knowledge.collection import Collection
from bot.knowledge.files.source import LARGEST, FileSource
from tests.support.patience import PATIENCE

TODAY = date(2026, 11, 22)

Writer = Callable[[str, str], Path]


@pytest.fixture
def write(tmp_path: Path) -> Writer:
    (tmp_path / "kb").mkdir()
    (tmp_path / "intents").mkdir()

    def put(name: str, text: str) -> Path:
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
        return path

    return put


def source(folder: Path) -> FileSource:
    return FileSource(folder / "kb", folder / "intents", today=lambda: TODAY)


def load(folder: Path) -> Content:
    return Collection([source(folder)]).load()


def seen(content: Content) -> list[tuple[str, int, bool]]:
    return [(Path(p.file).name, p.line, p.error) for p in content.problems]


def only(content: Content) -> Problem:
    assert len(content.problems) == 1, content.problems
    return content.problems[0]


GOOD = "---\ntitle: Reset a password\n---\nDo this.\n"


def test_an_article_and_its_translation_are_one(tmp_path: Path, write: Writer) -> None:
    write(
        "kb/deep/vpn.md",
        "---\nid: team/vpn\ntitle: 'Connect: the VPN'\ntags: [net, 2024]\nquestions:\n  - no\n  - How?\n"
        "url: https://kb.example/vpn\nowner: net\nupdated: 2026-11-01\nreview_by: 2027-01-31\n"
        "---\n\n1. Open it.\n",
    )
    write("kb/deep/vpn.es.md", "---\nid: team/vpn\ntitle: Conectar la VPN\n---\n1. Ábrela.\n")

    content = load(tmp_path)

    assert content.problems == ()
    english, spanish = content.articles["team/vpn"]["en"], content.articles["team/vpn"]["es"]
    assert english.title == "Connect: the VPN"
    assert english.tags == ("net", "2024")
    assert english.questions == ("no", "How?")
    assert english.url == "https://kb.example/vpn"
    assert english.owner == "net"
    assert english.updated == date(2026, 11, 1)
    assert english.review_by == date(2027, 1, 31)
    assert spanish.updated is None
    assert english.body == "1. Open it."
    assert spanish.body == "1. Ábrela."


def test_the_file_name_gives_id_and_language(tmp_path: Path, write: Writer) -> None:
    write("kb/vpn.md", GOOD)
    write("kb/vpn.es.md", GOOD)
    write("kb/node.js.md", GOOD)
    write("kb/vpn.fr.md", "---\ntitle: Mot de passe\nlang: FR\n---\nx")

    content = load(tmp_path)

    assert set(content.articles["vpn"]) == {"en", "es", "fr"}
    assert set(content.articles["node.js"]) == {"en"}


def test_an_intent(tmp_path: Path, write: Writer) -> None:
    write("kb/vpn.md", GOOD)
    write(
        "intents/a/vpn.yml",
        "intent: 007\narticle: vpn\npriority: high\nqueue: net\nalways_person: true\n"
        "asks: {en: [Since when?]}\nexamples:\n  en:\n  - vpn down\n  - yes\n",
    )
    content = load(tmp_path)

    intent = content.intents["007"]
    assert content.problems == ()
    assert intent.target == "vpn"
    assert (intent.priority, intent.queue, intent.always_person) == ("high", "net", True)
    assert intent.asks == {"en": ("Since when?",)}
    assert intent.examples == {"en": ("vpn down", "yes")}
    assert content.intent("vpn") is intent


def test_a_reply_is_for_everybody_or_by_language(tmp_path: Path, write: Writer) -> None:
    write("kb/vpn.md", GOOD)
    write("kb/vpn.es.md", GOOD)
    write("intents/a.yaml", "intent: a\nreply: Hello\nexamples: {en: [a], es: [b]}\n")
    write("intents/b.yaml", "intent: b\nreply: {en: Hi, es: Hola}\nexamples: {en: [a], es: [b]}\n")
    content = load(tmp_path)

    assert content.problems == ()
    assert content.intents["a"].reply == {"en": "Hello", "es": "Hello"}
    assert content.intents["b"].reply == {"en": "Hi", "es": "Hola"}


ARTICLES = {
    "unknown key": ("---\ntitle: T\ntagz: [a]\n---\nx", 3, True, "did you mean 'tags'"),
    "key without a near one": ("---\ntitle: T\nzzz: a\n---\nx", 3, True, "allowed are id, lang"),
    "double key": ("---\ntitle: T\nowner: a\ntitle: U\n---\nx", 4, True, "already on line 2"),
    "title is a list": ("---\n\ntitle: [a]\n---\nx", 3, True, "title must be a text"),
    "title is empty": ("---\nid: a\ntitle:\n---\nx", 3, True, "title is empty"),
    "no title": ("---\nid: a\n---\nx", 1, True, "no title"),
    "no front matter": ("# T\nx", 1, True, "no title"),
    "unclosed front matter": ("---\ntitle: T\nx", 1, True, "close it"),
    "no text": ("---\ntitle: T\n---\n\n", 3, False, "no text"),
    "tags are a mapping": ("---\ntitle: T\ntags:\n  a: b\n---\nx", 4, True, "tags must be a list"),
    "a question with a colon": ("---\ntitle: T\nquestions:\n- how\n- why: x\n---\nx", 5, True, "quotes"),
    "an empty question": ("---\ntitle: T\nquestions:\n- how\n-\n---\nx", 5, True, "is empty"),
    "language": ("---\ntitle: T\nlang: english\n---\nx", 3, True, "no language code"),
    "address": ("---\ntitle: T\nurl: ftp://a/b\n---\nx", 3, True, "https://"),
    "address without a host": ("---\ntitle: T\nurl: https:///b\n---\nx", 3, True, "https://"),
    "script": ("---\ntitle: T\nurl: javascript:alert(1)\n---\nx", 3, True, "https://"),
    "broken address": ("---\ntitle: T\nurl: 'http://[x'\n---\nx", 3, True, "https://"),
    "date": ("---\ntitle: T\nreview_by: soon\n---\nx", 3, True, "write it as 2027-06-30"),
    "date of the change": ("---\ntitle: T\nupdated: lately\n---\nx", 3, True, "write it as 2027-06-30"),
    "change to come": ("---\ntitle: T\nupdated: 2062-11-21\n---\nx", 3, False, "still to come"),
    "past date": ("---\ntitle: T\nreview_by: 2026-11-21\n---\nx", 3, False, "review it"),
    "bad YAML": ("---\ntitle: T\ntags: [a\n---\nx", 3, True, "not valid YAML"),
    "alias": ("---\ntitle: T\ntags: &a [x]\nquestions: *a\n---\nx", 3, True, "aliases"),
    "too deep": ("---\ntitle: T\ntags: " + "[" * 5000 + "\n---\nx", 3, True, "nested too deep"),
    "control character": ("---\ntitle: T\nowner: a\x01b\n---\nx", 3, True, "control character"),
    "keys expected": ("---\njust words\n---\nx", 2, True, "key: value"),
}


@pytest.mark.parametrize("case", ARTICLES)
def test_what_is_wrong_in_an_article(case: str, tmp_path: Path, write: Writer) -> None:
    text, line, error, words = ARTICLES[case]
    write("kb/bad.md", text)
    write("intents/ok.yaml", "intent: ok\naction: greeting\nexamples: {en: [hi]}\n")

    problem = only(load(tmp_path))

    assert (Path(problem.file).name, problem.line, problem.error) == ("bad.md", line, error)
    assert words in problem.message


INTENTS = {
    "unknown key": (
        "intent: a\naction: thanks\nexample: {en: [x]}\nexamples: {en: [x]}",
        3,
        True,
        "'examples'",
    ),
    "no id": ("\naction: thanks\nexamples: {en: [x]}", 2, True, "no id"),
    "no answer": ("intent: a\nexamples: {en: [x]}", 1, True, "one of article, reply, action or opens"),
    "two answers": ("intent: a\nreply: x\naction: thanks", 3, True, "reply and action"),
    "unknown action": ("intent: a\naction: thank\nexamples: {en: [x]}", 2, True, "did you mean 'thanks'"),
    "unknown priority": (
        "intent: a\naction: thanks\npriority: hihg\nexamples: {en: [x]}",
        3,
        True,
        "did you mean 'high'",
    ),
    "dangling": ("intent: a\narticle: fin\nexamples: {en: [x]}", 2, True, "did you mean 'fine'"),
    "flag": (
        "intent: a\naction: thanks\nalways_person: maybe\nexamples: {en: [x]}",
        3,
        True,
        "true or false",
    ),
    "no examples": ("intent: a\naction: thanks", 1, False, "no examples"),
    "empty examples": ("intent: a\naction: thanks\nexamples:", 3, False, "no examples"),
    "no examples in any language": ("intent: a\naction: thanks\nexamples: {en: []}", 3, False, "no examples"),
    "examples without languages": ("intent: a\naction: thanks\nexamples:\n- x", 4, True, "'en:'"),
    "example language": (
        "intent: a\naction: thanks\nexamples:\n  en: [x]\n  english: [y]",
        5,
        True,
        "no language code",
    ),
    "an example with a colon": (
        "intent: a\naction: thanks\nexamples:\n  en:\n  - x\n  - y: z",
        6,
        True,
        "quotes",
    ),
    "not Spanish": (
        "intent: a\naction: thanks\nexamples:\n  en: [x]\nasks:\n  es: [y]",
        6,
        False,
        "asks of intent 'a' are missing in English",
    ),
    "bad YAML": ("intent: a\n  action: x", 2, True, "not valid YAML"),
    "open bracket": ("intent: a\nexamples: [x\n", 2, True, "not valid YAML"),
    "a list": ("- a\n- b", 1, True, "key: value"),
    "an article's id": ("intent: fine\naction: thanks\nexamples: {en: [x]}", 1, True, "article's id too"),
    "nothing": ("", 1, True, "key: value"),
}


@pytest.mark.parametrize("case", INTENTS)
def test_what_is_wrong_in_an_intent(case: str, tmp_path: Path, write: Writer) -> None:
    text, line, error, words = INTENTS[case]
    write("intents/bad.yaml", text)
    write("kb/fine.md", GOOD)

    problem = only(load(tmp_path))

    assert (Path(problem.file).name, problem.line, problem.error) == ("bad.yaml", line, error)
    assert words in problem.message


def test_doubles_count_once(tmp_path: Path, write: Writer) -> None:
    write("kb/a.md", "---\ntitle: First\nid: x\n---\nx")
    write("kb/b.md", "---\ntitle: Second\nid: x\n---\nx")
    write("intents/a.yaml", "intent: y\naction: thanks\nexamples: {en: [a]}")
    write("intents/b.yaml", "\nintent: y\naction: goodbye\nexamples: {en: [a]}")

    content = load(tmp_path)

    assert seen(content) == [("b.yaml", 2, True), ("b.md", 3, True)]
    assert content.articles["x"]["en"].title == "First"
    assert content.intents["y"].action == "thanks"
    assert "a.md" in content.problems[1].message


def test_a_missing_translation_is_a_warning_where_that_language_is_used(
    tmp_path: Path, write: Writer
) -> None:
    write("kb/a.md", GOOD)
    assert load(tmp_path).problems == ()

    write("kb/b.es.md", GOOD)
    found = load(tmp_path).problems

    assert [(Path(p.file).name, p.error) for p in found] == [("a.md", False), ("b.es.md", False)]
    assert "missing in Spanish" in found[0].message
    assert "missing in English" in found[1].message


def test_languages_that_contradict_each_other_are_a_warning(tmp_path: Path, write: Writer) -> None:
    write("kb/a.fr.md", "---\ntitle: T\nlang: de\n---\nx")
    assert seen(load(tmp_path)) == [("a.fr.md", 3, False)]


def test_bytes_that_are_no_text(tmp_path: Path, write: Writer) -> None:
    write("kb/a.md", "").write_bytes(b"---\ntitle: T\n---\nok\n\xff\xfe\n")
    write("kb/huge.md", GOOD).write_bytes(b"x" * (LARGEST + 1))
    write("kb/bom.md", "").write_bytes(b"\xef\xbb\xbf---\r\ntitle: T\r\n---\r\nx\r\n")

    content = load(tmp_path)

    assert seen(content) == [("a.md", 5, True), ("huge.md", 1, True)]
    assert list(content.articles) == ["bom"]
    assert content.articles["bom"]["en"].body == "x"


def test_what_cannot_be_read_is_named(tmp_path: Path, write: Writer) -> None:
    write("kb/fine.md", GOOD)
    (tmp_path / "kb" / "gone.md").symlink_to(tmp_path / "nowhere")
    os.mkfifo(tmp_path / "kb" / "pipe.md")

    assert seen(load(tmp_path)) == [("gone.md", 1, True), ("pipe.md", 1, True)]


def test_a_missing_folder_is_a_warning_beside_articles(tmp_path: Path) -> None:
    (tmp_path / "kb").mkdir()
    (tmp_path / "kb" / "a.md").write_text(GOOD, "utf-8")
    assert [(p.file, p.error) for p in load(tmp_path).problems] == [(str(tmp_path / "intents"), False)]


def test_hidden_files_are_left_out(tmp_path: Path, write: Writer) -> None:
    write("kb/a.md", GOOD)
    write("kb/..2026_01/a.md", GOOD)
    write("kb/.#a.md", "junk")
    content = load(tmp_path)
    assert content.problems == ()
    assert list(content.articles) == ["a"]


def test_the_hash_names_the_content(tmp_path: Path, write: Writer) -> None:
    path = write("kb/a.md", GOOD)
    first = load(tmp_path).hash
    assert load(tmp_path).hash == first
    path.write_text(GOOD + "more", "utf-8")
    assert load(tmp_path).hash != first


def edit(folder: Path) -> None:
    (folder / "kb" / "a.md").write_text(GOOD + "more\n", "utf-8")


def rename_over(folder: Path) -> None:
    (folder / "new").write_text(GOOD + "other\n", "utf-8")
    (folder / "new").rename(folder / "kb" / "a.md")


def replace_folder(folder: Path) -> None:
    (folder / "new").mkdir()
    (folder / "new" / "b.md").write_text(GOOD, "utf-8")
    (folder / "kb").rename(folder / "old")
    (folder / "new").rename(folder / "kb")


def add_intent(folder: Path) -> None:
    (folder / "intents" / "n.yaml").write_text("intent: n\naction: thanks\n", "utf-8")


def remove_all(folder: Path) -> None:
    (folder / "kb").rename(folder / "kb-old")
    (folder / "intents").rename(folder / "intents-old")


CHANGES = [edit, rename_over, replace_folder, add_intent, remove_all]


@pytest.mark.parametrize("change", CHANGES)
async def test_a_change_is_seen(change: Callable[[Path], None], tmp_path: Path, write: Writer) -> None:
    write("kb/a.md", GOOD)
    files = source(tmp_path)
    files.load()
    waiting = asyncio.create_task(files.changes())
    await asyncio.sleep(0)

    change(tmp_path)

    await asyncio.wait_for(waiting, PATIENCE)


async def test_a_change_between_loading_and_waiting_is_seen(tmp_path: Path, write: Writer) -> None:
    write("kb/a.md", GOOD)
    files = source(tmp_path)
    files.load()
    edit(tmp_path)
    await asyncio.wait_for(files.changes(), PATIENCE)


async def test_folders_that_come_later_are_seen(tmp_path: Path) -> None:
    files = source(tmp_path)
    files.load()
    waiting = asyncio.create_task(files.changes())
    await asyncio.sleep(0)
    (tmp_path / "kb").mkdir()
    (tmp_path / "kb" / "a.md").write_text(GOOD, "utf-8")
    await asyncio.wait_for(waiting, PATIENCE)


async def test_waiting_can_be_cancelled(tmp_path: Path, write: Writer) -> None:
    write("kb/a.md", GOOD)
    files = source(tmp_path)
    files.load()
    waiting = asyncio.create_task(files.changes())
    await asyncio.sleep(0)
    waiting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await asyncio.wait_for(waiting, PATIENCE)
