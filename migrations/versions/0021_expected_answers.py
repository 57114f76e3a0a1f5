"""By when an employee was told that somebody usually answers."""

import sqlalchemy as sa
from alembic import op

from bot.storage.schema.columns import Moment

revision = "0021"
down_revision = "0019"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("tickets", sa.Column("expected_by", Moment))
