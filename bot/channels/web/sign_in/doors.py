"""Puts together the sign-in with one identity provider."""

import asyncio
from contextlib import suppress

from bot.channels.web.access.limits import Limits
from bot.channels.web.sign_in.errors import ProviderUnavailable
from bot.channels.web.sign_in.options import ProviderOptions
from bot.channels.web.sign_in.page import SignInPage
from bot.channels.web.sign_in.provider import Provider
from bot.channels.web.sign_in.provider_sessions import ProviderSessions
from bot.channels.web.sign_in.provider_sign_in import ProviderSignIn
from bot.channels.web.view import View
from bot.desk.ports.channels import Host

RETRY_SECONDS = 30.0


class ProviderDoors:
    """The provider, the sessions that it opens, and the routes."""

    def __init__(
        self, host: Host, options: ProviderOptions, page: SignInPage, view: View, limits: Limits
    ) -> None:
        self._provider = Provider(options)
        self.sessions = ProviderSessions(host, self._provider, options)
        self.routes = ProviderSignIn(host, self._provider, options, self.sessions, page, view, limits)
        self._asking: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Ask the provider in the background: whether it answers is known before somebody comes."""
        self._asking = asyncio.create_task(self._keep_asking(), name="oidc-discovery")

    async def stop(self) -> None:
        """Close the connections."""
        if self._asking is not None:
            self._asking.cancel()
            await asyncio.wait([self._asking])
        await self._provider.close()

    def trouble(self) -> str | None:
        """What is wrong with the provider."""
        return self._provider.trouble()

    async def _keep_asking(self) -> None:
        while True:
            with suppress(ProviderUnavailable):  # it is in the log
                await self._provider.metadata()  # which is kept for an hour
            await asyncio.sleep(RETRY_SECONDS)
