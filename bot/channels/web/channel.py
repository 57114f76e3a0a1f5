"""The page as a channel: its routes; what it shows are the committed rows."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from functools import partial
from time import monotonic
from typing import TYPE_CHECKING, Any

from aiohttp import web

from bot.channels.web import responses
from bot.channels.web.access.accounts import CHANNEL, HERE, PERSONAS, ROOM, Grant, Participant, Role, Visitor
from bot.channels.web.access.auth import Authenticator, DemoAuthenticator, TokenAuthenticator
from bot.channels.web.access.limits import Allowance, Limits
from bot.channels.web.access.refusal import Refusal
from bot.channels.web.access.request_body import BodyReader
from bot.channels.web.access.sessions import Sessions
from bot.channels.web.api import Api
from bot.channels.web.files import Files
from bot.channels.web.insights.examples import ExamplesPages
from bot.channels.web.insights.gaps import GapsPages
from bot.channels.web.insights.pages import InsightsPages
from bot.channels.web.insights.writers import Route, Writers
from bot.channels.web.live.asker import AskerLists
from bot.channels.web.live.attendance import Attendance
from bot.channels.web.live.events import PageEvents
from bot.channels.web.live.inbox import Inbox
from bot.channels.web.live.panes import Panes
from bot.channels.web.live.presence import Presence
from bot.channels.web.live.shared import PAUSE
from bot.channels.web.pages import STANDING, Pages
from bot.channels.web.sign_in.options import CALLBACK, LOG_OUT, ProviderOptions
from bot.channels.web.sign_in.page import BEGIN, SignInPage
from bot.channels.web.sign_in.token_sign_in import SignIn
from bot.channels.web.view import View
from bot.desk.ports.channels import Delivery, Host, Receipt
from bot.desk.ports.page import File
from bot.domain.conversations.messages import ConversationRef
from bot.domain.errors import BodyTooSlow, DeliveryFailed
from bot.domain.people import Identity

if TYPE_CHECKING:  # where nobody signs in so, it is not imported
    from bot.channels.web.sign_in.doors import ProviderDoors

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


class WebChannel:
    """Serves the page to holders of tokens, and in the demo to this machine; else whole articles only."""

    name = CHANNEL
    signs_in = True

    def __init__(
        self,
        grants: Sequence[Grant],
        host: Host,
        pause: float = PAUSE,
        *,
        allowance: Allowance = Allowance(),  # noqa: B008 - frozen
        clock: Callable[[], float] = monotonic,
        provider: ProviderOptions | None = None,
        engineers_see_insights: bool = False,
    ) -> None:
        """`pause`: seconds between two looks at the rows for the open windows."""
        self._host = host
        self._has_page = bool(grants or provider) or host.anonymous
        self.room: ConversationRef | None = ROOM if self._has_page else None
        self._view = View(host)
        self._events = PageEvents(host, pause)
        self._limits = limits = Limits(allowance, host, clock)
        sign_in_page = SignInPage(self._view, provider, tokens=bool(grants))
        self._provider = self._provider_doors(provider, sign_in_page)
        self._sign_in: SignIn | None = None
        self._authenticator = self._made_authenticator(grants)
        panes = Panes(host, self._view, pause)
        inbox = Inbox(host, self._view, pause)
        self._presence = Presence(self._events.tell_presence)
        self._insights = insights = self._insights_pages(engineers=engineers_see_insights)
        self._writers = writers = self._made_writers()

        def ways(visitor: Visitor) -> list[str]:
            seen = {"insights": insights, "gaps": writers}
            return [name for name, one in seen.items() if one is not None and one.may_see(visitor)]

        self._pages = Pages(host, self._authenticator, self._view, panes, inbox, limits, sign_in_page, ways)
        self._asker_lists = AskerLists(host, self._authenticator, self._view, limits)
        self._files = Files(host, self._authenticator, self._view, limits)
        bodies = BodyReader(limits, host.largest_file)
        self._api = Api(host, self._authenticator, self._view, self._events, limits, bodies)
        self._attendance = Attendance(host, self._authenticator, inbox, self._presence, limits)

    def _made_authenticator(self, grants: Sequence[Grant]) -> Authenticator:
        host, provider = self._host, self._provider
        if host.anonymous and not grants and provider is None:
            return DemoAuthenticator(PERSONAS, self._opens)
        sessions = Sessions(grants, host, provider.sessions if provider is not None else None)
        # One person may hold several tokens, while one replaces the other.
        people = tuple({grant.participant.id: grant.participant for grant in grants}.values())
        authenticator = TokenAuthenticator(people, sessions, self._opens, self._limits)
        self._sign_in = SignIn(host, authenticator, sessions)
        return authenticator

    def _insights_pages(self, *, engineers: bool) -> InsightsPages | None:
        host, figures = self._host, self._host.insights
        if figures is None:
            return None
        return InsightsPages(
            host, figures, self._authenticator, self._view, self._limits, engineers=engineers
        )

    def _made_writers(self) -> Writers | None:
        host, authoring = self._host, self._host.authoring
        return Writers(host, authoring, self._authenticator, self._limits) if authoring else None

    def _authoring_routes(self) -> Sequence[Route]:
        host, authoring, writers = self._host, self._host.authoring, self._writers
        if authoring is None or writers is None:
            return ()
        gaps = GapsPages(host, authoring, self._view, writers)
        return (*gaps.routes, *ExamplesPages(host, authoring, self._view, writers).routes)

    def _provider_doors(self, options: ProviderOptions | None, page: SignInPage) -> "ProviderDoors | None":
        if options is None:
            return None
        from bot.channels.web.sign_in.doors import ProviderDoors

        return ProviderDoors(self._host, options, page, self._view, self._limits)

    def find_room(self, name: str) -> ConversationRef | None:
        """The page has one room for all queues."""
        return self.room if name == HERE else None

    def chat_with(self, identity: Identity, key: str) -> ConversationRef:  # noqa: ARG002  the page has no threads
        """The conversation of somebody on the page."""
        return ConversationRef(CHANNEL, "", identity.external_id)

    def mount(self, app: Any) -> None:
        """Add the routes: articles by their signed links always, the page where somebody may use it."""
        router = app.router
        router.add_get("/web/static/{name}", self._with_refusals(self._pages.static))
        for page in STANDING:
            router.add_get(f"/{page}", self._with_refusals(self._pages.words))
        router.add_get("/articles/{token}", self._with_refusals(self._pages.article))
        router.add_get("/files/{token}", self._with_refusals(self._files.signed))
        router.add_get("/pictures/{token}", self._with_refusals(self._files.picture))
        if not self._has_page:
            return
        router.add_get("/", self._with_refusals(self._pages.index))
        router.add_get("/web/conversation", self._with_refusals(self._pages.conversation))
        router.add_get("/web/room", self._with_refusals(self._pages.room))
        router.add_get("/web/ticket", self._with_refusals(self._pages.ticket))
        router.add_get("/web/replies", self._with_refusals(self._pages.replies))
        router.add_get("/web/examples", self._with_refusals(self._asker_lists.examples))
        router.add_get("/web/tickets", self._with_refusals(self._asker_lists.tickets))
        router.add_get("/web/events", self._with_refusals(self._stream), allow_head=False)
        router.add_get("/web/files/{file}", self._with_refusals(self._files.own))
        router.add_post("/web/ask", self._with_refusals(self._api.ask))
        router.add_post("/web/change", self._with_refusals(self._api.change))
        router.add_post("/web/press", self._with_refusals(self._api.click))
        if self._insights is not None:
            router.add_get("/insights", self._with_refusals(self._insights.index))
            router.add_get("/insights/list", self._with_refusals(self._insights.list))
        for method, path, handler in self._authoring_routes():
            router.add_route(method, path, self._with_refusals(handler))
        router.add_post("/web/presence", self._with_refusals(self._attendance.note))
        if self._sign_in is not None:
            router.add_post("/web/sign-in", self._with_refusals(self._sign_in.sign_in))
            router.add_post("/web/sign-out", self._with_refusals(self._sign_in.sign_out))
        if self._provider is not None:
            routes = self._provider.routes
            router.add_get(BEGIN, self._with_refusals(routes.begin), allow_head=False)
            router.add_get(CALLBACK, self._with_refusals(routes.callback), allow_head=False)
            router.add_post(LOG_OUT, self._with_refusals(routes.log_out))
        # Streams never end by themselves, and the server waits for them before it cleans up.
        app.on_shutdown.append(self._close)

    async def start(self) -> None:
        """Ask the identity provider what it says of itself; the rows are watched while a window is open."""
        if self._provider is not None:
            self._provider.start()

    async def stop(self) -> None:
        """End the open streams."""
        await self._events.close()
        if self._provider is not None:
            await self._provider.stop()

    def trouble(self) -> str | None:
        """The page is ready whenever the server is, but nobody may be able to sign in."""
        return self._provider.trouble() if self._provider is not None else None

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
        """All engineers who may use the page, with their names: holders of tokens, and who is signed in."""
        everybody = await self._authenticator.everybody()
        return {person.identity: person.name for person in everybody if person.role is Role.ENGINEER}

    def _opens(self, person: Participant) -> bool:
        return self._host.page_view.opens(ROOM, person.identity)

    async def _stream(self, request: web.Request) -> web.StreamResponse:
        visitor = await self._authenticator.admit(request, request.query)
        with self._limits.window(request, visitor.asker):
            shown = partial(self._presence.shown_to, visitor)
            return await self._events.stream(request, responses.HEADERS, shown)

    async def _close(self, _: web.Application) -> None:
        await self._events.close()

    def _with_refusals(self, handler: Handler) -> Handler:
        """Answer a refusal with its sentence."""

        async def answered(request: web.Request) -> web.StreamResponse:
            try:
                return await handler(request)
            except BodyTooSlow:
                return self._told(request, Refusal(408, "web.error.slow"))
            except Refusal as refusal:
                return self._told(request, refusal)

        return answered

    def _told(self, request: web.Request, refusal: Refusal) -> web.Response:
        sentence = self._view.say(request, refusal.key, seconds=refusal.after)
        response = responses.answer({"error": sentence}, status=refusal.status)
        if refusal.after:
            response.headers["Retry-After"] = str(refusal.after)
        return response
