"""The database; the only package that knows SQLAlchemy."""

from bot.storage import asked_tables as asked_tables  # they belong to the metadata
from bot.storage import outage_tables as outage_tables  # a foreign key of the tickets leads there
from bot.storage import shadow_tables as shadow_tables  # they belong to the metadata
from bot.storage.engine import Database, connect, mistake_in, shown
from bot.storage.migrate import current_revision, migrate

__all__ = ["Database", "connect", "current_revision", "migrate", "mistake_in", "shown"]
