"""The settings of the mirror in Jira Service Management."""

import re

from pydantic import Field, SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict

from bot.domain.tickets.mirror import parse_priority
from bot.runtime.network.site_address import fault_in_secret, fault_in_site

PREFIX = "FIRSTLINE_JIRA_"
EXAMPLE = "https://acme.atlassian.net"
SHORTEST = 16
PRIORITIES = "Highest=urgent, High=high, Medium=normal, Low=low, Lowest=low"
_KEY = re.compile(r"[A-Za-z][A-Za-z0-9_]*|[0-9]+")
_ADDRESS = re.compile(r"[^\s@:]+@[^\s@:]+")


class Settings(BaseSettings):
    """Site, account and service desk that tickets are mirrored to: FIRSTLINE_JIRA_URL and what follows.

    `done` and `live` name statuses in the order in which they are preferred, `priorities` says which of ours
    each of Jira's is.
    """

    model_config = SettingsConfigDict(
        env_prefix=PREFIX, env_file=".env", extra="ignore", frozen=True, hide_input_in_errors=True
    )

    url: str = ""
    email: str = ""
    token: SecretStr = SecretStr("")
    service_desk: str = ""
    request_type: str = ""
    webhook_secret: SecretStr = SecretStr("")
    match_addresses: bool = False
    poll_seconds: int = Field(default=60, ge=0, le=3600)
    done: str = "Resolved, Done, Closed"
    live: str = ""
    priorities: str = PRIORITIES
    resolution: str = "Done"

    @property
    def done_names(self) -> tuple[str, ...]:
        """The statuses that end a ticket, the first wins where several can be had."""
        return listed(self.done)

    @property
    def live_names(self) -> tuple[str, ...]:
        """The statuses in which a ticket is worked on, though their category may say otherwise."""
        return listed(self.live)

    @property
    def priority_names(self) -> dict[str, str]:
        """Our priority for each of Jira's, whose names are in small letters."""
        pairs = (entry.partition("=") for entry in listed(self.priorities))
        return {name.strip().casefold(): ours.strip().lower() for name, _, ours in pairs}

    def priority_there(self, ours: str) -> str:
        """The first of Jira's priorities that stands for one of ours; empty where none does."""
        pairs = (entry.partition("=") for entry in listed(self.priorities))
        return next((name.strip() for name, _, value in pairs if value.strip().lower() == ours), "")


def listed(text: str) -> tuple[str, ...]:
    """The names between the commas."""
    return tuple(name.strip() for name in text.split(",") if name.strip())


def configured(settings: Settings, *, demo: bool) -> bool:  # noqa: ARG001  # every plugin has this function
    """Whether tickets are to be mirrored in Jira."""
    return bool(settings.url)


def mistakes(settings: Settings) -> list[str]:
    """All mistakes in the settings, as sentences for the operator."""
    token, secret = settings.token.get_secret_value(), settings.webhook_secret.get_secret_value()
    if not settings.url:
        others = token or settings.service_desk or settings.request_type or settings.email or secret
        missing = f"{PREFIX}URL: is missing, and other settings of Jira are there; set all or none."
        return [missing] if others else []
    return [
        *fault_in_site(f"{PREFIX}URL", settings.url, EXAMPLE),
        *_account_mistakes(settings.email, token),
        *_desk_mistakes(settings),
        *_secret_mistakes(secret, settings.poll_seconds),
        *_status_mistakes(settings),
        *_priority_mistakes(settings.priorities),
    ]


def _account_mistakes(email: str, token: str) -> list[str]:
    found = []
    if not _ADDRESS.fullmatch(email):
        found.append(f"{PREFIX}EMAIL: is no address; write that of the account that the token belongs to.")
    if not token:
        found.append(
            f"{PREFIX}TOKEN: is missing; make one with the account that Firstline uses, at "
            "https://id.atlassian.com/manage-profile/security/api-tokens."
        )
    return found + fault_in_secret(f"{PREFIX}TOKEN", token)


def _desk_mistakes(settings: Settings) -> list[str]:
    found = []
    if not _KEY.fullmatch(settings.service_desk):
        found.append(
            f"{PREFIX}SERVICE_DESK: is no key of a project; write the letters before the dash of its "
            "requests, such as IT for IT-7."
        )
    if not settings.request_type.strip():
        found.append(
            f"{PREFIX}REQUEST_TYPE: is missing; write the name or the number of the request type that "
            "tickets become."
        )
    return found


def _secret_mistakes(secret: str, poll_seconds: int) -> list[str]:
    if not secret and not poll_seconds:
        return [
            f"{PREFIX}WEBHOOK_SECRET: without it and with {PREFIX}POLL_SECONDS=0 nothing that changes in "
            "Jira would be seen; set one of them."
        ]
    if secret and len(secret) < SHORTEST:
        return [
            f"{PREFIX}WEBHOOK_SECRET: must have at least {SHORTEST} characters, for whoever knows it is "
            "believed; make one with `openssl rand -hex 32`."
        ]
    return []


def _status_mistakes(settings: Settings) -> list[str]:
    done = {name.casefold() for name in settings.done_names}
    both = [name for name in settings.live_names if name.casefold() in done]
    return [
        f"{PREFIX}LIVE: '{name}' is in {PREFIX}DONE, too; name each status in one of them." for name in both
    ]


def _priority_mistakes(text: str) -> list[str]:
    found = []
    values = set()
    for entry in listed(text):
        name, _, value = entry.partition("=")
        if not name.strip() or parse_priority(value.strip()) is None:
            found.append(
                f"{PREFIX}PRIORITIES: '{entry}' is no pair; write such as High=high, with low, normal, high "
                "or urgent behind the =."
            )
        values.add(value.strip().lower())
    missing = [ours for ours in ("low", "normal", "high", "urgent") if ours not in values]
    if not found and missing:
        found.append(
            f"{PREFIX}PRIORITIES: nothing stands for {', '.join(missing)}; give each of low, normal, high "
            "and urgent one of Jira's priorities."
        )
    return found
