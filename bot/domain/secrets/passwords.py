"""Finds passwords and keys by the name before or after them: in sentences, in lists, in files of settings."""

import re
from collections.abc import Iterator
from itertools import takewhile

from bot.domain.secrets.values import (
    CHANGES,
    MASK,
    OPENER,
    STATES,
    Span,
    Written,
    bare,
    is_literal,
    is_long,
    is_placeholder,
    is_random,
    is_strong,
    may_be_secret,
    quoted,
    strong_at,
    tells_state,
    value_at,
)
from bot.domain.words.loader import all_words, any_of

_GAP = r"[ \t]{0,3}"
_LINE = r"(?:[ \t]{0,3}\r?\n[ \t]{0,4}){0,2}"  # a secret may stand on the next line
_REST = re.compile(r"[\w-]{0,40}")
_ASSIGNS = re.compile(
    rf"(?P<quote>[\"'`]?)[\])*_]{{0,2}}{_GAP}"
    rf"(?P<sign>[ \t]value=|[-=]>|:=|==?|[:：]|→|>)[*_]{{0,2}}{_GAP}{_LINE}"
)
# "my password for the vpn is now X", "contraseña nueva: X": up to five words, then what says that it follows.
_FOLLOWS = rf"(?:{any_of('secrets', 'follows')}|(?P<to>{any_of('secrets', 'leads')}))\b"
_SAYS = re.compile(
    rf"(?P<between>(?:[ \t]{{1,3}}\.?[\w'’()-]{{1,20}},?){{0,5}}?)"
    rf"(?:{_GAP}(?:[:：=]|[-=]>|→)|[ \t]{{1,3}}{_FOLLOWS})[ \t]{{0,3}}:?{_LINE}{_GAP}"
)
# A key of what: “the API key for the weather X”.
_FOR = re.compile(r"(?:[ \t]{1,3}[\w.-]{1,15}){1,6}[ \t]{1,3}(?=[\w+/=.~-]{20})(?![0-9a-f-]{36}(?![\w-]))")
_FOR_VENDOR = re.compile(
    rf"[ \t]{{1,3}}(?:de|del|for|of) (?!{any_of('secrets', 'holders')}\b)[\w.-]{{2,15}}[ \t]{{1,3}}"
)
# A sentence that ends in the secret: the password is the same as ever: X.
_LATER = re.compile(rf"[^\n:=]{{0,60}}[:=](?=\s){_LINE}{_GAP}")
_AT_ONCE = re.compile(
    rf"(?:['’]s\b)?(?:[ \t]{{1,3}}{any_of('secrets', 'kinds')}\b){{0,3}}(?:[ \t]{{1,3}}|{_GAP}\(){OPENER}"
)
_BELOW = re.compile(rf"{_GAP}\r?\n{_GAP}(?=\S{{4,200}}{_GAP}(?:\r?\n|$))")
# The password for the box that you gave me, and alone in the next line the secret.
_HANDED_ABOVE = re.compile(
    rf"[^\n:=]{{0,60}}?\b{any_of('signing_in', 'leads')}{_GAP}\r?\n(?:{_GAP}\r?\n)?{_GAP}"
    rf"(?=\S{{6,100}}{_GAP}(?:\r?\n|$))"
)
_OPTION = re.compile(rf"[ \t]{{1,3}}{OPENER}")
_LINE_END = re.compile(r"[^\n]{4,200}")
_MORE = re.compile(rf"(?:{_GAP}[,/;]|[ \t]{{1,3}}{any_of('secrets', 'more')}\b){{1,3}}[ \t]{{1,3}}")
_PAIR = re.compile(
    r"[^\n:=]{0,40}?(?:[:=]|\b(?:are|is|son|es)\b)[ \t]{0,3}[^\s/|,:]{2,60}[ \t]{0,3}[/|,:][ \t]{0,3}"
)
_BARE_PAIR = re.compile(r"[ \t]{1,3}[^\s/|,:]{2,60}[ \t]{1,3}[/|][ \t]{1,3}")
_BLANK_PAIR = re.compile(r"[^\n:=]{0,40}?(?:[:=]|\b(?:are|is|son|es)\b)[ \t]{0,3}[^\s/|,:]{2,60}[ \t]{1,4}")
_USED = re.compile(
    rf"[ \t]{{1,3}}(?:(?:es|is|:)[ \t]{{1,3}})?(?P<secret>[^\W\d_][\w'’-]{{0,20}}"
    r"(?:[ \t][\w'’-]{1,20}){0,7}?)"
    rf"(?=[,.;:!?)]|[ \t]{{0,3}}(?:\r?\n|\Z)|[ \t]{{1,3}}{any_of('secrets', 'goes_on')}\b)"
)
_SIGNS = frozenset(":=")
_WORD = re.compile(r"\w+")
_NUMBER = re.compile(r"[ \t]{1,3}(?!(?:19|20)\d\d\b)(?P<secret>\d{4,8})(?![\w/:-]|[.,]\d|[ ]\d)")
_SPACE = re.compile(r"[ \t]{1,3}")
_ABOUT = all_words("secrets", "about")
_BREAKS = all_words("secrets", "breaks")
_PARTS = all_words("secrets", "parts")
_FIELDS = all_words("secrets", "fields")
_VERBS = all_words("secrets", "verbs")
_MORE_WORDS = all_words("secrets", "more")
_OWNERS = all_words("secrets", "owners")
_TAKEN_AS = all_words("secrets", "taken_as")


def find_password(written: Written, kind: str, name: Span) -> Iterator[Span]:
    """Yield the secrets that belong to a name of this kind at this place."""
    before = _before(written, name)
    if before:
        yield from before
        return
    found = _after(written, kind, name)
    while found is not None:
        yield found
        more = _MORE.match(written.lower, found[1])
        found = strong_at(written.text, more.end()) if more else None


def find_sentence(written: Written, name: Span) -> Iterator[Span]:
    """Yield a secret of several words: what stands after a sign, to the end of the line."""
    text, says = written.text, _SAYS.match(written.lower, name[1])
    if says is None or says["to"] or not _BREAKS.isdisjoint(says["between"].split()):
        yield from find_password(written, "vague", name)
        return
    line = quoted(text, says.end())
    if line is None and (rest := _LINE_END.match(text, says.end())):
        signed = not _SIGNS.isdisjoint(text[name[1] : says.end()])
        line = rest.span() if _is_sentence(rest[0], signed=signed) else None
    if line is not None and MASK not in text[slice(*line)]:
        yield line


def find_used_as(written: Written, name: Span) -> Iterator[Span]:
    """Yield the words that are somebody's password, to where the sentence goes on."""
    words = _USED.match(written.lower, name[1])
    if words is not None and _is_sentence(words["secret"], signed=False):
        yield words.span("secret")
    else:
        yield from find_password(written, "name", name)


def find_key(written: Written, name: Span) -> Iterator[Span]:
    """Yield what is called a key, and looks made by a machine."""
    text, lower = written
    rest = _REST.match(lower, name[1])
    if rest is None or not _FIELDS.isdisjoint(re.split("[_-]", rest[0])):
        return
    for gap in (
        _ASSIGNS.match(text, rest.end()),
        _AT_ONCE.match(lower, name[1]),
        _SAYS.match(lower, name[1]),
        _FOR.match(lower, name[1]),
        _FOR_VENDOR.match(lower, name[1]),
    ):
        found = (
            value_at(text, gap.end()) if gap and _ABOUT.isdisjoint(_WORD.findall(gap[0].lower())) else None
        )
        if found is not None and is_random(text[found[0] : found[1]]):
            yield found
            return


def find_pair(written: Written, name: Span) -> Iterator[Span]:
    """Yield the password of a user and a password that are named together."""
    pair = _PAIR.match(written.lower, name[1])
    found = value_at(written.text, pair.end()) if pair else None
    if found is not None and may_be_secret(written.text, found, plain_is_secret=False):
        yield found
        return
    for pattern in (_BARE_PAIR, _BLANK_PAIR):
        gap = pattern.match(written.lower, name[1])
        strong = strong_at(written.text, gap.end()) if gap else None
        if strong is not None:
            yield strong
            return


def _after(written: Written, kind: str, name: Span) -> Span | None:
    rest = _REST.match(written.lower, name[1])
    suffix, end = (rest[0].strip("_-"), rest.end()) if rest else ("", name[1])
    if not _FIELDS.isdisjoint(re.split("[_-]", suffix)):
        return None
    assigned = _ASSIGNS.match(written.text, end)
    if assigned is not None:
        # In a file of settings any value counts; where people write it could be a sentence.
        before, sign = written.text[max(name[0] - 1, 0) : name[0]], assigned["sign"]
        if sign == ">" and before != "<":
            return None  # the way through a menu
        in_file = bool(assigned["quote"]) or "=" in sign or sign == ">" or before == "_"
        certain = suffix in ("", "s") and (kind == "name" or (in_file and name[1] - name[0] == len("pass")))
        return _assigned(written.text, assigned.end(), in_file=in_file, certain=certain)
    if suffix not in ("", "s"):
        return None
    return _as_option(written.text, name[0], end) or _said(written, kind, end)


def _assigned(text: str, start: int, *, in_file: bool, certain: bool) -> Span | None:
    """Find the value after a sign; a name that is `certain` needs none that looks like a secret."""
    found = quoted(text, start) or value_at(text, start)
    if found is None:
        return None
    word = text[found[0] : found[1]]
    if is_placeholder(word):
        return None
    if is_strong(word) or is_random(word) or (in_file and is_long(word)):
        return found
    if not certain:
        return None
    if in_file:
        return None if is_literal(word) else found
    return _announced(text, start)


def _as_option(text: str, begin: int, end: int) -> Span | None:
    """Find the value after an option of a command: `--password X`."""
    option = _OPTION.match(text, end) if text[max(begin - 2, 0) : begin] in ("--", " -") else None
    found = value_at(text, option.end()) if option else None
    return found if found is not None and not is_literal(text[found[0] : found[1]]) else None


def _said(written: Written, kind: str, end: int) -> Span | None:
    """Find the secret after a name in a sentence."""
    text, lower = written
    for gap in (_AT_ONCE.match(lower, end), _BELOW.match(lower, end)):
        if gap is not None and (found := strong_at(text, gap.end())):
            return found
    if kind == "name" and (words := _in_quotes(text, end)) is not None:
        return words
    if kind == "name" and (number := _NUMBER.match(text, end)) is not None and lower[end - 3 : end] != "tra":
        return number.span("secret")
    above = _HANDED_ABOVE.match(lower, end) if kind == "name" else None
    if above is not None and (found := strong_at(text, above.end())) is not None:
        return found
    says = _SAYS.match(lower, end)
    if says is None or _is_about(says["between"]):
        return None
    if kind != "name" or "," in says["between"] or says["to"]:
        found = quoted(text, says.end()) or _strong_after_states(text, says.end())
    else:
        found = _announced(text, says.end())
    if found is None and (later := _LATER.match(lower, end)):
        found = strong_at(text, later.end())
    return found


def _in_quotes(text: str, end: int) -> Span | None:
    """Find words with a digit in quotes after a name: pwd "blue moon 7"."""
    gap = _SPACE.match(text, end)
    found = quoted(text, gap.end()) if gap else None
    return found if found is not None and is_strong(text[slice(*found)].replace(" ", "")) else None


def _is_about(between: str) -> bool:
    """Tell whether something about a password is meant: its page, its rules."""
    words = takewhile(lambda word: word not in _PARTS, between.split())
    return not _ABOUT.isdisjoint(words)


def _before(written: Written, name: Span) -> list[Span]:
    """Find the secrets that stand before their name: “Hunter22 is my password”."""
    lower = written.lower
    line = lower.rfind("\n", max(0, name[0] - 120), name[0]) + 1
    words = lower[line or max(0, name[0] - 120) : name[0]].split(" ")
    if len(words) < 4 or words[-1]:
        return []
    if words[-2] in _TAKEN_AS:
        return _strong_ones(written.text, words[:-2], name[0] - len(words[-2]) - 2)
    for verb in (-3, -4):  # the last one is empty; a word such as “new” may stand before the name
        if len(words) > -verb and words[verb] in _VERBS and words[verb + 1] in _OWNERS:
            end = name[0] - len(" ".join(words[verb:])) - 1
            return _strong_ones(written.text, words[:verb], end)
    return []


def _strong_ones(text: str, words: list[str], end: int) -> list[Span]:
    """Find the secrets at the end of these words: the last one, and those that are listed with it."""
    found = []
    while words:
        span = bare(text, end - len(words[-1]), end)
        if not (is_strong(word := text[span[0] : span[1]]) or is_random(word)):
            break
        found.append(span)
        end -= len(" ".join(words[-2:])) + 1
        words = words[:-2] if len(words) > 2 and words[-2] in _MORE_WORDS else []
    return found


def _is_sentence(line: str, *, signed: bool) -> bool:
    """Tell whether a line may be a secret of several words; without a sign before it, it may tell a state."""
    words = line.lower().split()
    tells = words[0] in STATES or tells_state(words[0]) if words else True
    return is_strong(line.strip()) or (len(words) > 2 and (signed or not tells))


def _strong_after_states(text: str, start: int) -> Span | None:
    found = _announced(text, start)
    return found if found is not None and is_strong(text[found[0] : found[1]]) else None


def _announced(text: str, start: int) -> Span | None:
    """Find the secret after an announcement; words that describe a state are passed over."""
    if (found := quoted(text, start)) is not None:
        return found
    plain_is_secret = True
    for _ in range(4):
        found = value_at(text, start)
        if found is None:
            return None
        word = text[found[0] : found[1]].strip("!?¡¿").lower()
        if word in _PARTS and word not in CHANGES:
            return None  # where it is, and of what
        if word not in STATES:
            return found if may_be_secret(text, found, plain_is_secret=plain_is_secret) else None
        plain_is_secret = plain_is_secret and word in CHANGES
        gap = _SPACE.match(text, found[1])
        if gap is None:
            return None
        start = gap.end()
    return None
