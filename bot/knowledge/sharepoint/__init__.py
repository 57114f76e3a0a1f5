"""The published pages of SharePoint sites as articles."""

import re
from typing import TYPE_CHECKING

from pydantic import SecretStr

from bot.knowledge.wiki.settings import (
    MOST_NAMED,
    WikiSettings,
    missing,
    names_of,
    page_puller,
    page_source,
    reading,
)
from bot.runtime.network.site_address import fault_in_secret, fault_in_site

if TYPE_CHECKING:
    from bot.desk.ports.content import KnowledgeSource, SourceHost
    from bot.domain.diagnosis import DoctorHost, Examination
    from bot.knowledge.wiki.port import Puller, PullHost

NAME = "sharepoint"
PREFIX = "FIRSTLINE_SHAREPOINT_"
GRAPH, LOGIN = "https://graph.microsoft.com", "https://login.microsoftonline.com"
_SITE = re.compile(r"[A-Za-z0-9.-]+(?:/(?:sites|teams)/[\w.~-]+)?", re.ASCII)
_ID = re.compile(r"[A-Za-z0-9.-]{1,100}")


class Settings(WikiSettings):
    """The app's registration in Entra, and the sites that everybody may read.

    `graph_url` and `login_url` are others in a national cloud.
    """

    model_config = reading(PREFIX)

    tenant: str = ""
    client_id: str = ""
    client_secret: SecretStr = SecretStr("")
    sites: str = ""
    graph_url: str = GRAPH
    login_url: str = LOGIN


def configured(settings: Settings, *, demo: bool) -> bool:
    """Whether pages are to be read; in the demo never, for it asks nobody."""
    return bool(settings.tenant) and not demo


def mistakes(settings: Settings) -> list[str]:
    """All mistakes in the settings, as sentences for the operator."""
    secret, sites = settings.client_secret.get_secret_value(), names_of(settings.sites)
    found = missing(
        {
            f"{PREFIX}TENANT": (settings.tenant, "give the id of the directory, or its domain."),
            f"{PREFIX}CLIENT_ID": (settings.client_id, "give the application id of the app in Entra."),
            f"{PREFIX}CLIENT_SECRET": (secret, "make a client secret for the app in Entra."),
            f"{PREFIX}SITES": (
                settings.sites,
                "name the sites that everybody may read, such as example.sharepoint.com/sites/help.",
            ),
        }
    )
    for name, value in (("TENANT", settings.tenant), ("CLIENT_ID", settings.client_id)):
        if value and not _ID.fullmatch(value):
            found.append(f"{PREFIX}{name}: this is no id; copy it from the app's overview in Entra.")
    found += fault_in_secret(f"{PREFIX}CLIENT_SECRET", secret)
    if wrong := [number for number, site in enumerate(sites, 1) if not _SITE.fullmatch(site)]:
        found.append(
            f"{PREFIX}SITES: entry {wrong[0]} is no site; write it as example.sharepoint.com/sites/help."
        )
    if len(sites) > MOST_NAMED:
        found.append(f"{PREFIX}SITES: there are {len(sites)} names; name {MOST_NAMED} at most.")
    found += fault_in_site(f"{PREFIX}GRAPH_URL", settings.graph_url, GRAPH)
    return found + fault_in_site(f"{PREFIX}LOGIN_URL", settings.login_url, LOGIN)


def build(settings: Settings, host: "SourceHost") -> "KnowledgeSource":  # noqa: ARG001  # as every source
    """Make the source."""
    return page_source(NAME, settings)


def puller(settings: Settings, host: "PullHost") -> "Puller":
    """Make what brings the pages into the folder."""
    from bot.knowledge.sharepoint.wiki import SharePointWiki

    return page_puller(NAME, settings, lambda: SharePointWiki(settings, host))


def doctor(settings: Settings, host: "DoctorHost") -> "Examination":
    """The checks for `firstline doctor`."""
    from bot.knowledge.sharepoint.examination import examination

    return examination(settings, host)
