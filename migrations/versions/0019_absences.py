"""Engineers who are away, until when, and when the desk looks at it next."""

import sqlalchemy as sa
from alembic import op

from bot.storage.schema.columns import Moment

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "absences",
        sa.Column("id", ID, primary_key=True, autoincrement=True),
        sa.Column("token", sa.Text, nullable=False, unique=True),
        sa.Column("person_id", ID, sa.ForeignKey("people.id"), nullable=False),
        sa.Column("since", Moment),
        sa.Column("until", Moment, nullable=False),
        sa.Column("ended_at", Moment),
        sa.Column("look_at", Moment),
        sa.Column("post_id", ID),
        sqlite_autoincrement=True,
    )
    for column, where in (("person_id", "ended_at IS NULL"), ("look_at", "look_at IS NOT NULL")):
        op.create_index(
            f"ix_absences_{column}",
            "absences",
            [column],
            sqlite_where=sa.text(where),
            postgresql_where=sa.text(where),
        )
