"""Whether files can be made in a folder: asked of the folder, for whoever asks."""

import os
from pathlib import Path

import pytest

from bot.runtime.writable import why_not_writable


def test_a_folder_that_takes_files_keeps_none_of_it(tmp_path: Path) -> None:
    assert why_not_writable(tmp_path) is None
    assert list(tmp_path.iterdir()) == []


@pytest.mark.skipif(not Path("/proc/self").is_dir(), reason="this system has no /proc")
def test_what_is_no_disk_takes_no_file_from_root_either() -> None:
    assert why_not_writable(Path("/proc")) is not None


@pytest.mark.skipif(os.name != "posix" or os.geteuid() == 0, reason="who is root may write everywhere")
@pytest.mark.parametrize("mode", [0o500, 0o600])
def test_a_folder_without_the_rights_is_told(tmp_path: Path, mode: int) -> None:
    theirs = tmp_path / "theirs"
    theirs.mkdir(mode=mode)
    assert isinstance(why_not_writable(theirs), PermissionError)


def test_a_folder_that_is_not_there_is_told(tmp_path: Path) -> None:
    assert isinstance(why_not_writable(tmp_path / "nowhere"), FileNotFoundError)
