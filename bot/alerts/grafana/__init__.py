"""The alerts of Grafana: the webhook of a contact point, signed or with a secret in a header."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

from pydantic import SecretStr

from bot.alerts.vendor import TokenSettings, Vendor, reading, token_mistakes

if TYPE_CHECKING:
    from bot.alerts.proofs import Proof
    from bot.desk.ports.alerts import AlertHost

SIGNATURE = "X-Grafana-Alerting-Signature"


class Settings(TokenSettings):
    """The key of the signature, or the secret that the requests carry."""

    model_config = reading("FIRSTLINE_GRAFANA_")

    secret: SecretStr = SecretStr("")


def _proofs(settings: Any, host: "AlertHost") -> "list[Proof]":
    from bot.alerts.proofs import SignatureProof

    secret = settings.secret.get_secret_value()
    return [SignatureProof(secret, SIGNATURE, host.clock)] if secret else []


def _wrong(settings: Any) -> list[str]:
    return token_mistakes("FIRSTLINE_GRAFANA_SECRET", settings.secret.get_secret_value(), ())


vendor = Vendor(
    Path(__file__).parent,
    "Grafana",
    proofs=_proofs,
    wrong=_wrong,
    others=lambda settings: bool(settings.secret.get_secret_value()),
)
configured, mistakes, build, doctor = vendor.configured, vendor.mistakes, vendor.build, vendor.doctor
