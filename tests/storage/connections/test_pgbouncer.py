"""PostgreSQL behind PgBouncer, where each transaction may be on another connection of the server."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from bot.domain.people import Identity
from bot.storage import connect
from bot.storage.unit_of_work import units_of_work
from tests.support.clock import START
from tests.support.e2e.databases import on_postgresql
from tests.support.e2e.pgbouncer import PROGRAM, pooled

pytestmark = [
    on_postgresql,
    pytest.mark.skipif(PROGRAM is None, reason="there is no pgbouncer: make deploy-tools"),
]

# What it says to `options`, and what an operator may have told it to say.
REFUSES, IGNORES = "", "ignore_startup_parameters = options"


@pytest.fixture(params=[REFUSES, IGNORES], ids=["refuses", "ignores"])
def pooled_url(request: pytest.FixtureRequest, database_url: str, tmp_path: Path) -> Iterator[str]:
    with pooled(database_url, tmp_path, request.param) as url:
        # Who has it ignore what we ask for is not recognised as a pooler, and says it in the URL.
        yield url + ("?prepare_threshold=none" if request.param else "")


def test_many_transactions_share_few_connections(pooled_url: str) -> None:
    database = connect(pooled_url, serving=True)
    begin = units_of_work(database)

    def meet(number: int) -> int:
        with begin() as work:
            return work.people.meet(Identity("slack", "T1", f"U{number % 40}"), "Ana", None, START).id

    with ThreadPoolExecutor(8) as threads:
        people = list(threads.map(meet, range(400)))
    assert len(set(people)) == 40
    database.close()
