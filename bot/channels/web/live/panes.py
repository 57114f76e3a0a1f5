"""Renders the conversation of an employee: what several windows show alike is read and rendered once."""

from functools import lru_cache, partial

from markupsafe import Markup

from bot.channels.web.access.accounts import Participant
from bot.channels.web.live.conversation import arrange
from bot.channels.web.live.shared import PAUSE, Shared
from bot.channels.web.view import View, own
from bot.desk.ports.channels import Host
from bot.desk.ports.page import Message

MOST_CONVERSATIONS = 64  # whose last rendering is kept
MOST_EXAMPLES = 3  # before anything was asked


class Panes:
    """Renders conversations, on the threads that only read."""

    def __init__(self, host: Host, view: View, pause: float = PAUSE) -> None:
        self._host = host
        self._view = view
        self._pause = pause
        self._conversation = lru_cache(MOST_CONVERSATIONS)(self._shared_conversation)

    async def conversation(self, person: Participant, language: str, query: str, zone: str = "") -> Markup:
        """The left pane of one person; `zone` is their time zone, where it is known."""
        return await self._conversation(person, language, query, zone)()

    # --- on a thread that reads

    def _messages(self, person: Participant) -> list[Message]:
        found = self._host.page_view.conversation(person.conversation)
        return [message for message in found if own(message, person)]

    def _read_conversation(self, person: Participant, language: str, query: str, zone: str) -> Markup:
        now, wording = self._host.clock(), self._host.wording
        context = {
            "messages": list(arrange(self._messages(person), person.name, wording, language, zone, now)),
            "asker": person,
            "chosen_query": query,
            "examples": self._host.examples(person.language or language, MOST_EXAMPLES),
        }
        return Markup(self._view.compose(language, "asker/conversation.html", context))  # noqa: S704 - escaped by the template

    # --- on the event loop

    def _shared_conversation(
        self, person: Participant, language: str, query: str, zone: str
    ) -> Shared[Markup]:
        read = partial(self._host.read, self._read_conversation, person, language, query, zone)
        return Shared(read, self._pause)
