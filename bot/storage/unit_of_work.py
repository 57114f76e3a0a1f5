"""One transaction, with every repository on its connection."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from datetime import datetime

from sqlalchemy import Connection
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from bot.desk.ports.channels import ProviderSession, Session
from bot.desk.ports.unit_of_work import Fact, UnitOfWork, UnitsOfWork
from bot.domain.errors import DatabaseNotReady, StorageBusy, StorageUnavailable
from bot.storage.accounts.absences import Absences
from bot.storage.accounts.joins import Joins
from bot.storage.engine import Database, check_is_there, connect, connect_reading, trouble_in
from bot.storage.learning.articles import Articles
from bot.storage.learning.examples import ExampleBook
from bot.storage.learning.figures import FigureBook
from bot.storage.learning.insights import Insights
from bot.storage.learning.missed import MissedQuestions
from bot.storage.learning.outcomes import Outcomes
from bot.storage.learning.typed_drafts import TypedDrafts
from bot.storage.migrate import current_revision, newest_revision
from bot.storage.mirrors import Mirrors
from bot.storage.repositories.assignment import Assignments, Clusters
from bot.storage.repositories.channel_memory import Memory, Sessions
from bot.storage.repositories.conversations import Conversations
from bot.storage.repositories.deliveries import Deliveries
from bot.storage.repositories.episodes import Episodes
from bot.storage.repositories.feedback import Details, Promises, Ratings, Verdicts
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
        self.facts: list[Fact] = []
        self.inbox = Inbox(connection)
        self.people = People(connection)
        self.joins = Joins(connection)
        self.absences = Absences(connection)
        self.conversations = Conversations(connection)
        self.assignments = Assignments(connection)
        self.clusters = Clusters(connection)
        self.outages = Outages(connection)
        self.relays = Relays(connection)
        self.mirrors = Mirrors(connection)
        self.texts = Texts(connection)
        self.episodes = Episodes(connection, self.texts)
        self.tickets = Tickets(connection)
        self.details = Details(connection)
        self.ratings = Ratings(connection)
        self.promises = Promises(connection)
        self.verdicts = Verdicts(connection)
        self.outcomes = Outcomes(connection)
        self.missed = MissedQuestions(connection)
        self.articles = Articles(connection)
        self.examples = ExampleBook(connection)
        self.typed_drafts = TypedDrafts(connection)
        self.figures = FigureBook(connection)
        self.insights = Insights(connection)
        self.outbox = Outbox(connection)
        self.deliveries = Deliveries(connection)
        self.rosters = Rosters(connection)
        self.schedule = Schedule(connection)
        self.memory = Memory(connection)
        self.sessions = Sessions(connection)
        self.timeline = Timeline(connection)
        self.shadow = Shadow(connection)


class SqlUnitsOfWork(UnitsOfWork):
    """Begins transactions on one database; raises `StorageBusy` where another stood in the way.

    Where the database itself is away, full or read-only it raises `StorageUnavailable`.
    """

    def __init__(self, database: Database, committed: Callable[[Sequence[Fact]], None]) -> None:
        self._database = database
        self._committed = committed

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
                work = SqlUnitOfWork(connection)
                yield work
            if work.facts:
                self._committed(work.facts)
        except (DBAPIError, PoolTimeout, self._database.error) as error:
            if stood_in_the_way(error):
                raise StorageBusy from error
            trouble = trouble_in(error)
            if trouble is not None:
                raise StorageUnavailable(trouble) from error
            raise


def units_of_work(
    database: Database, committed: Callable[[Sequence[Fact]], None] = lambda _facts: None
) -> UnitsOfWork:
    """Begin transactions on this database; what each did is told to `committed`, after its commit."""
    return SqlUnitsOfWork(database, committed)


def units_of_work_at(url: str, *, reading: bool = False) -> UnitsOfWork:
    """Begin transactions on the database at this URL; raise `DatabaseNotReady` without the newest schema.

    With `reading` nothing can be written.
    """
    check_is_there(url)
    database = connect_reading(url) if reading else connect(url)
    if current_revision(database) != newest_revision():
        raise DatabaseNotReady
    return units_of_work(database)


def stood_in_the_way(error: Exception) -> bool:
    """Whether it was a deadlock, a serialization failure, or a lock that was not to be had in time."""
    own = error.orig if isinstance(error, DBAPIError) else error
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

    def replace(self, channel: str, key: str, earlier: str, value: str | None) -> bool:
        """Put a value in place of an earlier one, or with None drop it; False where it has changed."""
        with self._begin() as work:
            return work.memory.replace(channel, key, earlier, value)

    def remember(self, channel: str, key: str, value: str) -> None:
        """Keep a value under this key."""
        with self._begin() as work:
            work.memory.remember(channel, key, value)


class ChannelSessions:
    """The sessions of those who sign in with us, each call in a transaction of its own."""

    def __init__(self, begin: UnitsOfWork) -> None:
        self._begin = begin

    def open(self, digest: str, session: Session) -> bool:
        """Enter a session; False where its sign-in opened one before. Those long over are dropped."""
        with self._begin() as work:
            return work.sessions.open(digest, session)

    def find(self, digest: str, now: datetime) -> Session | None:
        """A session that has neither ended nor expired."""
        with self._begin.reading() as work:
            return work.sessions.find(digest, now)

    def end(self, digest: str, now: datetime) -> str | None:
        """End a session; return whose it was, None where it had ended before."""
        with self._begin() as work:
            return work.sessions.end(digest, now)

    def extend(self, digest: str, until: datetime) -> None:
        """Let a session last longer."""
        with self._begin() as work:
            work.sessions.extend(digest, until)

    def take_look(self, digest: str, due: datetime, until: datetime) -> bool:
        """Take the look at a provider that is due; False where another replica has taken it."""
        with self._begin() as work:
            return work.sessions.take_look(digest, due, until)

    def renew(self, digest: str, provider: ProviderSession) -> None:
        """Keep what the provider said when it was asked again."""
        with self._begin() as work:
            work.sessions.renew(digest, provider)

    def end_all(self, person: str, sid: str, now: datetime) -> int:
        """End the sessions of a person or of a provider's session, whichever is named; return how many."""
        with self._begin() as work:
            return work.sessions.end_all(person, sid, now)

    def doubt(self, person: str) -> None:
        """Let the provider be asked anew in all sessions of a person; until then they count for nothing."""
        with self._begin() as work:
            work.sessions.doubt(person)

    def signed_in(self, grant: str, now: datetime) -> Sequence[Session]:
        """The session of each signed-in person in which their provider was asked last."""
        with self._begin.reading() as work:
            return work.sessions.signed_in(grant, now)

    def verified_email(self, person: str, now: datetime) -> str:
        """The verified e-mail address of somebody who is signed in; empty where none is known."""
        with self._begin.reading() as work:
            return work.sessions.verified_email(person, now)
