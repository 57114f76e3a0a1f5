"""Sessions of people whom an identity provider knows."""

import sqlalchemy as sa
from alembic import op

from bot.storage.schema.columns import Moment

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None


def upgrade() -> None:
    for name in ("name", "role", "email", "sealed", "sid_hash", "sign_in_hash"):
        op.add_column("sessions", sa.Column(name, sa.Text))
    for name in ("look_at", "ends_at"):
        op.add_column("sessions", sa.Column(name, Moment))
    op.create_index("ix_sessions_person", "sessions", ["person"])
    op.create_index("ix_sessions_sign_in_hash", "sessions", ["sign_in_hash"], unique=True)
    for name, column, of in (("sid_hash", "sid_hash", "sid_hash"), ("sealed", "expires_at", "sealed")):
        held = sa.text(f"{of} IS NOT NULL")
        op.create_index(f"ix_sessions_{name}", "sessions", [column], sqlite_where=held, postgresql_where=held)
