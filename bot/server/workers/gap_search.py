"""Finds gaps in a process of its own: `python -m bot.server.workers.gap_search DAYS MOST`.

They are printed as JSON. Questions are matched anew: seconds of computing, for which no answer must wait.
"""

import json
import os
import sys
from datetime import UTC, datetime, timedelta

from bot.desk.knowledge.gaps import GapQuery, Gaps, read_missed
from bot.domain.knowledge.gap import Missed
from bot.matching.clustering.grouping import QuestionGrouping
from bot.runtime.output.logging import configure
from bot.server.content import library_of
from bot.server.settings import Settings, complain, read
from bot.storage.unit_of_work import units_of_work_at

MOST_QUESTIONS = 1_500


def main(days: str, most: str) -> int:
    """Find and print; return 1 where the content cannot be used."""
    os.nice(10)  # answers go first
    mistakes: list[str] = []
    settings = read(Settings, mistakes)
    complain(mistakes)
    assert settings is not None  # noqa: S101  # `complain` has raised otherwise
    configure(settings.log_format)
    library = library_of(settings)
    if not library.load():
        return 1
    begin = units_of_work_at(settings.database_url, reading=True)
    since = datetime.now(UTC) - timedelta(days=int(days))
    query = GapQuery(since, most=MOST_QUESTIONS)
    gaps = Gaps(library, QuestionGrouping(), settings.tolerance)
    report = gaps.find(read_missed(begin, query), query, lambda _done, _all: None)
    found = [(gap.name, gap.people, gap.missed[Missed.TICKET]) for gap in report.gaps[: int(most)]]
    sys.stdout.write(json.dumps(found))
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
