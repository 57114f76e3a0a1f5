"""Alembic's entry: the connection always comes from `bot.storage.migrate`."""

from alembic import context

from bot.storage.schema.columns import metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    render_as_batch=True,
    compare_type=True,
)
with context.begin_transaction():
    context.run_migrations()
