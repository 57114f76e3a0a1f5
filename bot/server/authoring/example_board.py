"""Shows the examples that are proposed and approved, has new ones looked for, and writes what is approved."""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import replace
from threading import Lock

from bot.desk.knowledge.example_trial import ExampleTrial, Trial
from bot.desk.knowledge.proposals import ExampleProposals
from bot.desk.ports.content import DraftsGo, ExamplesView
from bot.desk.ports.unit_of_work import UnitOfWork
from bot.domain.errors import ArticleNotWritten, ExampleNotFound
from bot.domain.knowledge.content import Content
from bot.domain.knowledge.proposal import ConfirmedQuestion, ExampleStatus, Held, ShownExample, by_person
from bot.domain.people import Identity
from bot.server.authoring.desk import AuthoringDesk
from bot.server.authoring.example_files import ExampleFiles
from bot.server.authoring.gap_board import DAYS
from bot.server.authoring.jobs import Job, Jobs, Reached
from bot.server.content import matcher_of
from bot.server.settings import Settings


class ExampleBoard:
    """Board of examples; proposals are in the database, what was held back in memory until the next look."""

    def __init__(self, desk: AuthoringDesk, jobs: Jobs, goes: Callable[[], DraftsGo]) -> None:
        self._desk = desk
        self._jobs = jobs
        self._goes = goes
        self._lock = Lock()
        self._job: Job | None = None

    def look(self) -> None:
        """Begin to look for proposals, unless they are being looked for."""
        with self._lock:
            if self.running() is not None:
                return
            desk, content, at = self._desk, self._desk.library.snapshot.content, self._desk.clock()
            proposals, before = ExampleProposals(desk.begin, content), Counter[Held]()

            def read() -> tuple[Settings, Content, Sequence[ConfirmedQuestion]]:
                questions, held = proposals.confirmed(at - DAYS)
                before.update(held)
                return desk.settings, content, questions

            self._job = self._jobs.start(
                try_examples, read, lambda trial: proposals.keep(trial, before, at).held
            )

    def running(self) -> tuple[int, int] | None:
        """How far the look is."""
        job = self._job
        return (job.done, job.of) if job is not None and not job.over else None

    def view(self, queues: frozenset[str] | None) -> ExamplesView:
        """Read them with their words."""
        job, running = self._job, self.running()
        over = job if running is None else None
        return ExamplesView(
            self._listed(ExampleStatus.PROPOSED, queues),
            self._listed(ExampleStatus.APPROVED, queues),
            over.result or {} if over is not None else {},
            running,
            over.failed if over is not None else "",
        )

    def approve(self, numbers: Sequence[int], by: Identity, name: str, queues: frozenset[str] | None) -> str:
        """Write what somebody has read, of one list."""
        proposed = self._listed(ExampleStatus.PROPOSED, queues)
        chosen = [one for one in proposed if one.kept.id in set(numbers) and one.text]
        if len(chosen) != len(set(numbers)) or len({one.kept.number for one in chosen}) != 1:
            raise ExampleNotFound("Some of these are not proposed any more; look at the list again.")
        return self._files().approve(chosen, self._who(by, name), self._desk.clock()).branch

    def take_back(self, number: int, by: Identity, name: str, queues: frozenset[str] | None) -> str:
        """Take one out again."""
        if all(one.kept.id != number for one in self._listed(ExampleStatus.APPROVED, queues)):
            raise ExampleNotFound("This example is not approved any more; look at the list again.")
        return self._files().take_back(number, self._who(by, name), self._desk.clock()).branch

    def _files(self) -> ExampleFiles:
        goes = self._goes()
        if goes is DraftsGo.DOWNLOAD:
            raise ArticleNotWritten(
                "The server may not write the content; use `firstline examples` where the content is kept."
            )
        return ExampleFiles(self._desk.begin, self._desk.settings.intents, on_branch=goes is DraftsGo.BRANCH)

    def _who(self, by: Identity, name: str) -> Callable[[UnitOfWork], str]:
        return lambda work: by_person(work.people.meet(by, name, None, self._desk.clock()).id)

    def _listed(self, status: ExampleStatus, queues: frozenset[str] | None) -> tuple[ShownExample, ...]:
        proposals = ExampleProposals(self._desk.begin, self._desk.library.snapshot.content)
        return tuple(one for one in map(self._in_force, proposals.listed(status)) if one.lies_in(queues))

    def _in_force(self, one: ShownExample) -> ShownExample:
        """Name the queue that has the ticket now."""
        return one if one.queue is None else replace(one, queue=self._desk.library.queues().of(one.queue).id)


def try_examples(
    reached: Reached, settings: Settings, content: Content, questions: Sequence[ConfirmedQuestion]
) -> Trial:
    """Try confirmed questions as examples, in a process of its own."""
    make = lambda part: matcher_of(settings, part, keep=part.hash == content.hash)  # noqa: E731
    return ExampleTrial(content, make, settings.tolerance, reached).run(questions)
