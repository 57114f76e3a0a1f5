"""Examples are approved of one list and of one's own queues, by somebody whom a number alone names."""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, cast

import pytest

from bot import wording
from bot.desk.knowledge.example_trial import Trial
from bot.desk.knowledge.proposals import ExampleProposals, example_of
from bot.desk.ports.content import DraftsGo
from bot.domain.drafts.names import KnownNames
from bot.domain.errors import ArticleNotWritten, ExampleNotFound
from bot.domain.knowledge.proposal import ConfirmedQuestion, ExampleStatus, Held, Measure, Proposal
from bot.domain.people import Identity
from bot.domain.tickets.ticket import parse_ticket_id
from bot.server.authoring.desk import AuthoringDesk
from bot.server.authoring.example_board import ExampleBoard
from bot.server.authoring.jobs import Job, Jobs
from bot.server.settings import Settings
from bot.storage.personal.erasure import Erasure
from bot.storage.personal.export import Export
from bot.storage.personal.search import search
from bot.storage.schema.feedback import learned_examples
from bot.storage.unit_of_work import ChannelMemory
from tests.support.desk.helpdesk import Helpdesk
from tests.support.desk.outcomes import press
from tests.support.unknown import UNKNOWN

NORA = Identity("web", "", "nora")
TARGET = "password-reset"
ASKED = ("I forgot my password after the holidays", "forgot my windows password over the weekend")


@dataclass
class Line:
    """Jobs that end when the test says what they found."""

    begun: list[tuple[Job, Callable[[], tuple[Any, ...]], Callable[[Any], Any]]] = field(default_factory=list)

    def start(
        self, work: Callable[..., Any], prepare: Callable[[], tuple[Any, ...]], keep: Callable[[Any], Any]
    ) -> Job:
        self.begun.append((Job(work, prepare, keep), prepare, keep))
        return self.begun[-1][0]

    def end(self, number: int = 1) -> tuple[ConfirmedQuestion, ...]:
        """Propose everything that was read, each question on a list of its own from `number` on."""
        job, prepare, keep = self.begun[-1]
        questions = tuple(prepare()[2])
        measure = Measure(len(questions), 0, 1, 0)
        proposals = [Proposal(one.target, (one,), measure, number + at) for at, one in enumerate(questions)]
        job.result, job.over = keep(Trial(tuple(proposals), Counter({Held.DOUBTFUL: 2}))), True
        return questions


@dataclass
class Site:
    """A board over a folder of its own."""

    board: ExampleBoard
    line: Line
    helpdesk: Helpdesk
    folder: Path
    goes: DraftsGo = DraftsGo.FILES

    @property
    def learned(self) -> str:
        return "".join(path.read_text("utf-8") for path in self.folder.rglob("*.yaml"))


@pytest.fixture
def site(helpdesk: Helpdesk, tmp_path: Path) -> Site:
    line, settings = Line(), Settings(queues="", intents=tmp_path)
    desk = AuthoringDesk(
        helpdesk.begin,
        helpdesk.library,
        wording.load(),
        settings,
        ChannelMemory(helpdesk.begin),
        helpdesk.clock,
        helpdesk.desk.permissions,
    )
    board = ExampleBoard(desk, cast(Jobs, line), lambda: made.goes)
    made = Site(board, line, helpdesk, tmp_path)
    for number, text in enumerate(ASKED):
        helpdesk.say(f"ana{number}", text)
        press(helpdesk, f"ana{number}", "solved")
    board.look()
    return made


def numbers(site: Site) -> list[int]:
    return [one.kept.id for one in site.board.view(None).proposed]


def test_one_look_at_a_time_tells_what_it_held_back(site: Site) -> None:
    site.board.look()
    assert len(site.line.begun) == 1
    assert site.board.view(None).running == (0, 0)
    assert {one.text for one in site.line.end()} == set(ASKED)
    view = site.board.view(None)
    assert (view.running, view.held[Held.DOUBTFUL]) == (None, 2)
    assert {one.text for one in view.proposed} == set(ASKED)
    site.board.look()
    assert len(site.line.begun) == 2


def test_what_is_approved_is_written_and_who_did_it_is_a_number(site: Site) -> None:
    site.line.end()
    first, second = numbers(site)
    with pytest.raises(ExampleNotFound):
        site.board.approve([first, second], NORA, "Nora", None)  # they are on two lists
    assert site.learned == ""
    assert site.board.approve([first], NORA, "Nora Novak", None) == ""
    (approved,) = site.board.view(None).approved
    assert (approved.by, approved.text in site.learned) == ("Nora Novak", True)
    with site.helpdesk.database.transaction(reading=True) as db:
        kept = str(db.execute(learned_examples.select()).mappings().all())
    assert "nora" not in kept.lower()
    with pytest.raises(ExampleNotFound):
        site.board.approve([first], NORA, "Nora Novak", None)
    assert site.board.take_back(first, NORA, "Nora Novak", None) == ""
    assert (site.learned, site.board.view(None).approved) == ("", ())
    with pytest.raises(ExampleNotFound):
        site.board.take_back(first, NORA, "Nora Novak", None)


def test_a_question_with_a_ticket_is_for_its_queue_alone(site: Site) -> None:
    site.line.end()
    desk = site.helpdesk
    number = parse_ticket_id(str(desk.say("tom", UNKNOWN).ticket))
    with desk.begin() as work:
        ticket = work.tickets.get(number or 0)
        assert ticket is not None
        first = site.board.view(None).proposed[0].kept
        text = example_of(UNKNOWN, KnownNames())
        asked = ConfirmedQuestion(ticket.episode_id, text, "en", TARGET, 1, first.confirmed)
        work.examples.propose([Proposal(TARGET, (asked,), first.measure, 1)], desk.clock())
    (shown,) = site.board.view(None).proposed
    assert shown.queue is not None
    assert site.board.view(frozenset({shown.queue})).proposed == (shown,)
    others = frozenset({"of others"})
    assert site.board.view(others).proposed == ()
    with pytest.raises(ExampleNotFound):
        site.board.approve([shown.kept.id], NORA, "Nora", others)
    site.board.approve([shown.kept.id], NORA, "Nora", None)
    with pytest.raises(ExampleNotFound):
        site.board.take_back(shown.kept.id, NORA, "Nora", others)


def test_where_nothing_can_be_written_nothing_is_approved(site: Site) -> None:
    site.line.end()
    first, _ = numbers(site)
    (site.folder / "learned").write_text("no folder")
    with pytest.raises(ArticleNotWritten):
        site.board.approve([first], NORA, "Nora", None)
    (site.folder / "learned").unlink()
    site.goes = DraftsGo.DOWNLOAD
    with pytest.raises(ArticleNotWritten, match="may not write"):
        site.board.approve([first], NORA, "Nora", None)
    assert first in numbers(site)


def test_an_export_has_examples_of_who_asked_and_of_who_decided(site: Site) -> None:
    site.line.end()
    first = next(one.kept.id for one in site.board.view(None).proposed if one.text == ASKED[0])
    site.board.approve([first], NORA, "Nora Novak", None)
    site.board.take_back(first, NORA, "Nora Novak", None)
    erasure = Erasure(site.helpdesk.database, site.helpdesk.clock)
    with site.helpdesk.database.transaction(reading=True) as db:
        (asker,), (nora,) = search(db, "ana0"), search(db, "Nora Novak")
        asked, decided = Export(db, asker.id).gather(), Export(db, nora.id).gather()
    ((example,),) = [one["as_example"] for one in asked["questions"]]
    assert (example["number"], example["for"], example["status"]) == (first, TARGET, "taken_back")
    assert None not in (example["proposed_at"], example["approved_at"], example["taken_back_at"])
    assert decided["decided_on_examples"] == [example]
    assert asked["decided_on_examples"] == []

    (number,) = erasure.begin(nora.id, "operator")
    while not erasure.step(number).finished:
        site.helpdesk.clock.move(minutes=1)
        site.helpdesk.deliver()
    proposals = ExampleProposals(site.helpdesk.begin, site.helpdesk.library.snapshot.content)
    (taken,) = proposals.listed(ExampleStatus.TAKEN_BACK)
    assert "Nora" not in taken.by
