"""Markdown is cut into text, pictures and tables; nothing is lost, and steps keep their numbers."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.knowledge.article_parts import split, take_apart
from bot.domain.knowledge.markdown_blocks import (
    MOST_COLUMNS,
    MOST_PICTURES,
    Image,
    Table,
    Text,
    cut_apart,
    in_words,
    name_pictures,
    shorten_tables,
)

A, B = Image("A", "picture:a"), Image("B", "picture:b")
TABLE = "| x | y |\n|---|---|\n| 1 | 2 |"
CELLS = Table(("x", "y"), (("1", "2"),), ("", ""))


@pytest.mark.parametrize(
    ("markdown", "pieces"),
    [
        ("Before\n\n![A](picture:a)\n\nAfter", [Text("Before"), A, Text("After")]),
        ("Before\n![A](picture:a)\nAfter", [Text("Before"), A, Text("After")]),
        ("![A](picture:a) ![B](picture:b)", [A, B]),
        ("Click ![A](picture:a) now.\nThen wait.\n\nEnd", [Text("Click A now.\nThen wait."), A, Text("End")]),
        ("## About ![A](picture:a)\nText", [Text("## About A"), A, Text("Text")]),
        ("1. One\n   ![A](picture:a)\n2. Two", [Text("1. One"), A, Text("2. Two")]),
        ("1. One\n\n   ![A](picture:a)\n\n1. Two\n1. Three", [Text("1. One"), A, Text("2. Two\n3. Three")]),
        ("5. One\n   ![A](picture:a)\n1. Two", [Text("5. One"), A, Text("6. Two")]),
        ("1. ![A](picture:a)\n2. Two", [Text("1. A"), A, Text("2. Two")]),
        (
            "1. One\n   ![A](picture:a)\n   and on\n\n   1. within\n2. Two",
            [Text("1. One"), A, Text("and on\n\n1. within\n2. Two")],
        ),
        ("- a\n  ![A](picture:a)\n- b", [Text("- a"), A, Text("- b")]),
        ("1. One\n\nApart\n\n![A](picture:a)\n\n1. Anew", [Text("1. One\n\nApart"), A, Text("1. Anew")]),
        (f"1. One\n\n{TABLE}\n\n1. Anew", [Text("1. One"), CELLS, Text("1. Anew")]),
        (
            "1. One\n\n   | x | y |\n   |---|---|\n   | 1 | 2 |\n2. Two",
            [Text("1. One"), CELLS, Text("2. Two")],
        ),
        (f"Text\n{TABLE}\n# Next", [Text("Text"), CELLS, Text("# Next")]),
        ("x | y\n--|--\n1 | 2", [CELLS]),
        ("| x |\n|:-:|\n| a \\| b |", [Table(("x",), (("a | b",),), ("center",))]),
        ("| x | y |\n|:--|--:|\n| `a\\|b`", [Table(("x", "y"), (("`a|b`", ""),), ("left", "right"))]),
        ("| x |\n|---|\n| ![A](picture:a) |", [Table(("x",), (("A",),), ("",))]),
        ("| x |\n|---|", [Table(("x",), (), ("",))]),
        ("| x | y |\n|---|", [Text("| x | y |\n|---|")]),
        ("a | b\n\n--- | ---", [Text("a | b\n\n--- | ---")]),
        (f"```\n![A](picture:a)\n{TABLE}\n```", [Text(f"```\n![A](picture:a)\n{TABLE}\n```")]),
        ("    ![A](picture:a)", [Text("    ![A](picture:a)")]),
        ("`![A](picture:a)` \\![B](picture:b)", [Text("`![A](picture:a)` \\![B](picture:b)")]),
        ("![A](https://a.example/a.png)", [Text("![A](https://a.example/a.png)")]),
        ('![a \\] b](<picture:a> "title")', [Image("a ] b", "picture:a")]),
        ("", []),
    ],
)
def test_a_text_is_cut_into_its_pieces(markdown: str, pieces: list[object]) -> None:
    assert list(cut_apart(markdown)) == pieces


def test_of_too_many_pictures_the_words_are_left() -> None:
    pieces = cut_apart("\n\n".join(f"![P{at}](picture:a)" for at in range(MOST_PICTURES + 2)))
    assert [type(piece) for piece in pieces] == [*[Image] * MOST_PICTURES, Text]
    assert pieces[-1] == Text(f"P{MOST_PICTURES}\n\nP{MOST_PICTURES + 1}")


def test_of_a_table_without_end_so_much_is_read_as_can_be_shown() -> None:
    (table,) = cut_apart("|" + "x|" * 1_000 + "\n|" + "-|" * 1_000 + "\n" + "a\n" * 1_000)
    assert isinstance(table, Table)
    assert len(table.header) == len(table.alignments) == MOST_COLUMNS
    assert {len(row) for row in table.rows} == {MOST_COLUMNS}


def test_a_table_is_told_as_a_list() -> None:
    assert in_words(f"See:\n\n{TABLE}\n\n![A](picture:a)") == "See:\n\n- x: 1; y: 2\n\n🖼 A"


def test_a_long_table_is_cut_and_kept_whole_beside_it() -> None:
    long = "| x | y | z |\n|--:|---|---|\n" + "\n".join(f"| {at} | a \\| b | c |" for at in range(9))
    short, cut = shorten_tables(
        f"1. See:\n\n   {long.replace(chr(10), chr(10) + '   ')}\n2. End\n\n{TABLE}", 2, 2
    )
    assert short == (
        "1. See:\n\n   | x | y |\n   | --: | --- |\n   | 0 | a \\| b |\n   | 1 | a \\| b |\n2. End\n\n"
        + TABLE
    )
    assert cut == (long,)
    assert shorten_tables(TABLE, 1, 2) == (TABLE, ())


def test_a_split_leaves_a_table_whole() -> None:
    rows = "\n".join(f"| {at} | {'word ' * 10} |" for at in range(20))
    said = f"1. One.\n\n| x | y |\n|---|---|\n{rows}\n\n2. Two."
    shown, rest = split(said, 600)
    assert shown == "1. One."
    assert rest.startswith("| x | y |")
    assert split(rest, 600)[0].endswith(rows[-20:])


def test_names_take_the_place_of_addresses() -> None:
    body = "![A](a.png) ![](my%20window.png) ![gone](b.png) ![r](https://x.example/r.png) `![A](a.png)`"
    assert name_pictures(body, {"a.png": "1", "my%20window.png": "2"}) == (
        "![A](picture:1) ![my window](picture:2) gone ![r](https://x.example/r.png) `![A](a.png)`"
    )


def test_a_picture_above_the_steps_is_no_sentence() -> None:
    parts = take_apart("![A](picture:a)\n\n1. Do this.")
    assert (parts.about, parts.steps) == ("", "1. Do this.")
    assert "![A](picture:a)" in parts.rest


LINES = st.sampled_from(
    [
        "word", "1. step", "2. step", "   more", "- point", "  ![A](picture:a)", "![B](picture:b)", "# head",
        "a ![A](picture:a) b", "| x | y |", "|---|:-:|", "| 1 |", "   | x |", "   |---|", "", "", "```",
        "> said",
    ]
)  # fmt: skip


@given(st.lists(LINES, max_size=25))
def test_no_word_is_lost_and_none_is_doubled(lines: list[str]) -> None:
    shown = []
    for piece in cut_apart("\n".join(lines)):
        match piece:
            case Text(markdown):
                shown.append(markdown)
            case Table(header, rows):
                shown += [*header, *(cell for row in rows for cell in row)]
    written = re.sub(r"!\[(\w)\]\(picture:\w\)", r"\1", "\n".join(lines))
    kept = re.sub(r"!\[(\w)\]\(picture:\w\)", r"\1", "\n".join(shown))
    # A cell beyond the header is left out.
    words = ("word", "step", "more", "point", "head", "said", "x")
    count = {word: len(re.findall(rf"\b{word}\b", written)) for word in words}
    assert {word: len(re.findall(rf"\b{word}\b", kept)) for word in words} == count
