"""Reads a database's URL in the forms in which providers and programs write it."""

import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote, unquote

from sqlalchemy import URL, make_url
from sqlalchemy.exc import ArgumentError

from bot.domain.errors import SettingsInvalid

NAME = "FIRSTLINE_DATABASE_URL"
PREPARE = "prepare_threshold"  # of psycopg: after how many times a statement is prepared
POOLED = "pgbouncer"  # as other programs are told of a pooler
LIMIT = "connection_limit"  # as other programs are told how many connections they may have
POOL = {"pool_size": 10, "max_overflow": 10, "pool_timeout": 2, "pool_recycle": 1800}
PYSQLITE = frozenset(
    "uri timeout isolation_level detect_types check_same_thread cached_statements".split()
)  # options of its URLs
_QUERY = re.compile(r"\?[A-Za-z_]+=")


def parsed(url: str) -> URL:
    """Read a URL; `postgres://` and `postgresql://` mean psycopg 3. Raise `SettingsInvalid`."""
    for prefix in ("postgres://", "postgresql://", "postgresql+psycopg://"):
        if url.startswith(prefix):
            url = "postgresql+psycopg://" + _usual(url.removeprefix(prefix))
    try:
        made = make_url(url)
    except (ArgumentError, ValueError):
        raise SettingsInvalid(
            f"{NAME}: this is no database URL; use sqlite:///firstline.db or "
            "postgresql://name:password@host/database."
        ) from None
    if made.get_backend_name() == "sqlite" and made.database in (None, "", ":memory:"):
        raise SettingsInvalid(f"{NAME}: SQLite in memory loses tickets; name a file.")
    if made.drivername not in ("sqlite", "sqlite+pysqlite", "postgresql+psycopg"):
        raise SettingsInvalid(f"{NAME}: {made.drivername} is not supported; use sqlite:/// or postgresql://.")
    _check_options(made)
    password = made.query.get("password")
    if isinstance(password, str):  # where it is shown to nobody
        made = made.difference_update_query(["password"]).set(password=password)
    return made


def driver_options(url: URL) -> dict[str, Any]:
    """What psycopg is told beside libpq's own options."""
    if PREPARE in url.query:  # as text the driver would compare it with a number
        threshold = str(url.query[PREPARE])
        return {PREPARE: int(threshold) if threshold.isdigit() else None}
    return {PREPARE: None} if str(url.query.get(POOLED, "")).lower() in ("true", "1", "yes") else {}


def pool_options(url: URL) -> Mapping[str, int]:
    """How many connections there may be, and for how long."""
    own = {LIMIT: int(str(url.query[LIMIT]))} if LIMIT in url.query else {}
    limited = {"pool_size": own[LIMIT], "max_overflow": 0} if own else {}
    return POOL | limited | {name: int(str(url.query[name])) for name in POOL if name in url.query}


def without_ours(url: URL) -> URL:
    """The URL with libpq's options alone."""
    return url.difference_update_query([PREPARE, POOLED, LIMIT, *POOL])


def _usual(rest: str) -> str:
    """What follows `postgresql://`, so that it is read as libpq reads it.

    A password may hold an @, there may be several hosts with ports, and a host may be a folder of sockets.
    """
    found = _QUERY.search(rest)
    head, query = (rest[: found.start()], rest[found.start() :]) if found else (rest, "")
    person, at, place = head.rpartition("@")
    hosts, slash, name = place.partition("/")
    if "," in hosts or "%2f" in hosts.lower():
        named = "&".join(f"host={quote(unquote(host), safe=':')}" for host in hosts.split(","))
        hosts, query = "", f"{query}&{named}" if query else f"?{named}"
    return f"{person.replace('@', '%40')}{at}{hosts}{slash}{name}{query}"


def _check_options(url: URL) -> None:
    sqlite = url.get_backend_name() == "sqlite"
    unknown = sorted(set(url.query) - (PYSQLITE if sqlite else _known_to_postgresql()))
    if unknown and not (sqlite and "uri" in url.query):  # its URIs have options of their own
        raise SettingsInvalid(
            f"{NAME}: {'SQLite' if sqlite else 'PostgreSQL'} knows no option {', '.join(unknown)}; "
            "correct what stands after the question mark."
        )
    threshold = url.query.get(PREPARE, "0")
    if not isinstance(threshold, str) or not re.fullmatch(r"[0-9]{1,9}|none", threshold, re.IGNORECASE):
        raise SettingsInvalid(
            f"{NAME}: {PREPARE} must be a whole number, or none for no prepared statements."
        )
    for option in (LIMIT, *POOL):
        least = 1 if option in (LIMIT, "pool_size") else 0
        value = url.query.get(option, "1")
        if not isinstance(value, str) or not re.fullmatch(r"[0-9]{1,6}", value) or int(value) < least:
            raise SettingsInvalid(f"{NAME}: {option} must be a whole number from {least} on.")


def _known_to_postgresql() -> set[str]:
    from psycopg.pq import Conninfo

    return {option.keyword.decode() for option in Conninfo.get_defaults()} | {PREPARE, POOLED, LIMIT, *POOL}
