"""What became of each question, and of what was shown to it; questions from before are judged lot by lot."""

import sqlalchemy as sa
from alembic import op

from bot.storage.schema.columns import AT_ONCE, Moment

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def episode() -> sa.Column[int]:
    return sa.Column("episode_id", ID, sa.ForeignKey("episodes.id"), primary_key=True, autoincrement=False)


def upgrade() -> None:
    op.create_table(
        "outcomes",
        episode(),
        sa.Column("outcome", sa.Text, nullable=False),
        sa.Column("target", sa.Text, nullable=False),
        sa.Column("again", sa.Boolean, nullable=False),
        sa.Column("channel", sa.Text, nullable=False),
        sa.Column("language", sa.Text, nullable=False),
        sa.Column("queue", sa.Text, nullable=False),
        sa.Column("asked_at", Moment, nullable=False),
        sa.Column("closed_at", Moment, nullable=False),
    )
    op.create_index("ix_outcomes_asked_at", "outcomes", ["asked_at", "outcome", "again"])
    op.create_table(
        "shown_targets",
        episode(),
        sa.Column("target", sa.Text, primary_key=True),
        sa.Column("shown_at", Moment, nullable=False),
        sa.Column("chosen", sa.Boolean, nullable=False),
        sa.Column("verdict", sa.Text, nullable=False),
        sa.Column("reason", sa.Text, nullable=False),
        sa.Column("again", sa.Boolean, nullable=False),
    )
    op.create_index("ix_shown_targets_shown_at", "shown_targets", ["shown_at", "target"])
    # A version that does not know the column leaves the default: such questions are looked at soon, too.
    op.add_column("episodes", sa.Column("look_at", Moment, server_default=AT_ONCE))
    op.create_index(
        "ix_episodes_look_at",
        "episodes",
        ["look_at"],
        sqlite_where=sa.text("look_at IS NOT NULL"),
        postgresql_where=sa.text("look_at IS NOT NULL"),
    )
