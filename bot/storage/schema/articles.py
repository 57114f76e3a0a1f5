"""The tables of what owners of articles are told; ids, hashes and codes alone."""

from sqlalchemy import Column, Table, Text

from bot.storage.schema.columns import Id, Moment, metadata

# Each version of an article that was in force, by the hash of its words, and since when.
article_versions = Table(
    "article_versions",
    metadata,
    Column("target", Text, primary_key=True),
    Column("version", Text, primary_key=True),
    Column("since", Moment, nullable=False),
)

# What was told of a version: each sign once, whatever the replicas, until it has gone.
article_notices = Table(
    "article_notices",
    metadata,
    Column("target", Text, primary_key=True),
    Column("version", Text, primary_key=True),
    Column("sign", Text, primary_key=True),
    Column("told_at", Moment, nullable=False),
    # The outbox row of the last message that tells it, as long as that is kept.
    Column("post_id", Id),
)
