"""Tells by the rooms of chat platforms whether whoever signs in elsewhere is an engineer there."""

from collections.abc import Iterable, Mapping

from bot.desk.ports.channels import Channel
from bot.desk.staff.permissions import Permissions
from bot.desk.staff.queue_rooms import QueueRooms
from bot.domain.conversations.messages import ConversationRef


class RoomMembership:
    """Membership in engineers' rooms by e-mail address, as the chat platforms say."""

    def __init__(self, channels: Mapping[str, Channel], permissions: Permissions, rooms: QueueRooms) -> None:
        self._channels = channels
        self._permissions = permissions
        self._rooms = rooms

    async def suffices_for(self, room: ConversationRef, address: str) -> bool:
        """Tell whether whoever has this address may become a member of a room; raise `RosterUnavailable`.

        They must be in a room of each queue on whose tickets its members may act, so that nobody gains a
        queue by it. Where lists alone decide who acts, one room is enough.
        """
        each = self._permissions.rooms_beside(room) or (self._rooms.all(),)
        for rooms in dict.fromkeys(each):
            if not await self._in_any(rooms, address):
                return False
        return True

    async def _in_any(self, rooms: Iterable[ConversationRef], address: str) -> bool:
        for room in rooms:
            asked = getattr(self._channels.get(room.channel), "has_member", None)
            if asked is not None and await asked(room, address):
                return True
        return False
