"""Names of files: what they seem to be is what they are."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.conversations.file_names import LONGEST, shown_name


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("invoice\u202efdp.exe", "invoicefdp.exe"),
        ("\u2067a\u2069b\u200f.txt", "ab.txt"),
        ("../../etc/passwd", ".._.._etc_passwd"),
        ("c:\\temp\\x.txt", "c:_temp_x.txt"),
        ("two\r\nlines\x1b[31m.log", "two lines [31m.log"),
        ("a\u200bb\ufeff.txt", "ab.txt"),
        ("factura año 2026 (1).pdf", "factura año 2026 (1).pdf"),
        ("שלום.pdf", "שלום.pdf"),
        ("\u202e\u200b ", ""),
    ],
)
def test_marks_that_nobody_sees_are_left_out(name: str, shown: str) -> None:
    assert shown_name(name) == shown


@given(st.text(max_size=300))
def test_every_name_is_one_line_that_reads_one_way(name: str) -> None:
    shown = shown_name(name)
    turning = {"RLO", "LRO", "RLE", "LRE", "PDF", "RLI", "LRI", "FSI", "PDI"}
    assert not {unicodedata.bidirectional(one) for one in shown} & turning
    assert not any(unicodedata.category(one) == "Cc" for one in shown)
    assert len(shown) <= LONGEST
    assert not {"/", "\\"} & set(shown)
