"""Gathers the checks: those of the server itself, and those that each plugin brings."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

from bot import wording
from bot.cli import reader
from bot.cli.operate.doctor.content import ContentChecks
from bot.cli.operate.doctor.network import certificate, proxies
from bot.cli.operate.doctor.storage import StorageChecks
from bot.cli.operate.parts import ServerParts
from bot.domain.diagnosis import Check, DoctorHost, Examination, Finding, Room, Teller, error, warning
from bot.knowledge.queues import QueueFile
from bot.server import plugins
from bot.server.plugins import Kind, Plugin, fault_in_room
from bot.server.settings import Settings, cautions, unknown

CONTENT_SECONDS = 60.0  # for thousands of articles, or a model that is loaded from the disk


def now() -> datetime:
    """The time, aware, in UTC."""
    return datetime.now(UTC)


class Doctor:
    """Knows what there is to look at in an installation."""

    def __init__(self, parts: ServerParts, clock: Callable[[], datetime] = now) -> None:
        self._parts = parts
        self._clock = clock
        self.tell = Teller(partial(wording.load().say, reader.language()))

    def settings(self) -> list[Finding]:
        """What can be said of the settings without asking anybody."""
        parts = self._parts
        correct = self.tell.say("doctor.settings.correct")
        found = [error("settings", reader.said(mistake), correct) for mistake in parts.mistakes]
        found += [
            warning("settings", *_seen_and_remedy(reader.said(caution)))
            for caution in _cautions(parts.settings)
        ]
        found += [
            self.tell.warning("settings", "doctor.settings.unknown", name=name)
            for name in unknown(plugins.known_names(Settings))
        ]
        return found or [self._used()]

    def checks(self) -> list[Check]:
        """Every check that these settings allow; none where they cannot be read at all."""
        settings = self._parts.settings
        if settings is None:
            return []
        storage = StorageChecks(settings, self._parts, self._clock, self.tell)
        content = ContentChecks(settings, self._parts, self.tell)
        examined = [(plugin, self._examined(plugin, storage.recall)) for plugin in self._parts.plugins]
        calls = [url for _, examination in examined for url in examination.calls]
        if settings.embeddings.startswith(("http://", "https://")):
            calls.append(settings.embeddings)
        return [
            *storage.checks(),
            Check("content", content.look, CONTENT_SECONDS),
            Check("embeddings", content.embeddings, CONTENT_SECONDS),
            *(_named_after(plugin, check) for plugin, found in examined for check in found.checks),
            Check("certificate", lambda: certificate(settings.public_url, self._clock, self.tell)),
            Check("proxies", lambda: proxies(calls, self.tell)),
        ]

    def _examined(self, plugin: Plugin, recall: Callable[[str, str], Awaitable[str | None]]) -> Examination:
        settings = self._parts.settings
        assert settings is not None  # noqa: S101  # `checks` has looked
        host = DoctorHost(
            clock=self._clock,
            public_url=settings.public_url,
            rooms=_rooms(settings, plugin),
            engineers_listed=bool(settings.engineers.strip()),
            recall=recall,
            tell=self.tell,
        )
        return plugin.examine(host) or Examination((Check("checks", self._no_checks),))

    async def _no_checks(self) -> Sequence[Finding]:
        return [self.tell.skipped("checks", "doctor.no_checks")]

    def _used(self) -> Finding:
        names, env = ", ".join(map(_name_of, self._parts.plugins)), Path(".env")
        key = "doctor.settings.used" if env.is_file() else "doctor.settings.used_without_env"
        return self.tell.ok("settings", key, names=names, env=env.absolute())


def _name_of(plugin: Plugin) -> str:
    return plugin.name if plugin.kind is Kind.CHANNEL else f"{plugin.kind.name.lower()}.{plugin.name}"


def _named_after(plugin: Plugin, check: Check) -> Check:
    """The check with its plugin's name before its own, and before those of its findings."""
    prefix = _name_of(plugin)

    async def look() -> Sequence[Finding]:
        return [replace(finding, check=f"{prefix}.{finding.check}") for finding in await check.look()]

    return Check(f"{prefix}.{check.name}", look, check.seconds)


def _rooms(settings: Settings, plugin: Plugin) -> tuple[Room, ...]:
    if plugin.kind is not Kind.CHANNEL or not settings.queues:
        return ()
    queues, _ = QueueFile(Path(settings.queues), fault_in_room).load(())  # its mistakes are the content's
    listed = bool(settings.engineers.strip())
    found = {
        queue.rooms[plugin.name]: not listed and not queue.engineers
        for queue in queues
        if plugin.name in queue.rooms
    }
    return tuple(Room(name, anybody) for name, anybody in found.items())


def _cautions(settings: Settings | None) -> list[str]:
    return [*cautions(settings), *plugins.exposed_secrets(Settings)] if settings is not None else []


def _seen_and_remedy(caution: str) -> tuple[str, str]:
    seen, _, remedy = caution.rpartition("; ")
    return f"{seen}.", f"{remedy[0].upper()}{remedy[1:]}"
