"""The files of SQLite are the owner's alone, and wider rights are named."""

import os
import stat
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from bot.domain.errors import DatabaseNotReady
from bot.storage import connect, migrate, reached_by_others
from tests.support.e2e.commands import CONTENT, run

pytestmark = pytest.mark.skipif(os.name != "posix", reason="rights of files are POSIX's")


@pytest.fixture(autouse=True)
def wide() -> Iterator[None]:
    """An account that makes files for everybody."""
    before = os.umask(0)
    yield
    assert os.umask(before) == 0  # and what was made meanwhile has not changed that


def _mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


@pytest.mark.parametrize("form", ["sqlite:///{path}", "sqlite:///file:{path}?uri=true"])
def test_what_is_made_is_the_owner_s_alone(tmp_path: Path, form: str) -> None:
    path = tmp_path / "firstline.db"
    url = form.format(path=path)
    database = connect(url, serving=True)
    migrate(database)
    with database.transaction() as work:
        work.exec_driver_sql("INSERT INTO texts (body) VALUES ('private')")
        made = {one.name: _mode(one) for one in tmp_path.iterdir()}
    assert made == {"firstline.db": 0o600, "firstline.db-wal": 0o600, "firstline.db-shm": 0o600}
    assert reached_by_others(url) == []
    database.close()


def test_many_threads_that_open_databases_leave_the_mask_of_new_files_alone(tmp_path: Path) -> None:
    def opened(number: int) -> int:
        path = tmp_path / f"{number}.db"
        connect(f"sqlite:///{path}").close()
        (beside := tmp_path / f"{number}.txt").touch()
        return _mode(path) << 9 | _mode(beside)

    with ThreadPoolExecutor(8) as pool:
        assert set(pool.map(opened, range(200))) == {0o600 << 9 | 0o666}


@pytest.mark.parametrize("mode", ["rw", "ro"])
def test_what_is_not_to_be_made_is_not_made(tmp_path: Path, mode: str) -> None:
    with pytest.raises(DatabaseNotReady):
        connect(f"sqlite:///file:{tmp_path}/firstline.db?mode={mode}&uri=true")
    assert list(tmp_path.iterdir()) == []


def test_what_was_there_keeps_its_rights_and_is_named(tmp_path: Path) -> None:
    folder = tmp_path / "data"
    folder.mkdir(mode=0o777)
    path = folder / "firstline.db"
    path.touch(mode=0o644)
    database = connect(f"sqlite:///{path}")
    migrate(database)
    told = reached_by_others(f"sqlite:///{path}")
    assert [sentence.split(": ")[1] for sentence in told] == [
        f"chmod go= {path}",
        f"chmod go= {path}-wal",
        f"chmod go= {path}-shm",
        f"chmod go-w {folder}",
    ]
    assert (_mode(path), _mode(folder)) == (0o644, 0o777)
    database.close()
    folder.chmod(0o1777)  # nobody replaces another's file there
    path.chmod(0o600)
    assert reached_by_others(f"sqlite:///{path}") == []


def test_the_check_names_what_others_reach(tmp_path: Path) -> None:
    path = tmp_path / "firstline.db"
    path.touch(mode=0o640)
    checked = run(tmp_path, "check", **CONTENT, FIRSTLINE_DATABASE_URL=f"sqlite:///{path}")
    assert f"database: warning: other accounts of this machine reach {path}" in checked.stdout
    assert checked.returncode == 0
    path.unlink()
    checked = run(tmp_path, "check", **CONTENT, FIRSTLINE_DATABASE_URL=f"sqlite:///{path}")
    assert "database: warning" not in checked.stdout
    assert not path.exists()
    assert reached_by_others("postgresql://db.example.com/x") == []
