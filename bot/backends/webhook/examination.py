"""The check of the ticket webhook for `firstline doctor`."""

from collections.abc import Sequence

import aiohttp

from bot.backends.webhook.settings import Settings
from bot.domain.diagnosis import CHECK_SECONDS, Check, DoctorHost, Examination, Finding, Teller
from bot.runtime.network.outgoing import open_session


def examination(settings: Settings, host: DoctorHost) -> Examination:
    """The check whether the address answers; no ticket is sent."""

    async def look() -> Sequence[Finding]:
        return [await _reached(settings.mirror_url, host.tell)]

    return Examination((Check("address", look),), (settings.mirror_url,))


async def _reached(url: str, tell: Teller) -> Finding:
    try:
        async with (
            open_session(CHECK_SECONDS, connect=5) as session,
            session.head(url, allow_redirects=False) as answer,
        ):
            status = answer.status
    except aiohttp.ClientError as failure:
        return tell.error("address", "webhook.doctor.away", code=type(failure).__name__)
    if status >= 500:
        return tell.warning("address", "webhook.doctor.fails", status=status)
    # Whether it takes tickets only a ticket shows: a HEAD changes nothing there, and may be refused.
    return tell.ok("address", "webhook.doctor.answers", status=status)
