"""Shares out how many posts may be on their way at once: who hangs takes no more than its own share."""

from collections import Counter
from collections.abc import Sequence

from bot.desk.ports.channels import Delivery

IN_A_CHANNEL = 64  # posts on their way at the same moment
IN_A_PLACE = 4  # it takes sixteen places that hang to fill their channel


class SharedCapacity:
    """Capacity that is shared out by channel and by place."""

    def __init__(self, channels: Sequence[str], under_way: Sequence[Delivery]) -> None:
        self.conversations = [delivery.conversation_id for delivery in under_way]
        self._in_channels = Counter(delivery.conversation.channel for delivery in under_way)
        self._in_places = Counter(delivery.conversation.place for delivery in under_way)
        self.channels = [name for name in channels if self._in_channels[name] < IN_A_CHANNEL]
        self.full = [place for place, count in self._in_places.items() if count >= IN_A_PLACE]

    def take(self, channel: str, place: str) -> bool:
        """Take one more for this place; False where there is none left."""
        if self._in_channels[channel] >= IN_A_CHANNEL or self._in_places[place] >= IN_A_PLACE:
            return False
        self._in_channels[channel] += 1
        self._in_places[place] += 1
        return True
