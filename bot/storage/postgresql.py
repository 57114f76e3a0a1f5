"""Connections to PostgreSQL that do not wait for ever, whoever stands in between."""

import math
import sys
from collections.abc import Generator
from time import monotonic
from typing import TYPE_CHECKING, Any

import structlog
from sqlalchemy import URL, Engine, create_engine, event
from sqlalchemy.exc import InvalidatePoolError
from sqlalchemy.pool import ConnectionPoolEntry

from bot.runtime.deadline import seconds_left
from bot.storage.database_url import PREPARE, driver_options, pool_options, without_ours

if TYPE_CHECKING:
    from psycopg import Connection

log = structlog.get_logger()

IDLE_SECONDS = 1.0  # after which a connection is asked whether it still lives
SILENT_SECONDS = 12.0  # that a server may say nothing: more than it gives any statement itself
LAST_SECONDS = 0.5  # for what ends a transaction when nobody waits any more

# Of libpq, where the URL says nothing else: a network that swallows what is sent is noticed in seconds.
NETWORK = {
    "connect_timeout": "2",
    "keepalives_idle": "5",
    "keepalives_interval": "2",
    "keepalives_count": "3",
    "tcp_user_timeout": "6000",  # milliseconds
}
# Of the server, in milliseconds: what a client has given up must not go on there, and hold locks.
LIMITS = {
    "statement_timeout": 10_000,
    "lock_timeout": 1_000,
    "idle_in_transaction_session_timeout": 10_000,
}
READ_ONLY = "25006"  # a standby, or a primary that was set so
REFUSED_BY_POOLERS = "unsupported startup parameter"  # what PgBouncer says of `options`


def is_operational(error: object) -> bool:
    """Whether it is the database itself that fails, and not what it was asked."""
    psycopg = sys.modules.get("psycopg")
    if psycopg is None or not isinstance(error, psycopg.Error):
        return False
    return isinstance(error, psycopg.OperationalError) or error.sqlstate == READ_ONLY


def postgresql_engine(url: URL, *, serving: bool) -> Engine:
    """An engine for this URL; with `serving` neither we nor the server let a statement take long."""
    network: dict[str, Any] = {name: value for name, value in NETWORK.items() if name not in url.query}
    engine = create_engine(
        without_ours(url),
        connect_args=network | driver_options(url),
        hide_parameters=True,
        **pool_options(url),
    )
    connector = _Connector(str(url.query.get("options", "")), serving=serving)

    @event.listens_for(engine, "do_connect")
    def _on_connect(_dialect: Any, _record: Any, arguments: Any, options: dict[str, Any]) -> Any:
        return connector.connect(arguments, options)

    @event.listens_for(engine, "checkin")
    def _on_checkin(_connection: Any, record: ConnectionPoolEntry) -> None:
        record.info["used"] = monotonic()

    # As `pool_pre_ping`, but not for each of many transactions a second: that is a round trip for each.
    @event.listens_for(engine, "checkout")
    def _on_checkout(connection: Any, record: ConnectionPoolEntry, _proxy: Any) -> None:
        if monotonic() - record.info.get("used", 0.0) < IDLE_SECONDS:
            return
        try:
            engine.dialect.do_ping(connection)
        except engine.dialect.loaded_dbapi.Error as error:
            # Every older connection is made anew, this one at once.
            raise InvalidatePoolError from error

    return engine


class _Connector:
    """Opens connections, with the server's own limits where nobody in between refuses them."""

    def __init__(self, options: str, *, serving: bool) -> None:
        limits = " ".join(f"-c {name}={value}" for name, value in LIMITS.items())
        self._options = f"{limits} {options}".strip()  # the later one wins: the URL's
        self._serving = serving
        self._pooled = False
        self._kind = _kind_of_connection(SILENT_SECONDS if serving else math.inf)

    def connect(self, arguments: Any, options: dict[str, Any]) -> Any:
        """Connect as the driver does; the first refusal of our limits is remembered."""
        from psycopg import OperationalError

        if self._serving and not self._pooled:
            try:
                return self._kind.connect(*arguments, **options | {"options": self._options})
            except OperationalError as error:
                if REFUSED_BY_POOLERS not in str(error):
                    raise
            self._pooled = True
            log.warning("database_limits_not_set", next_step="see PgBouncer in `firstline docs operations`")
        # Behind a pooler each transaction may be on another connection, where nothing was prepared. A command
        # does not know whether it is, and gains nothing by it.
        prepare: dict[str, Any] = {PREPARE: None} if self._pooled or not self._serving else {}
        return self._kind.connect(*arguments, **prepare | options)


def _kind_of_connection(silent_seconds: float) -> "type[Connection[Any]]":
    import psycopg  # only now: whoever uses SQLite does without

    class LimitedConnection(psycopg.Connection[Any]):
        """A connection that is given up when its server says nothing for too long, or nobody waits for it."""

        def wait(self, gen: Generator[Any, Any, Any], *values: Any, **options: Any) -> Any:
            limit = max(min(silent_seconds, seconds_left()), LAST_SECONDS)
            if limit == math.inf:
                return super().wait(gen, *values, **options)
            return super().wait(self._limited(gen, limit), *values, **options)

        def _limited(self, gen: Generator[Any, Any, Any], limit: float) -> Generator[Any, Any, Any]:
            until = monotonic() + limit
            try:
                wanted = next(gen)
                while True:
                    ready = yield wanted
                    if not ready and monotonic() > until:
                        self.close()  # what comes over it now would be the answer to an earlier question
                        raise psycopg.OperationalError(f"the server was silent for {limit:.1f} seconds")
                    wanted = gen.send(ready)
            except StopIteration as done:
                return done.value

    return LimitedConnection
