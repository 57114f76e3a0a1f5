"""Which rows name a post, so that it is known in time whether one may be given up."""

from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    for table in ("pressables", "ratings", "ticket_fields", "signs", "episodes"):
        op.create_index(f"ix_{table}_post_id", table, ["post_id"])
    op.create_index("ix_relays_mark_id", "relays", ["mark_id"])
