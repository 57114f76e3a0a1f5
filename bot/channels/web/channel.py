"""The page as a channel: its routes; what it shows are the committed rows."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any

from aiohttp import web

from bot.channels.web import responses
from bot.channels.web.access.accounts import CHANNEL, HERE, PERSONAS, ROOM, Grant, Role
from bot.channels.web.access.auth import Authenticator, DemoAuthenticator, Refusal, TokenAuthenticator
from bot.channels.web.access.sessions import Sessions
from bot.channels.web.api import Api
from bot.channels.web.files import Files
from bot.channels.web.live.events import PageEvents
from bot.channels.web.live.panes import Panes
from bot.channels.web.live.shared import PAUSE
from bot.channels.web.pages import Pages
from bot.channels.web.view import View
from bot.desk.ports.channels import Delivery, File, Host, Receipt
from bot.domain.conversations.messages import ConversationRef
from bot.domain.errors import DeliveryFailed
from bot.domain.people import Identity

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


class WebChannel:
    """Serves the page to holders of tokens, and in the demo to this machine; else whole articles only."""

    name = CHANNEL

    def __init__(self, grants: Sequence[Grant], host: Host, pause: float = PAUSE) -> None:
        """`pause`: seconds between two looks at the rows for the open windows."""
        self._has_page = bool(grants) or host.anonymous
        self.room: ConversationRef | None = ROOM if self._has_page else None
        # One person may hold several tokens, while one replaces the other.
        people = tuple({grant.participant.id: grant.participant for grant in grants}.values())
        sessions = Sessions(grants, host)
        self._people = people or (PERSONAS if host.anonymous else ())
        self._view = View(host)
        self._events = PageEvents(host, pause)
        self._authenticator: Authenticator = (
            DemoAuthenticator(PERSONAS)
            if host.anonymous and not grants
            else TokenAuthenticator(people, sessions)
        )
        self._pages = Pages(host, self._authenticator, self._view, Panes(host, self._view, pause))
        self._files = Files(host, self._authenticator, self._view)
        self._api = Api(host, self._authenticator, self._view, self._events, sessions)

    def find_room(self, name: str) -> ConversationRef | None:
        """The page has one room for all queues."""
        return self.room if name == HERE else None

    def mount(self, app: Any) -> None:
        """Add the routes: articles by their signed links always, the page where somebody may use it."""
        router = app.router
        router.add_get("/web/static/{name}", self._with_refusals(self._pages.static))
        router.add_get("/articles/{token}", self._with_refusals(self._pages.article))
        router.add_get("/files/{token}", self._with_refusals(self._files.signed))
        if not self._has_page:
            return
        router.add_get("/", self._with_refusals(self._pages.index))
        router.add_get("/web/conversation", self._with_refusals(self._pages.conversation))
        router.add_get("/web/room", self._with_refusals(self._pages.room))
        router.add_get("/web/queue", self._with_refusals(self._pages.queue))
        router.add_get("/web/events", self._with_refusals(self._stream), allow_head=False)
        router.add_get("/web/files/{file}", self._with_refusals(self._files.own))
        router.add_post("/web/ask", self._with_refusals(self._api.ask))
        router.add_post("/web/change", self._with_refusals(self._api.change))
        router.add_post("/web/press", self._with_refusals(self._api.click))
        if not self._authenticator.demo:
            router.add_post("/web/sign-in", self._with_refusals(self._api.sign_in))
            router.add_post("/web/sign-out", self._with_refusals(self._api.sign_out))
        # Streams never end by themselves, and the server waits for them before it cleans up.
        app.on_shutdown.append(self._close)

    async def start(self) -> None:
        """Do nothing: the rows are watched while a window is open."""

    async def stop(self) -> None:
        """End the open streams."""
        await self._events.close()

    def trouble(self) -> str | None:
        """The page is ready whenever the server is."""
        return None

    def hears(self) -> bool:
        """Whoever can open the page can send from it."""
        return True

    async def deliver(self, delivery: Delivery) -> Receipt:
        """Tell the open windows; they show the row itself."""
        self._events.wake()
        message = delivery.edit or f"web-{delivery.id}"
        anchor = message if delivery.conversation.thread.startswith("new:") else ""
        return Receipt(
            message, anchor=delivery.conversation.anchor or anchor, space=delivery.conversation.space
        )

    async def fetch(self, file: File, most: int) -> bytes:  # noqa: ARG002 - Channel's
        """What was sent from the page came with its content; once that has expired it is gone."""
        raise DeliveryFailed("file_expired", permanent=True)

    async def members(self, room: ConversationRef) -> Mapping[Identity, str]:  # noqa: ARG002 - there is one
        """All engineers who may use the page, with their names."""
        return {person.identity: person.name for person in self._people if person.role is Role.ENGINEER}

    async def _stream(self, request: web.Request) -> web.StreamResponse:
        await self._authenticator.admit(request, request.query)
        return await self._events.stream(request, responses.HEADERS)

    async def _close(self, _: web.Application) -> None:
        await self._events.close()

    def _with_refusals(self, handler: Handler) -> Handler:
        """Answer a refusal with its sentence."""

        async def answered(request: web.Request) -> web.StreamResponse:
            try:
                return await handler(request)
            except Refusal as refusal:
                sentence = self._view.say(request, refusal.key)
                return responses.answer({"error": sentence}, status=refusal.status)

        return answered
