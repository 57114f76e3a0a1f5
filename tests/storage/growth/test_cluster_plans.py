"""The look after clusters goes through those that last, and through no other ticket."""

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

from bot.desk.knowledge.library import Library
from bot.domain.tickets.cluster import CLUSTERED_FROM
from bot.storage import Database, connect
from tests.support.clock import Clock
from tests.support.desk.helpdesk import ROOM, Helpdesk
from tests.support.desk.outages import begin
from tests.support.desk.simultaneous import flood, settled


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
