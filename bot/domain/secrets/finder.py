"""Finds every secret in a text, and says where it stands."""

import re
from collections.abc import Callable, Iterable, Iterator
from itertools import islice

from bot.domain.secrets.codes import (
    find_codes,
    find_document,
    find_insurance,
    find_list,
    find_pin,
    find_seed_words,
    find_seeds,
)
from bot.domain.secrets.names import find_names
from bot.domain.secrets.numbers import find_numbers
from bot.domain.secrets.passwords import find_key, find_pair, find_password, find_sentence, find_used_as
from bot.domain.secrets.tokens import find_tokens
from bot.domain.secrets.unnamed import find_unnamed
from bot.domain.secrets.values import Span, Written, is_strong, read

_MOST_NAMES = 1_000  # in one text: what has more is written by no person
_MOST_AGAIN = 20  # secrets whose repetitions are looked for
_LONGEST_AGAIN = 200  # characters of one
_BY_KIND: dict[str, tuple[Callable[[Written, Span], Iterable[Span]], ...]] = {
    "sentence": (find_sentence,),
    "used_as": (find_used_as,),
    "code": (find_codes, find_list, lambda written, name: find_password(written, "vague", name)),
    "document": (find_document, find_insurance),
    "pin": (find_pin, lambda written, name: find_password(written, "vague", name)),
    "pair": (find_pair, lambda written, name: find_password(written, "pair", name)),
    "vague": (lambda written, name: find_password(written, "vague", name), find_key),
    "key": (find_key,),
    "seed": (find_seed_words,),
    "name": (lambda written, name: find_password(written, "name", name),),
}


def find_secrets(text: str) -> list[Span]:
    """Find where secrets stand, from left to right; none overlaps another."""
    written = read(text)
    spans = [*find_tokens(text), *find_numbers(text), *_find_named(written)]
    spans += [*find_seeds(written), *find_unnamed(written)]
    if not spans:
        return []
    return merged([*spans, *_find_again(text, spans)])


def has_credentials(address: str) -> bool:
    """Tell whether an address holds a password, a token or a signature; a number in it is a name."""
    return any(find_tokens(address)) or any(_find_named(read(address)))


def _find_named(written: Written) -> Iterator[Span]:
    for kind, name in islice(find_names(written), _MOST_NAMES):
        for find in _BY_KIND[kind]:
            yield from find(written, name)


def _find_again(text: str, spans: list[Span]) -> Iterator[Span]:
    """Find where secrets that were found are written once more."""
    short = {text[start:end] for start, end in spans if end - start <= _LONGEST_AGAIN}
    secrets = {word for word in short if is_strong(word)}
    if 0 < len(secrets) <= _MOST_AGAIN:
        again = re.compile(
            rf"(?<!\w)(?:{'|'.join(map(re.escape, sorted(secrets, key=len, reverse=True)))})(?!\w)",
            re.IGNORECASE,
        )
        yield from (found.span() for found in again.finditer(text))


def merged(spans: Iterable[Span]) -> list[Span]:
    """Return spans from left to right, one for those that overlap."""
    found: list[Span] = []
    for start, end in sorted(spans):
        if found and start < found[-1][1]:
            found[-1] = (found[-1][0], max(found[-1][1], end))
        else:
            found.append((start, end))
    return found
