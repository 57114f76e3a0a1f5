"""Finds questions and answers in rows of a table, by the names of its columns."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from bot.domain.words.loader import all_words
from bot.importing.documents import Document, FileLeftOut
from bot.importing.markup.dialects import Dialect
from bot.knowledge.markup.tree import one_line, parse

LONGEST_TITLE = 150  # characters of a question that can be a title
HEADER_WITHIN = 10  # rows at the top among which the names of columns are looked for
ROLES = ("question", "answer", "language", "tags")
_HTML = re.compile(r"</?(?:p|br|li|ul|ol|b|strong|a|div|span|h\d)\b[^<>]{0,300}>", re.IGNORECASE)
_LINE_END = re.compile(r"(?<=\S)\n(?=[^\s\-*+#>|\d])")
_SEPARATORS = re.compile(r"[;,|\n]")
_FORMULA = re.compile(r"[=@]\s*[A-Za-z_][\w.]*\s*[(!|]|=\s*[-+\w$]")
_NAMES = {
    "question": all_words("importing", "question_columns"),
    "answer": all_words("importing", "answer_columns"),
    "language": all_words("importing", "language_columns"),
    "tags": all_words("importing", "tag_columns"),
}
_LANGUAGES = {
    "english": "en",
    "inglés": "en",
    "ingles": "en",
    "spanish": "es",
    "español": "es",
    "espanol": "es",
}


@dataclass(slots=True)
class Answered:
    """Answer of a table with all questions that have it; `row` is the first one's, from 1."""

    row: int
    answer: str
    language: str | None
    questions: list[str] = field(default_factory=list)
    tags: list[str] = field(default_factory=list)


def documents(
    file: str, rows: Sequence[Sequence[str]], columns: Mapping[str, str], sheet: str = ""
) -> Iterator[Document]:
    """Make a document of each answer; raises `FileLeftOut` where no column is known."""
    at, places = _header(rows, columns)
    notes: dict[int, str] = {}
    for found in _answers(rows, at, places, notes):
        question = found.questions[0]
        title = question if len(question) <= LONGEST_TITLE else question[: LONGEST_TITLE - 1] + "…"
        body = parse(found.answer if _HTML.search(found.answer) else _html(found.answer))
        place = f"{sheet}{', ' if sheet else ''}row {found.row}"
        yield Document(
            file,
            title,
            body,
            found.language,
            None,
            tuple(found.tags),
            tuple(found.questions),
            whole=True,
            place=place,
        )
    for row, reason in notes.items():
        yield Document(
            file, "", parse(""), notes=[reason], whole=True, place=f"{sheet}{', ' if sheet else ''}row {row}"
        )


def _html(answer: str) -> str:
    # A line of a cell is a line, unless it is one of a list.
    return Dialect(lambda _: None).html(_LINE_END.sub("  \n", answer))


def _header(rows: Sequence[Sequence[str]], columns: Mapping[str, str]) -> tuple[int, dict[str, int]]:
    # -> the row of the names, and the column of each role
    for at, row in enumerate(rows[:HEADER_WITHIN]):
        names = [_folded(cell) for cell in row]
        places: dict[str, int] = {}
        for role in ROLES:
            if role in columns:
                wanted = _folded(columns[role])
                place = next((i for i, name in enumerate(names) if name == wanted), None)
            else:
                place = next((i for i, name in enumerate(names) if name in _NAMES[role]), None)
            if place is not None:
                places[role] = place
        if "question" in places and "answer" in places and places["question"] != places["answer"]:
            return at, places
    seen = ", ".join(f"'{one_line(cell)}'" for cell in (rows[0] if rows else ()) if cell.strip()) or "none"
    raise FileLeftOut(
        f"no column is known as question and as answer (its columns: {seen[:120]}); "
        "name them with --question-column and --answer-column"
    )


def _answers(
    rows: Sequence[Sequence[str]], header: int, places: Mapping[str, int], notes: dict[int, str]
) -> Iterable[Answered]:
    found: dict[tuple[str, str | None], Answered] = {}
    for number, row in enumerate(rows[header + 1 :], header + 2):
        cells = {role: row[at].strip() if at < len(row) else "" for role, at in places.items()}
        if not any(cells.values()):
            continue
        if not cells["question"] or not cells["answer"]:
            notes[number] = "it has no question, or no answer"
            continue
        if any(_FORMULA.match(cells[role]) for role in ("question", "answer")):
            notes[number] = "it has a formula, which is not worked out; write its value"
            continue
        language = _language(cells.get("language", ""))
        entry = found.setdefault(
            (one_line(cells["answer"]), language), Answered(number, cells["answer"], language)
        )
        questions = [one_line(line) for line in cells["question"].split("\n") if line.strip()]
        entry.questions += [one for one in questions if one not in entry.questions]
        tags = map(str.strip, _SEPARATORS.split(cells.get("tags", "")))
        entry.tags += [tag for tag in tags if tag and tag not in entry.tags]
    return found.values()


def _language(written: str) -> str | None:
    name = written.strip().lower()
    return _LANGUAGES.get(name, name or None)


def _folded(cell: str) -> str:
    return one_line(cell).strip(" :*#").lower()
