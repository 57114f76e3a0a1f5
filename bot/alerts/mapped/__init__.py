"""The alerts of systems that a file of the operator's describes: where in its JSON each part stands."""

import re
from pathlib import Path
from typing import TYPE_CHECKING

from pydantic import SecretStr
from pydantic_settings import BaseSettings

from bot.alerts.vendor import HEADERS, reading, token_mistakes
from bot.runtime.network.credentials import Carrier

if TYPE_CHECKING:
    from bot.desk.ports.alerts import AlertHost, AlertSource
    from bot.domain.diagnosis import DoctorHost, Examination

PREFIX = "FIRSTLINE_MAPPED_ALERTS_"
CARRIERS = (Carrier.PATH, *HEADERS)


class Settings(BaseSettings):
    """The file with a table for each system, and a secret for each."""

    model_config = reading(PREFIX)

    tables: str = ""
    tokens: SecretStr = SecretStr("")


def tokens_of(settings: Settings) -> dict[str, str]:
    """The secret of each system by the name of its table."""
    entries = re.split(r"[\s,]+", settings.tokens.get_secret_value().strip(", \t\r\n"))
    return {name: token for name, _, token in (entry.partition(":") for entry in entries) if name}


def configured(settings: Settings, *, demo: bool) -> bool:  # noqa: ARG001  # every plugin has this function
    """Whether alerts are to be taken: where there is a file of tables."""
    return bool(settings.tables or settings.tokens.get_secret_value())


def mistakes(settings: Settings) -> list[str]:
    """The mistakes in the settings and in the file, as sentences for the operator."""
    if not configured(settings, demo=False):
        return []
    from bot.alerts.mapped.tables import faults_in

    if not settings.tables:
        return [f"{PREFIX}TABLES: is missing; name the file with a table for each system."]
    found = [f"{PREFIX}TABLES: {fault}" for fault in faults_in(Path(settings.tables), tokens_of(settings))]
    for name, token in tokens_of(settings).items():
        found += token_mistakes(f"{PREFIX}TOKENS", token, CARRIERS)
        if not token:
            found.append(f"{PREFIX}TOKENS: an entry has no secret; write each as {_shown(name)}:secret.")
    return found


def _shown(name: str) -> str:
    # Whoever forgot the name has written a secret there.
    return name if re.fullmatch(r"[a-z][a-z0-9-]{0,19}", name) else "name"


def build(settings: Settings, host: "AlertHost") -> "AlertSource":
    """Make the alert source."""
    from bot.alerts.mapped.source import MappedAlerts

    return MappedAlerts(Path(settings.tables), tokens_of(settings), CARRIERS, host)


def doctor(settings: Settings, host: "DoctorHost") -> "Examination":
    """The checks for `firstline doctor`."""
    from bot.alerts.mapped.source import examine

    return examine(Path(settings.tables), PREFIX, host)
