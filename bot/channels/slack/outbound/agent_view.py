"""Shows in people's chats what they can ask, and that an answer is being looked for.

Both are extras of newer clients: what Slack refuses is left out, and nothing waits for it.
"""

import asyncio
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Coroutine
from typing import Any

import structlog
from slack_sdk.web.async_client import AsyncWebClient

from bot.channels.slack.client import ERRORS, code_of, passing, wait_of
from bot.channels.slack.manifest import LONGEST_PROMPT_TITLE, MOST_PROMPTS
from bot.channels.slack.text import cut
from bot.desk.ports.channels import Host
from bot.domain.conversations.messages import ConversationRef, Outcome, OutcomeKind
from bot.domain.errors import DeliveryFailed

log = structlog.get_logger()

SLOW = 0.5  # seconds after which it is said that an answer is being looked for
SETTLED = 2.0  # seconds in which another replica has entered what it posted
MOST = 500  # answers and chats that are looked after at once; this is left out for further ones
MOST_TOLD = 8  # status lines at once: who has too much to do does no more for telling so
REMEMBERED = 5_000  # chats whose prompts are known
PAUSE = 3600.0  # seconds for which a method is left alone that Slack refuses
PROMPTS, STATUS = "assistant.threads.setSuggestedPrompts", "assistant.threads.setStatus"
_ANSWERS = frozenset({OutcomeKind.ANSWERED, OutcomeKind.CHOICE, OutcomeKind.ASKED, OutcomeKind.TICKET})


class AgentView:
    """Suggests prompts, and sets the status line of threads; all calls come after the acknowledgement."""

    def __init__(self, client: Callable[[], AsyncWebClient], host: Host) -> None:
        self._client = client
        self._host = host
        self._tasks: set[asyncio.Task[None]] = set()
        self._slow: dict[str, asyncio.Task[None]] = {}  # answers that may still come soon
        self._telling: dict[str, bool] = {}  # status lines on their way, and whether the answer overtook them
        self._prompts: OrderedDict[str, tuple[str, ...]] = OrderedDict()
        self._left_alone: dict[str, float] = {}

    def opened(self, ref: ConversationRef, language: str) -> None:
        """Suggest prompts at the top of a chat that somebody opened."""
        examples = tuple(example.text for example in self._host.examples(language, MOST_PROMPTS))
        if not examples or self._prompts.get(ref.place) == examples or not self._may_call(PROMPTS):
            return
        self._prompts[ref.place] = examples
        if len(self._prompts) > REMEMBERED:
            self._prompts.popitem(last=False)
        self._start(self._suggest(ref, examples, language))

    def asked(self, ref: ConversationRef, outcome: Outcome, language: str) -> None:
        """Say in a while that an answer is being looked for, unless it is there by then."""
        key = _thread(ref)
        wanted = ref.root and outcome.kind in _ANSWERS and not outcome.repeated
        if wanted and key not in self._slow and self._may_call(STATUS):
            self._slow[key] = self._start(self._tell_slow(ref, key, language))

    def said(self, ref: ConversationRef) -> None:
        """Note that something was posted in a thread: Slack takes the status away by itself."""
        key = _thread(ref)
        if key in self._telling:
            self._telling[key] = True
        elif (task := self._slow.pop(key, None)) is not None:
            task.cancel()

    async def close(self) -> None:
        """End what waits."""
        for task in tuple(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    # --- parts ----------------------------------------------------------------------------------------

    async def _suggest(self, ref: ConversationRef, examples: tuple[str, ...], language: str) -> None:
        prompts = [{"title": cut(one, LONGEST_PROMPT_TITLE), "message": one} for one in examples]
        title = self._host.wording.say(language, "home.title")

        async def suggest(client: AsyncWebClient) -> None:
            await client.assistant_threads_setSuggestedPrompts(
                channel_id=ref.space, title=title, prompts=prompts
            )

        if not await self._call(PROMPTS, suggest):
            self._prompts.pop(ref.place, None)

    async def _tell_slow(self, ref: ConversationRef, key: str, language: str) -> None:
        try:
            await asyncio.sleep(SLOW)
        finally:
            self._slow.pop(key, None)
        if len(self._telling) >= MOST_TOLD:
            return
        self._telling[key] = False
        try:
            if not await self._host.read(self._host.awaited, ref) or self._telling[key]:
                return
            told = await self._set(ref, self._host.wording.say(language, "slack.looking"))
            if told and not self._telling[key]:
                await asyncio.sleep(SETTLED)
            if told and (self._telling[key] or not await self._host.read(self._host.awaited, ref)):
                await self._set(ref, "")  # it may have come after the answer, and would stay for minutes
        finally:
            self._telling.pop(key, None)

    async def _set(self, ref: ConversationRef, status: str) -> bool:
        async def tell(client: AsyncWebClient) -> None:
            await client.assistant_threads_setStatus(channel_id=ref.space, thread_ts=ref.root, status=status)

        return await self._call(STATUS, tell)

    async def _call(self, method: str, call: Callable[[AsyncWebClient], Awaitable[None]]) -> bool:
        try:
            await call(self._client())
        except DeliveryFailed:  # the channel is being stopped
            return False
        except ERRORS as error:
            wait = wait_of(error)
            if wait is not None or not passing(error):
                pause = PAUSE if wait is None else wait
                self._left_alone[method] = asyncio.get_running_loop().time() + pause
            log.info("slack_extra_left_out", method=method, code=code_of(error))
            return False
        return True

    def _may_call(self, method: str) -> bool:
        now = asyncio.get_running_loop().time()
        return len(self._tasks) < MOST and self._left_alone.get(method, 0.0) <= now

    def _start(self, work: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task


def _thread(ref: ConversationRef) -> str:
    return f"{ref.place}/{ref.root}"
