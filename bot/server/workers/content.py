"""Brings edited content into force, and lets the matcher learn from it."""

import asyncio
from collections.abc import Callable, Sequence
from time import time

import structlog

from bot.desk.knowledge.library import Library
from bot.desk.ports.content import Matcher
from bot.domain.knowledge.content import Content
from bot.runtime.memory import give_back
from bot.server.monitoring.metrics import Metrics
from bot.server.training import LACKING, as_line

log = structlog.get_logger()
PAUSE = 1.0  # seconds after what could not be read
NOT_KEPT = (
    "What was learned from the content is not in its folder: give that more space or other rights, or set "
    "FIRSTLINE_CACHE to another."
)
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
        learner: Callable[[Content], Matcher] | None = None,
        trouble: str = "",
    ) -> None:
        """`learning`: the learner's command; `pause`: seconds until it is started again for what lacked.

        `renewed` is called when a matcher is in force that has learned from the content. `learner` learns in
        this process where the command's work cannot be kept; `trouble` says why it cannot.
        """
        self._library = library
        self._learning = learning
        self._metrics = metrics
        self._pause = pause
        self._renewed = renewed
        self._learner = learner
        self.trouble = ""
        """Why what was learned is not kept, and is learned anew at the next start."""
        self._note(trouble)
        self._metrics.content_since.set(time())
        self._show_learned()

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
            log.exception(
                "content_unreadable", next_step="run firstline check; the content before stays in force"
            )
            await asyncio.sleep(PAUSE)
            return False
        self._metrics.content_errors.set(len(self._library.errors))
        if good:
            self._metrics.content_since.set(time())
            self._show_learned()
            log.info("content_in_force", hash=self._library.snapshot.content.hash[:12])
        else:
            log.error("content_kept", errors=list(self._library.errors[:20]), next_step="firstline check")
        return good

    async def _learn(self) -> None:
        while self._unfinished():
            lacking = await (self._learn_apart(self._learning) if self._learning else self._learn_here())
            if not lacking:
                return
            await asyncio.sleep(self._pause)

    async def _learn_apart(self, command: Sequence[str]) -> bool:
        """Let the command learn into the cache; return whether it is to be tried again for what lacked."""
        code = await self._learned_by(command)
        if code in (0, LACKING) and await asyncio.to_thread(self._library.renew):
            self._note("")
            await self._in_force()
        elif code == 0 and self._learner is not None:
            self._note(NOT_KEPT)
            return await self._learn_here()
        elif code != LACKING:  # what is in force goes on: it answers less often, and a person more often
            log.warning(
                "content_not_learned",
                code=code,
                next_step="see FIRSTLINE_CACHE in `firstline docs settings`",
            )
        return code == LACKING

    async def _learn_here(self) -> bool:
        """Learn in this process, in a thread; return whether it is to be tried again for what lacked."""
        if self._learner is None or not await asyncio.to_thread(self._library.renew, self._learner):
            return False
        await self._in_force()
        return self._library.snapshot.matcher.lacking

    async def _in_force(self) -> None:
        await asyncio.to_thread(give_back)
        self._show_learned()
        log.info("content_learned", hash=self._library.snapshot.content.hash[:12])
        self._renewed()

    def _show_learned(self) -> None:
        """Show whether the matcher has learned from the content in force; this is called when it changes."""
        learned = not self._library.snapshot.matcher.provisional
        self._metrics.content_learned.set(learned)
        self._metrics.learned_since.set(time() if learned else 0)

    def _note(self, trouble: str) -> None:
        if trouble and trouble != self.trouble:
            log.warning(
                "cache_not_writable",
                reason=trouble,
                next_step="see FIRSTLINE_CACHE in `firstline docs settings`",
            )
        self.trouble = trouble
        self._metrics.cache_unwritable.set(bool(trouble))

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
            log.warning(
                "learner_ended_early",
                next_step="see FIRSTLINE_CACHE in `firstline docs settings`; answers go on without it",
            )
    return await process.wait()
