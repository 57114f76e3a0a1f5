"""`firstline backup` beside a running server, and `firstline restore` once it has stopped."""

import asyncio
from pathlib import Path

from tests.support.e2e.commands import demo, good, refused, run
from tests.support.unknown import UNKNOWN


async def test_a_backup_beside_a_demo_and_its_restore(tmp_path: Path) -> None:
    async with demo(tmp_path) as desk:
        assert await desk.ask(UNKNOWN) == "ticket"
        await asyncio.to_thread(good, tmp_path, "backup", "copy.db")
        assert await desk.ask(UNKNOWN, "tom") == "ticket"
        told = await asyncio.to_thread(refused, tmp_path, "restore", "copy.db", "--force")
        assert "stop it" in told
        await desk.shows("/web/room?desk=maya", "HELP-1002")
    assert "--force" in refused(tmp_path, "backup", "copy.db")
    assert "--force" in refused(tmp_path, "restore", "copy.db")
    assert "Restored from copy.db" in run(tmp_path, "restore", "copy.db", "--force").stderr
    listed = good(tmp_path, "tickets", "list")
    assert "HELP-1001" in listed
    assert "HELP-1002" not in listed


def test_with_postgresql_its_own_commands_are_told(tmp_path: Path) -> None:
    url = {"FIRSTLINE_DATABASE_URL": "postgresql://ana:s3cret@db.example.com/help"}
    for command, tool in (("backup", "pg_dump"), ("restore", "pg_restore")):
        told = refused(tmp_path, command, "help.dump", **url)
        assert f"  {tool} " in told
        assert "s3cret" not in told
