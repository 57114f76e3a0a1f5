"""The whole application on loopback, all three platforms around it, and in it what is not everybody's."""

import itertools
import os
import tempfile
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from functools import cache
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from sqlalchemy import Select, String, cast, func, select
from yarl import URL

from bench.attack import monitoring
from bench.processes import OURS
from bot.desk.knowledge.library import Library
from bot.desk.knowledge.proposals import ExampleProposals, example_of
from bot.domain.drafts.names import KnownNames
from bot.domain.knowledge.proposal import Confirmation, ConfirmedQuestion, Measure, Proposal
from bot.runtime.resources import find
from bot.server.content import library_of
from bot.server.settings import Settings
from bot.storage import Database, connect, migrate
from bot.storage.schema.columns import metadata
from tests.support.desk.helpdesk import with_article
from tests.support.e2e.microsoft import ENGINEERS
from tests.support.e2e.page_client import TOKENS as LISTED
from tests.support.e2e.running import until
from tests.support.e2e.slack import button, posted
from tests.support.e2e.three_channels import Stage, staged
from tests.support.unknown import OTHER, UNKNOWN

PLANTED = "planted7f3a"  # what only engineers and its author may see
TOKENS = LISTED | {
    "una": "token-of-una-who-is-unlisted",
    "tom": "token-of-tom-the-employee",
    "max": "token-of-max-the-manager",
}
ROLES = {"wes": "engineer", "una": "engineer", "ina": "employee", "tom": "employee", "max": "manager"}
METRICS, ALERTS = "metrics-token-of-the-attack", "alerts-secret-of-the-attack"
ARTICLE = "account-locked"
# What changes where somebody does something to a ticket, an outage or somebody's words.
LOOKED_AT = """
    tickets ticket_fields ticket_links clusters episodes utterances relays ratings outages
    outage_notices alerts learned_examples
""".split()


@dataclass
class Site:
    """What is attacked; every request comes from another address, so that none is refused for its number."""

    stage: Stage
    http: aiohttp.ClientSession
    card: dict[str, Any] = field(default_factory=dict)  # of Ana's ticket, in Slack's room
    _numbers: Any = field(default_factory=lambda: itertools.count(1))

    @property
    def url(self) -> str:
        """The server's address."""
        return self.stage.app.url

    @property
    def database(self) -> Database:
        """The server's database."""
        return self.stage.app.database

    def number(self) -> int:
        """A number that was not used yet."""
        return int(next(self._numbers))

    def elsewhere(self) -> dict[str, str]:
        """The header by which a request comes from an address of its own."""
        number = self.number()
        return {"X-Forwarded-For": f"198.{18 + number // 65536}.{number // 256 % 256}.{number % 256}"}

    async def send(self, method: str, path: str, headers: Mapping[str, str], **body: Any) -> tuple[int, str]:
        """One request; the status and what was answered, of a stream its beginning."""
        given = {**headers, **self.elsewhere()}
        async with self.http.request(
            method, URL(self.url + path, encoded=True), headers=given, allow_redirects=False, **body
        ) as answer:
            if answer.content_type == "text/event-stream":
                return answer.status, (await answer.content.readany()).decode()
            return answer.status, (await answer.read()).decode("utf-8", "replace")

    async def press(self, person: str, pane: str, action: str, token: str, **more: Any) -> tuple[int, str]:
        """Press a button on the page, whether it is there or not."""
        body = {"pane": pane, "key": f"pressed-{self.number():08d}", "action": action, "token": token, **more}
        return await self.send("POST", "/web/press", bearer(person), json=body)

    def state(self) -> dict[str, tuple[str, ...]]:
        """What there is of tickets, words and outages; a refusal that is noted changes nothing."""
        with self.database.transaction(reading=True) as db:
            found = {name: tuple(map(str, db.execute(_rows_of(name)).all())) for name in LOOKED_AT}
            events = metadata.tables["ticket_events"]
            query = select(events).where(events.c.kind != "refused")
            return found | {"ticket_events": tuple(map(str, db.execute(query).all()))}

    def changed(self, before: Mapping[str, tuple[str, ...]]) -> str:
        """Which of it is not as it was."""
        now = self.state()
        return ", ".join(name for name in now if now[name] != before[name])

    def kept(self, text: str) -> int:
        """How many messages, or else texts of any kind, with these words are kept."""
        texts, said = metadata.tables["texts"], metadata.tables["utterances"]
        like = cast(texts.c.body, String).like(f"%{text}%")
        with self.database.transaction(reading=True) as db:
            count = select(func.count()).select_from(texts).where(like)
            any_text = db.execute(count).scalar_one()
            joined = count.join(said, said.c.text_id == texts.c.id)
            return max(int(db.execute(joined).scalar_one()), min(1, any_text))

    async def delivered(self) -> None:
        """Wait until nothing waits to be posted."""
        await until(lambda: "waiting" not in self.values("outbox", "status"), "an empty outbox")

    def values(self, table: str, column: str) -> list[Any]:
        """A column of a table, in the order of its rows."""
        found = metadata.tables[table]
        query = select(found.c[column]).order_by(*found.primary_key.columns)
        with self.database.transaction(reading=True) as db:
            return list(db.execute(query).scalars())


def _rows_of(table: str) -> Select[Any]:
    """All columns, but for what the server notes for itself: when to look at a ticket again."""
    return select(*(one for one in metadata.tables[table].columns if one.name != "look_at"))


def bearer(person: str) -> dict[str, str]:
    """The header with somebody's token."""
    return {"Authorization": f"Bearer {TOKENS[person]}"}


@cache
def library() -> Library:
    """The repository's own content."""
    with pytest.MonkeyPatch.context() as patch:
        forget_settings(patch)
        loaded = library_of(Settings(articles=find("kb_articles"), intents=find("intents")))
    if not loaded.load():
        raise RuntimeError(f"the content cannot be read: {loaded.errors}")
    return loaded


@asynccontextmanager
async def a_site(article: str = "") -> AsyncIterator[Site]:
    """The application with two tickets in it; `article` is what one of its articles says instead."""
    content = library()
    if article:
        known = content.snapshot.content.article(ARTICLE, "en")
        if known is None:
            raise LookupError(f"there is no article {ARTICLE}")
        content = with_article(content, replace(known, body=article))
    with (
        tempfile.TemporaryDirectory(prefix="firstline-attack-") as folder,
        pytest.MonkeyPatch.context() as patch,
    ):
        forget_settings(patch)
        patch.chdir(folder)  # no .env
        fetch = monitoring.internet().fetch
        for module in ("bot.alerts.issuers", "bot.alerts.cloudwatch.sns"):
            patch.setattr(f"{module}.fetch", fetch)
        url = f"sqlite:///{Path(folder) / 'firstline.db'}"
        database = connect(url)
        migrate(database)
        database.close()
        async with staged(patch, content, url, **_settings()) as stage, aiohttp.ClientSession() as http:
            yield Site(stage, http)


async def plant(site: Site) -> None:
    """A ticket of Ana in Slack; one of Ina on the page, with a file, which Wes has claimed."""
    slack = site.stage.slack
    await slack.say("DUANA", "UANA", f"{UNKNOWN} {PLANTED}")
    site.card = await posted(slack, "CROOM", PLANTED)
    form = aiohttp.FormData()
    form.add_field(
        "body",
        f'{{"pane": "ask", "key": "planted-question", "text": "{OTHER} {PLANTED}"}}',
        content_type="application/json",
    )
    form.add_field("file", PLANTED.encode(), filename=f"{PLANTED}.txt")
    status, _ = await site.send("POST", "/web/ask", bearer("ina"), data=form)
    await until(lambda: len(site.values("tickets", "token")) == 2, f"the second ticket ({status})")
    token = site.values("tickets", "token")[1]
    await site.press("wes", "room", "claim", token)
    form = aiohttp.FormData()
    form.add_field(
        "body",
        f'{{"pane": "ask", "key": "planted-file-one", "text": "see this {PLANTED}"}}',
        content_type="application/json",
    )
    form.add_field("file", PLANTED.encode(), filename=f"{PLANTED}.txt")
    await site.send("POST", "/web/ask", bearer("ina"), data=form)
    await until(lambda: PLANTED.encode() in site.values("files", "body"), "the file")
    await site.delivered()
    propose(site)


def propose(site: Site) -> None:
    """Propose everything that was asked as an example, as somebody's who confirmed it would be."""
    application = site.stage.app.application
    book = ExampleProposals(application.begin, application._library.snapshot.content)
    asked = site.values("episodes", "id")
    with application.begin() as work:
        words = work.examples.words(asked)
        names = book._names(work, [one.text for one in words.values()])
        questions = tuple(
            ConfirmedQuestion(number, text, "en", ARTICLE, number, Confirmation.SOLVED)
            for number, one in words.items()
            if (text := example_of(one.text, names.joined(KnownNames.among([one.text], [one.asker], ()))))
        )
        work.examples.propose([Proposal(ARTICLE, questions, Measure(9, 2, 7, 1))], application.clock())


def claim_of(card: dict[str, Any]) -> dict[str, Any]:
    """The button by which a card is claimed in Slack."""
    return button(card, "claim")


def forget_settings(patch: pytest.MonkeyPatch) -> None:
    """Let a server see no settings of ours but its own."""
    for name in list(os.environ):
        if (name.startswith(OURS) and name != "FIRSTLINE_CACHE") or name.lower().endswith("_proxy"):
            patch.delenv(name)


def _settings() -> dict[str, str]:
    tokens = " ".join(f"{TOKENS[name]}={name}:{role}" for name, role in ROLES.items())
    many = "100000"
    return monitoring.settings() | {
        "FIRSTLINE_WEB_TOKENS": tokens,
        "FIRSTLINE_ENGINEERS": f"web:wes slack:T1/UEVA slack:T1/UERIC {ENGINEERS}",
        "FIRSTLINE_PUBLIC_URL": "http://127.0.0.1",
        "FIRSTLINE_METRICS_TOKEN": METRICS,
        "FIRSTLINE_ALERTS_SECRET": ALERTS,
        "FIRSTLINE_TRUSTED_PROXIES": "127.0.0.1",
        "FIRSTLINE_WEB_WRONG_SIGN_INS": many,
        "FIRSTLINE_WEB_MESSAGES_A_MINUTE": many,
    }
