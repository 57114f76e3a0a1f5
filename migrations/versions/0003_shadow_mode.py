"""What shadow mode decided and did not say, and what would have helped."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "shadow_verdicts",
        sa.Column("ticket_id", ID, autoincrement=False, nullable=False),
        sa.Column("decision_id", ID, nullable=False),
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("candidates", sa.JSON(), nullable=False),
        sa.Column("shown", sa.Integer(), nullable=False),
        sa.Column("named", sa.Text(), nullable=True),
        sa.Column("named_by_id", ID, nullable=True),
        sa.Column("named_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["ticket_id"], ["tickets.id"], name=op.f("fk_shadow_verdicts_ticket_id_tickets")
        ),
        sa.ForeignKeyConstraint(
            ["decision_id"], ["decisions.id"], name=op.f("fk_shadow_verdicts_decision_id_decisions")
        ),
        sa.ForeignKeyConstraint(
            ["named_by_id"], ["people.id"], name=op.f("fk_shadow_verdicts_named_by_id_people")
        ),
        sa.PrimaryKeyConstraint("ticket_id", name=op.f("pk_shadow_verdicts")),
    )
    op.create_index("ix_shadow_verdicts_at", "shadow_verdicts", ["at"])


def downgrade() -> None:
    op.drop_index("ix_shadow_verdicts_at", table_name="shadow_verdicts")
    op.drop_table("shadow_verdicts")
