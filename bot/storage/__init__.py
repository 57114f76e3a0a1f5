"""The database; the only package that knows SQLAlchemy."""

# All tables belong to the metadata, whoever imports it.
from bot.storage.engine import Database, connect, is_there, mistake_in, shown, trouble_in
from bot.storage.migrate import current_revision, migrate
from bot.storage.private_files import reached_by_others
from bot.storage.schema import accounts as accounts
from bot.storage.schema import articles as articles
from bot.storage.schema import drafts as drafts
from bot.storage.schema import feedback as feedback
from bot.storage.schema import figures as figures
from bot.storage.schema import messages as messages
from bot.storage.schema import mirrors as mirrors
from bot.storage.schema import outages as outages
from bot.storage.schema import privacy as privacy
from bot.storage.schema import shadow as shadow
from bot.storage.schema import tables as tables

__all__ = [
    "Database",
    "connect",
    "current_revision",
    "is_there",
    "migrate",
    "mistake_in",
    "reached_by_others",
    "shown",
    "trouble_in",
]
