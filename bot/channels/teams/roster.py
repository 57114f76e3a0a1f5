"""Reads the members of a room in Teams."""

from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING

from bot.channels.teams.directory import kind_key, team_key
from bot.domain.conversations.messages import ConversationRef

if TYPE_CHECKING:
    from bot.channels.teams.outbound.client import Member, TeamsClient

STANDARD = "standard"  # what Teams calls a channel whose members are its team's


async def members_of(
    client: "TeamsClient",
    recall: Callable[[str], Awaitable[str | None]],
    service_url: str,
    room: ConversationRef,
) -> tuple["Member", ...]:
    """The members of the channel itself: only a standard one has all of its team's. Raise `DeliveryFailed`.

    A private one has some of them, a shared one others besides. So the team is asked for a channel that Teams
    has called a standard one, and never in the place of a channel that is refused.
    """
    keys = (kind_key(room.tenant, room.space), team_key(room.tenant, room.space))
    kind, team = [await recall(key) for key in keys]
    return await client.members(service_url, team if team and kind == STANDARD else room.space)
