"""Reads the settings of an identity provider, and says what is wrong with them."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from hashlib import sha256
from urllib.parse import urlsplit

from pydantic import SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict

from bot.channels.web.access.accounts import Role
from bot.channels.web.sign_in.roles import EVERYBODY, RoleRules
from bot.runtime.network.loopback import is_loopback

CALLBACK, LOG_OUT = "/web/oidc/callback", "/web/oidc/logout"
LISTS = (("engineers", Role.ENGINEER), ("managers", Role.MANAGER), ("employees", Role.EMPLOYEE))
NUMBERS = (("idle_minutes", 5, 1440), ("session_hours", 1, 720), ("check_minutes", 1, 1440))
ADDRESS = re.compile(r"[^@\s]*@[^@\s.]+(?:\.[^@\s.]+)+")
SHARED = ("common", "organizations", "consumers", "{tenantid}")  # where Entra signs in other organisations
FOR_ALL = ("https://accounts.google.com", "https://slack.com")  # one issuer for everybody in the world


class ProviderSettings(BaseSettings):
    """Who may sign in with the accounts that they have elsewhere: `FIRSTLINE_OIDC_...`."""

    model_config = SettingsConfigDict(
        env_prefix="FIRSTLINE_", env_file=".env", extra="ignore", frozen=True, hide_input_in_errors=True
    )

    oidc_issuer: str = ""
    oidc_client_id: str = ""
    oidc_client_secret: SecretStr = SecretStr("")
    oidc_name: str = ""
    oidc_scopes: str = "openid profile email"
    oidc_role_claim: str = ""
    oidc_employees: str = ""
    oidc_managers: str = ""
    oidc_engineers: str = ""
    oidc_room_engineers: str = "false"
    oidc_contact: str = ""
    oidc_idle_minutes: str = "120"
    oidc_session_hours: str = "12"
    oidc_check_minutes: str = "15"
    public_url: str = ""  # the links to whole articles lead to this channel, with or without a page


@dataclass(frozen=True, slots=True)
class ProviderOptions:
    """What we know of the identity provider, and how long its word holds.

    `idle`, `longest` and `check`: how long a session lasts without a request, at most, and until the provider
    is asked again.
    """

    issuer: str
    client_id: str
    client_secret: str = field(repr=False)
    base: str
    name: str
    scopes: tuple[str, ...]
    roles: RoleRules
    room_engineers: bool
    contact: str
    idle: timedelta
    longest: timedelta
    check: timedelta

    @property
    def redirect_uri(self) -> str:
        """Where the provider sends the browser back to."""
        return self.base + CALLBACK

    @property
    def after_sign_out(self) -> str:
        """Where the provider sends the browser after a sign-out."""
        return self.base + "/"

    @property
    def grant(self) -> str:
        """The hash of what lets people in: whoever was let in by other settings signs in again."""
        rules = [
            self.issuer,
            self.client_id,
            self.roles.claim,
            str(self.room_engineers),
            *(f"{who}={role}" for who, role in self.roles.entries),
        ]
        return sha256("\n".join(("provider", *rules)).encode()).hexdigest()


def provider_options(settings: ProviderSettings) -> ProviderOptions | None:
    """The provider of the settings, which have no mistakes; None where none is named."""
    if not settings.oidc_issuer.strip():
        return None
    return ProviderOptions(
        issuer=settings.oidc_issuer.strip(),
        client_id=settings.oidc_client_id.strip(),
        client_secret=settings.oidc_client_secret.get_secret_value().strip(),
        base=settings.public_url.rstrip("/"),
        name=settings.oidc_name.strip(),
        scopes=tuple(settings.oidc_scopes.replace(",", " ").split()),
        roles=RoleRules(settings.oidc_role_claim.strip(), tuple(_entries(settings))),
        room_engineers=_switch(settings) is True,
        contact=settings.oidc_contact.strip(),
        idle=timedelta(minutes=int(settings.oidc_idle_minutes)),
        longest=timedelta(hours=int(settings.oidc_session_hours)),
        check=timedelta(minutes=int(settings.oidc_check_minutes)),
    )


def provider_mistakes(settings: ProviderSettings) -> list[str]:
    """Every mistake in the settings of the provider, with what to do; the secret is never shown."""
    if not settings.oidc_issuer.strip():
        return _without_issuer(settings)
    faults = (_of_issuer(settings), _of_access(settings), _of_roles(settings), _of_numbers(settings))
    return [f"FIRSTLINE_{name}: {fault}." for found in faults for name, fault in found]


def _without_issuer(settings: ProviderSettings) -> list[str]:
    fields = type(settings).model_fields
    needless = [
        name
        for name in fields
        if name.startswith("oidc_") and getattr(settings, name) not in (fields[name].default, "")
    ]
    if not needless:
        return []
    return [
        f"FIRSTLINE_OIDC_ISSUER: FIRSTLINE_{needless[0].upper()} is set and no issuer; name one, such "
        "as https://login.example.com, or remove the other settings that begin with FIRSTLINE_OIDC_."
    ]


def _of_issuer(settings: ProviderSettings) -> Iterator[tuple[str, str]]:
    issuer = settings.oidc_issuer.strip()
    parts = _parts(issuer)
    if parts is None:
        yield (
            "OIDC_ISSUER",
            "this is no issuer; write the address that the provider's discovery document names",
        )
    elif parts[0] != "https" and not is_loopback(parts[1]):
        yield "OIDC_ISSUER", "must begin with https:// (or http:// on this machine)"
    if any(name in issuer.lower().split("/") for name in SHARED):
        yield "OIDC_ISSUER", "this one signs in people of every organisation; name your own tenant's id in it"


def _of_access(settings: ProviderSettings) -> Iterator[tuple[str, str]]:
    if not settings.oidc_client_id.strip():
        yield "OIDC_CLIENT_ID", "set the client id that the provider gave to this page"
    if not settings.oidc_client_secret.get_secret_value().strip():
        yield "OIDC_CLIENT_SECRET", "set the client secret that the provider gave to this page"
    if "openid" not in settings.oidc_scopes.replace(",", " ").split():
        yield "OIDC_SCOPES", "openid must be among them; write for example openid profile email"
    parts = _parts(settings.public_url)
    if parts is None or (parts[0] != "https" and not is_loopback(parts[1])):
        yield (
            "PUBLIC_URL",
            "set the https address of this page: the provider sends people back to it after they signed in",
        )


def _of_roles(settings: ProviderSettings) -> Iterator[tuple[str, str]]:
    """What is wrong with the lists; an entry is named by its place, for somebody may paste a secret there."""
    if not list(_entries(settings)) and not _switch(settings):
        yield (
            "OIDC_EMPLOYEES",
            "say who may sign in: values of the role claim, e-mail addresses, @example.com for a domain, "
            "or * for everybody whom the provider knows",
        )
    if _switch(settings) is None:
        yield "OIDC_ROOM_ENGINEERS", "must be true or false"
    for_all = settings.oidc_issuer.strip().rstrip("/") in FOR_ALL
    seen: set[str] = set()
    for entry, setting in _placed(settings):
        if "@" in entry and not ADDRESS.fullmatch(entry):
            yield setting, "this is no address; write ana@example.com, or @example.com for a domain"
        elif entry == EVERYBODY and for_all:
            yield setting, "* would let in everybody in the world; name a domain such as @example.com"
        elif "@" not in entry and entry != EVERYBODY and not settings.oidc_role_claim.strip():
            yield setting, "name the claim in which this value stands: set FIRSTLINE_OIDC_ROLE_CLAIM"
        if entry in seen:
            yield setting, "this one has another role already; keep it in one list (an engineer may ask, too)"
        seen.add(entry)


def _of_numbers(settings: ProviderSettings) -> Iterator[tuple[str, str]]:
    for name, least, most in NUMBERS:
        text = getattr(settings, f"oidc_{name}").strip()
        if not re.fullmatch(r"[0-9]{1,4}", text, re.ASCII) or not least <= int(text) <= most:
            yield f"OIDC_{name.upper()}", f"must be a whole number from {least} to {most}"


def _switch(settings: ProviderSettings) -> bool | None:
    """Whether the members of the rooms are engineers; None where the setting does not say."""
    return {"true": True, "1": True, "false": False, "0": False, "": False}.get(
        settings.oidc_room_engineers.strip().lower()
    )


def _placed(settings: ProviderSettings) -> Iterator[tuple[str, str]]:
    """Each entry with where it stands."""
    for name, role in LISTS:
        own = [entry for entry, one in _entries(settings) if one is role]
        for place, entry in enumerate(own, start=1):
            yield entry, f"OIDC_{name.upper()}, entry {place}"


def _entries(settings: ProviderSettings) -> Iterator[tuple[str, Role]]:
    for name, role in LISTS:
        for entry in getattr(settings, f"oidc_{name}").split(","):
            if entry.strip():
                yield entry.strip(), role


def _parts(url: str) -> tuple[str, str] | None:
    """Scheme and host of an address without query and fragment; None where it is none."""
    try:
        parts = urlsplit(url)
        whole = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:
        return None
    if not whole or parts.query or parts.fragment or parts.username or re.search(r"\s", url):
        return None
    return parts.scheme, parts.hostname or ""
