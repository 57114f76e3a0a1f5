"""One transaction, with every repository on its connection."""

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager

from sqlalchemy import Connection
from sqlalchemy.exc import OperationalError

from bot.desk.ports.unit_of_work import UnitOfWork, UnitsOfWork
from bot.domain.errors import DatabaseNotReady, StorageBusy
from bot.storage.engine import Database, connect
from bot.storage.migrate import current_revision, newest_revision
from bot.storage.repositories.assignment import Assignments, Clusters
from bot.storage.repositories.channel_memory import Memory
from bot.storage.repositories.conversations import Conversations
from bot.storage.repositories.deliveries import Deliveries
from bot.storage.repositories.episodes import Episodes
from bot.storage.repositories.feedback import Details, Promises, Ratings
from bot.storage.repositories.inbox import Inbox
from bot.storage.repositories.outages import Outages
from bot.storage.repositories.outbox import Outbox
from bot.storage.repositories.people import People, Rosters, Texts
from bot.storage.repositories.relays import Relays
from bot.storage.repositories.schedule import Schedule
from bot.storage.repositories.shadow import Shadow
from bot.storage.repositories.tickets import Tickets
from bot.storage.repositories.timeline import Timeline


class SqlUnitOfWork(UnitOfWork):
    """Repositories that share one transaction."""

    def __init__(self, connection: Connection) -> None:
        self.inbox = Inbox(connection)
        self.people = People(connection)
        self.conversations = Conversations(connection)
        self.assignments = Assignments(connection)
        self.clusters = Clusters(connection)
        self.outages = Outages(connection)
        self.relays = Relays(connection)
        self.texts = Texts(connection)
        self.episodes = Episodes(connection, self.texts)
        self.tickets = Tickets(connection)
        self.details = Details(connection)
        self.ratings = Ratings(connection)
        self.promises = Promises(connection)
        self.outbox = Outbox(connection)
        self.deliveries = Deliveries(connection)
        self.rosters = Rosters(connection)
        self.schedule = Schedule(connection)
        self.memory = Memory(connection)
        self.timeline = Timeline(connection)
        self.shadow = Shadow(connection)


class SqlUnitsOfWork(UnitsOfWork):
    """Begins transactions on one database; raises `StorageBusy` where another stood in the way."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def __call__(self) -> AbstractContextManager[UnitOfWork]:
        """A transaction that may write."""
        return self._begin(reading=False)

    def reading(self) -> AbstractContextManager[UnitOfWork]:
        """A transaction that only reads."""
        return self._begin(reading=True)

    @contextmanager
    def _begin(self, *, reading: bool) -> Iterator[UnitOfWork]:
        try:
            with self._database.transaction(reading=reading) as connection:
                yield SqlUnitOfWork(connection)
        except (OperationalError, self._database.error) as error:
            if _stood_in_the_way(error):
                raise StorageBusy from error
            raise


def units_of_work(database: Database) -> UnitsOfWork:
    """Begin transactions on this database."""
    return SqlUnitsOfWork(database)


def units_of_work_at(url: str) -> UnitsOfWork:
    """Begin transactions on the database at this URL; raise `DatabaseNotReady` without the newest schema."""
    database = connect(url)
    if current_revision(database) != newest_revision():
        raise DatabaseNotReady
    return units_of_work(database)


def _stood_in_the_way(error: Exception) -> bool:
    """Whether it was a deadlock, a serialization failure, or a lock that was not to be had in time."""
    own = error.orig if isinstance(error, OperationalError) else error
    state = getattr(own, "sqlstate", None)
    return state in ("40P01", "40001", "55P03") or "database is locked" in str(own)


class ChannelMemory:
    """A channel's memory, each call in a transaction of its own."""

    def __init__(self, begin: UnitsOfWork) -> None:
        self._begin = begin

    def recall(self, channel: str, key: str) -> str | None:
        """The value under this key."""
        with self._begin.reading() as work:
            return work.memory.recall(channel, key)

    def once(self, channel: str, key: str, value: str) -> str:
        """Keep a value unless there is one already; return the one that is kept."""
        with self._begin() as work:
            return work.memory.once(channel, key, value)

    def remember(self, channel: str, key: str, value: str) -> None:
        """Keep a value under this key."""
        with self._begin() as work:
            work.memory.remember(channel, key, value)
