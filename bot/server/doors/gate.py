"""Middleware before every handler: refuses who only fails, and ends what comes too slowly."""

import math
import time
from collections.abc import Awaitable, Callable, Container
from contextlib import ExitStack
from http import HTTPStatus

import structlog
from aiohttp import web

from bot.domain.errors import BodyTooSlow
from bot.runtime.network.addresses import TrustedProxies
from bot.runtime.network.limits import Book, Held, Rate
from bot.runtime.network.proof import PROVED
from bot.server.doors.bodies import PACE, BodyWatch, Pace
from bot.server.monitoring.limited import Limited

log = structlog.get_logger()
Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]

# Requests of one address that may be in vain: a platform with a wrong secret sends no more, and 2,000 people
# behind one address have nothing to do with these doors.
IN_VAIN_AT_ONCE, IN_VAIN_A_SECOND = 120, 2.0
HALF_SENT_OF_ONE, HALF_SENT = 64, 1024  # bodies that are on their way at a time, of one address and in all
IN_VAIN = frozenset({400, 401, 403, 404, 408, 411, 413, 415})
AGAIN_SECONDS = 1.0  # after which a body may be sent again that found no place


class DoorGate:
    """Knows the addresses whose requests were in vain, and the bodies that are on their way."""

    def __init__(
        self,
        limited: Limited,
        proxies: TrustedProxies,
        owner: Callable[[web.Request], str],
        pace: Pace = PACE,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """`owner` says whose route a request takes; `pace` is how fast a body must come."""
        self._limited = limited
        self._proxies = proxies
        self._owner = owner
        self._pace = pace
        self._in_vain = Rate(IN_VAIN_AT_ONCE, IN_VAIN_A_SECOND, clock)
        self._proved: Book[list[None]] = Book(list)
        self._half_sent = Held(HALF_SENT_OF_ONE, HALF_SENT)
        self._told_of_proxy = False
        self.limit_themselves: Container[str] = ()  # doors where people sign in, and are told apart so

    @web.middleware
    async def handle(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        """Hand a request on, unless its address has sent too much in vain.

        An address from which somebody has proved who they are is never refused: it may be that of many, and
        others' mistakes must not cost them anything.
        """
        door, address = self._owner(request), self._address(request)
        counted = bool(address) and door not in self.limit_themselves
        known = self._proved.find((door, address)) is not None
        if counted and not known and (wait := self._in_vain.wait((door, address))):
            self._limited.refused(door, "in_vain", address)
            return again_after(429, wait, "Too many requests from this address were refused.")
        status = 0
        try:
            response = await self._handled(request, handler, door, address)
            status = response.status
        except web.HTTPException as answer:
            status = answer.status
            raise
        finally:
            if counted and request.get(PROVED):
                self._proved.of((door, address))
            elif counted and status in IN_VAIN:
                self._in_vain.take((door, address))
        return response

    async def _handled(
        self, request: web.Request, handler: Handler, door: str, address: str
    ) -> web.StreamResponse:
        if request.content.is_eof():
            return await handler(request)
        with ExitStack() as on_its_way:
            if on_its_way.enter_context(self._half_sent.holding(address)):
                self._limited.refused(door, "half_sent", address)
                return again_after(503, AGAIN_SECONDS, "Too many requests are on their way.", close=True)
            # Once it is whole it is no longer on its way, however long it is worked on.
            request.content.on_eof(on_its_way.close)
            with BodyWatch(request, self._pace).watching():
                try:
                    response = await handler(request)
                except BodyTooSlow as error:
                    response = web.Response(status=HTTPStatus.REQUEST_TIMEOUT, text=f"{error}\n")
                except web.HTTPRequestTimeout as answer:
                    self._slow(door, address, answer)
                    raise
        if response.status == HTTPStatus.REQUEST_TIMEOUT:
            self._slow(door, address, response)
        return response

    def _slow(self, door: str, address: str, response: web.StreamResponse) -> None:
        self._limited.refused(door, "slow", address)
        response.force_close()

    def _address(self, request: web.Request) -> str:
        if self._proxies.unnamed(request):
            self._tell_of_proxy()
            return ""
        return self._proxies.client_of(request)

    def _tell_of_proxy(self) -> None:
        if not self._told_of_proxy:
            self._told_of_proxy = True
            log.warning(
                "proxy_not_named",
                next_step="name it in FIRSTLINE_TRUSTED_PROXIES: until then nobody is limited by address",
            )


def again_after(status: int, seconds: float, sentence: str, *, close: bool = False) -> web.Response:
    """An answer that says when it may be tried again."""
    wait = math.ceil(seconds)
    response = web.Response(
        status=status, text=f"{sentence} Try again in {wait} s.\n", headers={"Retry-After": str(wait)}
    )
    if close:
        response.force_close()
    return response
