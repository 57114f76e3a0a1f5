"""The database; the only package that knows SQLAlchemy."""

# All tables belong to the metadata, whoever imports it.
from bot.storage import asked_tables as asked_tables
from bot.storage import message_tables as message_tables
from bot.storage import outage_tables as outage_tables
from bot.storage import shadow_tables as shadow_tables
from bot.storage import tables as tables
from bot.storage.engine import Database, connect, mistake_in, shown
from bot.storage.migrate import current_revision, migrate

__all__ = ["Database", "connect", "current_revision", "migrate", "mistake_in", "shown"]
