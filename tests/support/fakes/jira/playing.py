"""A backend for the stand-in, beside the stand-in itself."""

from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from pydantic import SecretStr

from bot import wording
from bot.backends import jira
from bot.backends.jira.backend import JiraBackend
from bot.desk.ports.backends import BackendHost, NewRemoteTicket
from bot.domain.tickets.mirror import LIVE, NOBODY, MirrorField
from tests.support.clock import Clock
from tests.support.fakes.jira.server import EMAIL, SECRET, TOKEN, served
from tests.support.fakes.jira.site import Account, Issue, Site

AGENT, OTHER, CUSTOMER = "557058:eva", "557058:luis", "qm:ana"
NEW = NewRemoteTicket(
    "HELP-1042",
    "My laptop is on fire\nand it *smells* [~accountid:557058:eva]",
    "Ana",
    {MirrorField.STATUS: LIVE, MirrorField.PRIORITY: "normal", MirrorField.ASSIGNEE: NOBODY},
)


@dataclass
class Played:
    """A backend with its site, its clock, and what its host was told."""

    site: Site
    clock: Clock
    url: str
    backend: JiraBackend
    changed: list[tuple[str, ...]] = field(default_factory=list)
    checked: list[str] = field(default_factory=list)

    async def issue(self) -> Issue:
        """A request that the backend has made."""
        made = await self.backend.create(NEW, "token", again=False)
        return self.site.issues[made.id]


def settings_of(url: str, **others: Any) -> jira.Settings:
    """Settings for the stand-in."""
    return jira.Settings(
        url=url,
        email=EMAIL,
        token=SecretStr(TOKEN),
        service_desk="it",
        request_type="get it help",
        webhook_secret=SecretStr(SECRET),
        **others,
    )


def new_site(clock: Callable[[], datetime]) -> Site:
    """A site with two agents and a customer."""
    site = Site(clock)
    for account in (
        Account(AGENT, "Eva Ruiz", "eva@acme.example"),
        Account(OTHER, "Luis", "luis@acme.example"),
        Account(CUSTOMER, "Ana", "ana@acme.example", kind="customer", customer=True),
    ):
        site.accounts[account.id] = account
    return site


@asynccontextmanager
async def playing(**others: Any) -> AsyncIterator[Played]:
    """Serve a site, with a backend that is started."""
    clock = Clock()
    site = new_site(clock)
    async with served(site) as url:
        told: list[tuple[str, ...]] = []
        checked: list[str] = []

        async def changed(_name: str, remote_ids: Sequence[str]) -> None:
            told.append(tuple(remote_ids))

        host = BackendHost(
            wording.load(),
            clock,
            "en",
            "",
            changed=changed,
            checked=lambda _name, reason: checked.append(reason),
        )
        backend = JiraBackend(settings_of(url, **others), host)
        await backend.start()
        try:
            yield Played(site, clock, url, backend, told, checked)
        finally:
            await backend.stop()
