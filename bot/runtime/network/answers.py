"""Watches the answers of a session: what time it is where they come from."""

from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import aiohttp


class DateWatch:
    """Keeps the newest `Date` of the answers to one session, and the moment at which it came."""

    def __init__(self, session: "aiohttp.ClientSession") -> None:
        """The session has sent nothing yet."""
        from aiohttp import TraceConfig

        self.there: datetime | None = None
        trace = TraceConfig()
        trace.on_request_end.append(self._note)
        trace.freeze()
        session.trace_configs.append(trace)

    async def _note(self, _session: Any, _context: Any, ended: Any) -> None:
        try:
            self.there = parsedate_to_datetime(ended.response.headers.get("Date", "")).astimezone(UTC)
        except (TypeError, ValueError):  # it tells none
            return
