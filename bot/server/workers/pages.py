"""Looks at other systems' pages again and again, and says how that goes; the desk never waits for it."""

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable, Sequence
from time import monotonic, time

import structlog

from bot.domain.errors import SourceUnavailable
from bot.knowledge.wiki.port import Pulled, Puller
from bot.server.content import pullers_of
from bot.server.monitoring.metrics import Metrics
from bot.server.plugins import Plugin
from bot.server.settings import Settings

log = structlog.get_logger()
LONGEST_WAIT = 300.0  # seconds after failures
SHORTEST_PAUSE = 1 / 3  # of the seconds from one look to the next
NAMED = 20  # pages left out that the log names
Pause = Callable[[float], Awaitable[None]]


class PageWorker:
    """Worker that keeps one source's folder up to date; whatever fails, it looks again."""

    def __init__(
        self,
        puller: Puller,
        metrics: Metrics,
        pause: Pause = asyncio.sleep,
        clock: Callable[[], float] = monotonic,
    ) -> None:
        self.name = puller.name
        self._puller = puller
        self._metrics = metrics
        self._pause = pause
        self._clock = clock
        self._failures = 0
        self._trouble = ""
        self._told: dict[str, str] = {}

    def trouble(self) -> str | None:
        """Why the newest look failed, or what is not there; None where all is well."""
        return self._trouble or None

    async def run(self) -> None:
        """Look until it is cancelled."""
        try:
            while True:
                await self._pause(await self.look())
        finally:
            await self._puller.close()

    async def look(self) -> float:
        """Look once; return after how many seconds to look again."""
        began, seconds = self._clock(), self._puller.seconds
        try:
            pulled = await self._puller.pull()
        except SourceUnavailable as error:
            return self._failed(error.code, str(error), error.retry_after)
        except Exception:  # whatever a plugin does, the next look is made
            log.exception("source_look_failed", source=self.name, next_step="report it; what was read stays")
            return self._failed("mistake", "A mistake of the plugin's; the log has it.", 0.0)
        self._failures = 0
        if pulled is None:
            self._trouble = ""
            self._metrics.source_looks.labels(self.name, "elsewhere").inc()
        else:
            self._succeeded(pulled)
        # From beginning to beginning: what changed during a long look does not wait for a pause as well.
        return max(seconds * SHORTEST_PAUSE, seconds - (self._clock() - began))

    def _succeeded(self, pulled: Pulled) -> None:
        changed = bool(pulled.written or pulled.removed)
        self._metrics.source_looks.labels(self.name, "changed" if changed else "same").inc()
        self._metrics.source_pages.labels(self.name, "held").set(pulled.held)
        self._metrics.source_pages.labels(self.name, "left_out").set(len(pulled.left_out))
        self._metrics.source_looked.labels(self.name).set(time())
        self._trouble = "; ".join(pulled.faults)
        if changed:
            log.info(
                "source_pages_changed",
                source=self.name,
                written=pulled.written,
                removed=pulled.removed,
                held=pulled.held,
            )
        left_out = dict(pulled.left_out)
        if left_out != self._told:
            self._told = left_out
            log.info(
                "source_pages_left_out",
                source=self.name,
                reasons=dict(Counter(left_out.values())),
                pages=sorted(left_out)[:NAMED],
                next_step=f"firstline pull {self.name} names them all, while no server runs",
            )

    def _failed(self, code: str, sentence: str, retry_after: float) -> float:
        self._metrics.source_looks.labels(self.name, "failed").inc()
        if not self._failures:
            log.warning("source_not_read", source=self.name, code=code, next_step=sentence)
        self._failures += 1
        self._trouble = f"{code}: {sentence}"
        wait = min(self._puller.seconds * 2.0 ** min(self._failures - 1, 10), LONGEST_WAIT)
        return max(wait, self._puller.seconds, retry_after)


def page_workers(settings: Settings, plugins: Sequence[Plugin], metrics: Metrics) -> tuple[PageWorker, ...]:
    """Build a worker for each source whose pages lie in another system."""
    return tuple(PageWorker(puller, metrics) for puller in pullers_of(settings, plugins))
