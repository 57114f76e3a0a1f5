"""The database; the only package that knows SQLAlchemy."""

# All tables belong to the metadata, whoever imports it.
from bot.storage.engine import Database, connect, is_there, mistake_in, shown, trouble_in
from bot.storage.migrate import current_revision, migrate
from bot.storage.schema import feedback as feedback
from bot.storage.schema import messages as messages
from bot.storage.schema import outages as outages
from bot.storage.schema import shadow as shadow
from bot.storage.schema import tables as tables

__all__ = [
    "Database",
    "connect",
    "current_revision",
    "is_there",
    "migrate",
    "mistake_in",
    "shown",
    "trouble_in",
]
