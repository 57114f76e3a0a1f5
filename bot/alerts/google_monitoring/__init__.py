"""The alerts of Google Cloud Monitoring: a webhook with a secret, or Pub/Sub with a token of Google."""

import json
from base64 import b64decode
from binascii import Error as NotBase64
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bot.alerts.vendor import TokenSettings, Vendor, reading
from bot.runtime.network.credentials import Carrier

if TYPE_CHECKING:
    from bot.alerts.issuers import Issuer
    from bot.alerts.proofs import Proof
    from bot.desk.ports.alerts import AlertHost

KEYS = "https://www.googleapis.com/oauth2/v3/certs"


class Settings(TokenSettings):
    """The secret of a webhook, or the audience and the account of a push subscription."""

    model_config = reading("FIRSTLINE_GOOGLE_MONITORING_")

    audience: str = ""
    account: str = ""


def issuer_of(settings: Settings) -> "Issuer":
    """Whose tokens are believed: Google's, for the audience, in the name of the account."""
    from bot.alerts.issuers import Issuer

    claims = {"email": (settings.account,), "email_verified": (True,)}
    return Issuer(KEYS, ("https://accounts.google.com", "accounts.google.com"), (settings.audience,), claims)


def _proofs(settings: Any, host: "AlertHost") -> "list[Proof]":
    from bot.alerts.issuers import IssuerProof

    return [IssuerProof(issuer_of(settings), host)] if settings.audience and settings.account else []


def _wrong(settings: Any) -> list[str]:
    found = []
    for name, value, other, what in (
        ("AUDIENCE", settings.audience, settings.account, "the audience of the push subscription"),
        ("ACCOUNT", settings.account, settings.audience, "the e-mail address of its service account"),
    ):
        if not value and other:
            found.append(f"FIRSTLINE_GOOGLE_MONITORING_{name}: is missing; give {what}.")
    if settings.account and not settings.account.endswith(".gserviceaccount.com"):
        found.append(
            "FIRSTLINE_GOOGLE_MONITORING_ACCOUNT: is no service account; give an address that ends with "
            ".gserviceaccount.com."
        )
    return found


def unwrapped(document: Any) -> Any:
    """What a message of Pub/Sub carries; a document that is none as it is."""
    message = document.get("message") if isinstance(document, dict) else None
    data = message.get("data") if isinstance(message, dict) else None
    if not isinstance(data, str):
        return document
    try:
        return json.loads(b64decode(data, validate=True))
    except (NotBase64, ValueError, RecursionError):
        return document


vendor = Vendor(
    Path(__file__).parent,
    "Google Cloud Monitoring",
    carriers=(Carrier.QUERY, Carrier.BASIC),
    proofs=_proofs,
    unwrap=unwrapped,
    wrong=_wrong,
    others=lambda settings: bool(settings.audience or settings.account),
    calls=lambda settings: (KEYS,) if settings.audience else (),
)
configured, mistakes, build, doctor = vendor.configured, vendor.mistakes, vendor.build, vendor.doctor
