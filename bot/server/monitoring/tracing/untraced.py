"""What a server without traces is made of: everything as it is given, with nothing around it."""

from collections.abc import Awaitable, Callable
from typing import Any

from aiohttp import web

from bot.desk.delivery.dispatcher import Dispatcher
from bot.desk.knowledge.library import Library
from bot.desk.ports.channels import DeliveryTarget
from bot.desk.ports.unit_of_work import UnitsOfWork
from bot.domain.conversations.messages import Outcome, Utterance
from bot.server.database_threads import Run

Receive = Callable[[Utterance], Awaitable[Outcome]]
Owner = Callable[[web.Request], str]


class Untraced:
    """Parts of a server on the way of a message, each returned as it is given."""

    def gates(self, owner: Owner) -> list[Any]:  # noqa: ARG002  # who traces needs it
        """Return the middlewares that see each request first; `owner` names whose route it takes."""
        return []

    def receive(self, receive: Receive) -> Receive:
        """Return what takes an utterance in."""
        return receive

    def carried(self, run: Run) -> Run:
        """Return what runs a function on a thread of the database."""
        return run

    def library(self, library: Library) -> Library:
        """Return the library that matches."""
        return library

    def begin(self, begin: UnitsOfWork) -> UnitsOfWork:
        """Return what begins transactions."""
        return begin

    def dispatcher(self, dispatcher: Dispatcher) -> Dispatcher:
        """Return what leases and renders posts."""
        return dispatcher

    def target(self, target: DeliveryTarget) -> DeliveryTarget:
        """Return what delivers posts."""
        return target

    async def end(self) -> None:
        """Send what is left."""
