"""Gaps and drafts on the page: who may, from where, and what is answered to what is wrong."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from bot.channels.web.access.accounts import read_grants
from bot.channels.web.insights.typed_drafts import LONGEST, MOST, TypedDrafts, digest_of
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
from bot.domain.errors import ArticleNotWritten, ExampleNotFound, NothingToDraft, Overloaded, TicketNotFound
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
from tests.support.clock import Clock

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
    draft: str = f"</textarea>{EVIL}"

    def gaps(self) -> GapsView:
        return self.view

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


async def test_engineers_and_managers_alone_see_gaps_and_write(served: Serve) -> None:
    site, written = await page(served)
    for path in GETS:
        assert [(await got(site, path, who))[0] for who in ROLES] == [200, 200, 403], path
        async with site.client.get(path) as response:
            assert response.status == 401, path
    for path in POSTS:
        assert [(await sent(site, path, who))[0] for who in ROLES] == [200, 200, 403], path
        async with site.client.post(path, json=POSTS[path], headers={"Origin": site.origin}) as response:
            assert response.status == 401, path
    assert [str(by) for _, _, by in written.approvals] == ["web:nora", "web:maya"]
    assert written.examples.decided == [
        (numbers, who, None) for numbers in ([3, 4], [5]) for who in ("web:nora", "web:maya")
    ]
    assert written.examples.looks == 2


async def test_nothing_is_taken_from_another_site(served: Serve) -> None:
    site, written = await page(served)
    for path in POSTS:
        assert (await sent(site, path, Origin="https://evil.example"))[0] == 403, path
    assert (written.looked, written.approvals) == ([], [])
    assert (written.examples.looks, written.examples.decided) == (0, [])


async def test_the_way_to_the_gaps_stands_where_somebody_may_go_it(served: Serve) -> None:
    site, _ = await page(served)
    assert ['href="/gaps"' in (await got(site, "/", who))[1] for who in ROLES] == [True, True, False]


async def test_what_people_wrote_is_text_everywhere(served: Serve) -> None:
    site, _ = await page(served)
    for path in GETS:
        text = (await got(site, path))[1]
        assert EVIL not in text, path
    assert "&lt;script&gt;" in (await got(site, "/gaps"))[1]
    assert EVIL not in (await sent(site, "/drafts/shown"))[1]["html"]


@pytest.mark.parametrize("language", ["en", "es"])
async def test_no_sentence_is_missing(served: Serve, language: str) -> None:
    failed = GapsView(REPORT, AT, 5, outdated=True, running=(1, 9), failed="why")
    site, written = await page(served, view=failed)
    full = written.examples.view_now
    for view in (full, replace(full, running=(1, 9), failed="why"), ExamplesView((), ())):
        written.examples.view_now = view
        text = (await got(site, "/gaps/examples", **{"Accept-Language": language}))[1]
        assert "examples." not in text
    written.examples.view_now = full
    for goes in DraftsGo:
        written.goes = goes
        for path in GETS:
            status, text = await got(site, path, **{"Accept-Language": language})
            assert status == 200, path
            assert "web.gaps" not in text
            assert "web.draft" not in text
            assert "examples." not in text


async def test_gaps_are_looked_for_when_nobody_has_yet(served: Serve) -> None:
    site, written = await page(served, view=GapsView())
    assert (await got(site, "/gaps"))[0] == 200
    assert written.looked == [5]
    written.view = GapsView(failed="no memory")
    assert (await got(site, "/gaps"))[0] == 200
    assert written.looked == [5], "what failed is not begun again by a look"


async def test_what_is_wrong_is_told(served: Serve) -> None:
    site, written = await page(served)
    for path in ("/drafts", "/drafts?gap=x", "/drafts?gap=7&lang=xx", "/drafts?gap=-1"):
        assert (await got(site, path))[0] == 400, path
    assert (await got(site, "/drafts?gap=8"))[0] == 404
    assert (await got(site, "/drafts/replayed?name=other"))[0] == 404
    assert (await sent(site, "/gaps/look", body={"fewest": "1"}))[0] == 400
    assert (await sent(site, "/drafts/shown", body={"article": " "}))[0] == 400
    assert (await sent(site, "/drafts/shown", body={"article": 3}))[0] == 400
    assert (await sent(site, "/drafts/approve", body=TEXTS))[0] == 400
    assert (await sent(site, "/drafts/approve", body={"source": "x" * 101, **TEXTS}))[0] == 400
    written.refusal = "article.md:1: no title"
    for path in ("/drafts/approve", "/drafts/replay"):
        assert await sent(site, path) == (409, {"refused": "article.md:1: no title"})
    written.full, written.refusal = True, ""
    for path in ("/gaps/look", "/drafts/replay"):
        assert (await sent(site, path))[0] == 503, path


async def test_after_an_approval_the_other_language_is_asked_for(served: Serve) -> None:
    site, _ = await page(served)
    _, said = await sent(site, "/drafts/approve", body={**POSTS["/drafts/approve"], "ticket": "HELP-1001"})
    assert "drafts/a" in said["html"]
    assert "/drafts?ticket=HELP-1001&amp;lang=es&amp;version=a" in said["html"]


async def test_an_engineer_reads_nothing_of_other_queues(served: Serve) -> None:
    site, written = await page(served, queues=frozenset({"hr"}))
    told = (await got(site, "/gaps"))[1]
    assert "calibrating" not in told
    assert "queues that are not yours: 1" in told
    assert "calibrating" in (await got(site, "/gaps", "nora"))[1], "managers read of all"
    for path in ("/drafts?gap=7", "/drafts?ticket=HELP-1001"):
        assert [(await got(site, path, who))[0] for who in ("maya", "nora")] == [404, 200]
    written.queues = frozenset({"it"})
    assert "calibrating" in (await got(site, "/gaps"))[1]


async def test_why_a_draft_is_refused_is_said_in_the_page_s_language(served: Serve) -> None:
    site, written = await page(served)
    missing = "There is no article in it."
    written.refusal = f"article.md:3: {missing}\nintent.yaml:4: {missing}"
    for language, said in (("en", missing), ("es", "No contiene ningún artículo.")):
        for path in ("/drafts/approve", "/drafts/replay"):
            status, answer = await sent(site, path, **{"Accept-Language": language})
            assert (status, answer["refused"]) == (409, f"article.md:3: {said}\nintent.yaml:4: {said}")
    written.view = GapsView(failed="the process that computes ended; see that there is enough memory")
    assert (
        "comprueba que haya memoria suficiente" in (await got(site, "/gaps", **{"Accept-Language": "es"}))[1]
    )


async def test_proposals_are_shown_in_full_and_approved_by_what_was_shown(served: Serve) -> None:
    site, _ = await page(served)
    shown = (await got(site, "/gaps/examples", "nora"))[1]
    assert "before: 2, with the others" in shown
    ticks = [number for number in range(9) if f'type="checkbox" value="{number}" checked' in shown]
    assert ticks == [3, 4], "what has no words any more is not approved"
    assert 'data-numbers="[5]"' in shown
    _, said = await sent(site, "/gaps/examples/approve", "nora")
    assert "Approved: 2." in said["html"]
    assert "drafts/learned-3" in said["html"]
    _, said = await sent(site, "/gaps/examples/take-back", "nora")
    assert "Answers follow within a minute" in said["html"]


async def test_an_engineer_approves_nothing_of_other_queues(served: Serve) -> None:
    site, written = await page(served, queues=frozenset({"hr"}))
    assert ["of it" in (await got(site, "/gaps/examples", who))[1] for who in ("maya", "nora")] == [
        False,
        True,
    ]
    for who in ("maya", "nora"):
        await sent(site, "/gaps/examples/approve", who)
    assert [queues for _, _, queues in written.examples.decided] == [frozenset({"hr"}), None]


async def test_where_the_server_may_only_read_nothing_is_approved_on_the_page(served: Serve) -> None:
    site, _ = await page(served, goes=DraftsGo.DOWNLOAD)
    shown = (await got(site, "/gaps/examples"))[1]
    assert "data-decide" not in shown
    assert "checkbox" not in shown
    assert "firstline examples approve" in shown


async def test_what_is_wrong_with_a_decision_is_told(served: Serve) -> None:
    site, written = await page(served)
    for numbers in (None, [], [True], ["3"], [0], [1] * 1001, [2**63], 3):
        for path in ("/gaps/examples/approve", "/gaps/examples/take-back"):
            assert (await sent(site, path, body={"numbers": numbers}))[0] == 400, (path, numbers)
    assert written.examples.decided == []
    written.examples.refusal = ExampleNotFound("gone")
    for path in ("/gaps/examples/approve", "/gaps/examples/take-back"):
        status, said = await sent(site, path)
        assert (status, "Somebody else has decided" in said["refused"]) == (409, True)
    written.examples.refusal = ArticleNotWritten("There is no article in it.")
    _, said = await sent(site, "/gaps/examples/approve", **{"Accept-Language": "es"})
    assert said["refused"] == "No contiene ningún artículo."
    written.examples.full = True
    assert (await sent(site, "/gaps/examples/look"))[0] == 503


async def editor_of(site: Site, who: str = "maya") -> tuple[str, str]:
    """The editor's page, and what tells the draft in it."""
    shown = (await got(site, "/drafts?gap=7", who))[1]
    return shown, shown.split('data-base="')[1].split('"')[0]


async def test_what_was_typed_is_there_again_for_whoever_typed_it(served: Serve) -> None:
    site, written = await page(served)
    _, base = await editor_of(site)
    typed = {"source": "gap:7:en", "base": base, "article": "# Typed", "intent": "intent: typed"}
    assert (await sent(site, "/drafts/shown", body=typed))[0] == 200
    shown, same = await editor_of(site)
    assert ("# Typed" in shown, "intent: typed" in shown, "as you left it" in shown) == (True, True, True)
    assert same == base
    assert "# Typed" not in (await editor_of(site, "nora"))[0], "it is not another's"
    await sent(site, "/drafts/forget")
    assert "# Typed" not in (await editor_of(site))[0]

    await sent(site, "/drafts/shown", body=typed)
    await sent(site, "/drafts/approve", body={"source": "gap:7:en", **TEXTS})
    assert "# Typed" not in (await editor_of(site))[0], "it is in the content now"

    await sent(site, "/drafts/shown", body=typed)
    written.draft = "<p>without what was erased</p>"
    assert "# Typed" not in (await editor_of(site))[0], "the draft is another one"
    for wrong in ({"source": ""}, {"source": "x" * 101}, {"base": 3}):
        assert (await sent(site, "/drafts/shown", body={**typed, **wrong}))[0] == 400


def test_what_was_typed_is_forgotten_in_the_end() -> None:
    clock, ana = Clock(), Identity("web", "", "ana")
    memory, made = TypedDrafts(clock), DraftTexts("made")
    base = digest_of(made)
    memory.keep(ana, "a", base, DraftTexts("x" * LONGEST + "x"))
    assert memory.find(ana, "a", made) is None
    memory.keep(ana, "a", base, DraftTexts("typed"))
    assert memory.find(ana, "a", made) is not None
    memory.keep(ana, "a", base, made)
    assert memory.find(ana, "a", made) is None, "nothing is typed any more"
    for number in range(MOST + 1):
        memory.keep(ana, str(number), base, DraftTexts("typed"))
    assert memory.find(ana, "0", made) is None
    assert memory.find(ana, "1", made) is not None
    clock.move(hours=25)
    assert memory.find(ana, "1", made) is None
