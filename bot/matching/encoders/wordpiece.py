"""WordPiece, the tokenizer of BERT and of the models made from it: a text as numbers of pieces of words."""

import unicodedata
from pathlib import Path

VOCABULARY = Path(__file__).with_name("wordpiece.txt")  # of bert-base-uncased: a piece is its line's number
LONGEST_WORD = 100  # characters; a longer one is unknown
CLS, SEP, UNKNOWN = "[CLS]", "[SEP]", "[UNK]"
_IDEOGRAPHS = ((0x3400, 0x4DBF), (0x4E00, 0x9FFF), (0xF900, 0xFAFF), (0x20000, 0x2FA1F))


class WordPiece:
    """Cuts a text into the longest pieces that the vocabulary has; safe in any thread."""

    def __init__(self) -> None:
        """Read the vocabulary."""
        self._pieces = {piece: at for at, piece in enumerate(VOCABULARY.read_text("utf-8").split("\n"))}

    def ids(self, text: str, most: int) -> list[int]:
        """The numbers of the first pieces of a text, `most` with those of its beginning and end."""
        found: list[int] = []
        for word in _words(text):
            found += self._word(word)
            if len(found) >= most - 2:
                break
        return [self._pieces[CLS], *found[: most - 2], self._pieces[SEP]]

    def _word(self, word: str) -> list[int]:
        found: list[int] = []
        first = 0
        while first < len(word) <= LONGEST_WORD:
            prefix = "##" if first else ""
            last = len(word)
            while last > first and prefix + word[first:last] not in self._pieces:
                last -= 1
            if last == first:
                break
            found.append(self._pieces[prefix + word[first:last]])
            first = last
        return found if first == len(word) else [self._pieces[UNKNOWN]]


def _words(text: str) -> list[str]:
    """The words of a text, folded; each mark of punctuation and each ideograph is one of its own."""
    return "".join(map(_spaced, unicodedata.normalize("NFD", text))).lower().split()


def _spaced(char: str) -> str:
    category = unicodedata.category(char)
    if char in "\t\n\r" or category == "Zs":
        return " "
    if category in {"Mn", "Cc", "Cf", "Co"} or char == "\ufffd":
        return ""
    alone = category[0] == "P" or char in "$+<=>^`|~" or any(a <= ord(char) <= z for a, z in _IDEOGRAPHS)
    return f" {char} " if alone else char
