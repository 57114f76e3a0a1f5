"""The board keeps the newest gaps for an hour, tells how far the next are, and begins one look at a time."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any, cast

import pytest

from bot import wording
from bot.desk.knowledge.gaps import GapQuery, MissedLog
from bot.domain.knowledge.gap import Gap, GapReport, LeftOut
from bot.server.authoring.desk import AuthoringDesk
from bot.server.authoring.gap_board import DAYS, KEPT, GapBoard
from bot.server.authoring.jobs import Job, Jobs
from bot.server.settings import Settings
from bot.storage.unit_of_work import ChannelMemory
from tests.support.days.planted_words import erase
from tests.support.desk.helpdesk import Helpdesk, with_article
from tests.support.matching.gaps import SPECTROMETER, ask_all, gaps_of

REPORT = GapReport((), 5, LeftOut(alone=5))


@dataclass
class Line:
    """Jobs that run when the test says so."""

    begun: list[tuple[Job, Callable[[], tuple[Any, ...]]]] = field(default_factory=list)

    def start(self, work: Callable[..., Any], prepare: Callable[[], tuple[Any, ...]]) -> Job:
        self.begun.append((Job(work, prepare), prepare))
        return self.begun[-1][0]

    def end(self, result: GapReport | None = None, failed: str = "") -> None:
        """End the newest one."""
        job = self.begun[-1][0]
        job.result, job.failed, job.over = result, failed, True


@pytest.fixture
def line() -> Line:
    return Line()


@pytest.fixture
def board(helpdesk: Helpdesk, line: Line) -> GapBoard:
    desk = AuthoringDesk(
        helpdesk.begin,
        helpdesk.library,
        wording.load(),
        Settings(queues=""),
        ChannelMemory(helpdesk.begin),
        helpdesk.clock,
        helpdesk.desk.permissions,
    )
    return GapBoard(desk, cast(Jobs, line))


once = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


@once
def test_one_look_at_a_time(board: GapBoard, line: Line) -> None:
    assert board.view().report is None
    board.look(5)
    board.look(3)
    assert len(line.begun) == 1
    line.begun[0][0].done, line.begun[0][0].of = 3, 9
    assert board.view().running == (3, 9)
    line.end(REPORT)
    assert (board.view().report, board.view().fewest, board.view().running) == (REPORT, 5, None)
    board.look(3)
    assert (board.view().report, board.view().running) == (REPORT, (0, 0)), "the last ones stay meanwhile"


@once
def test_a_gap_is_found_by_its_first_question_and_by_each(board: GapBoard, line: Line) -> None:
    board.look(5)
    gap = Gap((7, 8), ("a", "b"), (), 2, {}, timedelta(), ("en",), ())
    line.end(GapReport((gap,), 2, LeftOut()))
    assert [board.gap(number) for number in (7, 8)] == [gap, None]
    assert [board.gap_with(number) for number in (7, 8, 9)] == [gap, gap, None]


@once
def test_why_it_failed_is_told_beside_what_was_found(board: GapBoard, line: Line) -> None:
    board.look(5)
    line.end(REPORT)
    board.view()
    board.look(5)
    line.end(failed="no memory")
    assert (board.view().report, board.view().failed) == (REPORT, "no memory")


@once
def test_it_is_forgotten_after_an_hour(board: GapBoard, line: Line, helpdesk: Helpdesk) -> None:
    board.look(5)
    line.end(REPORT)
    helpdesk.clock.move(seconds=KEPT.total_seconds())
    assert board.view().report is REPORT
    helpdesk.clock.move(seconds=1)
    assert (board.view().report, board.view().at) == (None, None)


def test_what_is_read_is_what_was_missed(board: GapBoard, line: Line, helpdesk: Helpdesk) -> None:
    ask_all(helpdesk, SPECTROMETER, "olga")
    board.look(2)
    _, content, _, log, query = line.begun[0][1]()
    assert content is helpdesk.library.snapshot.content
    assert isinstance(log, MissedLog)
    assert {one.text for one in log.questions} == set(SPECTROMETER)
    assert query == GapQuery(helpdesk.clock() - DAYS, fewest=2)


def test_what_was_erased_since_is_shown_no_more(board: GapBoard, line: Line, helpdesk: Helpdesk) -> None:
    ask_all(helpdesk, SPECTROMETER, "olga")
    board.look(2)
    line.end(gaps_of(helpdesk, fewest=2))
    assert shown(board) == set(SPECTROMETER)
    board.drop_erased()
    assert shown(board) == set(SPECTROMETER)
    erase(helpdesk, "olga3")  # the only one who asks who does it
    board.drop_erased()
    assert shown(board) == set(SPECTROMETER) - {SPECTROMETER[3]}
    for number in (0, 1, 2, 4):
        erase(helpdesk, f"olga{number}")
    board.drop_erased()
    assert board.view().report == replace(gaps_of(helpdesk, fewest=2), left_out=LeftOut())


def shown(board: GapBoard) -> set[str]:
    report = board.view().report
    assert report is not None
    return {sentence for gap in report.gaps for sentence in gap.sentences}


@once
def test_other_content_makes_it_outdated(board: GapBoard, line: Line, helpdesk: Helpdesk) -> None:
    board.look(5)
    line.end(REPORT)
    assert not board.view().outdated
    content = helpdesk.library.snapshot.content
    article = next(iter(next(iter(content.articles.values())).values()))
    other = with_article(helpdesk.library, article)
    changed = replace(other.snapshot, content=replace(other.snapshot.content, hash="other"))
    helpdesk.library._snapshot, before = changed, helpdesk.library._snapshot
    try:
        assert board.view().outdated
    finally:
        helpdesk.library._snapshot = before  # every test has the same library
