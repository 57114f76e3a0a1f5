"""`firstline check` says which owners of articles the bot cannot write to."""

import shutil
from contextlib import closing
from pathlib import Path

from bot.cli.content.owners import report_owners
from bot.domain.knowledge.content import Article, Content
from bot.domain.people import Identity
from bot.server.settings import Settings
from bot.storage import connect
from bot.storage.unit_of_work import units_of_work
from tests.support.clock import START


def content_of(*owners: str | None) -> Content:
    articles = {
        f"a{number}": {"en": Article(f"a{number}", "Title", "Text", owner=owner)}
        for number, owner in enumerate(owners)
    }
    return Content(articles, {}, "hash")


def test_owners_whom_nobody_knows_are_named(sqlite_template: Path, tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'firstline.db'}"
    shutil.copy(sqlite_template, tmp_path / "firstline.db")
    with closing(connect(url)) as database, units_of_work(database)() as work:
        work.people.meet(Identity("slack", "T1", "U024BE7LH"), "Ana", None, START)
    settings = Settings(database_url=url)
    assert list(report_owners(settings, content_of("U024BE7LH", "slack:T1/U024BE7LH", None))) == []
    (line,) = report_owners(settings, content_of("U024BE7LH", "HR", "HR", "Network", "Print", "Phones"))
    assert line.startswith("articles with an owner whom the bot cannot write to: 5 (HR, Network, Phones, …).")
    assert list(report_owners(Settings(database_url=url, tell_owners=False), content_of("HR"))) == []


def test_without_a_database_nobody_is_known_and_nothing_is_said(tmp_path: Path) -> None:
    nowhere = Settings(database_url=f"sqlite:///{tmp_path / 'none.db'}")
    assert list(report_owners(nowhere, content_of("HR"))) == []
    assert not (tmp_path / "none.db").exists()
