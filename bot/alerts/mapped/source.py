"""The source of the alerts of every system that has a table: a path for each below one address."""

from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Any

from aiohttp import web

from bot.alerts.examination import System, examination
from bot.alerts.mapped.tables import tables_in
from bot.alerts.mapping import AlertReader
from bot.alerts.proofs import TokenProof
from bot.alerts.receiver import Receiver
from bot.desk.ports.alerts import AlertHost
from bot.domain.diagnosis import DoctorHost, Examination
from bot.runtime.network.credentials import Carrier


class MappedAlerts:
    """Receivers of several systems, which are one source."""

    name = "mapped"

    def __init__(
        self, file: Path, tokens: Mapping[str, str], carriers: Collection[Carrier], host: AlertHost
    ) -> None:
        self._receivers = [
            Receiver(
                f"{self.name}/{name}",
                table.name or name,
                TokenProof(tokens[name], carriers),
                AlertReader(table),
                host,
            )
            for name, table in tables_in(file).items()
            if tokens.get(name)
        ]

    def mount(self, app: Any) -> None:
        """Add the routes of each system."""
        router: web.Application = app
        for receiver in self._receivers:
            receiver.mount(router)

    async def start(self) -> None:
        """Start each."""
        for receiver in self._receivers:
            await receiver.start()

    async def stop(self) -> None:
        """Stop each."""
        for receiver in self._receivers:
            await receiver.stop()

    def trouble(self) -> str | None:
        """The first sentence of any."""
        return next((sentence for one in self._receivers if (sentence := one.trouble())), None)


def examine(file: Path, prefix: str, host: DoctorHost) -> Examination:
    """The checks of each system, under its name."""
    systems = [
        examination(System(f"mapped/{name}", table.name or name, prefix, part=f"{name}."), host)
        for name, table in tables_in(file).items()
    ]
    checks = tuple(check for system in systems for check in system.checks)
    return Examination(checks or examination(System("mapped", "mapped", prefix), host).checks)
