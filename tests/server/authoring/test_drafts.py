"""Drafts are checked from their texts, written once and over nothing, and taken back where writing fails."""

import json
import subprocess
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from threading import Barrier, Thread
from typing import Any

import pytest

from bot.desk.knowledge.library import Library
from bot.desk.ports.content import Approval, DraftsGo, DraftTexts
from bot.domain.errors import ArticleNotWritten, TicketNotFound
from bot.domain.people import Identity
from bot.domain.tickets.queues import Queue, Queues
from bot.server.authoring.drafts import CHANNEL, WRITES_WITHIN, Drafts, drafts_of
from bot.server.settings import Settings
from bot.storage import Database
from bot.storage.unit_of_work import ChannelMemory, units_of_work
from tests.support.clock import Clock
from tests.support.desk.helpdesk import Helpdesk, with_queues
from tests.support.unknown import UNKNOWN

MAYA = Identity("web", "", "maya")
EVA, TIM = Identity("slack", "T1", "eva"), Identity("slack", "T1", "tim")
QUEUES = Queues({"it": Queue("it", engineers=(EVA,)), "hr": Queue("hr", engineers=(TIM,))}, "it")
ARTICLE = "---\nid: {id}\ntitle: Calibrate it\nlang: en\nowner: lab\nupdated: 2026-01-01\n---\n\n{body}\n"
INTENT = "intent: {id}\narticle: {id}\nexamples:\n  en:\n  - calibrate the spectrometer\n"
SOURCE = "ticket:1:en"


def texts(name: str = "calibrate-it", body: str = "1. Open the lid") -> DraftTexts:
    return DraftTexts(ARTICLE.format(id=name, body=body), INTENT.format(id=name))


@dataclass
class Site:
    """Drafts over folders of their own."""

    drafts: Drafts
    folder: Path
    memory: ChannelMemory
    clock: Clock
    desk: Helpdesk

    @property
    def files(self) -> list[str]:
        return sorted(str(path.relative_to(self.folder)) for path in self.folder.rglob("*.*"))


@pytest.fixture
def site(database: Database, library: Library, clock: Clock, tmp_path: Path, cache: Path) -> Site:
    folder = tmp_path / "content"
    folders = {"articles": folder / "kb_articles", "intents": folder / "intents"}
    for one in folders.values():
        one.mkdir(parents=True)
    settings = Settings(drafts="files", cache=str(cache), queues="", **folders)  # type: ignore[arg-type]  # by name
    memory = ChannelMemory(units_of_work(database))
    desk = Helpdesk(database, with_queues(library, QUEUES), clock)
    drafts = drafts_of(desk.desk.shared, settings, memory)
    return Site(drafts, folder, memory, clock, desk)


def errors(site: Site, given: DraftTexts) -> list[str]:
    found = site.drafts.examine(given, "en")
    return [f"{one.file}:{one.line}: {one.message}" for one in found.problems if one.error]


def test_a_draft_is_written_as_it_was_sent(site: Site) -> None:
    approval = site.drafts.approve(SOURCE, texts(), MAYA)
    assert (approval.article, approval.went, approval.before) == ("calibrate-it", DraftsGo.FILES, False)
    assert approval.missing == ("es",)
    assert site.files == ["intents/calibrate-it.yaml", "kb_articles/calibrate-it.md"]
    assert (site.folder / "kb_articles" / "calibrate-it.md").read_text("utf-8") == texts().article
    assert site.drafts.approved(SOURCE) == approval


def test_of_two_at_once_one_writes(site: Site) -> None:
    ready, told = Barrier(2), list[Approval]()

    def approve(name: str) -> None:
        ready.wait()
        told.append(site.drafts.approve(SOURCE, texts(name), MAYA))

    both = [Thread(target=approve, args=(name,)) for name in ("one-way", "another-way")]
    for one in both:
        one.start()
    for one in both:
        one.join()
    assert sorted(one.before for one in told) == [False, True]
    assert len(site.files) == 2


def test_what_could_not_be_written_may_be_approved_again(site: Site) -> None:
    there = site.folder / "intents" / "calibrate-it.yaml"
    there.write_text("mine\n")
    with pytest.raises(ArticleNotWritten, match="there already"):
        site.drafts.approve(SOURCE, texts(), MAYA)
    assert site.files == ["intents/calibrate-it.yaml"]
    assert there.read_text() == "mine\n"
    assert site.drafts.approved(SOURCE) is None
    assert not site.drafts.approve(SOURCE, texts("calibrate-that"), MAYA).before


def test_what_a_process_that_ended_has_left_is_taken_over(site: Site) -> None:
    left = {"at": site.clock().isoformat(), "went": "", "claim": "x"}
    site.memory.remember(CHANNEL, f"draft:{SOURCE}", json.dumps(left))
    assert site.drafts.approve(SOURCE, texts(), MAYA).before, "it may still be writing"
    assert site.files == []
    assert site.drafts.approved(SOURCE) is None
    site.clock.move(seconds=WRITES_WITHIN.total_seconds())
    assert not site.drafts.approve(SOURCE, texts(), MAYA).before
    assert len(site.files) == 2


@pytest.mark.parametrize(
    ("spoil", "said"),
    [
        (lambda it: DraftTexts(it.article.replace("title: Calibrate it\n", ""), it.intent), "no title"),
        (
            lambda it: DraftTexts(it.article, it.intent.replace("article: calibrate-it", "article: nowhere")),
            "nowhere",
        ),
        (lambda it: DraftTexts(it.article, "intent: ["), "intent.yaml"),
        (lambda _: texts("../../etc/cron"), "small letters"),
        (lambda _: texts("a b"), "small letters"),
        (lambda _: texts("-rf"), "small letters"),
        (lambda _: texts("reset-password"), "twice"),
    ],
    ids=["title", "target", "yaml", "path", "space", "option", "twice"],
)
def test_what_the_check_refuses_is_written_nowhere(
    site: Site, spoil: Callable[[DraftTexts], DraftTexts], said: str, library: Library
) -> None:
    taken = next(iter(library.snapshot.content.articles))
    given = spoil(texts())
    if said == "twice":
        given, said = texts(taken), taken
    assert any(said in one for one in errors(site, given)), errors(site, given)
    with pytest.raises(ArticleNotWritten, match=said.replace(".", r"\.")):
        site.drafts.approve(SOURCE, given, MAYA)
    with pytest.raises(ArticleNotWritten):
        site.drafts.replay(given)
    assert list(site.folder.rglob("*.*")) == []
    assert site.drafts.approved(SOURCE) is None


def test_what_is_typed_is_text_in_the_preview(site: Site) -> None:
    found = site.drafts.examine(texts(body="1. <script>alert(1)</script> <img src=x onerror=alert(2)>"), "en")
    assert "<script>" not in found.shown
    assert "<img src=x" not in found.shown
    assert "&lt;script&gt;" in found.shown


def goes(site: Site, **changes: Any) -> DraftsGo:
    site.drafts._settings = site.drafts._settings.model_copy(update={"drafts": "", **changes})
    return site.drafts.goes


def test_without_a_setting_it_goes_where_it_can(site: Site, tmp_path: Path) -> None:
    assert goes(site) is DraftsGo.FILES
    assert goes(site, articles=tmp_path / "nowhere") is DraftsGo.DOWNLOAD
    assert goes(site, drafts="download") is DraftsGo.DOWNLOAD
    with pytest.raises(ArticleNotWritten, match="download"):
        site.drafts.approve(SOURCE, texts(), MAYA)


def test_engineers_draft_the_tickets_of_their_queues_alone(site: Site) -> None:
    ticket = str(site.desk.say("ana", UNKNOWN).ticket)
    for action, inputs in (("claim", None), ("resolve", {"note": "Oiled it."})):
        site.desk.click("eva", site.desk.button(site.desk.card(ticket), action), inputs=inputs)
    seen = [site.drafts.sees(who) for who in (EVA, TIM, MAYA)]
    assert seen == [frozenset({"it"}), frozenset({"hr"}), frozenset()]
    for queues in seen[1:]:
        with pytest.raises(TicketNotFound):
            site.drafts.of_ticket(ticket, "", "", queues)
    sheet = site.drafts.of_ticket(ticket, "", "", seen[0])
    assert (sheet.source, sheet.reference) == ("ticket:1:en", ticket)
    version = site.drafts.of_ticket(ticket, "es", "some-article", None)
    assert (version.source, version.texts.intent) == ("ticket:1:es", "")
    assert "id: some-article\n" in version.texts.article


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_in_a_checkout_it_goes_on_a_branch_unless_it_is_ignored(site: Site) -> None:
    def git(*arguments: str) -> None:
        who = ("-c", "user.name=Test", "-c", "user.email=test@example.com", "-c", "commit.gpgsign=false")
        subprocess.run(["git", *who, "-C", site.folder, *arguments], check=True, capture_output=True)

    git("init", "-q")
    assert goes(site) is DraftsGo.FILES, "there is nothing yet that a branch could begin at"
    git("commit", "-q", "--allow-empty", "-m", "Begin")
    assert goes(site) is DraftsGo.BRANCH
    (site.folder / ".gitignore").write_text("intents\n")
    assert goes(site) is DraftsGo.FILES
