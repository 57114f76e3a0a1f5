"""Accounts that are one person's, what was done to join them, and the addresses by which they may be."""

import sqlalchemy as sa
from alembic import op

from bot.storage.schema.columns import Moment

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    create_log()
    keep_log()
    op.create_table(
        "joined_people",
        sa.Column("person_id", ID, sa.ForeignKey("people.id"), primary_key=True),
        sa.Column("joined_id", ID, sa.ForeignKey("join_log.id"), nullable=False),
        sa.Column("confirmed_id", ID, sa.ForeignKey("join_log.id")),
    )
    op.create_index("ix_joined_people_joined_id", "joined_people", ["joined_id"])
    op.create_index("ix_joined_people_confirmed_id", "joined_people", ["confirmed_id"])
    create_requests()
    create_addresses()


def create_log() -> None:
    op.create_table(
        "join_log",
        sa.Column("id", ID, primary_key=True, autoincrement=True),
        sa.Column("at", Moment, nullable=False),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("person_id", ID, sa.ForeignKey("people.id"), nullable=False),
        sa.Column("other_id", ID, sa.ForeignKey("people.id")),
        sa.Column("how", sa.Text, nullable=False),
        sa.Column("by", sa.Text, nullable=False, server_default=""),
        sa.CheckConstraint("kind IN ('joined','separated','wrong_code')", name=op.f("ck_join_log_kind")),
        sa.CheckConstraint(
            "how IN ('email','confirmed','operator','chat','erased')", name=op.f("ck_join_log_how")
        ),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_join_log_person_id", "join_log", ["person_id", "kind", "at"])
    op.create_index("ix_join_log_other_id", "join_log", ["other_id"])


def keep_log() -> None:
    """Let the database itself refuse to change or delete what was done."""
    if op.get_bind().dialect.name == "sqlite":
        for verb in ("UPDATE", "DELETE"):
            op.execute(
                f"CREATE TRIGGER join_log_no_{verb.lower()} BEFORE {verb} ON join_log "
                "BEGIN SELECT RAISE(ABORT, 'join_log is append-only'); END"
            )
        return
    op.execute(
        "CREATE FUNCTION join_log_refuse() RETURNS trigger LANGUAGE plpgsql AS "
        "$$ BEGIN RAISE EXCEPTION 'join_log is append-only'; END $$"
    )
    op.execute(
        "CREATE TRIGGER join_log_append_only BEFORE UPDATE OR DELETE ON join_log "
        "FOR EACH ROW EXECUTE FUNCTION join_log_refuse()"
    )


def create_requests() -> None:
    op.create_table(
        "join_requests",
        sa.Column("id", ID, primary_key=True, autoincrement=True),
        sa.Column("token", sa.Text, nullable=False, unique=True),
        sa.Column("code_hash", sa.Text, nullable=False, unique=True),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("person_id", ID, sa.ForeignKey("people.id"), nullable=False),
        sa.Column("conversation_id", ID, sa.ForeignKey("conversations.id"), nullable=False),
        sa.Column("other_id", ID, sa.ForeignKey("people.id")),
        sa.Column("other_conversation_id", ID, sa.ForeignKey("conversations.id")),
        sa.Column("post_id", ID),
        sa.Column("expires_at", Moment, nullable=False),
        sa.CheckConstraint(
            "state IN ('begun','entered','agreed','joined','ended')", name=op.f("ck_join_requests_state")
        ),
        sqlite_autoincrement=True,
    )
    for column in ("person_id", "other_id"):
        op.create_index(f"ix_join_requests_{column}", "join_requests", [column])


def create_addresses() -> None:
    op.create_table(
        "account_addresses",
        sa.Column("id", ID, primary_key=True, autoincrement=True),
        sa.Column("channel", sa.Text, nullable=False),
        sa.Column("tenant", sa.Text, nullable=False),
        sa.Column("external_id", sa.Text, nullable=False),
        sa.Column("address_hash", sa.Text, nullable=False),
        sa.Column("told_at", Moment, nullable=False),
        sa.Column("tried_at", Moment),
        sa.UniqueConstraint("channel", "tenant", "external_id"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_account_addresses_address_hash", "account_addresses", ["address_hash"])
    untried = sa.text("tried_at IS NULL")
    op.create_index(
        "ix_account_addresses_tried_at",
        "account_addresses",
        ["id"],
        sqlite_where=untried,
        postgresql_where=untried,
    )
