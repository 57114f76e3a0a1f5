"""Brings edited content into force, and lets the matcher learn from it."""

import asyncio
from collections.abc import Callable, Sequence

import structlog

from bot.desk.knowledge.library import Library
from bot.runtime.memory import give_back
from bot.server.monitoring.metrics import Metrics
from bot.server.training import LACKING, as_line

log = structlog.get_logger()
PAUSE = 1.0  # seconds after what could not be read
LACKING_SECONDS = 60.0  # until it tries again


class ContentWorker:
    """Brings every edit into force at once, then lets the matcher learn from it in another process."""

    def __init__(
        self,
        library: Library,
        learning: Sequence[str] | None,
        metrics: Metrics,
        pause: float = LACKING_SECONDS,
        renewed: Callable[[], None] = lambda: None,
    ) -> None:
        """`learning`: the learner's command; `pause`: seconds until it is started again for what lacked.

        `renewed` is called when a matcher is in force that has learned from the content.
        """
        self._library = library
        self._learning = learning
        self._metrics = metrics
        self._pause = pause
        self._renewed = renewed

    async def run(self) -> None:
        """Follow the edits; a broken one changes nothing but what /readyz says."""
        learning = asyncio.create_task(self._learn())
        try:
            while True:
                if await self._follow():
                    learning.cancel()
                    learning = asyncio.create_task(self._learn())
        finally:
            learning.cancel()
            await asyncio.gather(learning, return_exceptions=True)

    async def _follow(self) -> bool:
        try:
            await self._library.changes()
            good = await asyncio.to_thread(self._library.load)
            await asyncio.to_thread(give_back)
        except Exception:  # whatever a source does, the next edit must still take effect
            log.exception("content_unreadable")
            await asyncio.sleep(PAUSE)
            return False
        self._metrics.content_errors.set(len(self._library.errors))
        if good:
            log.info("content_in_force", hash=self._library.snapshot.content.hash[:12])
        else:
            log.error("content_kept", errors=list(self._library.errors[:20]), next_step="firstline check")
        return good

    async def _learn(self) -> None:
        while self._learning is not None and self._unfinished():
            code = await self._learned_by(self._learning)
            good = code in (0, LACKING) and await asyncio.to_thread(self._library.renew)
            await asyncio.to_thread(give_back)
            if good:
                log.info("content_learned", hash=self._library.snapshot.content.hash[:12])
                self._renewed()
            elif code != LACKING:  # what is in force goes on: it answers less often, and a person more often
                log.warning(
                    "content_not_learned", code=code, next_step="see FIRSTLINE_CACHE in docs/settings.md"
                )
            if code != LACKING:
                return
            await asyncio.sleep(self._pause)

    async def _learned_by(self, command: Sequence[str]) -> int:
        line = await asyncio.to_thread(as_line, self._library.snapshot.content)
        process = await asyncio.create_subprocess_exec(*command, stdin=asyncio.subprocess.PIPE)
        try:
            return await _fed(process, line)
        finally:
            if process.returncode is None:
                process.terminate()
                await process.wait()

    def _unfinished(self) -> bool:
        matcher = self._library.snapshot.matcher
        return matcher.provisional or matcher.lacking


async def _fed(process: asyncio.subprocess.Process, line: bytes) -> int:
    # Its standard input stays open until it ends: that is how it knows that we live.
    if process.stdin is not None:
        try:
            process.stdin.write(line)
            await process.stdin.drain()
        except (BrokenPipeError, ConnectionResetError):
            log.warning("learner_ended_early")
    return await process.wait()
