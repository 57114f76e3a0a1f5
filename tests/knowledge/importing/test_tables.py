"""Questions and answers in tables: CSV of every kind, and workbooks."""

import io
from collections.abc import Sequence
from pathlib import Path

import pytest
from openpyxl import Workbook

from bot.domain.knowledge.content import Article
from tests.support.evaluation.imports import brought, left_out, planned, written

ROWS = (
    ("Question", "Answer", "Language", "Tags"),
    ("How do I reset the lamp?", "Press it; wait.\nThen press again.", "en", "light, reset"),
    ("¿Cómo reinicio la lámpara?", "Púlsala y espera.", "es", "luz"),
    ("Lamp is dark", "Press it; wait.\nThen press again.", "English", ""),
)


def csv_of(rows: Sequence[Sequence[str]], separator: str = ",") -> str:
    return "".join(separator.join(f'"{cell}"' for cell in row) + "\r\n" for row in rows)


def workbook(*sheets: Sequence[Sequence[object]]) -> bytes:
    book = Workbook()
    book.remove(book.worksheets[0])
    for number, rows in enumerate(sheets, 1):
        sheet = book.create_sheet(f"Sheet{number}")
        for row in rows:
            sheet.append(list(row))
    data = io.BytesIO()
    book.save(data)
    return data.getvalue()


def imported(folder: Path, name: str, data: str | bytes, **columns: str) -> dict[str, Article]:
    plan = planned(written(folder / "source", {name: data}), columns=columns)
    assert plan.left_out == []
    brought(plan, folder / "kb")
    return {one.article.title: one.article for one in plan.proposals}


def expect_the_lamp(articles: dict[str, Article]) -> None:
    assert list(articles) == ["How do I reset the lamp?", "¿Cómo reinicio la lámpara?"]
    english, spanish = articles.values()
    assert english.questions == ("How do I reset the lamp?", "Lamp is dark")  # the same answer is one article
    assert (english.id, english.language, english.tags) == (
        "how-do-i-reset-the-lamp",
        "en",
        ("light", "reset"),
    )
    assert english.body == "Press it; wait.  \nThen press again."
    assert (spanish.language, spanish.body) == ("es", "Púlsala y espera.")


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "cp1252"])
@pytest.mark.parametrize("separator", [",", ";", "\t"])
def test_text_of_every_encoding_and_separator_is_read(tmp_path: Path, encoding: str, separator: str) -> None:
    expect_the_lamp(imported(tmp_path, "faq.csv", csv_of(ROWS, separator).encode(encoding)))


def test_a_workbook_is_read_and_sheets_without_questions_are_passed_over(tmp_path: Path) -> None:
    expect_the_lamp(imported(tmp_path, "faq.xlsx", workbook([("Prices",), (3,)], ROWS)))


@pytest.mark.parametrize(
    "header", [("Pregunta", "Respuesta"), ("QUESTION:", "Solution"), ("Título", "Contenido")]
)
def test_usual_names_of_columns_are_known(tmp_path: Path, header: tuple[str, str]) -> None:
    assert list(imported(tmp_path, "faq.csv", csv_of([header, ("A lamp?", "Press it.")]))) == ["A lamp?"]


def test_other_columns_are_named_by_flags(tmp_path: Path) -> None:
    rows = csv_of([("Wish", "Do", "x"), ("A lamp?", "Press it.", "y")])
    (left,) = left_out(planned(written(tmp_path / "s", {"faq.csv": rows}))).values()
    assert left == (
        "no column is known as question and as answer (its columns: 'Wish', 'Do', 'x'); "
        "name them with --question-column and --answer-column"
    )
    assert list(imported(tmp_path, "faq.csv", rows, question="wish", answer="DO")) == ["A lamp?"]


def test_answers_in_html_become_markdown(tmp_path: Path) -> None:
    rows = csv_of([("q", "a"), ("A lamp?", "<p>Press <b>it</b>.</p><ul><li>twice</li></ul>")])
    assert imported(tmp_path, "faq.csv", rows)["A lamp?"].body == "Press **it**.\n\n- twice"


@pytest.mark.parametrize(
    "formula", ["=SUM(A1:A9)", '=HYPERLINK("https://x.example")', "=cmd|' /C calc'!A0", "=B2"]
)
def test_a_formula_is_never_taken_for_an_answer(tmp_path: Path, formula: str) -> None:
    rows = [("question", "answer"), ("A lamp?", formula), ("A chair?", "Sit on it.")]
    plan = planned(
        written(tmp_path, {"faq.xlsx": workbook(rows), "faq.csv": csv_of(rows[:2]).replace('""', '"')})
    )

    assert [one.article.title for one in plan.proposals] == ["A chair?"]
    reason = "it has a formula, which is not worked out; write its value"
    assert left_out(plan)["faq.xlsx: Sheet1, row 2"] == reason


def test_rows_without_an_answer_are_named(tmp_path: Path) -> None:
    plan = planned(
        written(tmp_path, {"faq.csv": csv_of([("q", "a"), ("A lamp?", ""), ("", ""), ("B?", "Yes, it is.")])})
    )

    assert left_out(plan) == {"faq.csv: row 2": "it has no question, or no answer"}
