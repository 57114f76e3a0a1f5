"""Providers on loopback, and a database for the sessions."""

import shutil
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from bot.storage import Database, connect
from tests.support.fakes.identity.certified import Browser, Certified, a_browser, certified
from tests.support.fakes.identity.nasty import Key, Nasty, new_key


@pytest.fixture(scope="session")
def provider() -> Iterator[Certified]:
    with certified() as running:
        yield running


@pytest.fixture(scope="session")
def key() -> Key:
    return new_key()


@pytest.fixture
async def nasty(key: Key) -> AsyncIterator[Nasty]:
    async with Nasty(keys={"first": key}) as running:
        yield running


@pytest.fixture
async def browser() -> AsyncIterator[Browser]:
    async with a_browser() as made:
        yield made


@pytest.fixture
def sqlite(sqlite_template: Path, tmp_path: Path) -> Iterator[Database]:
    """What the sign-in does is the same on both databases; what it stores is tested on both."""
    shutil.copy(sqlite_template, tmp_path / "sessions.db")
    opened = connect(f"sqlite:///{tmp_path / 'sessions.db'}")
    yield opened
    opened.close()
