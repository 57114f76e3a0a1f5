"""Reads alerts of any system by a table that says where in its JSON each part of an alert stands."""

import json
import re
import tomllib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, fields
from datetime import UTC, datetime, timedelta
from difflib import get_close_matches
from hashlib import sha256
from pathlib import Path
from typing import Any

from bot.domain.errors import FirstlineError
from bot.domain.secrets.masking import clean
from bot.domain.tickets.outage import Alert, AlertState

LONGEST_KEY, LONGEST_TITLE, LONGEST_URL = 200, 500, 2000  # characters
MOST_ALERTS = 500  # in one request
LONGEST_MINUTES = 10_080  # a week
MILLISECONDS_FROM = 100_000_000_000  # a number from here on counts thousandths of seconds
_PART = re.compile(r"\{([^{}]+)\}")
_FRACTION = re.compile(r"(\.\d{6})\d+")  # clouds write more digits than Python reads
_MISSING = object()


class NotAnAlert(FirstlineError):
    """The body is not an alert."""


@dataclass(frozen=True, slots=True)
class AlertMap:
    """Table of where each part of an alert stands: paths, of which the first that holds something counts.

    A path is `a.b.0.c`, or a JSON pointer such as `/a.b/c`; with braces it is a text made of several.
    `began`, `ended` and `ignored` are what stands at `state`; `otherwise` is the state where none is told.
    """

    key: tuple[str, ...] = ()
    title: tuple[str, ...] = ()
    state: tuple[str, ...] = ()
    began: tuple[str, ...] = ()
    ended: tuple[str, ...] = ()
    ignored: tuple[str, ...] = ()
    otherwise: str = ""
    items: str = ""
    severity: tuple[str, ...] = ()
    url: tuple[str, ...] = ()
    began_at: tuple[str, ...] = ()
    ended_at: tuple[str, ...] = ()
    minutes: int = 0
    name: str = ""
    remedy: str = ""


@dataclass(frozen=True, slots=True)
class Reading:
    """Alerts of one request, how many of its entries do not matter, and what was not understood."""

    alerts: tuple[Alert, ...] = ()
    ignored: int = 0
    faults: tuple[str, ...] = ()


class AlertReader:
    """Reads the body of a request as alerts."""

    def __init__(
        self, table: AlertMap, minutes: int = 0, unwrap: Callable[[Any], Any] = lambda document: document
    ) -> None:
        """`minutes` wins over the table's; `unwrap` takes the document out of its envelope, or gives None."""
        self._table = table
        self._lasts = timedelta(minutes=minutes or table.minutes)
        self._unwrap = unwrap

    def read(self, body: bytes, now: datetime) -> Reading:
        """Read every alert of a body; raise `NotAnAlert` where there is none."""
        document = self._unwrap(parse(body))
        if document is None:
            return Reading()
        entries = found(document, self._table.items) if self._table.items else [document]
        if not isinstance(entries, list):
            raise self._missing(self._table.items)
        if len(entries) > MOST_ALERTS:
            raise NotAnAlert(f"there are {len(entries)} alerts in it; send {MOST_ALERTS} at most")
        alerts, faults, ignored = [], [], 0
        for entry in entries:
            try:
                alert = self._alert(entry, now)
            except NotAnAlert as fault:
                faults.append(str(fault))
                continue
            if alert is None:
                ignored += 1
            else:
                alerts.append(alert)
        if faults and not alerts and not ignored:
            raise NotAnAlert(faults[0])
        return Reading(tuple(alerts), ignored, tuple(faults))

    def _alert(self, entry: Any, now: datetime) -> Alert | None:
        table = self._table
        key, state = _text(entry, table.key), self._state(entry)
        if not key:
            raise self._missing(" or ".join(table.key))
        if state is None:
            return None
        times = table.began_at if state is AlertState.BEGAN else table.ended_at
        at = next((moment for path in times if (moment := moment_of(found(entry, path)))), now)
        url = _text(entry, table.url)
        return Alert(
            _short_key(key),
            _text(entry, table.title)[:LONGEST_TITLE] or key[:LONGEST_TITLE],
            state,
            min(at, now),  # a clock there that is ahead must not keep the end from being the newer word
            url if url.startswith(("https://", "http://")) and len(url) <= LONGEST_URL else "",
            _text(entry, table.severity),
            now + self._lasts if self._lasts and state is AlertState.BEGAN else None,
        )

    def _state(self, entry: Any) -> AlertState | None:
        told = _text(entry, self._table.state).casefold()
        if not told and self._table.otherwise:
            return AlertState(self._table.otherwise)
        if told in map(str.casefold, self._table.began):
            return AlertState.BEGAN
        if told in map(str.casefold, self._table.ended):
            return AlertState.ENDED
        if told in map(str.casefold, self._table.ignored):
            return None
        if not told:
            raise self._missing(" or ".join(self._table.state))
        known = ", ".join((*self._table.began, *self._table.ended, *self._table.ignored))
        raise NotAnAlert(f"what stands at '{' or '.join(self._table.state)}' is none of {known}")

    def _missing(self, path: str) -> NotAnAlert:
        remedy = f"; {self._table.remedy}" if self._table.remedy else ""
        return NotAnAlert(f"'{path}' is missing{remedy}")


def parse(body: bytes) -> Any:
    """Parse JSON; raise `NotAnAlert`."""
    try:
        return json.loads(body)
    except (ValueError, RecursionError):
        raise NotAnAlert("the body is not JSON") from None


def found(document: Any, path: str) -> Any:
    """What stands at a path; None where nothing does."""
    for step in _steps(path):
        if isinstance(document, dict):
            document = document.get(step)
        elif isinstance(document, list) and step.isascii() and step.isdigit() and len(step) < 5:
            document = document[int(step)] if int(step) < len(document) else None
        else:
            return None
    return document


def moment_of(value: Any) -> datetime | None:
    """A time, written in ISO 8601 or as seconds or thousandths since 1970; None where it is none."""
    if isinstance(value, str) and re.fullmatch(r"\d{9,13}(\.\d+)?", value):
        value = float(value)
    try:
        if isinstance(value, int | float) and not isinstance(value, bool) and value > 0:
            return datetime.fromtimestamp(value / 1000 if value >= MILLISECONDS_FROM else value, UTC)
        if isinstance(value, str):
            moment = datetime.fromisoformat(_FRACTION.sub(r"\1", value.strip()))
            aware = moment if moment.tzinfo is not None else moment.replace(tzinfo=UTC)
            return aware.astimezone(UTC) if aware.year > 1970 else None  # year 1 is how some write "none"
    except (ValueError, OverflowError, OSError):
        pass
    return None


def _steps(path: str) -> Sequence[str]:
    if path.startswith("/"):
        return [step.replace("~1", "/").replace("~0", "~") for step in path[1:].split("/")]
    return path.split(".")


def _text(entry: Any, paths: Sequence[str]) -> str:
    return next((text for path in paths if (text := _said(entry, path))), "")


def _said(entry: Any, path: str) -> str:
    if "{" not in path:
        return _plain(found(entry, path))
    parts = {part: _plain(found(entry, part)) for part in _PART.findall(path)}
    return _PART.sub(lambda part: parts[part[1]], path) if all(parts.values()) else ""


def _plain(value: Any) -> str:
    if isinstance(value, list):  # such as a field of Splunk's with several values
        value = next(iter(value), None)
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, int | float):
        return str(value)
    return clean(value).strip() if isinstance(value, str) else ""


def _short_key(key: str) -> str:
    if len(key) <= LONGEST_KEY:
        return key
    return key[: LONGEST_KEY - 65] + "#" + sha256(key.encode("utf-8", "replace")).hexdigest()


# --- the tables ------------------------------------------------------------------------------------------


def table_in(file: Path) -> AlertMap:
    """The table of a file that is in the box; raise `ValueError` with its faults."""
    table, faults = table_of(tomllib.loads(file.read_text(encoding="utf-8")))
    if faults:
        raise ValueError(f"{file}: {' '.join(faults)}")
    return table


def table_of(values: dict[str, Any]) -> tuple[AlertMap, list[str]]:
    """A table as TOML has it, and every fault of it as a sentence that begins with the entry."""
    kinds = {field.name: field.type for field in fields(AlertMap)}
    faults: list[str] = []
    read: dict[str, Any] = {}
    for name, value in values.items():
        if name not in kinds:
            near = get_close_matches(name, kinds, 1)
            meant = f"; did you mean {near[0]}?" if near else f"; there are {', '.join(kinds)}."
            faults.append(f"{name} is unknown{meant}")
        elif name == "minutes":
            if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value <= LONGEST_MINUTES:
                faults.append(f"minutes is no whole number from 0 to {LONGEST_MINUTES}.")
            else:
                read[name] = value
        elif name in ("items", "otherwise", "name", "remedy"):
            if isinstance(value, str):
                read[name] = value
            else:
                faults.append(f"{name} is no text; write it in quotes.")
        else:
            many = value if isinstance(value, list) else [value]
            if many and all(isinstance(one, str) and one for one in many):
                read[name] = tuple(many)
            else:
                faults.append(f"{name} is no text and no list of texts; write it in quotes.")
    table = AlertMap(**read)
    unread = set(values) - set(read)
    return table, [*faults, *_faults(table, unread)]


def _faults(table: AlertMap, unread: set[str]) -> Iterator[str]:
    for name, remedy in (
        ("key", "name the path of what is the same from the beginning of an alert to its end."),
        ("title", "name the path of what people are to read."),
    ):
        if not getattr(table, name) and name not in unread:
            yield f"{name} is missing; {remedy}"
    for name in ("key", "title", "state", "severity", "url", "began_at", "ended_at"):
        for path in getattr(table, name):
            if fault := _fault_in(path):
                yield f"{name} has the path '{path}': {fault}"
    if table.otherwise not in ("", *AlertState):
        yield "otherwise is neither began nor ended."
    if bool(table.began_at) != bool(table.ended_at) and not unread & {"began_at", "ended_at"}:
        yield "began_at and ended_at belong together; name both or none, or an end may look older."
    yield from _faults_in_states(table, unread)


def _faults_in_states(table: AlertMap, unread: set[str]) -> Iterator[str]:
    if not table.state and not table.otherwise and not unread & {"state", "otherwise"}:
        yield "state is missing; name its path, or set otherwise to began."
    if table.state and not (table.began or table.otherwise) and "began" not in unread:
        yield "began is missing; name what stands at state when an alert begins."
    if not table.ended and not table.minutes and not unread & {"ended", "minutes"}:
        yield (
            "ended is missing, so that no alert would end; name what stands at state then, or set minutes "
            "after which it is over."
        )
    told = [word.casefold() for word in (*table.began, *table.ended, *table.ignored)]
    for word in sorted({word for word in told if told.count(word) > 1}):
        yield f"'{word}' is named twice among began, ended and ignored; leave it in one of them."


def _fault_in(path: str) -> str:
    inner = _PART.findall(path)
    if path.count("{") != len(inner) or path.count("}") != len(inner):
        return "its braces do not match."
    for part in inner or [path]:
        if not all(_steps(part)) or part != part.strip():
            return "a step of it is empty; write it as a.b.c or /a/b/c."
    return ""
