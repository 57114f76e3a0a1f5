"""What `firstline doctor` says of the database, the outbox, the cache and the content."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import create_engine, make_url, text

from bot.domain.diagnosis import Level
from bot.storage import connect
from bot.storage.migrate import migrate_to, newest_revision
from tests.support.desk.helpdesk import Helpdesk
from tests.support.e2e.databases import on_postgresql
from tests.support.e2e.doctor import examined
from tests.support.e2e.pgbouncer import PROGRAM, pooled
from tests.support.e2e.relay import relay_before
from tests.support.unknown import UNKNOWN

DATABASE = "FIRSTLINE_DATABASE_URL"


@pytest.fixture(autouse=True)
def _elsewhere(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path_factory.mktemp("elsewhere"))


def everything(folder: Path) -> dict[str, tuple[bytes, int]]:
    """Every file below a folder, with what is in it and when it was written."""
    found = [path for path in folder.rglob("*") if path.is_file()]
    return {str(path): (path.read_bytes(), path.stat().st_mtime_ns) for path in found}


# --- any database -------------------------------------------------------------------------------------


async def test_a_database_where_all_is_well(database_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    found = await examined(monkeypatch, {DATABASE: database_url}, only="database")
    assert found.level("database") is Level.OK
    assert found.one("database.schema").seen == f"It is the newest: {newest_revision()}."
    assert found.one("database.rights").seen == "This account may read and write it."
    sqlite = database_url.startswith("sqlite")
    assert found.level("database.clock") is (Level.SKIPPED if sqlite else Level.OK)
    assert found.named("database.pooling") == []


async def test_posts_that_were_given_up_and_that_wait_too_long(
    helpdesk: Helpdesk, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = {DATABASE: database_url, "SLACK_BOT_TOKEN": "xoxb-1", "SLACK_SIGNING_SECRET": "secret"}
    settings |= {"FIRSTLINE_WEB_TOKENS": "token-of-wes-the-engineer=wes:engineer"}
    empty = await examined(monkeypatch, settings, only="outbox")
    assert empty.one("outbox").seen == "0 posts wait, and none was given up."
    for person in ("ana", "tom"):  # on a day that is long past
        helpdesk.say(person, UNKNOWN)
    with helpdesk.database.transaction() as connection:
        for status, which in (("dead", "max"), ("waiting", "min")):
            newest = f"SELECT {which}(id) FROM outbox"  # noqa: S608  # our own words
            connection.execute(text(f"UPDATE outbox SET status = '{status}' WHERE id = ({newest})"))  # noqa: S608
    found = await examined(monkeypatch, settings, only="outbox")
    assert [one.level for one in found.named("outbox")] == [Level.WARNING, Level.WARNING], found.all
    given_up, waiting = found.named("outbox")
    assert "1 post was given up" in given_up.seen
    assert "the oldest for" in waiting.seen


async def test_a_database_without_tables_is_told_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "empty.db").touch()
    settings = {DATABASE: f"sqlite:///{tmp_path / 'empty.db'}", "FIRSTLINE_TEAMS_ROOM": "19:a@b"}
    settings |= {"MICROSOFT_APP_ID": "11111111-2222-3333-4444-555555555555", "MICROSOFT_APP_PASSWORD": "x"}
    settings |= {"MICROSOFT_APP_TENANT_ID": "99999999-8888-7777-6666-555555555555"}
    for part in ("database", "outbox", "teams.room"):
        found = await examined(monkeypatch, settings, only=part)
        assert found.errors() <= {"database.schema"}, found.all
    assert found.named("teams.room") or found.named("teams.rooms")


# --- PostgreSQL ---------------------------------------------------------------------------------------


@pytest.fixture
def reader(database_url: str) -> Iterator[str]:
    """The address of a database for a role that may only read."""
    engine = create_engine(database_url)
    with engine.begin() as connection:
        connection.execute(text("CREATE ROLE onlooker LOGIN"))
        connection.execute(text("GRANT SELECT ON ALL TABLES IN SCHEMA public TO onlooker"))
    yield make_url(database_url).set(username="onlooker").render_as_string(hide_password=False)
    with engine.begin() as connection:
        connection.execute(text("DROP OWNED BY onlooker"))
        connection.execute(text("DROP ROLE onlooker"))
    engine.dispose()


@on_postgresql
async def test_a_role_that_may_not_write(reader: str, monkeypatch: pytest.MonkeyPatch) -> None:
    found = await examined(monkeypatch, {DATABASE: reader}, only="database")
    seen = [one.seen for one in found.named("database.rights")]
    assert [one.level for one in found.named("database.rights")] == [Level.ERROR] * len(seen)
    assert "the role may not write the tables" in seen[0]
    assert found.level("database.schema") is Level.OK


@on_postgresql
async def test_a_database_that_takes_no_writes(database_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    url = f"{database_url}&options=-c%20default_transaction_read_only%3Don"
    found = await examined(monkeypatch, {DATABASE: url}, only="database")
    assert "read only" in found.one("database.rights").seen


@on_postgresql
async def test_a_database_that_says_nothing(database_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    with relay_before(database_url) as (relay, url):
        relay.fall_silent()
        found = await examined(monkeypatch, {DATABASE: url}, seconds=4, of=("database", "outbox"))
        relay.go_on()
    assert found.level("database") is Level.ERROR
    assert found.level("outbox") in (Level.SKIPPED, Level.ERROR)
    assert found.level("content") is Level.OK


@on_postgresql
@pytest.mark.skipif(PROGRAM is None, reason="there is no pgbouncer: make deploy-tools")
@pytest.mark.parametrize("says", ["", "ignore_startup_parameters = options"])
async def test_a_pooler_in_between(
    database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, says: str
) -> None:
    with pooled(database_url, tmp_path, says) as url:
        found = await examined(monkeypatch, {DATABASE: url}, only="database")
        levels = [one.level for one in found.named("database.pooling")]
        assert levels == ([Level.ERROR, Level.WARNING] if says else [Level.WARNING])
        told = await examined(monkeypatch, {DATABASE: f"{url}?pgbouncer=true"}, only="database")
        assert [one.level for one in told.named("database.pooling")] == [Level.WARNING]


# --- SQLite -------------------------------------------------------------------------------------------


async def test_an_older_schema_a_foreign_file_and_none(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    url = f"sqlite:///{tmp_path / 'old.db'}"
    database = connect(url)
    migrate_to(database, "0014")
    database.close()
    found = await examined(monkeypatch, {DATABASE: url}, only="database")
    assert "serve --migrate" in found.one("database.schema").remedy
    (tmp_path / "text.db").write_text("this is no database, and long enough to be read as one\n" * 20)
    wrong = await examined(monkeypatch, {DATABASE: f"sqlite:///{tmp_path / 'text.db'}"}, only="database")
    assert wrong.level("database") is Level.ERROR
    absent = await examined(monkeypatch, {DATABASE: f"sqlite:///{tmp_path / 'x.db'}"}, only="data")
    assert absent.level("database") is Level.WARNING, "`serve` makes it"


async def test_a_database_that_the_server_could_not_make(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    nowhere = await examined(monkeypatch, {DATABASE: f"sqlite:///{tmp_path / 'none' / 'x.db'}"}, only="data")
    assert nowhere.level("database") is Level.ERROR
    assert f"there is no folder {tmp_path / 'none'}" in nowhere.one("database").seen
    # The account that runs the tests may be one that may write everywhere.
    monkeypatch.setattr(
        "bot.storage.inspection.why_not_writable",
        lambda path: PermissionError() if path == tmp_path else None,
    )
    closed = await examined(monkeypatch, {DATABASE: f"sqlite:///{tmp_path / 'x.db'}"}, only="data")
    assert closed.level("database") is Level.ERROR
    assert f"may not make files in {tmp_path}" in closed.one("database").seen


async def test_it_writes_nothing_anywhere(
    sqlite_template: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, cache: Path
) -> None:
    shutil.copy(sqlite_template, tmp_path / "firstline.db")
    (tmp_path / "firstline.db").chmod(0o644)
    before, learned = everything(tmp_path), everything(cache)
    found = await examined(monkeypatch, {DATABASE: f"sqlite:///{tmp_path / 'firstline.db'}"})
    assert found.errors() == {"settings"}, "no channel is set"
    assert "chmod go=" in str(found.named("database.rights"))
    assert (everything(tmp_path), everything(cache)) == (before, learned)


async def test_it_reads_beside_a_server_that_writes(
    sqlite_template: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shutil.copy(sqlite_template, tmp_path / "firstline.db")
    url = f"sqlite:///{tmp_path / 'firstline.db'}"
    server = connect(url, serving=True)
    with server.transaction() as connection:
        connection.execute(text("UPDATE people SET name = 'Ana'"))
        found = await examined(monkeypatch, {DATABASE: url}, only="database")
    assert found.level("database.schema") is Level.OK
    server.close()


# --- beside the database ------------------------------------------------------------------------------


async def test_a_cache_that_cannot_be_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "file").touch()
    found = await examined(monkeypatch, {"FIRSTLINE_CACHE": str(tmp_path / "file" / "cache")}, only="cache")
    finding = found.one("cache")
    assert (finding.level, "FIRSTLINE_CACHE" in finding.remedy) == (Level.WARNING, True)
    off = await examined(monkeypatch, {"FIRSTLINE_CACHE": "off"}, only="cache")
    assert off.level("cache") is Level.SKIPPED


async def test_content_with_mistakes_names_them(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for number in range(7):
        (tmp_path / f"{number}.md").write_text("---\ntitle: [broken\n---\nText.\n")
    found = await examined(monkeypatch, {"FIRSTLINE_ARTICLES": str(tmp_path)}, only="content")
    seen = [one.seen for one in found.named("content")]
    assert any("there is no article" in one for one in seen)
    assert "more mistakes" in seen[-1]
    assert {one.level for one in found.named("content")} == {Level.ERROR}


async def test_content_that_is_well_says_what_is_asked_in_vain(monkeypatch: pytest.MonkeyPatch) -> None:
    found = await examined(monkeypatch, {}, only="content")
    assert "they can be used" in found.one("content").seen
    assert "No article answers 35% of the questions" in found.one("content.traffic").seen


async def test_a_database_that_cannot_be_read_is_told_by_its_own_finding_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "text.db").write_text("this is no database, and long enough to be read as one\n" * 20)
    found = await examined(monkeypatch, {DATABASE: f"sqlite:///{tmp_path / 'text.db'}"})
    assert found.errors() == {"settings", "database"}, "no channel is set"
    for check in ("outbox", "content.traffic"):
        assert found.level(check) is Level.SKIPPED
        assert "see database" in found.one(check).remedy.lower()
    told = found.one("database").seen
    assert [one.check for one in found.all if told in one.seen] == ["database"]


async def test_a_disk_is_told_once_whatever_lies_on_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "cache").mkdir()
    settings = {DATABASE: f"sqlite:///{tmp_path / 'x.db'}", "FIRSTLINE_CACHE": str(tmp_path / "cache")}
    found = await examined(monkeypatch, settings, only="disk")
    assert f"free in {tmp_path}" in found.one("disk").seen


@pytest.mark.parametrize(
    ("free", "level"), [(50 * 1024**2, Level.ERROR), (500 * 1024**2, Level.WARNING), (2 * 1024**3, Level.OK)]
)
async def test_a_disk_that_fills(monkeypatch: pytest.MonkeyPatch, free: int, level: Level) -> None:
    monkeypatch.setattr("bot.cli.operate.doctor.storage._bytes_free", lambda _place: free)
    found = await examined(monkeypatch, {}, only="disk")
    assert {one.level for one in found.named("disk")} == {level}


async def test_a_secret_that_others_may_read_is_named_with_what_to_do(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    secret = tmp_path / "tokens"
    secret.write_text("token-of-wes-the-engineer=wes:engineer")
    for mode, level in ((0o644, Level.WARNING), (0o600, Level.OK)):
        secret.chmod(mode)
        found = await examined(monkeypatch, {"FIRSTLINE_WEB_TOKENS_FILE": str(secret)}, only="none")
        assert found.level("settings") is level
        assert ("chmod 600" in found.one("settings").remedy) is (level is Level.WARNING)


async def test_a_file_of_settings_that_is_no_text_is_told_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / ".env").write_bytes(b"\xff\xfe")
    (tmp_path / ".env").chmod(0o600)
    found = await examined(monkeypatch, {}, only="none")
    assert ".env: this is not UTF-8" in found.one("settings").seen


async def test_every_mistake_of_the_settings_is_a_finding(monkeypatch: pytest.MonkeyPatch) -> None:
    wrong = {"SLACK_BOT_TOKEN": "sesame", "FIRSTLINE_SHADOW": "fax", "FIRSTLINE_NONSENSE": "1"}
    found = await examined(monkeypatch, wrong, only="none")
    told = {one.level for one in found.named("settings")}
    assert told == {Level.ERROR, Level.WARNING}
    for name in ("SLACK_BOT_TOKEN", "SLACK_SIGNING_SECRET", "FIRSTLINE_SHADOW", "FIRSTLINE_NONSENSE"):
        assert name in str(found.all)
    assert "sesame" not in str(found.all)
