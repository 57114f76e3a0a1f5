"""Monitoring systems that post to the server which is attacked: their secrets, doors and genuine proofs."""

import json
from collections.abc import Mapping
from datetime import UTC, datetime

from bot.alerts import azure_monitor, google_monitoring
from bot.server import plugins
from tests.support.fakes import alerts as fake

SYSTEMS = tuple(name for name in plugins.packages(plugins.Kind.ALERTS) if name != "webhook")
# Whose address may hold the secret, for they can send no header: in the path, or in the query.
IN_PATH, IN_QUERY = ("azure_monitor", "mapped", "splunk"), ("google_monitoring",)
SOMEBODYS = "a-secret-of-somebody-else"
NO_SECRET = ("cloudwatch",)
CERTIFICATE = (
    "https://sns.eu-west-1.amazonaws.com/SimpleNotificationService-0123456789abcdef0123456789abcdef.pem"
)
Headers = Mapping[str, str]


def secret_of(system: str) -> str:
    """The secret of a system: each has its own."""
    return f"{fake.SECRET}-of-{system.replace('_', '-')}"


def settings() -> dict[str, str]:
    """The settings by which every system has its door, with each proof that it can give."""
    found = {
        f"FIRSTLINE_{name.upper()}_TOKEN": secret_of(name)
        for name in SYSTEMS
        if name not in (*NO_SECRET, "mapped")
    }
    return found | {
        **fake.SETTINGS["cloudwatch"],
        **fake.SETTINGS["mapped"],
        "FIRSTLINE_MAPPED_ALERTS_TOKENS": f"zabbix:{secret_of('mapped')}",
        "FIRSTLINE_GRAFANA_SECRET": f"{fake.SECRET}-of-signatures",
        "FIRSTLINE_AZURE_MONITOR_TENANT": fake.TENANT,
        "FIRSTLINE_AZURE_MONITOR_APPLICATION": fake.APPLICATION,
        "FIRSTLINE_GOOGLE_MONITORING_AUDIENCE": fake.AUDIENCE,
        "FIRSTLINE_GOOGLE_MONITORING_ACCOUNT": fake.ACCOUNT,
    }


def internet() -> fake.Internet:
    """What the server fetches of Amazon, Entra and Google, without leaving this machine."""
    keys = (azure_monitor.keys_of(fake.TENANT), google_monitoring.KEYS)
    return fake.Internet({CERTIFICATE: fake.certificate(), **dict.fromkeys(keys, fake.key_set())})


def door_of(system: str) -> str:
    """Where a system posts."""
    return "/alerts/mapped/zabbix" if system == "mapped" else f"/alerts/{system.replace('_', '-')}"


def proof_of(system: str) -> tuple[str, Headers]:
    """The path and the headers by which a system that has a secret is believed."""
    if system in IN_PATH:
        return f"{door_of(system)}/{secret_of(system)}", {}
    if system in IN_QUERY:
        return f"{door_of(system)}?auth_token={secret_of(system)}", {}
    return door_of(system), {"Authorization": f"Bearer {secret_of(system)}"}


def message(request: str = "began", **changed: str) -> dict[str, str]:
    """A message of SNS, as it is now."""
    sent_at = f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%S}.000Z"
    told: dict[str, str] = fake.recorded("cloudwatch", request)
    return {**told, "Timestamp": sent_at, "SigningCertURL": CERTIFICATE, **changed}


def body_of(system: str) -> bytes:
    """A request's body, as it was recorded; SNS has signed its own."""
    return fake.sns_signed(message()) if system == "cloudwatch" else json.dumps(recorded(system)).encode()


def recorded(system: str) -> dict[str, object]:
    """The recorded beginning of an alert."""
    return fake.recorded(system, "began")
