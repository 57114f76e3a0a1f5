"""Reads questions and answers from tables in text: comma, semicolon or tab between the columns."""

import csv
from collections.abc import Iterator
from io import StringIO

from bot.importing import faq
from bot.importing.documents import Document, FileLeftOut, Source, SourceFile
from bot.importing.source.texts import decoded

ENDINGS = (".csv", ".tsv")
LARGEST = 10_000_000  # bytes
LONGEST_CELL = 200_000  # characters
SEPARATORS = ",;\t|"


def read(file: SourceFile, source: Source) -> Iterator[Document]:
    """Read one table."""
    if file.size > LARGEST:
        raise FileLeftOut(f"it has {file.size / 1e6:.0f} MB, and a table at most 10; divide it")
    text = decoded(file.read())
    separator = "\t" if file.name.lower().endswith(".tsv") else _separator(text)
    before = csv.field_size_limit(LONGEST_CELL)
    try:
        rows = list(csv.reader(StringIO(text, newline=""), delimiter=separator))
    except csv.Error as error:
        raise FileLeftOut(f"it is no table ({error}); save it again as CSV") from error
    finally:
        csv.field_size_limit(before)
    yield from faq.documents(file.name, rows, source.columns)


def _separator(text: str) -> str:
    # By what stands in the row of names, outside of quotes; Excel says it in a line of its own.
    lines = text.lstrip("\n").split("\n", 1)
    if lines[0].lower().startswith("sep=") and len(lines[0]) == 5:
        return lines[0][4]
    plain = "".join(lines[0].split('"')[::2])
    return max(SEPARATORS, key=plain.count)
