"""Examples in files of their own are added to the intent or article that they name."""

from pathlib import Path

import pytest

from bot.domain.errors import ArticleNotWritten
from bot.domain.knowledge.content import Content
from bot.domain.knowledge.proposal import Confirmation, ConfirmedQuestion, digest_of
from bot.knowledge.collection import Collection
from bot.knowledge.files.learned_files import learned_file, with_learned, without_learned
from bot.knowledge.files.source import FileSource
from bot.knowledge.files.writing import write_files

INTENT = "intent: reset\narticle: fine\nqueue: people\nexamples: {en: [a b]}\n"


def load(folder: Path, **files: str) -> Content:
    article = "---\nid: fine\ntitle: Reset\nquestions: [q]\n---\nDo this.\n"
    other = "---\nid: other\ntitle: Other\nquestions: [q]\n---\nDo that.\n"
    for name, text in (
        {"kb/fine.md": article, "kb/other.md": other, "intents/a.yaml": INTENT} | files
    ).items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return Collection([FileSource(folder / "kb", folder / "intents")]).load()


@pytest.mark.parametrize("name", ["reset", "fine"])
def test_they_go_to_the_intent_of_this_id_or_article(tmp_path: Path, name: str) -> None:
    added = f"adds_to: {name}\nexamples: {{en: [a b, c d], es: [e f]}}\n"
    content = load(tmp_path, **{"intents/learned/x.yaml": added})
    intent = content.intents["reset"]
    assert intent.examples == {"en": ("a b", "c d"), "es": ("e f",)}
    assert (intent.queue, intent.article, list(content.intents)) == ("people", "fine", ["reset"])
    assert content.articles["fine"]["en"].questions == ("q",)
    assert [one for one in content.problems if one.error] == []


def test_an_article_that_no_intent_points_to_has_them_as_questions(tmp_path: Path) -> None:
    added = "adds_to: other\nexamples: {en: [c d], es: [e f]}\n"
    content = load(tmp_path, **{"intents/learned/x.yaml": added})
    assert content.articles["other"]["en"].questions == ("q", "c d", "e f")


def test_their_hash_counts(tmp_path: Path) -> None:
    before = load(tmp_path).hash
    assert load(tmp_path, **{"intents/x.yaml": "adds_to: fine\nexamples: {en: [c d]}\n"}).hash != before


@pytest.mark.parametrize(
    ("text", "error", "message"),
    [
        ("adds_to: resset\nexamples: {en: [c]}\n", False, "did you mean 'reset'?"),
        ("adds_to: fine\nqueue: it\nexamples: {en: [c]}\n", True, "remove 'queue'"),
        ("adds_to: fine\n", False, "no examples"),
        ("adds_to:\nexamples: {en: [c]}\n", True, "adds_to is empty"),
    ],
)
def test_what_is_wrong_is_said(tmp_path: Path, text: str, error: bool, message: str) -> None:
    content = load(tmp_path, **{"intents/learned/x.yaml": text})
    (problem,) = [one for one in content.problems if one.file.endswith("x.yaml")]
    assert problem.error is error
    assert message in problem.message


def learned(text: str, target: str = "reset", language: str = "en") -> ConfirmedQuestion:
    return ConfirmedQuestion(1, text, language, target, 1, Confirmation.SOLVED)


def test_what_is_written_is_read_and_taken_back_one_by_one(tmp_path: Path) -> None:
    intents, odd = tmp_path / "intents", "no: \"#quotes\" - ☃ 'no'"
    load(tmp_path)
    write_files(
        with_learned(intents, [learned("c d"), learned(odd), learned("e f", language="es")]), over=True
    )
    write_files(with_learned(intents, [learned("c d"), learned("g h")]), over=True)
    assert load(tmp_path).intents["reset"].examples == {"en": ("a b", "c d", odd, "g h"), "es": ("e f",)}
    for text in ("c d", odd, "g h"):
        write_files(without_learned(intents, "reset", digest_of(text)), over=True)
    assert load(tmp_path).intents["reset"].examples == {"en": ("a b",), "es": ("e f",)}
    write_files(without_learned(intents, "reset", digest_of("e f")), over=True)
    assert not learned_file(intents, "reset").exists()
    with pytest.raises(ArticleNotWritten, match="as it was approved"):
        without_learned(intents, "reset", digest_of("e f"))


def test_ids_that_are_no_file_names_have_files_of_their_own(tmp_path: Path) -> None:
    names = {learned_file(tmp_path, one).name for one in ("a/b", "a-b", "a b", "../a-b", "ñ", ".")}
    assert len(names) == 6
    assert all(learned_file(tmp_path, one).parent == tmp_path / "learned" for one in ("../../x", "/etc/x"))


def test_where_one_file_cannot_be_written_none_is(tmp_path: Path) -> None:
    intents = tmp_path / "intents"
    write_files(with_learned(intents, [learned("c d")]), over=True)
    before = learned_file(intents, "reset").read_text()
    learned_file(intents, "zz").mkdir()
    files = {learned_file(intents, "reset"): "new", learned_file(intents, "zz"): "new"}
    with pytest.raises(ArticleNotWritten, match="nothing was written"):
        write_files(files, over=True)
    assert learned_file(intents, "reset").read_text() == before


def test_a_file_that_somebody_broke_is_left_as_it_is(tmp_path: Path) -> None:
    path = learned_file(tmp_path, "reset")
    path.parent.mkdir()
    for broken in ("adds_to: other\nexamples: {en: [c]}\n", "- a\n", "examples: [\n", "\xff"):
        path.write_bytes(broken.encode("latin-1"))
        with pytest.raises(ArticleNotWritten, match="cannot be read"):
            with_learned(tmp_path, [learned("c d")])
