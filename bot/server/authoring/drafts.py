"""Makes drafts, checks and draws them beside the content, and writes those that are approved."""

import json
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from secrets import token_urlsafe
from typing import Any

import structlog

from bot.desk.automation.reports.weekly_digest import ToldGap
from bot.desk.history.past_questions import read_asked
from bot.desk.knowledge.drafting import ArticleDrafting
from bot.desk.ports.channels import ChannelMemory
from bot.desk.ports.content import Approval, DraftsGo, DraftSheet, DraftTexts, Examined, GapsView, ReplayView
from bot.desk.ports.unit_of_work import UnitOfWork
from bot.desk.shared_services import SharedServices
from bot.domain.drafts.draft import ArticleDraft
from bot.domain.errors import ArticleNotWritten, NothingToDraft, TicketNotFound
from bot.domain.knowledge.gap import MissedQuestion
from bot.domain.people import Identity
from bot.domain.tickets.ticket import parse_ticket_id
from bot.knowledge.files.branches import commit_on_branch, is_checkout
from bot.knowledge.files.draft_files import draft_files
from bot.knowledge.files.writing import write_files
from bot.runtime.writable import why_not_writable
from bot.server.authoring.desk import AuthoringDesk
from bot.server.authoring.draft_reading import DraftReader, ReadDraft
from bot.server.authoring.example_board import ExampleBoard
from bot.server.authoring.gap_board import DAYS, KEPT, GapBoard
from bot.server.authoring.jobs import Job, Jobs
from bot.server.authoring.preview.drawing import DraftDrawing
from bot.server.authoring.replaying import Side, replay_draft
from bot.server.authoring.typed_drafts import SharedTypedDrafts
from bot.server.authoring.weekly_gaps import weekly_gaps
from bot.server.settings import Settings

CHANNEL = "web"  # under which the memory keeps what was approved
WRITES_WITHIN = timedelta(minutes=2)
MOST_REPLAYS = 10
MOST_ASKED = 2_000  # questions that are asked again, the newest
MOST_ALIKE = 60  # questions of a gap that are read for its draft

log = structlog.get_logger()


class Drafts:
    """Drafts of the page's editor; whatever is approved was read and checked from its texts alone."""

    def __init__(self, desk: AuthoringDesk) -> None:
        self._desk = desk
        self._settings = desk.settings
        self._jobs = Jobs()
        self._board = GapBoard(desk, self._jobs)
        self.typed = SharedTypedDrafts(desk.begin)
        self.examples = ExampleBoard(desk, self._jobs, lambda: self.goes)
        self._drafting = ArticleDrafting(desk.wording, desk.library)
        self._reader = DraftReader(desk.library, desk.settings, desk.clock)
        self._drawing = DraftDrawing(desk.wording, desk.settings)
        self._replays: OrderedDict[str, tuple[datetime, Job]] = OrderedDict()

    def stop(self) -> None:
        """End what is computed."""
        self._jobs.stop()

    @property
    def goes(self) -> DraftsGo:
        """Where the settings and the folders let an approved draft go."""
        folders = (self._settings.articles, self._settings.intents)
        if self._settings.drafts:
            return DraftsGo(self._settings.drafts)
        if any(not folder.is_dir() or why_not_writable(folder) for folder in folders):
            return DraftsGo.DOWNLOAD
        return DraftsGo.BRANCH if all(map(is_checkout, folders)) else DraftsGo.FILES

    def sees(self, reader: Identity) -> frozenset[str] | None:
        """The queues on whose tickets they may act."""
        if not self._desk.library.queues().configured:
            return None
        with self._desk.begin.reading() as work:
            found = self._desk.permissions.queues_of_person(work, reader, self._desk.clock())
        return frozenset(queue.id for queue in found)

    def gaps(self) -> GapsView:
        """The gaps that were found last."""
        return self._board.view()

    def drop_erased(self) -> None:
        """Show nothing more of what was erased since they were found."""
        self._board.drop_erased()

    def look(self, fewest: int) -> None:
        """Find the gaps anew."""
        self._board.look(fewest)

    async def weekly_gaps(self) -> Sequence[ToldGap]:
        """Find the dearest gaps of the last weeks, for the digest."""
        return await weekly_gaps(self._board, self._desk.clock)

    def of_gap(self, number: int, language: str, queues: frozenset[str] | None) -> DraftSheet:
        """Draft a gap: of a ticket of it that was resolved, else of its questions alone."""
        gap = self._board.gap(number)
        if gap is None or not gap.lies_in(queues):
            raise NothingToDraft("This gap is not there any more; look at the list again.")
        with self._desk.begin.reading() as work:
            questions = work.missed.read(gap.ids[:MOST_ALIKE])
            today = self._desk.clock().date()
            for ticket_id in gap.resolved:
                ticket = work.tickets.get(ticket_id)
                if ticket is not None and ticket.settled:
                    draft = self._drafting.draft(work, ticket, today, language, _sentences(questions))
                    return _sheet(f"ticket:{ticket_id}:{draft.article.language}", draft)
            draft = self._drafting.draft_gap(work, questions, today, language)
        return _sheet(f"gap:{number}:{draft.article.language}", draft)

    def of_ticket(
        self, reference: str, language: str, version_of: str, queues: frozenset[str] | None
    ) -> DraftSheet:
        """Draft a resolved ticket, or a version of an article."""
        with self._desk.begin.reading() as work:
            draft = self._of_ticket(work, reference, language, queues)
        number = parse_ticket_id(reference)
        source = f"ticket:{number}:{draft.article.language}"
        if not version_of:
            return _sheet(source, draft)
        version = replace(draft, article=replace(draft.article, id=version_of))
        return replace(_sheet(source, version), texts=DraftTexts(draft_files(version)[0][1]))

    def _of_ticket(
        self, work: UnitOfWork, reference: str, language: str, queues: frozenset[str] | None
    ) -> ArticleDraft:
        ticket = work.tickets.get(parse_ticket_id(reference) or 0)
        there = ticket is not None and self._desk.library.queues().of(ticket.queue).id
        if ticket is None or (queues is not None and there not in queues):
            raise TicketNotFound(f"There is no ticket {reference}; look for it in the list of tickets.")
        gap = self._board.gap_with(ticket.episode_id)
        ids = gap.ids[:MOST_ALIKE] if gap is not None and gap.lies_in(queues) else ()
        alike = _sentences(work.missed.read(ids)) if ids else ()
        return self._drafting.draft(work, ticket, self._desk.clock().date(), language, alike)

    def examine(self, texts: DraftTexts, language: str) -> Examined:
        """Read, check and draw."""
        read = self._reader.read(texts)
        return Examined(read.names, read.problems, self._drawing.draw(read.article, read.intent, language))

    def replay(self, texts: DraftTexts) -> str:
        """Begin to ask again; what was asked is read on the job's own thread."""
        read = self._accepted(texts)
        desk, now = self._desk, self._desk.library.snapshot.content
        sides = Side(desk.settings, now), Side(desk.settings, read.beside(now), keep=False)
        since = desk.clock() - DAYS
        job = self._jobs.start(
            replay_draft, lambda: (sides, read.intent, read_asked(desk.begin, since, MOST_ASKED))
        )
        name = token_urlsafe(9)
        self._replays[name] = desk.clock(), job
        while len(self._replays) > MOST_REPLAYS:
            self._replays.popitem(last=False)
        return name

    def replayed(self, name: str) -> ReplayView | None:
        """How far a replay is, and what it told."""
        began, job = self._replays.get(name, (None, None))
        if began is None or job is None or began < self._desk.clock() - KEPT:
            return None
        return ReplayView(None if job.over else (job.done, job.of), job.result, job.failed)

    def approved(self, source: str) -> Approval | None:
        """What was approved of a source."""
        kept = self._desk.memory.recall(CHANNEL, _key(source))
        found = json.loads(kept) if kept else None
        return self._approval(found) if found and found["went"] else None

    def approve(self, source: str, texts: DraftTexts, by: Identity) -> Approval:
        """Write it, unless it was approved before."""
        read, memory, key, at = self._accepted(texts), self._desk.memory, _key(source), self._desk.clock()
        goes = self.goes
        if goes is DraftsGo.DOWNLOAD:
            raise ArticleNotWritten("The server may not write the content; download the files instead.")
        claim = json.dumps({"at": at.isoformat(), "went": "", "claim": token_urlsafe(9)})
        kept = memory.once(CHANNEL, key, claim)
        if kept != claim:
            found = json.loads(kept)
            if found["went"] or at - datetime.fromisoformat(found["at"]) < WRITES_WITHIN:
                return self._approval(found, before=True)
            if not memory.replace(CHANNEL, key, kept, claim):  # somebody else goes on with what was left
                return self._approval(found, before=True)
        try:
            branch = self._written(read, goes)
        except BaseException:
            memory.replace(CHANNEL, key, claim, None)
            raise
        done = {"at": at.isoformat(), "went": goes.value, "branch": branch, "article": read.id}
        done["language"] = read.language
        memory.replace(CHANNEL, key, claim, json.dumps(done))
        log.info("draft_approved", source=source, article=read.id, went=goes.value, by=str(by))
        return self._approval(done)

    def _accepted(self, texts: DraftTexts) -> ReadDraft:
        """Read a draft; raise `ArticleNotWritten` where the check refuses it."""
        read = self._reader.read(texts)
        errors = [f"{one.file}:{one.line}: {one.message}" for one in read.problems if one.error]
        if errors or read.article is None:
            raise ArticleNotWritten("\n".join(errors) or "There is no article in it.")
        return read

    def _written(self, read: ReadDraft, goes: DraftsGo) -> str:
        """Write the files; return the branch, where they went to one."""
        files = read.files(self._settings.articles, self._settings.intents)
        if goes is DraftsGo.FILES:
            write_files(files)
            return ""
        return commit_on_branch(read.branch, f"Draft the article {read.id}", files)

    def _approval(self, found: dict[str, Any], *, before: bool = False) -> Approval:
        article = found.get("article", "")
        there = {found.get("language", ""), *self._desk.library.snapshot.content.articles.get(article, ())}
        return Approval(
            datetime.fromisoformat(found["at"]),
            article,
            DraftsGo(found["went"] or DraftsGo.FILES),
            found.get("branch", ""),
            tuple(code for code in self._desk.wording.languages if code not in there),
            before,
        )


def drafts_of(shared: SharedServices, settings: Settings, memory: ChannelMemory) -> Drafts:
    """Make the drafts of a desk."""
    begin, library, wording = shared.begin, shared.library, shared.wording
    desk = AuthoringDesk(begin, library, wording, settings, memory, shared.clock, shared.permissions)
    return Drafts(desk)


def _sentences(questions: Sequence[MissedQuestion]) -> Sequence[str]:
    return [one.sentence for one in questions if one.text.strip()]


def _key(source: str) -> str:
    return f"draft:{source}"


def _sheet(source: str, draft: ArticleDraft) -> DraftSheet:
    (_, article), (_, intent) = draft_files(draft)
    texts = DraftTexts(article, intent)
    return DraftSheet(source, texts, draft.article.language, draft.reference, draft.taken)
