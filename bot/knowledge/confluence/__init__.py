"""The pages of Confluence Cloud's spaces as articles."""

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

NAME = "confluence"
PREFIX = "FIRSTLINE_CONFLUENCE_"
EXAMPLE = "https://example.atlassian.net"
_KEY = re.compile(r"~?[A-Za-z0-9]{1,255}")


class Settings(WikiSettings):
    """The site, the account with its token, and the keys of the spaces whose pages become articles."""

    model_config = reading(PREFIX)

    url: str = ""
    email: str = ""
    token: SecretStr = SecretStr("")
    spaces: str = ""


def configured(settings: Settings, *, demo: bool) -> bool:
    """Whether pages are to be read; in the demo never, for it asks nobody."""
    return bool(settings.url) and not demo


def mistakes(settings: Settings) -> list[str]:
    """All mistakes in the settings, as sentences for the operator."""
    token, spaces = settings.token.get_secret_value(), names_of(settings.spaces)
    key = "name the keys of the spaces that everybody may read, such as IT."
    found = missing(
        {
            f"{PREFIX}URL": (settings.url, "give the site, such as https://example.atlassian.net."),
            f"{PREFIX}EMAIL": (settings.email, "give the address of the account whose token it is."),
            f"{PREFIX}TOKEN": (token, "make an API token in the account's security settings."),
            f"{PREFIX}SPACES": (settings.spaces, key),
        }
    )
    if settings.url:
        found += fault_in_site(f"{PREFIX}URL", settings.url, EXAMPLE)
    if settings.email and not re.fullmatch(r"[\x21-\x39\x3b-\x7e]+@[\x21-\x39\x3b-\x7e]+", settings.email):
        found.append(f"{PREFIX}EMAIL: this is no mail address; give that of the account.")
    found += fault_in_secret(f"{PREFIX}TOKEN", token)
    if wrong := [number for number, key in enumerate(spaces, 1) if not _KEY.fullmatch(key)]:
        found.append(
            f"{PREFIX}SPACES: entry {wrong[0]} is no key of a space; take what stands behind /spaces/ in the "
            "address of its pages."
        )
    if len(spaces) > MOST_NAMED:
        found.append(f"{PREFIX}SPACES: there are {len(spaces)} keys; name {MOST_NAMED} at most.")
    return found


def build(settings: Settings, host: "SourceHost") -> "KnowledgeSource":  # noqa: ARG001  # as every source
    """Make the source."""
    return page_source(NAME, settings)


def puller(settings: Settings, host: "PullHost") -> "Puller":
    """Make what brings the pages into the folder."""
    from bot.knowledge.confluence.wiki import ConfluenceWiki

    return page_puller(NAME, settings, lambda: ConfluenceWiki(settings, host))


def doctor(settings: Settings, host: "DoctorHost") -> "Examination":
    """The checks for `firstline doctor`."""
    from bot.knowledge.confluence.examination import examination

    return examination(settings, host)
