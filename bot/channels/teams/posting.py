"""Where a delivery goes in Teams, and what becomes of it there."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from bot.channels.teams import cards
from bot.channels.teams.activities import joined, split
from bot.channels.teams.places import Places, account_key, chat_key, service_keys
from bot.channels.teams.utterances import BEHALF
from bot.desk.ports import Delivery, Receipt, Wording
from bot.domain.conversation import ConversationRef, Link, Reply
from bot.domain.errors import DeliveryFailed

if TYPE_CHECKING:
    from bot.channels.teams.connector import Connector

_CHANNELS = ("@thread.tacv2", "@thread.skype")
# A person who has blocked the bot or left: the same post never succeeds.
_GONE = ("404", "403_MessageWritesBlocked", "403_ConversationBlockedByUser")


@dataclass(frozen=True, slots=True)
class _Post:
    """One message, rendered."""

    card: dict[str, Any]
    summary: str

    @classmethod
    def of(cls, reply: Reply, wording: Wording) -> "_Post":
        return cls(cards.card(reply, wording), cards.summary(reply))


class Poster:
    """Delivers through the connector; it is given only service URLs that were accepted before."""

    def __init__(
        self,
        connect: Callable[[], Awaitable["Connector"]],
        places: Places,
        channels: Callable[[], frozenset[str]],
        wording: Wording,
    ) -> None:
        self._connect = connect
        self._places = places
        self._channels = channels
        self._wording = wording

    async def deliver(self, delivery: Delivery) -> Receipt:
        """Post or edit; raise `DeliveryFailed`."""
        if delivery.home:  # Teams has no tab of ours to publish
            return Receipt("")
        ref = delivery.conversation
        service_url = await self._places.recall(*service_keys(ref.tenant, ref.space))
        if service_url is None:
            raise DeliveryFailed("no_service_url")
        post = _Post.of(delivery.reply, self._wording)
        if delivery.delete:
            return await self._take_away(service_url, delivery, post)
        if delivery.file is not None and not any(isinstance(block, Link) for block in delivery.reply.blocks):
            raise DeliveryFailed("no_public_url", permanent=True)  # its writer is told, and can do something
        if delivery.private_to is not None and not ref.private:
            return await self._privately(service_url, ref.tenant, delivery.private_to.external_id, post)
        if ref.space.startswith(BEHALF):
            return await self._to_account(service_url, ref, post)
        if delivery.edit:
            changed = await self._edit(service_url, ref, delivery.edit, post)
            if changed is not None:
                return changed
        return await self._post(service_url, ref, post)

    async def _post(self, service_url: str, ref: ConversationRef, post: _Post) -> Receipt:
        connector = await self._connect()
        if self._begins_thread(ref):
            made = await connector.begin_thread(service_url, ref.space, ref.tenant, post.card, post.summary)
            thread = split(made.conversation)[1] or made.activity
            return Receipt(made.activity or thread, anchor=thread)
        try:
            conversation = _conversation(ref)
            return Receipt(await connector.post(service_url, conversation, post.card, post.summary))
        except DeliveryFailed as failed:
            raise _final(failed) if ref.private else failed from failed

    async def _edit(
        self, service_url: str, ref: ConversationRef, message: str, post: _Post
    ) -> Receipt | None:
        connector = await self._connect()
        try:
            conversation = _conversation(ref)
            return Receipt(await connector.edit(service_url, conversation, message, post.card, post.summary))
        except DeliveryFailed as failed:
            if failed.code.startswith("404"):  # the message is gone: the caller posts anew
                return None
            raise

    async def _take_away(self, service_url: str, delivery: Delivery, post: _Post) -> Receipt:
        """Delete our message; where Teams refuses, let it say that it was withdrawn."""
        if not delivery.edit:
            if delivery.attempt > 1 and not delivery.revises:
                # An attempt may have posted it, and Teams lets nobody look.
                raise DeliveryFailed("unknown_message", permanent=True)
            return Receipt("")
        ref = delivery.conversation
        connector = await self._connect()
        try:
            await connector.delete(service_url, _conversation(ref), delivery.edit)
        except DeliveryFailed as failed:
            if not failed.code.startswith(("400", "403", "404", "405")):
                raise
            if not failed.code.startswith("404"):
                await self._edit(service_url, ref, delivery.edit, post)
        return Receipt("")

    async def _privately(self, service_url: str, tenant: str, external_id: str, post: _Post) -> Receipt:
        chat = await self._places.recall(chat_key(tenant, external_id))
        if chat is None:
            account = await self._places.recall(account_key(tenant, external_id)) or external_id
            chat = await self._chat(service_url, tenant, account)
        return await self._post(service_url, ConversationRef("teams", tenant, chat), post)

    async def _to_account(self, service_url: str, ref: ConversationRef, post: _Post) -> Receipt:
        chat = await self._chat(service_url, ref.tenant, ref.space.removeprefix(BEHALF))
        receipt = await self._post(service_url, ConversationRef("teams", ref.tenant, chat), post)
        return Receipt(receipt.message, space=chat)

    async def _chat(self, service_url: str, tenant: str, account: str) -> str:
        connector = await self._connect()
        try:
            made = await connector.begin_chat(service_url, account, tenant)
        except DeliveryFailed as failed:
            raise _final(failed) from failed
        await self._places.note({service_keys(tenant, made.conversation)[0]: service_url})
        return made.conversation

    def _begins_thread(self, ref: ConversationRef) -> bool:
        if ref.private or ref.root:
            return False
        return ref.thread.startswith("new:") or ref.space in self._channels() or ref.space.endswith(_CHANNELS)


def _conversation(ref: ConversationRef) -> str:
    return ref.space if ref.private else joined(ref.space, ref.root)


def _final(failed: DeliveryFailed) -> DeliveryFailed:
    if failed.code == "404" or failed.code.startswith(_GONE):
        return DeliveryFailed(failed.code, permanent=True)
    return failed
