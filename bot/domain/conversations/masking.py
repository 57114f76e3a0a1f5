"""Cleans and masks text before it is stored: replaces what no database stores, and hides secrets."""

import re
import unicodedata

from bot.domain.words.loader import all_words, any_of

LONGEST_TEXT = 40_000  # characters
MASK = "•••"

# How each secret looks; the group `secret` is what is masked.
# Every run is bounded: a message of 40,000 characters must not cost more than its length.
_PATTERNS = (
    re.compile(
        r"(?P<secret>-----BEGIN [A-Z ]{0,30}PRIVATE KEY-----"
        r"(?:.{0,8000}?-----END [A-Z ]{0,30}PRIVATE KEY-----|.*))",
        re.DOTALL,
    ),
    re.compile(r"(?<![\w.-])(?P<secret>eyJ[\w-]{8,4000}\.[\w-]{8,8000}\.[\w-]{8,2000})"),
    re.compile(r"\b(?P<secret>(?:AKIA|ASIA)[0-9A-Z]{16})\b"),
    re.compile(
        r"(?<![\w-])(?P<secret>(?:gh[pousr]_|github_pat_|glpat-|xox[abeoprs]-|sk-|sk_live_|rk_live_|AIza|hf_|npm_|pypi-)"
        r"[\w-]{12,300})"
    ),
    re.compile(r"\b[a-z][a-z0-9+.-]{1,20}://[^\s/:@]{1,100}:(?P<secret>[^\s/@]{1,200})@", re.IGNORECASE),
)
# "my password for the vpn is now X", "contraseña nueva: X": the keyword, up to four words, then what says
# that the secret follows.
_ANNOUNCED = re.compile(
    rf"\b{any_of('secrets', 'names')}\b"
    r"(?P<between>(?:[ \t]{1,3}[\w'’-]{1,20}){0,4}?)"
    rf"[ \t]{{0,3}}(?:[:=]|\b{any_of('secrets', 'follows')}\b)[ \t]{{0,3}}:?[ \t]{{0,3}}",
    re.IGNORECASE,
)
_QUOTED = re.compile(r"[\"“«'‘](?P<secret>[^\"”»'’\n]{4,100})[\"”»'’]")
_TOKEN = re.compile(r"[\"“«'‘]?(?P<secret>[^\s\"”»]{1,200})")
_SPACE = re.compile(r"[ \t]{1,3}")
_CARD = re.compile(r"(?<![\d.-])\d(?:[ -]?\d){12,18}(?![\d-])")
# What people write after "my password is": a state, not a secret.
_STATES = all_words("secrets", "states")
# States after which the new secret follows.
_CHANGES = all_words("secrets", "changes")
# Plain words that follow "my password is ..." in a sentence of another meaning.
_ORDINARY = all_words("secrets", "ordinary")


def clean(text: str) -> str:
    """Replace characters that no database stores (NUL, lone surrogates), and cut after 40,000 characters."""
    text = text.replace("\0", "\N{REPLACEMENT CHARACTER}")
    text = re.sub(r"[\ud800-\udfff]", "\N{REPLACEMENT CHARACTER}", text)
    return text if len(text) <= LONGEST_TEXT else text[: LONGEST_TEXT - 1] + "…"


def visible(text: str) -> str:
    """Return the text without characters that show nothing: it is empty where nothing was said."""
    return "".join(
        c for c in text if unicodedata.category(c) not in ("Cf", "Cc", "Zs", "Zl", "Zp", "Mn", "Cs")
    )


def mask(text: str) -> tuple[str, bool]:
    """Replace passwords, card numbers and keys by dots; return the text, and whether there was one."""
    spans = [match.span("secret") for pattern in _PATTERNS for match in pattern.finditer(text)]
    spans += [span for match in _ANNOUNCED.finditer(text) if (span := _announced(text, match.end()))]
    spans += [
        match.span() for match in _CARD.finditer(text) if _luhn([int(c) for c in match[0] if c.isdigit()])
    ]
    if not spans:
        return text, False
    parts, done = [], 0
    for start, end in sorted(spans):
        if start >= done:
            parts += [text[done:start], MASK]
        done = max(done, end)
    return "".join(parts) + text[done:], True


def _announced(text: str, start: int) -> tuple[int, int] | None:
    """Find the span of the secret after an announcement; words that describe a state are passed over."""
    quoted = _QUOTED.match(text, start)
    if quoted:
        return quoted.span("secret")
    plain_is_secret = True
    for _ in range(4):
        token = _TOKEN.match(text, start)
        if token is None or token["secret"] == MASK:
            return None
        bare = token["secret"].strip(".,;:!?()¡¿'’")
        if bare.lower() in _STATES:
            plain_is_secret = plain_is_secret and bare.lower() in _CHANGES
            gap = _SPACE.match(text, token.end())
            if gap is None:
                return None
            start = gap.end()
            continue
        return token.span("secret") if _looks_secret(bare, plain_is_secret) else None
    return None


def _looks_secret(word: str, plain_is_secret: bool) -> bool:
    """Tell whether a word after an announcement may be the secret: four characters, and no ordinary word."""
    if len(word) < 4:
        return False
    plain = word.isalpha() and (word.islower() or word.istitle())
    return not plain or (plain_is_secret and word.lower() not in _ORDINARY)


def _luhn(digits: list[int]) -> bool:
    doubled = [d if i % 2 == 0 else (d * 2 - 9 if d > 4 else d * 2) for i, d in enumerate(reversed(digits))]
    return len(set(digits)) > 1 and sum(doubled) % 10 == 0
