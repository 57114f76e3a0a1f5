"""The table of what is typed into drafts."""

from sqlalchemy import Column, Table, Text

from bot.storage.schema.columns import Moment, metadata

# For a day, and until anybody is erased: words of a ticket may be in it, and nothing tells whose.
# PostgreSQL takes no samples of the texts, which would outlast them.
typed_drafts = Table(
    "typed_drafts",
    metadata,
    # The account that typed it, and what the draft is made of, such as `ticket:17:en`.
    Column("owner", Text, primary_key=True),
    Column("source", Text, primary_key=True),
    # The hash of the draft as it was made: only in that one it is shown again.
    Column("base", Text, nullable=False),
    Column("article", Text, nullable=False),
    Column("intent", Text, nullable=False),
    Column("at", Moment, nullable=False),
)
