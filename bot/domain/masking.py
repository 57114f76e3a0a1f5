"""Text as we may keep it: replaced where it cannot be stored, masked where it is a secret."""

import re
import unicodedata

LONGEST_TEXT = 40_000
MASK = "•••"

# How each secret looks; the group `secret` is what is masked.
_PATTERNS = (
    re.compile(
        r"(?P<secret>-----BEGIN [A-Z ]*PRIVATE KEY-----.*?(?:-----END [A-Z ]*PRIVATE KEY-----|\Z))", re.DOTALL
    ),
    re.compile(r"\b(?P<secret>eyJ[\w-]{8,}\.[\w-]{8,}\.[\w-]{8,})"),
    re.compile(r"\b(?P<secret>(?:AKIA|ASIA)[0-9A-Z]{16})\b"),
    re.compile(
        r"\b(?P<secret>(?:gh[pousr]_|github_pat_|glpat-|xox[abeoprs]-|sk-|sk_live_|rk_live_|AIza|hf_|npm_|pypi-)[\w-]{12,})"
    ),
    re.compile(r"\b\w+://[^\s/:@]+:(?P<secret>[^\s/@]+)@"),
    re.compile(
        r"\b(?:pass(?:word|wd|phrase|code)?|pwd|pin|api[ _-]?key|secret|token|contrase(?:ñ|n)a|clave|contra)"
        r"(?:\s*[:=]\s*|\s+(?:is|was|es|era)\s*:?\s+)[\"'«“]?(?P<secret>[^\s\"'»”]{4,})",
        re.IGNORECASE,
    ),
)
_CARD = re.compile(r"(?<![\d.-])\d(?:[ -]?\d){12,18}(?![\d-])")
# What people write after "my password is": a state, not a secret.
_STATES = frozenset(
    """
    not wrong expired expiring expire incorrect invalid blocked locked forgotten lost rejected
    correct right fine the still being gone weak same getting what about reset changed required
    needed denied refused working also too incorrecta caducada bloqueada errónea erronea inválida
    invalida correcta olvidada perdida demasiado muy rechazada igual válida valida vencida expirada
    caducado bloqueado incorrecto correcto distinta diferente
    """.split()
)


def clean(text: str) -> str:
    """Replace what no database stores (NUL, lone surrogates), and cut beyond 40,000 characters."""
    text = text.replace("\0", "\N{REPLACEMENT CHARACTER}")
    text = re.sub(r"[\ud800-\udfff]", "\N{REPLACEMENT CHARACTER}", text)
    return text if len(text) <= LONGEST_TEXT else text[: LONGEST_TEXT - 1] + "…"


def visible(text: str) -> str:
    """The text without characters that show nothing, for telling whether anything was said."""
    return "".join(
        c for c in text if unicodedata.category(c) not in ("Cf", "Cc", "Zs", "Zl", "Zp", "Mn", "Cs")
    )


def mask(text: str) -> tuple[str, bool]:
    """Replace passwords, card numbers and keys by dots; also tell whether there was one."""
    found = False

    def hide(match: re.Match[str]) -> str:
        nonlocal found
        secret = match["secret"]
        if secret.lower().strip(".,;:!?()") in _STATES:
            return match[0]
        found = True
        start, end = match.start("secret") - match.start(), match.end("secret") - match.start()
        return match[0][:start] + MASK + match[0][end:]

    def hide_card(match: re.Match[str]) -> str:
        nonlocal found
        digits = [int(c) for c in match[0] if c.isdigit()]
        if not _luhn(digits):
            return match[0]
        found = True
        return MASK

    for pattern in _PATTERNS:
        text = pattern.sub(hide, text)
    return _CARD.sub(hide_card, text), found


def _luhn(digits: list[int]) -> bool:
    doubled = [d if i % 2 == 0 else (d * 2 - 9 if d > 4 else d * 2) for i, d in enumerate(reversed(digits))]
    return len(set(digits)) > 1 and sum(doubled) % 10 == 0
