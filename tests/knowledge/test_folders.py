"""Every file in a content folder is read, or named with what to do; what is left over is passed over."""

import asyncio
import os
import unicodedata
from collections.abc import Callable
from pathlib import Path

import pytest
from typer.testing import CliRunner

from bot.cli.main import app
from bot.domain.knowledge.content import Content, SourceContent
from bot.knowledge.collection import Collection
from bot.knowledge.files.folder import MOST_TOLD
from bot.knowledge.files.source import FileSource
from bot.knowledge.labelled_questions import LabelledFile
from tests.support.patience import PATIENCE
from tests.support.unreadable import open_folder, without_rights

ARTICLE = "---\ntitle: Reset a password\n---\nDo this.\n"
INTENT = "intent: hi\naction: greeting\nexamples: {en: [hi]}\n"
APART = unicodedata.normalize("NFD", "contraseña")
COMPOSED = unicodedata.normalize("NFC", "contraseña")
NOT_UTF8 = os.fsdecode(b"caf\xe9")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name in ("kb", "intents", "replies", "away"):
        (tmp_path / name).mkdir()
    put(tmp_path, "kb/fine.md")
    return tmp_path


def put(folder: Path, name: str, text: str | bytes = ARTICLE) -> Path:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return path


def source(folder: Path) -> FileSource:
    return FileSource(folder / "kb", folder / "intents", folder / "replies")


def load(folder: Path) -> Content:
    return Collection([source(folder)]).load()


def told(folder: Path) -> list[tuple[str, bool, str]]:
    """The problems with their files, below the folder, and whether they are errors."""
    return [
        (p.file.removeprefix(f"{folder}/"), p.error, p.message)
        for p in load(folder).problems
        if "is missing in" not in p.message
    ]


@pytest.mark.parametrize("name", ["a.md", "a.MD", "a.Md", "a.markdown", "a.MARKDOWN", "deep/er/a.md"])
def test_an_article_and_a_reply_are_read_with_either_ending_in_any_letter_case(
    name: str, folder: Path
) -> None:
    put(folder, f"kb/{name}")
    put(folder, f"replies/{name}")
    content = load(folder)
    assert content.problems == ()
    assert content.articles["a"]["en"].body == "Do this."
    assert set(content.replies) == {"a"}


def test_the_language_in_a_name_is_read_before_any_ending(folder: Path) -> None:
    put(folder, "kb/fine.ES.MD")
    put(folder, "kb/fine.fr.markdown")
    assert set(load(folder).articles["fine"]) == {"en", "es", "fr"}


@pytest.mark.parametrize("name", ["a.yaml", "a.YAML", "a.yml", "a.Yml"])
def test_an_intent_is_read_with_either_ending_in_any_letter_case(name: str, folder: Path) -> None:
    put(folder, f"intents/{name}", INTENT)
    content = load(folder)
    assert content.problems == ()
    assert set(content.intents) == {"hi"}


@pytest.mark.parametrize("name", ["vpn.txt", "vpn", "sound.mp3", "vpn.md.bak", "deep/vpn.rst", "vpn.yaml"])
def test_a_file_with_another_ending_is_named(name: str, folder: Path) -> None:
    put(folder, f"kb/{name}", b"\0")
    remedy = "this is not read: articles end in .md or .markdown; rename it, or move it away"
    assert told(folder) == [(f"kb/{name}", False, remedy)]


def test_many_files_with_one_other_ending_are_counted(folder: Path) -> None:
    for number in range(MOST_TOLD + 5):
        put(folder, f"kb/{number:02}.png")
    messages = [message for _, _, message in told(folder)]
    assert len(messages) == MOST_TOLD + 1
    assert messages[-1] == "and 5 more files with this ending in this folder are not read"


def test_folders_within_each_other_read_each_others_files(folder: Path) -> None:
    put(folder, "kb/intents/hi.yaml", INTENT)
    content = Collection([FileSource(folder / "kb", folder / "kb" / "intents", folder / "kb")]).load()
    assert content.problems == ()


LEFT_OVER = [".hidden.md", ".DS_Store", ".a.md.swp", "a.md~", "#a.md#", "~$a.md", "a.swp", "Thumbs.db"]


@pytest.mark.parametrize("name", [*LEFT_OVER, ".git/a.md"])
def test_what_editors_and_systems_leave_behind_is_passed_over(name: str, folder: Path) -> None:
    put(folder, f"kb/{name}", b"\0")
    put(folder, f"intents/{name}", b"\0")
    assert told(folder) == []


def test_links_to_files_and_folders_are_read(folder: Path) -> None:
    put(folder, "away/far.md")
    put(folder, "away/more/farther.md")
    (folder / "kb" / "linked").symlink_to("../away/more")
    (folder / "kb" / "near.md").symlink_to("../away/far.md")
    content = load(folder)
    assert content.problems == ()
    assert set(content.articles) == {"fine", "near", "farther"}


def test_a_link_that_leads_nowhere_is_named(folder: Path) -> None:
    (folder / "kb" / "gone").symlink_to("nowhere")
    (folder / "kb" / "itself.md").symlink_to("itself.md")
    remedy = "this link leads nowhere; correct it or remove it"
    assert told(folder) == [("kb/gone", True, remedy), ("kb/itself.md", True, remedy)]


def test_a_folder_is_read_once_however_many_links_lead_to_it(folder: Path) -> None:
    put(folder, "away/far.md")
    (folder / "away" / "back").symlink_to(folder / "kb")
    for name, target in (("a", "../away"), ("b", "../away"), ("cycle", "."), ("up", "..")):
        (folder / "kb" / name).symlink_to(target)
    content = load(folder)
    assert set(content.articles) == {"fine", "far"}
    remedy = "this link leads to a folder above, or read already; remove it"
    assert told(folder) == [(f"kb/{name}", False, remedy) for name in ("a/back", "b", "cycle", "up")]


def test_what_is_no_file_is_named(folder: Path) -> None:
    os.mkfifo(folder / "kb" / "pipe.md")
    os.mkfifo(folder / "kb" / "pipe")
    assert [(name, error) for name, error, _ in told(folder)] == [("kb/pipe.md", True), ("kb/pipe", False)]


@pytest.mark.parametrize(
    ("name", "shown"), [(NOT_UTF8, r"caf\xe9"), ("a\nb", r"a\nb"), ("a\x1b[2Jb", r"a\x1b[2Jb")]
)
def test_a_name_that_is_no_text_is_named_and_can_be_printed(name: str, shown: str, folder: Path) -> None:
    put(folder, f"kb/{name}.md")
    put(folder, f"kb/{name}.txt")
    put(folder, f"kb/in {name}/good.md")
    found = load(folder)
    names = [(p.file.removeprefix(f"{folder}/"), p.error) for p in found.problems]
    assert names == [(f"kb/{shown}.md", True), (f"kb/{shown}.txt", False)]
    assert set(found.articles) == {"fine", "good"}
    result = CliRunner().invoke(
        app, ["check", "--articles", str(folder / "kb"), "--intents", str(folder / "intents")]
    )
    assert result.exit_code == 1
    assert f"{shown}.md:1: error: the file's name is no text" in result.stdout


BYTES = {
    "UTF-16": (ARTICLE.encode("utf-16"), 1, "save the file as UTF-8"),
    "UTF-16 without a mark": (ARTICLE.encode("utf-16-le"), 1, "save the file as UTF-8"),
    "Latin-1": ("---\ntitle: Contraseña\n---\nx".encode("latin-1"), 2, "save the file as UTF-8"),
    "NUL": (f"{ARTICLE}\0".encode(), 5, "NUL character"),
    "an escape": (rb'---\ntitle: "a\0b"\n---\nx'.replace(rb"\n", b"\n"), 2, "control character"),
}


@pytest.mark.parametrize("case", BYTES)
def test_what_is_not_utf8_text_is_named_with_its_line(case: str, folder: Path) -> None:
    data, line, words = BYTES[case]
    put(folder, "kb/a.md", data)
    put(folder, "replies/a.md", data)
    problems = load(folder).problems
    assert [(Path(p.file).name, p.line, p.error) for p in problems] == [("a.md", line, True)] * 2
    assert all(words in p.message for p in problems)


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_any_line_end_and_a_byte_order_mark_are_read(end: str, folder: Path) -> None:
    put(folder, "kb/a.md", ARTICLE.replace("\n", end).encode("utf-8-sig"))
    put(folder, "intents/a.yaml", INTENT.replace("\n", end).encode("utf-8-sig"))
    content = load(folder)
    assert content.problems == ()
    assert content.articles["a"]["en"].body == "Do this."


def test_an_id_with_its_accents_apart_is_the_same_id_everywhere(folder: Path) -> None:
    put(folder, f"kb/{APART}.md")
    put(folder, "kb/other.es.md", f"---\ntitle: T\nid: {COMPOSED}\n---\nx")
    put(folder, "intents/a.yaml", f"intent: {APART}\narticle: {COMPOSED}\nexamples: {{en: [x], es: [x]}}\n")
    put(folder, f"replies/{APART}.md")
    put(folder, f"replies/{COMPOSED}.es.md")
    put(folder, "q.jsonl", f'{{"text": "x", "expected": "{APART}"}}\n')
    content = Collection([source(folder)], LabelledFile(folder / "q.jsonl")).load()
    assert [p for p in content.problems if "'fine'" not in p.message] == []
    assert set(content.articles[COMPOSED]) == {"en", "es"}
    assert set(content.replies[COMPOSED]) == {"en", "es"}
    assert content.intents[COMPOSED].target == COMPOSED
    assert content.questions[0].expected == COMPOSED


DOUBLES = {
    "letter case": ("kb/VPN.md", "kb/vpn.md", "but for the letter case"),
    "letter case of a version": ("kb/VPN.es.md", "kb/vpn.md", "but for the letter case"),
    "two endings": ("kb/a.markdown", "kb/a.md", "give one of them another id"),
    "two folders": ("kb/a/a.md", "kb/b/a.md", "give one of them another id"),
    "accents apart": (f"kb/{APART}.md", f"kb/{COMPOSED}.md", "remove one file"),
    "a reply in two endings": ("replies/a.markdown", "replies/a.md", "another name or lang"),
    "a reply in letter case": ("replies/A.md", "replies/a.md", "but for the letter case"),
}


@pytest.mark.parametrize("case", DOUBLES)
def test_the_same_id_in_two_forms_is_an_error_that_names_both_files(case: str, folder: Path) -> None:
    first, second, words = DOUBLES[case]
    put(folder, first)
    put(folder, second)
    [(name, _, message)] = [one for one in told(folder) if one[1]]
    assert name == second
    assert str(folder / first) in message
    assert words in message


def test_intents_that_differ_in_letter_case_are_an_error_and_a_reference_gets_a_hint(folder: Path) -> None:
    put(folder, "intents/a.yaml", INTENT)
    put(folder, "intents/b.yaml", INTENT.replace("hi", "HI", 1))
    put(folder, "intents/c.yaml", "intent: c\narticle: FINE\nexamples: {en: [x]}\n")
    put(folder, "intents/d.yaml", "intent: Fine\naction: thanks\nexamples: {en: [x]}\n")
    messages = {name: message for name, error, message in told(folder) if error}
    assert f"intent 'HI' is 'hi' in {folder}/intents/a.yaml" in messages["intents/b.yaml"]
    assert messages["intents/c.yaml"].endswith("did you mean 'fine'?")
    assert "'fine' is an article's id too" in messages["intents/d.yaml"]


def test_what_the_system_does_not_let_us_read_is_named() -> None:
    with open_folder() as folder:
        for name in ("kb/a.md", "kb/shut/b.md", "intents/a.yaml", "replies/a.md", "q.jsonl"):
            put(folder, name).chmod(0)
        put(folder, "kb/fine.md")
        (folder / "kb" / "shut").chmod(0)
        (folder / "replies").chmod(0)
        with without_rights():
            content = Collection([source(folder)], LabelledFile(folder / "q.jsonl")).load()
        (folder / "kb" / "shut").chmod(0o700)
        (folder / "replies").chmod(0o700)
    assert set(content.articles) == {"fine"}
    named = [(p.file.removeprefix(f"{folder}/"), p.error) for p in content.problems]
    assert named == [(name, True) for name in ("intents/a.yaml", "kb/a.md", "kb/shut", "q.jsonl", "replies")]
    assert all("give the bot the right to read it" in p.message for p in content.problems)


def test_no_article_at_all_is_an_error_of_check_and_of_serve(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "kb").mkdir()
    put(tmp_path, "intents/a.yaml", INTENT)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("FIRSTLINE_ARTICLES", "kb")
    monkeypatch.setenv("FIRSTLINE_INTENTS", "intents")
    monkeypatch.setenv("FIRSTLINE_DATABASE_URL", "sqlite:///a.db")
    monkeypatch.setenv("FIRSTLINE_WEB_TOKENS", "a-token-of-sixteen=ana:employee")
    checked = CliRunner().invoke(app, ["check"])
    assert checked.exit_code == 1
    assert "kb:1: error: there is no article; write one" in checked.stdout
    CliRunner().invoke(app, ["migrate"])
    served = CliRunner().invoke(app, ["serve"])
    assert served.exit_code == 1
    assert "kb:1: error: there is no article; write one" in str(served.exception)
    (tmp_path / "kb").rmdir()
    without = CliRunner().invoke(app, ["check"])
    assert "kb:1: error: there is no such folder; make it" in without.stdout


class Remote:
    """A source that has an article of its own."""

    name = "remote"

    def __init__(self, content: SourceContent) -> None:
        self._content = content

    def load(self) -> SourceContent:
        return self._content

    async def changes(self) -> None:
        await asyncio.Event().wait()


def test_the_articles_of_another_source_are_articles(folder: Path) -> None:
    remote = Remote(source(folder).load())
    nowhere = FileSource(folder / "no-kb", folder / "no-intents")
    assert [p.error for p in Collection([nowhere, remote]).load().problems] == [False, False]
    assert [p.error for p in Collection([nowhere]).load().problems] == [True, False]


def edit_behind_a_link(folder: Path) -> None:
    put(folder, "away/far.md", ARTICLE + "more\n")


def add_behind_a_link(folder: Path) -> None:
    put(folder, "away/new.markdown")


def add_in_another_letter_case(folder: Path) -> None:
    put(folder, "kb/NEW.MD")


def add_what_is_not_read(folder: Path) -> None:
    put(folder, "intents/new.txt")


def remove_what_is_not_read(folder: Path) -> None:
    (folder / "kb" / "unread.txt").unlink()


def mend_a_link(folder: Path) -> None:
    (folder / "kb" / "gone.md").unlink()


def give_the_right_to_read(folder: Path) -> None:
    (folder / "kb" / "fine.md").chmod(0o644)


CHANGES = [
    edit_behind_a_link,
    add_behind_a_link,
    add_in_another_letter_case,
    add_what_is_not_read,
    remove_what_is_not_read,
    mend_a_link,
    give_the_right_to_read,
]


@pytest.mark.parametrize("change", CHANGES)
async def test_the_watcher_sees_what_the_reader_does(change: Callable[[Path], None], folder: Path) -> None:
    put(folder, "away/far.md")
    put(folder, "kb/unread.txt")
    (folder / "kb" / "fine.md").chmod(0)
    (folder / "kb" / "linked").symlink_to("../away")
    (folder / "kb" / "cycle").symlink_to(".")
    (folder / "kb" / "gone.md").symlink_to("nowhere")
    put(folder, f"kb/{NOT_UTF8}.md")
    files = source(folder)
    files.load()
    waiting = asyncio.create_task(files.changes())
    await asyncio.sleep(0)

    change(folder)

    await asyncio.wait_for(waiting, PATIENCE)
