"""The settings that every system with pages has, and what may be wrong with them."""

import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict

from bot.runtime.network.loopback import is_loopback

MOST_NAMED = 50  # spaces or sites
_SAFE = re.compile(r"[\x21-\x7e]+")


def reading(prefix: str) -> SettingsConfigDict:
    """How the settings of a source are read: from the environment and `.env`, under this prefix."""
    return SettingsConfigDict(
        env_prefix=prefix, env_file=".env", extra="ignore", frozen=True, hide_input_in_errors=True
    )


class WikiSettings(BaseSettings):
    """Where pages are kept, the seconds from one look to the next, and the requests in a second."""

    folder: str = ""
    seconds: int = Field(default=30, ge=10, le=3600)
    requests: int = Field(default=5, ge=1, le=50)


def names_of(written: str) -> tuple[str, ...]:
    """The names in a setting, separated by spaces or commas, each once."""
    return tuple(dict.fromkeys(re.split(r"[\s,]+", written.strip()))) if written.strip(" ,\n\t") else ()


def missing(needed: Mapping[str, tuple[str, str]]) -> list[str]:
    """Mistakes where some of what belongs together is set: by the setting its value and its remedy."""
    if not any(value for value, _ in needed.values()):
        return []
    return [f"{name}: is missing; {remedy}" for name, (value, remedy) in needed.items() if not value]


def fault_in_address(name: str, url: str) -> list[str]:
    """What is wrong with the address of a system's site: only its host may be named, and encrypted."""
    try:
        parts = urlsplit(url)
        port_is_read = parts.port is None or parts.port > 0
        ours = port_is_read and bool(parts.hostname) and not (parts.query or parts.fragment or parts.username)
    except ValueError:
        return [f"{name}: this is no web address; write one such as https://example.com."]
    here = parts.scheme == "http" and is_loopback(parts.hostname or "")
    if not ours or (parts.scheme != "https" and not here) or re.search(r"\s", url):
        return [f"{name}: this is no https address of a site; write one such as https://example.com."]
    if parts.path not in ("", "/"):
        return [f"{name}: name the site alone, without '{parts.path[:40]}' behind it."]
    return []


def fault_in_secret(name: str, secret: str) -> list[str]:
    """What is wrong with a secret that goes into a header."""
    if secret and not _SAFE.fullmatch(secret):
        return [f"{name}: has a character that no key of theirs has; copy it again."]
    return []


def folder_of(settings: Any, name: str) -> str:
    """The folder where a system's pages are kept."""
    return str(settings.folder) or f"pages/{name}"
