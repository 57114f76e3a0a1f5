"""What owners of articles are told, and since when each version of an article is in force."""

import sqlalchemy as sa
from alembic import op

from bot.storage.schema.columns import Moment

revision = "0028"
down_revision = "0027"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "article_versions",
        *(sa.Column(name, sa.Text, primary_key=True) for name in ("target", "version")),
        sa.Column("since", Moment, nullable=False),
    )
    op.create_table(
        "article_notices",
        *(sa.Column(name, sa.Text, primary_key=True) for name in ("target", "version", "sign")),
        sa.Column("told_at", Moment, nullable=False),
        sa.Column("post_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite")),
    )
    op.create_index("ix_shown_targets_target", "shown_targets", ["target", "shown_at"])
