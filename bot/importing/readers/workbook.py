"""Reads questions and answers from workbooks of Excel."""

from collections.abc import Iterator
from io import BytesIO
from typing import Any

from bot.importing import faq
from bot.importing.documents import Document, FileLeftOut, Source, SourceFile
from bot.importing.source.archives import check_office
from bot.importing.source.extra import needed

ENDINGS = (".xlsx",)
MOST_ROWS = 50_000
MOST_COLUMNS = 50


def read(file: SourceFile, source: Source) -> Iterator[Document]:
    """Read every sheet that has questions and answers."""
    data = file.read()
    check_office(data)
    openpyxl = needed("openpyxl")
    try:
        book = openpyxl.load_workbook(BytesIO(data), read_only=True, keep_links=False, rich_text=False)
        tables = [(sheet.title, _rows(sheet)) for sheet in book.worksheets]
        book.close()
    except FileLeftOut:
        raise
    except Exception as error:  # whatever the library stumbles over is a damaged file
        raise FileLeftOut("it cannot be read as a workbook; open it and save it again") from error
    found, reason = False, "it has no sheet"
    for title, rows in tables:
        try:
            yield from faq.documents(file.name, rows, source.columns, title)
            found = True
        except FileLeftOut as error:
            reason = str(error)
    if not found:
        raise FileLeftOut(reason)


def _rows(sheet: Any) -> list[list[str]]:
    rows = []
    for number, row in enumerate(sheet.iter_rows(max_col=MOST_COLUMNS, values_only=True)):
        if number >= MOST_ROWS:
            raise FileLeftOut(f"a sheet has more than {MOST_ROWS} rows; divide it")
        rows.append([_text(value) for value in row])
    return rows


def _text(value: object) -> str:
    if hasattr(value, "ref"):  # a formula over several cells is an object
        return "=formula()"
    return "" if value is None else str(value)
