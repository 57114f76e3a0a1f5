"""The alerts of Azure Monitor: an action group's webhook, with Entra's token or a secret in its path."""

import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bot.alerts.vendor import HEADERS, TokenSettings, Vendor, reading
from bot.runtime.network.credentials import Carrier

if TYPE_CHECKING:
    from bot.alerts.issuers import Issuer
    from bot.alerts.proofs import Proof
    from bot.desk.ports.alerts import AlertHost

# Of the service that runs action groups; Microsoft's documents name it.
ACTION_GROUPS = "461e8683-5575-4561-ac7f-899cc907d62a"
# What of an event of Azure's own health says that it is over, though each word on it is "fired".
_OVER = {
    "status": {"resolved"},
    "stage": {"resolved", "complete", "canceled", "rca"},
    "currentHealthStatus": {"available"},
}
_ID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)


class Settings(TokenSettings):
    """The tenant and the application whose tokens are believed, or the secret in the path."""

    model_config = reading("FIRSTLINE_AZURE_MONITOR_")

    tenant: str = ""
    application: str = ""


def keys_of(tenant: str) -> str:
    """The address of the keys with which Entra signs for a tenant."""
    return f"https://login.microsoftonline.com/{tenant}/discovery/v2.0/keys"


def issuer_of(settings: Settings) -> "Issuer":
    """Whose tokens are believed: Entra's for the application, given to the service of action groups."""
    from bot.alerts.issuers import Issuer

    tenant, application = settings.tenant.lower(), settings.application.lower()
    return Issuer(
        keys_of(tenant),
        (f"https://sts.windows.net/{tenant}/", f"https://login.microsoftonline.com/{tenant}/v2.0"),
        (f"api://{application}", application),
        {"appid|azp": (ACTION_GROUPS,), "tid": (tenant,)},
    )


def _proofs(settings: Any, host: "AlertHost") -> "list[Proof]":
    from bot.alerts.issuers import IssuerProof

    return [IssuerProof(issuer_of(settings), host)] if settings.tenant and settings.application else []


def _wrong(settings: Any) -> list[str]:
    found = []
    for name, value, other in (
        ("TENANT", settings.tenant, settings.application),
        ("APPLICATION", settings.application, settings.tenant),
    ):
        setting = f"FIRSTLINE_AZURE_MONITOR_{name}"
        if not value and other:
            found.append(f"{setting}: is missing; give both ids, as Entra shows them, or none.")
        elif value and not _ID.fullmatch(value):
            found.append(f"{setting}: is no id; copy it from Entra, as 00000000-0000-0000-0000-000000000000.")
    return found


def told_by_event(document: Any) -> Any:
    """The document of an alert; where Azure's own health is told, under the event's key and with its state.

    The rules of service health and resource health fire anew with every word on an event, even with the last.
    """
    if not isinstance(document, dict) or not isinstance(data := document.get("data"), dict):
        return document
    essentials, context = data.get("essentials"), data.get("alertContext")
    if not isinstance(essentials, dict) or not isinstance(context, dict):
        return document
    said = context.get("properties")
    said = said if isinstance(said, dict) else {}
    service = str(essentials.get("monitoringService")).replace(" ", "").casefold()
    targets = essentials.get("alertTargetIDs")
    key = {
        "servicehealth": said.get("trackingId"),
        "resourcehealth": targets[0] if isinstance(targets, list) and targets else None,
    }.get(service)
    if not isinstance(key, str) or not key:
        return document
    words = {
        "status": context.get("status"),
        **{name: said.get(name) for name in ("stage", "currentHealthStatus")},
    }
    over = any(str(word).casefold() in _OVER[name] for name, word in words.items())
    event = {**essentials, "alertId": f"{service}:{key}"}
    return {
        **document,
        "data": {**data, "essentials": event | ({"monitorCondition": "Resolved"} if over else {})},
    }


vendor = Vendor(
    Path(__file__).parent,
    "Azure Monitor",
    carriers=(Carrier.PATH, *HEADERS),
    proofs=_proofs,
    unwrap=told_by_event,
    wrong=_wrong,
    others=lambda settings: bool(settings.tenant or settings.application),
    calls=lambda settings: (keys_of(settings.tenant.lower()),) if settings.tenant else (),
)
configured, mistakes, build, doctor = vendor.configured, vendor.mistakes, vendor.build, vendor.doctor
