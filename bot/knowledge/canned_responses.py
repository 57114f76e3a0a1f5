"""Parses a canned response: a Markdown file with front matter."""

from collections.abc import Iterable, Mapping
from difflib import get_close_matches

from bot.domain.knowledge.content import Draft, Problem
from bot.domain.tickets.canned_response import PLACEHOLDER_PATTERN, PLACEHOLDERS, CannedResponse
from bot.knowledge.articles import front_matter, id_and_language, language_of
from bot.knowledge.check import other_case
from bot.knowledge.intents import LANGUAGES
from bot.knowledge.yaml_reading import Page

KEYS = ("title", "lang", "queue", "tags")
LONGEST = 3000  # characters: what a field of a form holds
_NAMES = {"en": "English", "es": "Spanish"}


def read_canned(page: Page, text: str) -> Draft[CannedResponse] | None:
    """Parse one file; None when nothing of it can be used. Problems are noted on the page."""
    parts = front_matter(page, text, KEYS)
    if parts is None:
        return None
    values, body, end = parts
    stem, suffix = id_and_language(page.file)
    if "title" not in values:
        page.error(1, "the reply has no title; add 'title: ...' between two lines of '---' at the top")
    title = values["title"].text("title") if "title" in values else None
    if not body.strip():
        page.error(end, "the reply has no text; write it below the front matter")
    if len(body.strip()) > LONGEST:
        page.error(end, f"the reply is longer than {LONGEST} characters; shorten it or link to an article")
    _check_placeholders(page, body, end)
    if title is None or not body.strip():
        return None
    canned = CannedResponse(
        id=stem,
        title=title,
        body=body.strip(),
        language=language_of(values.get("lang"), suffix),
        queue=values["queue"].text("queue") if "queue" in values else None,
        tags=tuple(tag for _, tag in values["tags"].items("tags")) if "tags" in values else (),
    )
    return Draft(canned, page.file, {key: value.line for key, value in values.items()})


def _check_placeholders(page: Page, body: str, first: int) -> None:
    for number, line in enumerate(body.split("\n")):
        for match in PLACEHOLDER_PATTERN.finditer(line):
            name = match[1]
            if name in PLACEHOLDERS:
                continue
            close = get_close_matches(name.lower(), PLACEHOLDERS, n=1, cutoff=0.6)
            allowed = ", ".join(f"{{{one}}}" for one in PLACEHOLDERS)
            hint = f"did you mean {{{close[0]}}}?" if close else f"allowed are {allowed}"
            page.error(first + number, f"unknown placeholder {{{name}}}; {hint}")


def group_versions(
    drafts: Iterable[Draft[CannedResponse]],
) -> tuple[Mapping[str, Mapping[str, CannedResponse]], list[Problem]]:
    """The replies by id and language, and the problems among them; of duplicates the first counts."""
    problems: list[Problem] = []
    firsts: dict[str, dict[str, Draft[CannedResponse]]] = {}
    for draft in drafts:
        first = firsts.setdefault(draft.value.id, {}).setdefault(draft.value.language, draft)
        if first is not draft:
            message = (
                f"reply '{draft.value.id}' in {draft.value.language} is already in {first.file}; "
                "give one of them another name or lang"
            )
            problems.append(Problem(draft.file, draft.line("lang"), message))
    problems += other_case("reply", "title", [next(iter(versions.values())) for versions in firsts.values()])
    used = {language for versions in firsts.values() for language in versions}
    for name, versions in firsts.items():
        draft = next(iter(versions.values()))
        for language in LANGUAGES:
            if language in used and language not in versions:
                message = f"reply '{name}' is missing in {_NAMES[language]}; add {name}.{language}.md"
                problems.append(Problem(draft.file, draft.line("lang"), message, error=False))
    values = {key: {lang: one.value for lang, one in versions.items()} for key, versions in firsts.items()}
    return values, problems
