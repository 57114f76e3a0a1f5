"""Service requests in files: their keys, and what is wrong with them."""

from pathlib import Path

import pytest

from bot.domain.knowledge.content import Content, ServiceRequest
from bot.knowledge.collection import Collection
from bot.knowledge.files.source import FileSource


def load(folder: Path, text: str) -> Content:
    """A content of one article in English and this intent."""
    for name, body in (
        ("kb/fine.md", "---\ntitle: Reset a password\n---\nDo this.\n"),
        ("intents/a.yaml", text),
    ):
        path = folder / name
        path.parent.mkdir()
        path.write_text(body, encoding="utf-8")
    return Collection([FileSource(folder / "kb", folder / "intents")]).load()


def test_a_service_request_has_a_name_a_next_step_and_a_link(tmp_path: Path) -> None:
    content = load(
        tmp_path,
        "intent: leave\nopens: ticket\nname: {en: Leave, es: Vacaciones}\nqueue: people\npriority: low\n"
        "next: They answer today.\nlink: https://people.example.com/leave\nexamples: {en: [a], es: [b]}\n",
    )

    intent = content.intents["leave"]
    assert [one for one in content.problems if one.file.endswith("a.yaml")] == []
    assert (intent.article, intent.reply, intent.action) == (None, None, None)
    assert (intent.queue, intent.priority) == ("people", "low")
    assert intent.opens == ServiceRequest(
        {"en": "Leave", "es": "Vacaciones"},
        {"en": "They answer today.", "es": "They answer today."},
        "https://people.example.com/leave",
    )
    assert content.service_requests == {"leave"}


WRONG = {
    "opens something else": (
        "intent: a\nopens: tickets\nname: {en: A}\nexamples: {en: [x]}",
        2,
        True,
        "did you mean 'ticket'",
    ),
    "opens and answers": (
        "intent: a\nopens: ticket\nreply: x\nexamples: {en: [x]}",
        3,
        True,
        "opens and reply",
    ),
    "a request without a name": ("intent: a\nopens: ticket\nexamples: {en: [x]}", 2, True, "needs a name"),
    "a name in no language": (
        "intent: a\nopens: ticket\nname: {}\nexamples: {en: [x]}",
        3,
        True,
        "needs a name",
    ),
    "a link that is none": (
        "intent: a\nopens: ticket\nname: {en: A}\nlink: intranet/leave\nexamples: {en: [x]}",
        4,
        True,
        "link 'intranet/leave' is no web address",
    ),
    "a name of no request": (
        "intent: a\naction: thanks\nname: {en: A}\nexamples: {en: [x]}",
        3,
        True,
        "'opens: ticket' has 'name'",
    ),
    "a next step of no request": (
        "intent: a\nreply: x\nnext: {en: A}\nexamples: {en: [x]}",
        3,
        True,
        "'opens: ticket' has 'next'",
    ),
    "a link of no request": (
        "intent: a\naction: thanks\nexamples: {en: [x]}\nlink: https://people.example.com",
        4,
        True,
        "'opens: ticket' has 'link'",
    ),
    "a name in one language": (
        "intent: a\nopens: ticket\nname: {es: A}\nexamples: {en: [x]}",
        3,
        False,
        "name of intent 'a' is missing in English",
    ),
    "a next step in one language": (
        "intent: a\nopens: ticket\nname: {en: A, es: B}\nnext: {es: C}\nexamples: {en: [x]}",
        4,
        False,
        "next of intent 'a' is missing in English",
    ),
}


@pytest.mark.parametrize("case", WRONG)
def test_what_is_wrong_in_a_service_request(case: str, tmp_path: Path) -> None:
    text, line, error, words = WRONG[case]

    (problem,) = load(tmp_path, text).problems

    assert (Path(problem.file).name, problem.line, problem.error) == ("a.yaml", line, error)
    assert words in problem.message
