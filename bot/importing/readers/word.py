"""Reads documents of Word."""

from collections.abc import Iterator
from io import BytesIO

from bot.importing.documents import Document, FileLeftOut, Source, SourceFile
from bot.importing.links import address_of
from bot.importing.markup.titles import take_title, title_of_file
from bot.importing.source.archives import check_office
from bot.importing.source.extra import needed
from bot.knowledge.markup.tree import parse

ENDINGS = (".docx",)
# Titles of the templates of Word in our languages.
STYLES = """
p[style-name='Title'] => h1:fresh
p[style-name='Título'] => h1:fresh
p[style-name='Titulo'] => h1:fresh
"""


def read(file: SourceFile, source: Source) -> Iterator[Document]:
    """Read one document."""
    data = file.read()
    notes = check_office(data)
    mammoth = needed("mammoth")
    try:
        html = mammoth.convert_to_html(BytesIO(data), style_map=STYLES).value  # pictures stand in it whole
    except Exception as error:  # whatever the library stumbles over is a damaged file
        raise FileLeftOut("it cannot be read as a Word document; open it and save it again") from error
    body = parse(html)
    title = take_title(body)
    if not title:
        title = title_of_file(file.name)
        notes.append("no title: it has its file's name")
    yield Document(file.name, title, body, None, address_of(file.name, source), notes=notes)
