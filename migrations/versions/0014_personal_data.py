"""What was done with people's data; words that nothing names go; a history may lose its people."""

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
NAMED_BY = {
    "utterances": ("text_id",),
    "changed_messages": ("text_id",),
    "episodes": ("question_id",),
    "tickets": ("question_id", "note_id"),
    "relays": ("text_id",),
    "outbox": ("text_id",),
    "ticket_fields": ("text_id",),
    "ratings": ("comment_id",),
    "outages": ("title_id", "question_id", "closing_id"),
    "outage_notices": ("text_id",),
    "alerts": ("title_id",),
}


def upgrade() -> None:
    op.create_table(
        "privacy_log",
        sa.Column("id", ID, autoincrement=True, nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("person_id", ID, nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("by", sa.Text(), nullable=False),
        sa.Column("stage", sa.Text(), server_default="", nullable=False),
        sa.Column("after", ID, server_default="0", nullable=False),
        sa.Column("sought", sa.JSON(), nullable=False),
        sa.Column("counts", sa.JSON(), nullable=False),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("kind IN ('export','erase','retention')", name=op.f("ck_privacy_log_kind")),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=op.f("fk_privacy_log_person_id_people")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_privacy_log")),
        sqlite_autoincrement=True,
    )
    drop_words_that_nothing_names()
    let_a_history_lose_its_people()


def drop_words_that_nothing_names() -> None:
    """Earlier versions of questions, notes and edits: nobody could find them, and nothing shows them."""
    # Not with NOT IN: PostgreSQL reads all that is named anew for each text where it is more than fits in memory.
    named = " ".join(
        f"EXCEPT SELECT {column} FROM {table}" for table, columns in NAMED_BY.items() for column in columns
    )
    unnamed = f"SELECT id FROM texts WHERE body <> '' {named}"
    op.execute(f"UPDATE texts SET body = '', erased_at = CURRENT_TIMESTAMP WHERE id IN ({unnamed})")


def let_a_history_lose_its_people() -> None:
    """Refuse every change of a ticket's history but one: that it no longer says who it was."""
    same = " AND ".join(f"NEW.{name} = OLD.{name}" for name in ("id", "ticket_id", "at", "kind", "channel"))
    if op.get_bind().dialect.name == "sqlite":
        op.execute("DROP TRIGGER ticket_events_no_update")
        op.execute(
            "CREATE TRIGGER ticket_events_no_update BEFORE UPDATE ON ticket_events "
            f"WHEN NOT ({same} AND NEW.actor_id IS NULL AND NEW.detail = '{{}}') "
            "BEGIN SELECT RAISE(ABORT, 'ticket_events is append-only'); END"
        )
        return
    op.execute(
        "CREATE OR REPLACE FUNCTION ticket_events_refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
        f"IF TG_OP = 'UPDATE' THEN IF {same} AND NEW.actor_id IS NULL AND NEW.detail\\:\\:text = '{{}}' "
        "THEN RETURN NEW; END IF; END IF; "
        "RAISE EXCEPTION 'ticket_events is append-only'; END $$"
    )
