"""Renders what an article says, its pictures and tables among it, within the room that a card has."""

import json

from bot.channels.teams.outbound import markdown
from bot.channels.teams.outbound.elements import Element, cut, image, lines
from bot.desk.ports.channels import Pictures
from bot.domain.knowledge.markdown_blocks import Image, Piece, Table, Text, cut_apart

MOST_ROWS, MOST_COLUMNS = 100, 20  # of a table: more cannot be read in a card
BYTES = 4  # of an element's JSON for each character of its text
ALT_TEXT = 1_000  # characters


def render(said: str, budget: int, pictures: Pictures) -> list[Element]:
    """Render Markdown in about so many characters; what is beyond is cut, with an ellipsis."""
    kept: list[Element] = []
    room, characters = budget * BYTES, budget
    for piece in cut_apart(said):
        for element in _elements(piece, characters, room, pictures):
            room -= size(element)
            if room < 0:
                return [*kept, *lines("…")]
            kept.append(element)
        characters -= len(piece.markdown) if isinstance(piece, Text) else 0
        if characters <= 0:
            return kept
    return kept


def size(element: Element) -> int:
    """How much of a card's room an element takes."""
    return len(json.dumps(element))


def _elements(piece: Piece, characters: int, room: int, pictures: Pictures) -> list[Element]:
    match piece:
        case Text(text):
            return markdown.elements(cut(text, characters))
        case Table():
            return _table(piece.within(MOST_ROWS, MOST_COLUMNS), room)
        case Image(alt):
            url = pictures.address(piece.name)
            if url and pictures.fetched:
                return [image(url, cut(alt, ALT_TEXT))]
            return markdown.elements(piece.in_words(url))


def _table(table: Table, room: int) -> list[Element]:
    """Show as many of the first rows as there is room for."""
    rows = len(table.rows)
    shown = markdown.table(table)
    while size(shown) > room and rows > 1:
        rows //= 2
        shown = markdown.table(table.within(rows, len(table.header)))
    return [shown] if rows == len(table.rows) else [shown, *lines("…")]
