"""Replies that engineers keep ready: read, checked, found and filled in."""

from pathlib import Path

import pytest

from bot.domain.knowledge.content import Content
from bot.domain.tickets.canned_response import PLACEHOLDERS, find_canned_responses
from bot.knowledge.collection import Collection
from bot.knowledge.files.source import FileSource
from bot.runtime.resources import find
from bot.server.content import library_of
from bot.server.settings import Settings

GOOD = "---\ntitle: Restart\n---\n\nDear {requester}, please restart. {engineer}, {ticket}\n"


def content(folder: Path, **files: str) -> Content:
    """What the sources find with these files of replies and the sample articles."""
    folder.mkdir(exist_ok=True)
    for name, text in files.items():
        (folder / f"{name}.md").write_text(text, encoding="utf-8")
    return Collection([FileSource(find("kb_articles"), find("intents"), folder)]).load()


def problems(content: Content) -> list[str]:
    """What is wrong, without the folder."""
    return [f"{Path(one.file).name}:{one.line}: {one.message}" for one in content.problems]


def test_the_samples_are_good_and_in_both_languages() -> None:
    sample = Collection([FileSource(find("kb_articles"), find("intents"), find("replies"))]).load()
    assert sample.problems == ()
    assert 8 <= len(sample.replies) <= 10
    assert all(set(versions) == {"en", "es"} for versions in sample.replies.values())
    values = dict.fromkeys(PLACEHOLDERS, "X")
    for versions in sample.replies.values():
        for one in versions.values():
            assert "{" not in one.fill(values)


def test_name_and_name_es_are_one(tmp_path: Path) -> None:
    both = {"restart": GOOD, "restart.es": GOOD.replace("Restart", "Reinicia")}
    read = content(tmp_path / "replies", **both)
    assert problems(read) == []
    assert {language: one.title for language, one in read.replies["restart"].items()} == {
        "en": "Restart",
        "es": "Reinicia",
    }


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        (
            "---\ntitle: X\n---\n\nHello\nDear {requestor}\n",
            "x.md:6: unknown placeholder {requestor}; did you mean {requester}?",
        ),
        (
            "---\ntitle: X\n---\nSee {colour}\n",
            "x.md:4: unknown placeholder {colour}; allowed are {requester}, {ticket}, {engineer}",
        ),
        (
            "No front matter\n",
            "x.md:1: the reply has no title; add 'title: ...' between two lines of '---' at the top",
        ),
        ("---\ntitle: X\n---\n\n", "x.md:3: the reply has no text; write it below the front matter"),
        (
            "---\ntitle: X\nlanguage: en\n---\nHi\n",
            "x.md:3: unknown key 'language'; did you mean 'lang'?",
        ),
        (
            f"---\ntitle: X\n---\n{'x' * 3001}\n",
            "x.md:3: the reply is longer than 3000 characters; shorten it or link to an article",
        ),
    ],
)
def test_what_is_wrong_is_told_with_file_line_and_remedy(tmp_path: Path, text: str, problem: str) -> None:
    assert problems(content(tmp_path / "replies", x=text)) == [problem]


def test_braces_that_are_no_placeholders_stay(tmp_path: Path) -> None:
    read = content(tmp_path / "replies", x='---\ntitle: X\n---\nSet {"a": 1} and ${}, {ticket}\n')
    assert problems(read) == []
    assert read.replies["x"]["en"].fill({"ticket": "HELP-1"}) == 'Set {"a": 1} and ${}, HELP-1'


def test_what_is_filled_in_is_not_filled_in_again(tmp_path: Path) -> None:
    read = content(tmp_path / "replies", x="---\ntitle: X\n---\n{requester} {ticket}\n")
    filled = read.replies["x"]["en"].fill({"requester": "{ticket}", "ticket": "HELP-1"})
    assert filled == "{ticket} HELP-1"


def test_a_version_that_is_missing_or_double_is_told(tmp_path: Path) -> None:
    files = {"a": GOOD, "a.es": GOOD, "b": GOOD, "b.en": GOOD}
    told = problems(content(tmp_path / "replies", **files))
    assert "b.en.md:1: reply 'b' is missing in Spanish; add b.es.md" in told
    assert [line for line in told if "reply 'b' in en is already in" in line]


def test_its_own_queue_comes_first_and_another_queue_does_not_come() -> None:
    sample = Collection([FileSource(find("kb_articles"), find("intents"), find("replies"))]).load()
    titles = [one.title for one in find_canned_responses(sample.replies, "es", "", "reinicia")]
    assert titles == ["Reinicia, por favor"]
    assert find_canned_responses(sample.replies, "en", "", "reinicia")[0].title == "Please restart"
    assert find_canned_responses(sample.replies, "en", "", "no such words at all") == ()


def test_a_queue_has_replies_of_its_own(tmp_path: Path) -> None:
    queue = GOOD.replace("title: Restart", "title: Zebra\nqueue: network")
    read = content(tmp_path / "replies", a=GOOD, z=queue)
    assert [one.title for one in find_canned_responses(read.replies, "en", "network")] == ["Zebra", "Restart"]
    assert [one.title for one in find_canned_responses(read.replies, "en", "")] == ["Restart"]


def test_an_edit_takes_effect_without_learning_and_a_broken_one_changes_nothing(
    tmp_path: Path, cache: Path
) -> None:
    folder = tmp_path / "replies"
    folder.mkdir()
    (folder / "x.md").write_text(GOOD)
    settings = Settings(
        articles=find("kb_articles"), intents=find("intents"), replies=folder, cache=str(cache)
    )
    library = library_of(settings)
    assert library.load()
    matcher = library.snapshot.matcher
    (folder / "x.md").write_text(GOOD.replace("please", "kindly"))
    assert library.load()
    assert "kindly" in library.snapshot.content.replies["x"]["en"].body
    assert matcher is library.snapshot.matcher
    (folder / "x.md").write_text(GOOD.replace("requester", "requestor"))
    assert not library.load()
    assert "kindly" in library.snapshot.content.replies["x"]["en"].body
