"""The cost of one question grows with the work and not with the history: every look-up uses an index."""

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

from bot.desk.knowledge.library import Library
from bot.domain.conversations.messages import Addressed, Attachment
from bot.domain.errors import DeliveryFailed
from bot.domain.tickets.cluster import CLUSTERED_FROM
from bot.storage import Database, connect
from tests.support.clock import Clock
from tests.support.desk.helpdesk import ROOM, Helpdesk
from tests.support.desk.outages import begin
from tests.support.desk.simultaneous import flood, settled
from tests.support.unknown import OTHER, UNKNOWN


def test_no_statement_of_the_way_of_one_message_scans_a_table(
    sqlite_template: Path, tmp_path: Path, library: Library, clock: Clock
) -> None:
    # On SQLite only: PostgreSQL chooses its plans by the tables' size, and the indexes are the same.
    shutil.copy(sqlite_template, tmp_path / "firstline.db")
    database = connect(f"sqlite:///{tmp_path / 'firstline.db'}")
    helpdesk = Helpdesk(database, library, clock)
    seen: set[str] = set()

    def note(statement: str) -> None:
        if statement.startswith(("SELECT", "UPDATE", "DELETE")):
            seen.add(statement)

    _trace(database, note)
    helpdesk.say("ana", "I forgot my password", thread="1.0")
    helpdesk.say("ana", "that did not help", thread="1.0", addressed=Addressed.THREAD)
    helpdesk.say("ana", UNKNOWN)
    helpdesk.click("eva", helpdesk.button(helpdesk.card("HELP-1001"), "claim"), conversation=ROOM)
    helpdesk.say("ana", "my tickets")
    said = helpdesk.writes("eva", "which colour?")
    helpdesk.edits(said, "what colour?")
    helpdesk.edits(said, "// what colour?")
    helpdesk.deletes(said)
    helpdesk.failing["Dana"] = DeliveryFailed("gone", permanent=True)
    helpdesk.writes("eva", "anybody?", attachments=(Attachment("goo.png", "image/png", 3, "F1"),), files=1)
    helpdesk.say("tom", UNKNOWN, channel="web")
    helpdesk.say("tom", "more", channel="web")
    for number in range(CLUSTERED_FROM + 1):
        helpdesk.say(f"p{number}", OTHER)
    helpdesk.click("p5", helpdesk.button(helpdesk.last("p5"), "cancel"), conversation=helpdesk.direct("p5"))
    helpdesk.desk.page_view.room(ROOM)
    helpdesk.desk.page_view.conversation(helpdesk.direct("ana", thread="1.0"))
    _trace(database, None)
    assert len(seen) > 30
    assert any("cluster_id IS NOT NULL" in statement for statement in seen)
    scans = []
    with database.engine.connect() as connection:
        for statement in sorted(seen):
            plan = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}").all()
            scans += [
                (row[3], statement) for row in plan if row[3].startswith("SCAN") and "INDEX" not in row[3]
            ]
    database.close()
    assert scans == []


def test_no_statement_of_the_look_after_clusters_scans_the_tickets(
    sqlite_template: Path, tmp_path: Path, library: Library, clock: Clock
) -> None:
    shutil.copy(sqlite_template, tmp_path / "firstline.db")
    database = connect(f"sqlite:///{tmp_path / 'firstline.db'}")
    helpdesk = Helpdesk(database, library, clock)
    flood(helpdesk, 2 * CLUSTERED_FROM)
    seen: set[str] = set()
    _trace(database, seen.add)
    helpdesk.click("eva", helpdesk.button(helpdesk.card("HELP-1001"), "claim"), conversation=ROOM)
    settled(helpdesk)
    begin(helpdesk, "HELP-1005")
    settled(helpdesk)
    _trace(database, None)
    looks = [statement for statement in seen if "clusters" in statement and statement.startswith("SELECT")]
    assert len(looks) > 2
    with database.engine.connect() as connection:
        plans = [
            row[3] for look in looks for row in connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {look}").all()
        ]
    database.close()
    # There are as many clusters as last, and only what is behind a card is in that index.
    scans = {plan for plan in plans if plan.startswith("SCAN")}
    assert {plan for plan in scans if "ix_tickets_cluster_id" not in plan} <= {"SCAN clusters"}
    assert not [plan for plan in plans if "ix_tickets_outage_id" in plan]


def _trace(database: Database, note: Callable[[str], None] | None) -> None:
    """Tell every statement that SQLite itself runs, with its values, on the one pooled connection."""
    pooled = database.engine.raw_connection()
    driver: Any = pooled.driver_connection
    driver.set_trace_callback(note)
    pooled.close()
