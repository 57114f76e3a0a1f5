"""Posts with buttons that name a ticket; how many tickets an outage holds is counted, not kept."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "pressables",
        sa.Column("ticket_id", ID, nullable=False),
        sa.Column("post_id", ID, nullable=False),
        sa.ForeignKeyConstraint(["ticket_id"], ["tickets.id"], name=op.f("fk_pressables_ticket_id_tickets")),
        sa.ForeignKeyConstraint(["post_id"], ["outbox.id"], name=op.f("fk_pressables_post_id_outbox")),
        sa.PrimaryKeyConstraint("ticket_id", "post_id", name=op.f("pk_pressables")),
    )
    # What was posted before has its buttons in its text, as JSON; a quotation of such words has its marks escaped.
    op.execute(
        sa.text(
            "INSERT INTO pressables SELECT o.ticket_id, o.id FROM outbox o JOIN texts t ON t.id = o.text_id "
            "WHERE o.kind = 'reply' AND o.ticket_id IS NOT NULL AND o.revises_id IS NULL "
            "AND o.private_to = '' AND o.removed = false AND t.body LIKE :buttons"
        ).bindparams(buttons='%"buttons": [{%')
    )
    op.drop_column("outages", "size")
