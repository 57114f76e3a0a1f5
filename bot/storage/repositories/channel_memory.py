"""Stores what a channel must remember over a restart."""

from sqlalchemy import Connection, select

from bot.storage.rows.prepared_statements import upsert
from bot.storage.schema.tables import channel_memory


class Memory:
    """Stores the values of each channel under their keys."""

    def __init__(self, connection: Connection) -> None:
        self._db = connection

    def recall(self, channel: str, key: str) -> str | None:
        """The value under this key."""
        return self._db.execute(
            select(channel_memory.c.value).where(
                channel_memory.c.channel == channel, channel_memory.c.key == key
            )
        ).scalar()

    def once(self, channel: str, key: str, value: str) -> str:
        """Keep a value unless there is one already; return the one that is kept."""
        self._db.execute(
            upsert(self._db, channel_memory)
            .values(channel=channel, key=key, value=value)
            .on_conflict_do_nothing()
        )
        return self.recall(channel, key) or value

    def remember(self, channel: str, key: str, value: str) -> None:
        """Keep a value under this key."""
        self._db.execute(
            upsert(self._db, channel_memory)
            .values(channel=channel, key=key, value=value)
            .on_conflict_do_update(index_elements=["channel", "key"], set_={"value": value})
        )
