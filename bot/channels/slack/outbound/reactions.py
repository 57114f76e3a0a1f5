"""Puts marks on people's messages, as reactions."""

from collections.abc import Callable

import structlog
from slack_sdk.web.async_client import AsyncWebClient

from bot.channels.slack.client import ERRORS, code_of
from bot.desk.ports.channels import Delivery
from bot.domain.tickets.relay import Mark

log = structlog.get_logger()

NAMES = {
    Mark.SENT: "white_check_mark",
    Mark.NOTE: "memo",
    Mark.TAKEN_BACK: "leftwards_arrow_with_hook",
}
_REACTION = "+"  # a receipt that begins with this is a reaction's
_GONE = frozenset({"message_not_found", "already_reacted", "no_reaction"})
# An app installed before it asked for this scope, or a message that takes no more: then words say it.
_IMPOSSIBLE = frozenset(
    "missing_scope too_many_emoji too_many_reactions invalid_name not_reactable no_item_specified".split()
)


def is_reaction(receipt: str) -> bool:
    """Whether a receipt is a reaction's."""
    return receipt.startswith(_REACTION)


class Reactions:
    """Puts and changes reactions; put twice, one is there once."""

    def __init__(self, client: Callable[[], AsyncWebClient]) -> None:
        self._client = client

    async def put(self, delivery: Delivery, channel: str) -> str:
        """Put the mark on its message in place of the earlier one; empty where it cannot be a reaction."""
        if delivery.mark is None or (delivery.edit and not is_reaction(delivery.edit)):
            return ""  # an earlier one is in words: those are edited
        name = NAMES[delivery.mark]
        try:
            await self._client().reactions_add(channel=channel, timestamp=delivery.mark_of, name=name)
        except ERRORS as error:
            code = code_of(error)
            if code in _IMPOSSIBLE:
                log.warning(
                    "slack_no_reaction",
                    code=code,
                    next_step="see the scope reactions:write in `firstline docs slack`",
                )
                return ""
            if code not in _GONE:
                raise
        earlier = delivery.edit.removeprefix(_REACTION)
        if earlier and earlier != name:
            await self._remove(channel, delivery.mark_of, earlier)
        return _REACTION + name

    async def _remove(self, channel: str, message: str, name: str) -> None:
        try:
            await self._client().reactions_remove(channel=channel, timestamp=message, name=name)
        except ERRORS as error:
            if code_of(error) not in _GONE:
                raise
