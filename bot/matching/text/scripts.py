"""Scripts whose words are not parted by spaces, or whose letters carry marks that belong to the word.

All patterns see folded text. They are parts of a character class, for others to build on.
"""

import re
import unicodedata
from itertools import pairwise

# Vowels and other signs that go with a letter: of the scripts of India and of South East Asia, and of kana.
MARKS = "\u3099\u309a" + "".join(
    chr(number) for number in range(0x0900, 0x1AB0) if unicodedata.category(chr(number)) in ("Mn", "Mc")
)
# Thai, Lao, Burmese, Khmer, Japanese and Chinese; digits and punctuation are none of their letters.
UNSPACED = (
    "\u0e01-\u0e3a\u0e40-\u0e4e\u0e80-\u0ecf\u0edc-\u0edf\u1000-\u103f\u1050-\u108f\u1780-\u17d3\u17d7\u17dc\u17dd"
    "\u3005-\u3007\u3021-\u3029\u3041-\u309f\u30a1-\u30fa\u30fc-\u30ff\u31f0-\u31ff"
    "\u3400-\u4dbf\u4e00-\u9fff\U00020000-\U0003ffff"
)
_LETTER = re.compile(f"[^{MARKS}][{MARKS}]*|[{MARKS}]+")
_UNSPACED = re.compile(f"[{UNSPACED}]")


def is_unspaced(text: str) -> bool:
    """Whether a text begins with a letter of a script without spaces."""
    return _UNSPACED.match(text) is not None


def letter_pairs(run: str) -> tuple[str, ...]:
    """The overlapping pairs of letters of a run without spaces, each letter with its marks.

    They stand for its words: two texts with a word in common have its pairs in common.
    """
    letters = _LETTER.findall(run)
    return tuple(map("".join, pairwise(letters))) or tuple(letters)
