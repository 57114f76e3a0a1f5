"""Fakes of what helps people write, and requests of the page's gaps, drafts and examples."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from bot.channels.web.access.accounts import read_grants
from bot.desk.ports.content import (
    Approval,
    DraftReplay,
    DraftsGo,
    DraftSheet,
    DraftTexts,
    Examined,
    ExamplesView,
    GapsView,
    ReplayedLine,
    ReplayView,
)
from bot.domain.drafts.typed_draft import TypedDraft
from bot.domain.errors import ArticleNotWritten, NothingToDraft, Overloaded, TicketNotFound
from bot.domain.knowledge.content import Problem
from bot.domain.knowledge.gap import Gap, GapReport, LeftOut, Missed, Nearest
from bot.domain.knowledge.proposal import (
    Confirmation,
    ExampleStatus,
    Held,
    LearnedExample,
    Measure,
    ShownExample,
)
from bot.domain.people import Identity
from tests.support.channels.page_site import Serve, Site

ROLES = {"nora": "manager", "maya": "engineer", "ana": "employee"}
TOKENS = " ".join(f"{name}-token-0123456789={name}:{role}" for name, role in ROLES.items())
EVIL = "<script>alert(1)</script>"
GAP = Gap(
    (7, 8),
    (EVIL, "b"),
    ("calibrating",),
    5,
    dict.fromkeys(Missed, 1),
    timedelta(minutes=90),
    ("en",),
    ("it",),
    Nearest("vpn", EVIL, 0.2, ("lid",)),
)
REPORT = GapReport((GAP,), 9, LeftOut(alone=3, beyond=2))
AT = datetime(2026, 3, 2, 9, tzinfo=UTC)
TEXTS = {"article": "---\ntitle: A\n---\nB", "intent": "intent: a"}
GETS = (
    "/gaps",
    "/gaps/progress",
    "/gaps/examples",
    "/gaps/examples/progress",
    "/drafts?gap=7",
    "/drafts?ticket=HELP-1001",
    "/drafts/replayed?name=r",
)
POSTS: dict[str, dict[str, Any]] = {
    "/gaps/examples/look": {},
    "/gaps/examples/approve": {"numbers": [3, 4]},
    "/gaps/examples/take-back": {"numbers": [5]},
    "/gaps/look": {"fewest": "3"},
    "/drafts/shown": TEXTS,
    "/drafts/forget": {"source": "gap:7:en"},
    "/drafts/replay": TEXTS,
    "/drafts/approve": {"source": "gap:7:en", **TEXTS},
}


def example(number: int, status: ExampleStatus, text: str = EVIL, queue: str | None = None) -> ShownExample:
    measure = Measure(asked=9, before=2, after=7, taken=1)
    kept = LearnedExample(
        number, number, EVIL, "en", "", Confirmation.SOLVED, 2, 1, measure, status, AT, "person:1"
    )
    return ShownExample(kept, text, queue, EVIL)


@dataclass
class Approvals:
    """Examples that keep what was decided on them."""

    view_now: ExamplesView = field(
        default_factory=lambda: ExamplesView(
            (
                example(3, ExampleStatus.PROPOSED),
                example(4, ExampleStatus.PROPOSED, "of it", "it"),
                example(6, ExampleStatus.PROPOSED, ""),
            ),
            (example(5, ExampleStatus.APPROVED),),
            dict.fromkeys(Held, 7),
        )
    )
    looks: int = 0
    decided: list[tuple[Sequence[int], str, frozenset[str] | None]] = field(default_factory=list)
    full: bool = False
    refusal: Exception | None = None

    def view(self, queues: frozenset[str] | None) -> ExamplesView:
        shown = [one for one in self.view_now.proposed if one.lies_in(queues)]
        return replace(self.view_now, proposed=tuple(shown))

    def look(self) -> None:
        if self.full:
            raise Overloaded
        self.looks += 1

    def running(self) -> tuple[int, int] | None:
        return self.view_now.running

    def approve(self, numbers: Sequence[int], by: Identity, name: str, queues: frozenset[str] | None) -> str:
        if self.refusal is not None:
            raise self.refusal
        self.decided.append((numbers, str(by), queues))
        return "drafts/learned-3"

    def take_back(self, number: int, by: Identity, name: str, queues: frozenset[str] | None) -> str:
        self.approve([number], by, name, queues)
        return ""


@dataclass
class Typed:
    """Typed drafts in a dictionary."""

    kept: dict[tuple[str, str], TypedDraft] = field(default_factory=dict)

    def keep(self, owner: str, source: str, typed: TypedDraft) -> None:
        self.kept[owner, source] = typed

    def find(self, owner: str, source: str) -> TypedDraft | None:
        return self.kept.get((owner, source))

    def forget(self, owner: str, source: str) -> None:
        self.kept.pop((owner, source), None)


@dataclass
class Written:
    """Authoring that keeps what it was asked."""

    goes: DraftsGo = DraftsGo.FILES
    view: GapsView = field(default_factory=lambda: GapsView(REPORT, AT, 5))
    looked: list[int] = field(default_factory=list)
    approvals: list[tuple[str, DraftTexts, Identity]] = field(default_factory=list)
    refusal: str = ""
    full: bool = False
    queues: frozenset[str] | None = None
    examples: Approvals = field(default_factory=Approvals)
    typed: Typed = field(default_factory=Typed)
    draft: str = f"</textarea>{EVIL}"

    def gaps(self) -> GapsView:
        return self.view

    def drop_erased(self) -> None:
        """Nothing was erased."""

    def look(self, fewest: int) -> None:
        if self.full:
            raise Overloaded
        self.looked.append(fewest)

    def sees(self, reader: Identity) -> frozenset[str] | None:
        return self.queues

    def of_gap(self, number: int, language: str, queues: frozenset[str] | None) -> DraftSheet:
        if number != 7 or not GAP.lies_in(queues):
            raise NothingToDraft("gone")
        return DraftSheet("gap:7:en", DraftTexts(self.draft, "intent: a"), language or "en")

    def of_ticket(
        self, reference: str, language: str, version_of: str, queues: frozenset[str] | None
    ) -> DraftSheet:
        if queues is not None and "it" not in queues:
            raise TicketNotFound("none")
        return DraftSheet("ticket:1:en", DraftTexts("# A"), language or "en", reference)

    def examine(self, texts: DraftTexts, language: str) -> Examined:
        return Examined(("a.md",), (Problem("article.md", 3, EVIL),), "<p>drawn</p>")

    def replay(self, texts: DraftTexts) -> str:
        if self.full:
            raise Overloaded
        self._refuse()
        return "r"

    def replayed(self, name: str) -> ReplayView | None:
        line = ReplayedLine(EVIL, "ticket", (), "answer", ("vpn",))
        told = DraftReplay(9, 2, 1, {"gained": (1, (line,))}, (("new", "vpn", 3),), (EVIL,), "intent: b")
        return ReplayView(None, told) if name == "r" else None

    def approved(self, source: str) -> Approval | None:
        return None

    def approve(self, source: str, texts: DraftTexts, by: Identity) -> Approval:
        self._refuse()
        self.approvals.append((source, texts, by))
        return Approval(AT, "a", DraftsGo.BRANCH, "drafts/a", ("es",))

    def _refuse(self) -> None:
        if self.refusal:
            raise ArticleNotWritten(self.refusal)


async def page(served: Serve, **changes: Any) -> tuple[Site, Written]:
    written = Written(**changes)
    site = await served(grants=read_grants(TOKENS)[0], anonymous=False, authoring=written)
    return site, written


async def got(site: Site, path: str, who: str = "maya", **headers: str) -> tuple[int, str]:
    bearer = {"Authorization": f"Bearer {who}-token-0123456789", **headers}
    async with site.client.get(path, headers=bearer) as response:
        return response.status, await response.text()


async def sent(site: Site, path: str, who: str = "maya", body: Any = None, **headers: str) -> tuple[int, Any]:
    known = {"Authorization": f"Bearer {who}-token-0123456789", "Origin": site.origin, **headers}
    given = POSTS[path] if body is None else body
    async with site.client.post(path, json=given, headers=known) as response:
        return response.status, await response.json()
