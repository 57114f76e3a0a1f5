"""Changes JSON bodies at random, as nobody should send them."""

import json
import random
from collections.abc import Iterator
from copy import deepcopy
from typing import Any

Place = tuple[Any, Any]  # an object or a list, and a key or an index in it

HUGE = 10**400


def _nested(depth: int) -> Any:
    found: Any = []
    for _ in range(depth):
        found = [found]
    return found


ODD: tuple[Any, ...] = (
    *(None, True, False, 0, -1, 1.5, 2**31, 2**63, HUGE, float("nan"), float("inf")),
    *("", " ", "x", "\0", "\ud800", "é" * 300, "9" * 400, "-1", "1e309", "null", "<![", "x" * 50_000),
    *([], {}, [None], [[]], {"": None}, {"id": {}}, _nested(60), ["a", 1], {"a": {"b": {"c": None}}}),
)


def mutated(body: Any, choice: random.Random) -> Any:
    """A copy of a body with one to three changes."""
    changed = json.loads(json.dumps(body))
    for _ in range(choice.choice((1, 1, 1, 2, 3))):
        places = list(_places(changed))
        if not places:
            break
        _change(*choice.choice(places), places, choice)
    return changed


def written(body: Any, choice: random.Random) -> tuple[bytes, str]:
    """A body as bytes with its content type, now and then cut, doubled, garbled or called something else."""
    raw = json.dumps(body, ensure_ascii=choice.random() < 0.8).encode("utf-8", "surrogatepass")
    kind = "application/json"
    match choice.randrange(24):
        case 0:
            raw = raw[: choice.randrange(len(raw) + 1)]
        case 1:
            at = choice.randrange(len(raw) + 1)
            raw = raw[:at] + choice.randbytes(choice.randint(1, 4)) + raw[at:]
        case 2:
            raw = b"[" * choice.choice((500, 5_000, 100_000)) + raw
        case 3:
            raw = raw.replace(b'"type":', b'"type": 5, "type":', 1)
        case 4:
            raw = raw.replace(b"}", b', "type": null}', 1)
        case 5:
            kind = choice.choice(
                ("text/plain", "application/xml", "application/json; charset=utf-99", "/", "")
            )
    return raw, kind


def _change(whole: Any, key: Any, places: list[Place], choice: random.Random) -> None:
    match choice.randrange(8):
        case 0:
            del whole[key]
        case 1:
            other, at = choice.choice(places)
            whole[key] = json.loads(json.dumps(other[at]))
        case 2:
            whole[key] = [whole[key]]
        case 3:
            whole[key] = {"value": whole[key]}
        case 4 if isinstance(whole[key], str):
            text = whole[key]
            at = choice.randrange(len(text) + 1)
            whole[key] = (
                text[:at] + str(choice.choice(("\0", "\ud800", "'", "\n", ";", "%00", "{{"))) + text[at:]
            )
        case _:
            whole[key] = deepcopy(choice.choice(ODD))


def _places(value: Any) -> Iterator[Place]:
    keys = value if isinstance(value, dict) else range(len(value)) if isinstance(value, list) else ()
    for key in keys:
        yield value, key
        yield from _places(value[key])
