"""The folder for what was learned: where it is, and why it cannot be used."""

import os
from pathlib import Path

import pytest

from bot.server import cache
from bot.server.cache import cache_fault, cache_of
from bot.server.settings import Settings


def test_a_folder_that_is_there_or_can_be_made_is_used_and_not_made_yet(tmp_path: Path) -> None:
    for folder in (tmp_path, tmp_path / "a" / "b"):
        settings = Settings(cache=str(folder))
        assert (cache_of(settings), cache_fault(settings)) == (folder, "")
    assert list(tmp_path.iterdir()) == []


def test_none_is_wanted() -> None:
    settings = Settings(cache="off")
    assert (cache_of(settings), cache_fault(settings)) == (None, "")


@pytest.mark.parametrize(
    ("below", "reason"), [("file", "it is no folder"), ("file/x", "it is no folder"), ("x" * 300, "too long")]
)
def test_what_is_no_folder_is_told(tmp_path: Path, below: str, reason: str) -> None:
    (tmp_path / "file").touch()
    settings = Settings(cache=str(tmp_path / below))
    assert cache_of(settings) is None
    assert reason in cache_fault(settings)
    assert "set FIRSTLINE_CACHE to a folder that this account may write." in cache_fault(settings)


@pytest.mark.skipif(os.name != "posix" or os.geteuid() == 0, reason="who is root may write everywhere")
def test_a_folder_of_others_is_told(tmp_path: Path) -> None:
    (tmp_path / "theirs").mkdir(mode=0o500)
    settings = Settings(cache=str(tmp_path / "theirs" / "cache"))
    assert cache_of(settings) is None
    assert "this account may not write there" in cache_fault(settings)


@pytest.mark.skipif(not Path("/proc/self").is_dir(), reason="this system has no /proc")
def test_what_nobody_can_write_is_told_to_root_too() -> None:
    settings = Settings(cache="/proc/none")
    assert cache_of(settings) is None
    assert "/proc/none (this account may not write there)" in cache_fault(settings)


def test_an_account_without_a_home_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    # What the library gives where neither HOME nor the system knows a home.
    monkeypatch.setattr(cache, "user_cache_path", lambda *_, **__: Path("~/.cache/firstline"))
    settings = Settings(cache="")
    assert cache_of(settings) is None
    assert "no home folder" in cache_fault(settings)
