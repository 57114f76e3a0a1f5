"""Finds passwords and codes that nothing names, by their form and by words of signing in around them."""

import re
from collections.abc import Iterator
from itertools import islice

from bot.domain.secrets.values import OPENER, Span, Written, bare, is_strong
from bot.domain.words.loader import all_words, any_of

_MOST_WORDS = 200  # of one text that are looked at: what has more is a log
_NEAR = 140  # characters
_FAR = 300
_BEFORE = 60
# A word with a digit or a sign in it, and a number; the sign says which.
_WORDS = re.compile(r"(?<!\S)(?=[^\s\d#$%^*]{0,40}[\d#$%^*])\S{6,66}(?!\S)")
_CODE = re.compile(r"(?<![\w./:#-])(?:\d{3}[ -]?\d{3}|(?!(?:19|20)\d\d\b)\d{4,8})(?![\w/:-]|[.,]\d|[ ]\d)")
_ANOTHER_CODE = re.compile(
    rf"[ \t]{{1,3}}{any_of('secrets', 'more')}[ \t]{{1,3}}"
    r"(?P<secret>\d{3}[ -]?\d{3}|\d{4,8})(?![\w/:-]|[.,]\d)"
)
_USER = re.compile(r"[\w.-]{2,30}[:/](?=[^:/]{7,}$)")  # before a password in one word: admin/X
_SIGN = re.compile(r"[^\W_][!#$%^&*?@]{1,3}[^\W_]")
_OTHER = re.compile(
    r".*[=<>{}\\|()\[\]/~].*"  # an assignment, a path, code
    r"|.*%(?:2[0-9A-F]|3[A-F]|5[B-F]|C3).*"  # a link
    r"|(?!(?=[^@]*\d)[^@]*[A-Z])[\w.-]+@[a-z][\w.-]*"  # an address
    r"|[\w']+![$]?[A-Za-z]{1,3}[$]?\d+.*"  # a cell
    r"|\w{1,4}#\d+|[^\W\d_]&.*|.*&\w{2,6};.*|\d+[%#*].*"
    r"|.*\.(?:xlsx?|docx?|pptx?|pdf|csv|zip|txt|log|png|jpe?g|exe|msi)"
)
_WORDED = re.compile(r"[^\W\d_][\w.#-]{6,38}[!?*#$]{0,2}")
_SMALL = re.compile(r"[^\W\dA-Z_]{4}")
_HEX = re.compile(r"[0-9a-f-]+")
_CHANGE = re.compile(r"\d(?=[^\W\d_])|[^\W\d_](?=\d)")
_COUNTED = re.compile(r"[^\W\d_]+#\d{1,3}")  # Slide#12: it may be one, where more is said
_SIGN_LAST = re.compile(r"[^\W\d_]\d{1,4}[!#$*]{1,2}$")
_LEAD = re.compile(rf"(?<!\w){any_of('signing_in', 'leads')}[ \t]{{0,3}}:?[ \t]{{0,3}}{OPENER}$")
_ANNOUNCED = re.compile(
    rf"(?<!\w){any_of('signing_in', 'announcements')}[ \t]{{0,3}}[:.>-]{{0,2}}\s{{1,4}}{OPENER}$"
)
_USER_AND = re.compile(
    rf"\b{any_of('signing_in', 'users')}\b[^\n]{{0,40}}?"
    rf"(?:\b{any_of('signing_in', 'joins')}|[,/:-])[ \t]{{1,3}}{OPENER}$"
)
_USER_SLASH = re.compile(rf"\b{any_of('signing_in', 'users')}[ \t]{{0,3}}[/|:][ \t]{{1,3}}$")
_BESIDE = re.compile(rf"(?:\w[ \t]/|(?<!\w){any_of('secrets', 'names')},)[ \t]{{1,2}}{OPENER}$")
_JOINED = re.compile(
    rf"\b(?:{any_of('secrets', 'more')}|{any_of('signing_in', 'joins')})[ \t]{{1,3}}{OPENER}$"
)
_NEARBY = re.compile(rf"(?<!\w)(?:{any_of('signing_in', 'nearby')}|{any_of('secrets', 'names')})")
_CALLED = re.compile(rf"(?<!\w){any_of('secrets', 'names')}")
_ABOUT_CODE = re.compile(rf"(?<!\w){any_of('signing_in', 'codes')}")
_TYPED = re.compile(rf"(?<!\w){any_of('signing_in', 'typed')}[ \t]{{1,3}}{OPENER}$")
_ABOUT_PIN = re.compile(rf"(?<!\w){any_of('secrets', 'pins')}\b")
_JOINS = str.maketrans("", "", " -")
_AFTER_CODE = re.compile(
    rf"(?<!\w){any_of('signing_in', 'codes')}(?: (?:is|es))?[ \t]{{0,3}}:?[ \t]{{1,3}}{OPENER}$"
)
_FOR_A_WHILE = re.compile(rf"(?<!\w){any_of('signing_in', 'for_a_while')}")
_LETTERS = re.compile(r"[^\W\d_]+")
_PARTS = re.compile(r"[A-ZÁÉÍÓÚÑ]?[^\W\dA-ZÁÉÍÓÚÑ_]{2,}")
_JOINTS = re.compile(r"(?<=[^\W\d_])\.(?=\w)")
_CLAUSE = re.compile(r"[,.;?!\n]\s")
_LINE_END = re.compile(r"[\"'`”»’).,!]{0,2}[ \t]{0,4}(?:\r?\n|\Z)")
# The login for the till, below it the user alone in a line, and in the next one the password.
_GIVEN = re.compile(
    rf"(?<![^\n])(?P<above>[^\n]{{0,120}}?(?<!\w){any_of('signing_in', 'given')}[^\n]{{0,100}})\n"
    r"(?:[ \t]{0,4}\r?\n)?"
    r"[ \t]{0,4}(?:[-*•·][ \t])?[^\s/|,]{2,60}[ \t]{0,4}\r?\n[ \t]{0,4}(?:[-*•·][ \t])?$"
)
_CLASSES = re.compile(r"[A-Z]+|[a-z]+|\d+")
_BOTH = re.compile(rf"(?<!\w)(?:{any_of('secrets', 'names')}|{any_of('secrets', 'pairs')})")
_ASKED = re.compile(rf"\b{any_of('signing_in', 'asked')}\b")
_THINGS = all_words("signing_in", "things")


def find_unnamed(written: Written) -> Iterator[Span]:
    """Yield passwords and codes that only what is said around them tells."""
    words = list(_strong_words(written.text))
    told = [span for word, span in words if _is_password(written, word, span)]
    if told:
        told += [span for word, span in words if _is_another(written, word, span)]
    yield from told
    for found in islice(_CODE.finditer(written.text), _MOST_WORDS):
        if _is_code(written, found.span()):
            yield found.span()
            if (another := _ANOTHER_CODE.match(written.lower, found.end())) is not None:
                yield another.span("secret")


def _is_code(written: Written, span: Span) -> bool:
    """Tell whether a number is a code: it was typed, or stands after that word and does not last."""
    before, around = _before(written, span[0]), _around(written, span)
    if len(written.text[slice(*span)].translate(_JOINS)) != 6:
        return _TYPED.search(before) is not None and _ABOUT_PIN.search(around) is not None
    if _TYPED.search(before):
        return _ABOUT_CODE.search(around) is not None or _ABOUT_PIN.search(around) is not None
    return _AFTER_CODE.search(before) is not None and _FOR_A_WHILE.search(around) is not None


def _strong_words(text: str) -> Iterator[tuple[str, Span]]:
    for found in islice(_WORDS.finditer(text), _MOST_WORDS):
        span = _without_user(text, bare(text, *found.span()))
        word = text[span[0] : span[1]]
        if is_strong(word) and (len(word) > 6 or _is_jumbled(word)) and _OTHER.fullmatch(word) is None:
            yield word, span


def _without_user(text: str, span: Span) -> Span:
    """Leave out the user before a password: admin/X."""
    user = _USER.match(text[span[0] : span[1]])
    return (span[0] + user.end(), span[1]) if user else span


def _is_password(written: Written, word: str, span: Span) -> bool:
    """Tell whether a strong word is a password: the less it looks like one, the more must be said."""
    if _is_given(written, word, span):
        return True
    before = _before(written, span[0])
    leads = (
        _LEAD.search(before)
        or _BESIDE.search(before)
        or _ANNOUNCED.search(before)
        or _USER_AND.search(before)
    )
    if _is_signed(word):
        return leads is not None or _NEARBY.search(_around(written, span)) is not None
    with_sign = (_SIGN_LAST.search(word) or _COUNTED.fullmatch(word)) is not None
    if _USER_SLASH.search(before) or (with_sign and before[-1:] in (":", "/")):
        return True
    if leads and _is_jumbled(word):
        return _NEARBY.search(_around(written, span)) is not None
    if not leads or not _is_worded(word) or _is_thing(word, before):
        return False
    certain = with_sign or _CALLED.match(word.lower()) is not None
    is_line = before[-1:] == "\n" and _LINE_END.match(written.text, span[1]) is not None
    return certain or is_line or _NEARBY.search(_around(written, span)) is not None


def _is_given(written: Written, word: str, span: Span) -> bool:
    """Tell whether a word stands below a user, and above both that this is how to sign in."""
    start = max(0, span[0] - _FAR)
    if written.lower.count("\n", start, span[0]) < 2 or _LINE_END.match(written.text, span[1]) is None:
        return False
    given = _GIVEN.search(written.lower[start : span[0]])
    if given is None or _ASKED.search(given["above"]) or _is_thing(word, ""):
        return False
    both_named = _BOTH.search(given["above"]) is not None
    return both_named or _is_signed(word) or _SIGN_LAST.search(word) is not None or _is_parted(word)


def _is_parted(word: str) -> bool:
    """Tell whether words, in capitals and small letters, and digits are joined: Paper-Moon4, Paper.4."""
    parts = len(_PARTS.findall(word)) + len(_JOINTS.findall(word))
    mixed = any(map(str.isupper, word)) and any(map(str.isdigit, word)) and _SMALL.search(word) is not None
    return mixed and parts >= 2 and _WORDED.fullmatch(word) is not None


def _is_jumbled(word: str) -> bool:
    """Tell whether capitals, small letters and digits change nearly everywhere, as in a passcode."""
    classes = _CLASSES.findall(word)
    in_both_cases = any(map(str.isupper, word)) and any(map(str.islower, word))
    return in_both_cases and word.isalnum() and len(word) <= 12 and len(classes) >= max(4, len(word) - 2)


def _is_another(written: Written, word: str, span: Span) -> bool:
    """Tell whether a word beside a password is another one that was tried."""
    joined = _JOINED.search(_before(written, span[0])) is not None
    return _is_signed(word) or (joined and _is_worded(word) and not _is_thing(word, ""))


def _is_signed(word: str) -> bool:
    """Tell whether a word has signs amid letters and digits, as hardly anything else has them."""
    if _COUNTED.fullmatch(word):
        return False
    return _SIGN.search(word) is not None and (any(map(str.isdigit, word)) or not word.islower())


def _is_worded(word: str) -> bool:
    """Tell whether a word is made of words with digits, as people make passwords."""
    digits = sum(map(str.isdigit, word))
    if not 1 <= digits <= 6 or _WORDED.fullmatch(word) is None or _HEX.fullmatch(word):
        return False
    in_both_cases = any(map(str.isupper, word)) and any(map(str.islower, word))
    pieces = max(len(_CHANGE.findall(word)), len(_PARTS.findall(word)))
    if in_both_cases and (pieces >= 2 or _SIGN_LAST.search(word) is not None):
        return True
    return _COUNTED.fullmatch(word) is not None or (digits >= 2 and _SMALL.search(word) is not None)


def _is_thing(word: str, before: str) -> bool:
    """Tell whether a machine, a user or a room is named: “my laptop is X”."""
    if not _THINGS.isdisjoint(_LETTERS.findall(word.lower())):
        return True
    clause = _CLAUSE.split(before)[-1]
    return not _THINGS.isdisjoint(clause.split()) and not (_CALLED.search(clause) or _USER_AND.search(before))


def _before(written: Written, start: int) -> str:
    return written.lower[max(0, start - _BEFORE) : start]


def _around(written: Written, span: Span) -> str:
    """What is said around a word: it says nothing of itself."""
    return f"{written.lower[max(0, span[0] - _NEAR) : span[0]]} \n {written.lower[span[1] : span[1] + _NEAR]}"
