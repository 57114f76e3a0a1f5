"""Makes texts that are hard to read: each of one thing, again and again."""

import random
from collections.abc import Callable, Mapping

LENGTH = 40_000  # characters: the longest text that is kept


def hostile_texts(length: int = LENGTH) -> dict[str, str]:
    """Texts of this length by what they are made of."""
    return {name: (piece * (length // len(piece) + 1))[:length] for name, piece in _PIECES.items()} | {
        name: make(length) for name, make in _MADE.items()
    }


_PIECES: Mapping[str, str] = {
    "blanks": " ",
    "tabs": "\t",
    "line ends": "\n",
    "carriage returns": "\r",
    "no-break spaces": "\u00a0",
    "blanks and line ends": " \n",
    "line ends and blanks by turns": "\n\n   ",
    "a": "a",
    "A": "A",
    "digits": "7",
    "digits and blanks": "4 ",
    "digits and hyphens": "4-",
    "digits and points": "1.",
    "words": "word ",
    "long words": "abcdefghij" * 30 + " ",
    "capitals": "HELP ",
    "questions": "no va? ",
    "sentences": "It is broken. ",
    "commas": "a, ",
    "colons": ":",
    "codes": ":a",
    "codes of signs": ":tada:",
    "opened codes": ":+",
    "less than": "<",
    "greater than": ">",
    "opened tags": "<a ",
    "opened tags, no blank": "<a",
    "tags": "<a>",
    "closed tags": "</a>",
    "mentions that open": "<at>",
    "mentions with attributes": "<at ",
    "attributes": '<a b="',
    "attributes without a value": "a=",
    "odd declarations": "<![",
    "comments": "<!--",
    "instructions": "<?",
    "blockquotes": "<blockquote>",
    "quoted lines": "> a\n",
    "quotes of quotes": "> ",
    "quoted blanks": ">\n",
    "forwarded": "> ↪ a\n",
    "Slack's mentions": "<@U1> ",
    "Slack's mentions, opened": "<@U",
    "Slack's mentions, blanks": " \t<@UBOT",
    "Slack's links": "<https://a.b|",
    "mail": "a@",
    "mail addresses": "a@b.c ",
    "at": "@",
    "addresses": "http://a.b/",
    "address, opened": "http://",
    "www": "www.",
    "asterisks": "*",
    "asterisks and letters": "*a ",
    "bold": "**a** ",
    "bold, opened": "**a",
    "bold, opened and parted": "**a ",
    "two kinds of bold": "**a __b ",
    "underscores": "_",
    "underscores and letters": "_a",
    "backticks": "`",
    "backticks of growing runs": "`a``b```c",
    "tildes": "~",
    "pictures": "![a](picture:b) ",
    "images, opened": "![",
    "images, opened and named": "![a](b ",
    "images with titles, opened": '![](a "',
    "bars": "|",
    "rows of a table": "| a | b |\n",
    "heads of tables": "| a |\n|---|\n",
    "rows of dashes": "|---|:-:|\n",
    "hashes": "#",
    "headings": "# a #\n",
    "heading of blanks": "# " + " " * 200,
    "bullets": "- ",
    "bullets on lines": "- a\n",
    "brackets": "[",
    "brackets, closed": "]",
    "links, opened": "[a](",
    "links in the middle": "](",
    "images": "![a](http://b",
    "parentheses": "(",
    "braces": "{{",
    "backslashes": "\\",
    "pipes": "|a",
    "entities": "&amp;",
    "entities, opened": "&#",
    "entity of digits": "&#1",
    "ampersands": "&",
    "quotation marks": '"',
    "apostrophes": "'",
    "apostrophes and letters": "a'",
    "exclamations": "!",
    "hyphens": "-",
    "words with hyphens": "a-",
    "words with points": "a.",
    "combining marks": "\u0301",
    "letters with marks": "e\u0301\u0302",
    "marks of direction": "\u202e\u200f",
    "zero width": "\u200b",
    "joined signs": "\U0001f468\u200d\U0001f469\u200d\U0001f467 ",
    "one chain of joined signs": "\U0001f468\u200d",
    "signs with a tone": "\U0001f44d\U0001f3fd",
    "keycaps": "1\ufe0f\u20e3",
    "letters in squares": "\U0001f170",
    "unspaced script": "日本語",
    "script with marks": "สวัสดี",
    "Hangul": "한",
    "Arabic": "مرحبا ",
    "compatibility forms": "\ufdfa",
    "lone surrogates": "\ud800",
    "NUL": "\0",
    "secrets": "password: ",
    "secrets within a word": "clientSecretKey",
    "passwords": "my password for the vpn is ",
    "keys": "-----BEGIN PRIVATE KEY-----",
    "tokens": "eyJaaaaaaaa.",
    "assignments": "a=b;",
    "JSON": '{"a":',
    "hex": "0x",
    "greetings": "hello ",
    "thanks": "thanks\n",
    "not, and not": "not ",
    "no va": "no ",
    "a person": "I want to talk to ",
    "want": "want ",
    "please": "please ",
    "for somebody": "for ",
    "signatures": "--\n",
    "somebody wrote": "a wrote:\n",
    "it came back": "it is back ",
    "unless": "if it is back ",
    "numbers of tickets": "HELP-1042 ",
    "percent": "%",
}


def _alternating(length: int) -> str:
    # Every sign that means something to a reader, again and again in another order.
    signs = "<>*_`[]()&#;:@|\"'!-=/\\{} \n\ta1"
    return "".join(signs[(index * index + index // 7) % len(signs)] for index in range(length))


_MADE: Mapping[str, Callable[[int], str]] = {
    "mixed": _alternating,
    "opened, then closed": lambda length: "[" * (length // 2) + "]" * (length // 2),
    "bold around blanks": lambda length: "**a" + " " * (length - 5) + "**",
    "a letter, then blanks": lambda length: "a" + " " * (length - 2) + "a",
    "a letter, then line ends": lambda length: "a" + "\n" * (length - 2) + "a",
    "a letter, then blanks and line ends": lambda length: "a" + " \n" * (length // 2 - 1) + "a",
    "a letter, then no-break spaces": lambda length: "a" + "\u00a0" * (length - 2) + "a",
    "a heading of blanks": lambda length: "# a" + " " * (length - 4) + "a",
    "a heading of braces": lambda length: "# a" + " {" * (length // 2 - 2),
    "a formula": lambda length: "=" + "a" * (length - 1),
    "a tag of blanks": lambda length: "<a" + " " * (length - 3) + ">",
    "a tag of attributes": lambda length: "<a " + "b=c " * (length // 4 - 2) + ">",
    "a tag of names": lambda length: "<a " + "b" * (length - 4) + ">",
    "a mention of blanks": lambda length: "<@U1" + " " * (length - 5) + ">",
    "closed at last": lambda length: "<blockquote>" * (length // 25) + "</blockquote>" * (length // 25),
    "lists in lists": lambda length: "".join(f"{' ' * (2 * n)}- a\n" for n in range(int(length**0.5)))[
        :length
    ],
}


def mixed_texts(seed: int, number: int, length: int = LENGTH) -> dict[str, str]:
    """Random texts, each of a few pieces again and again, now and then with a long run of one of them."""
    choice = random.Random(seed)
    return {f"mixture {at} of {seed}": _mixture(choice, length) for at in range(number)}


def _mixture(choice: random.Random, length: int) -> str:
    pieces = choice.sample(sorted(_PIECES.values()), choice.randint(2, 5))
    text = ""
    while len(text) < length:
        text += choice.choice(pieces) * choice.choice((1, 1, 1, 2, 3, 1_000))
    return text[:length]
