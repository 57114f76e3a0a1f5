"""The common part of each monitoring system's package: settings, their mistakes, the source, the checks."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from pydantic import Field, SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict

from bot.runtime.network.credentials import PLACE, Carrier
from bot.runtime.network.loopback import is_loopback

if TYPE_CHECKING:  # what is not configured costs nothing at the start
    from bot.alerts.proofs import Proof
    from bot.desk.ports.alerts import AlertHost, AlertSource, EventSink
    from bot.domain.diagnosis import DoctorHost, Examination

SHORTEST_TOKEN = 16
LONGEST_MINUTES = 10_080  # a week
HEADERS = (Carrier.BEARER, Carrier.HEADER, Carrier.BASIC)
_SAFE = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._~+/=")
_SAFE_IN_ADDRESS = _SAFE - frozenset("+/=")


def reading(prefix: str) -> SettingsConfigDict:
    """How the settings of a source are read: from the environment and `.env`, under this prefix."""
    return SettingsConfigDict(
        env_prefix=prefix, env_file=".env", extra="ignore", frozen=True, hide_input_in_errors=True
    )


class TokenSettings(BaseSettings):
    """The secret that requests carry, and after how many silent minutes an alert is over (0: never)."""

    token: SecretStr = SecretStr("")
    minutes: int = Field(default=0, ge=0, le=LONGEST_MINUTES)


def token_mistakes(name: str, token: str, carriers: Sequence[Carrier]) -> list[str]:
    """What is wrong with a secret, with the setting's name."""
    if not token:
        return []
    found = []
    make = "make one with `openssl rand -hex 32`."
    if len(token) < SHORTEST_TOKEN:
        found.append(f"{name}: must have at least {SHORTEST_TOKEN} characters; {make}")
    in_address = Carrier.PATH in carriers or Carrier.QUERY in carriers
    if not set(token) <= (_SAFE_IN_ADDRESS if in_address else _SAFE):
        place = "an address" if in_address else "a header"
        found.append(f"{name}: has a character that {place} cannot carry as it is; {make}")
    return found


def events_mistakes(url_name: str, url: str, key_name: str, key: str) -> list[str]:
    """What is wrong with the address that takes the desk's events, and with its key."""
    found = []
    if not url and key:
        found.append(f"{url_name}: is missing; give the address that takes events, with https://.")
    elif url and not re.fullmatch(r"https://[^\s/@?#]+(/[^\s?#@]*)?", url) and not _is_here(url):
        found.append(
            f"{url_name}: is no https address; the key would be sent unencrypted. Begin with https://."
        )
    if url and not key:
        found.append(f"{key_name}: is missing; give the key with which that system takes events.")
    elif not set(key) <= _SAFE:
        found.append(f"{key_name}: has a character that no key has; copy it again.")
    return found


def _is_here(url: str) -> bool:
    parts = urlsplit(url)
    return parts.scheme == "http" and is_loopback(parts.hostname or "")


def _no_proofs(settings: Any, host: "AlertHost") -> "list[Proof]":  # noqa: ARG001  # most know the token alone
    return []


def _as_it_is(document: Any) -> Any:
    return document


@dataclass(frozen=True)
class Vendor:
    """Monitoring system that posts its alerts: the functions that its package offers as a plugin.

    `folder` is the package's, with `mapping.toml` in it. `carriers` is where the system can put a secret,
    `proofs` makes the other ways in which it can say who it is, for which `others` says whether they are set,
    and `wrong` what is wrong. `unwrap` takes the document out of an envelope; `calls` is where keys are,
    `sink` makes what takes the desk's events.
    """

    folder: Path
    title: str
    carriers: tuple[Carrier, ...] = HEADERS
    proofs: "Callable[[Any, AlertHost], list[Proof]]" = _no_proofs
    unwrap: Callable[[Any], Any] = _as_it_is
    wrong: Callable[[Any], list[str]] = lambda settings: []  # noqa: ARG005  # most have no further settings
    others: Callable[[Any], bool] = lambda settings: False  # noqa: ARG005
    calls: Callable[[Any], tuple[str, ...]] = lambda settings: ()  # noqa: ARG005
    sink: "Callable[[Any], EventSink | None]" = lambda settings: None  # noqa: ARG005

    @property
    def name(self) -> str:
        """The package's name."""
        return self.folder.name

    def configured(self, settings: Any, *, demo: bool) -> bool:  # noqa: ARG002  # every plugin has it
        """Whether alerts are to be taken: where there is something to check them with."""
        return bool(settings.token.get_secret_value()) or self.others(settings)

    def mistakes(self, settings: Any) -> list[str]:
        """The mistakes in the settings, as sentences for the operator."""
        name = f"{settings.model_config['env_prefix']}TOKEN"
        return [
            *token_mistakes(name, settings.token.get_secret_value(), self.carriers),
            *self.wrong(settings),
        ]

    def build(self, settings: Any, host: "AlertHost") -> "AlertSource":
        """Make the alert source."""
        from bot.alerts.mapping import AlertReader, table_in
        from bot.alerts.proofs import AnyProof, TokenProof
        from bot.alerts.receiver import Receiver

        token = settings.token.get_secret_value()
        ways = [TokenProof(token, self.carriers)] if token else []
        proof = AnyProof([*ways, *self.proofs(settings, host)])
        reader = AlertReader(table_in(self.folder / "mapping.toml"), settings.minutes, self.unwrap)
        return Receiver(self.name, self.title, proof, reader, host)

    def doctor(self, settings: Any, host: "DoctorHost") -> "Examination":
        """The checks for `firstline doctor`."""
        from bot.alerts.examination import System, examination

        in_path = Carrier.PATH in self.carriers and bool(settings.token.get_secret_value())
        place = f"/{{{PLACE}}}" if in_path and self.carriers[0] is Carrier.PATH else ""
        prefix = settings.model_config["env_prefix"]
        keys, sink = self.calls(settings), self.sink(settings)
        return examination(System(self.name, self.title, prefix, place, keys=keys, sink=sink), host)
