"""Delivers posts to Teams: sends, edits, deletes, and offers files."""

from collections.abc import Awaitable, Callable, Iterable
from dataclasses import replace
from typing import TYPE_CHECKING

from bot.channels.teams.directory import Directory, account_key, chat_key, service_keys
from bot.channels.teams.inbound.activities import joined, split
from bot.channels.teams.inbound.events import BEHALF
from bot.channels.teams.outbound import images, messages
from bot.channels.teams.outbound.features import Features
from bot.channels.teams.outbound.messages import Message
from bot.channels.teams.outbound.onedrive import OneDriveUploads
from bot.desk.ports.channels import NO_PICTURES, Delivery, Pictures, Receipt
from bot.desk.ports.page import File
from bot.desk.ports.wording import Wording
from bot.domain.conversations.messages import ConversationRef
from bot.domain.errors import COPY_KEPT, DeliveryFailed

if TYPE_CHECKING:
    from bot.channels.teams.outbound.client import TeamsClient

_CHANNELS = ("@thread.tacv2", "@thread.skype")
# A person who has blocked the bot or left: the same post never succeeds.
# Another kind of message may be taken; and what has no id could neither be changed nor taken back.
_REFUSED = ("400", "413", "415", "answer_without_id")
_UNCHANGEABLE = ("400", "403", "405")
# Nothing was posted: the person is not in that conversation, or it takes no message for one alone.
_NOT_IN_PLACE = ("400", "403", "404", "405", "501")
_GONE = ("404", "403_MessageWritesBlocked", "403_ConversationBlockedByUser")

TARGETED = "targeted:"  # a receipt that begins with this is of a message that one person alone sees in place


class PostSender:
    """Delivers through the client; it is given only service URLs that were accepted before."""

    def __init__(
        self,
        connect: Callable[[], Awaitable["TeamsClient"]],
        directory: Directory,
        uploads: OneDriveUploads,
        channels: Callable[[], frozenset[str]],
        wording: Wording,
        *,
        pictures: Pictures = NO_PICTURES,
        features: Features,
    ) -> None:
        self._connect = connect
        self._directory = directory
        self._uploads = uploads
        self._channels = channels
        self._wording = wording
        self._pictures = pictures
        self._features = features

    async def deliver(self, delivery: Delivery) -> Receipt:
        """Post or edit; raise `DeliveryFailed`."""
        if delivery.home:  # Teams has no tab of ours to publish
            return Receipt("")
        ref = delivery.conversation
        service_url = await self._directory.recall(*service_keys(ref.tenant, ref.space))
        if service_url is None:
            raise DeliveryFailed("no_service_url")
        # What is written with one press is everybody's to press where others read along.
        reply = delivery.reply if ref.private else replace(delivery.reply, suggestions=())
        card = messages.card(reply, self._wording, self._pictures)
        if delivery.delete:
            return await self._take_away(service_url, delivery, card)
        if delivery.file is not None and delivery.revises:
            return await self._hand_over(service_url, delivery, delivery.file)
        if delivery.file is not None:
            return await self._file(service_url, delivery, delivery.file)
        above = messages.under_thumbs(delivery.reply) if self._features.thumbs(service_url) else None
        ways = [card]
        if above is not None and not _is_for_one(delivery):
            ways.insert(0, replace(messages.card(above, self._wording, self._pictures), thumbs=True))
        return await self._in_first_way(ways, lambda way: self._say(service_url, delivery, way))

    async def _say(self, service_url: str, delivery: Delivery, message: Message) -> Receipt:
        """Post, or change what was posted."""
        if delivery.edit and (not _is_for_one(delivery) or delivery.edit.startswith(TARGETED)):
            changed = await self._edit(service_url, delivery.conversation, delivery.edit, message)
            if changed is not None:
                return changed
        return await self._send(service_url, delivery, message)

    async def _in_first_way(
        self, ways: Iterable[Message], post: Callable[[Message], Awaitable[Receipt]]
    ) -> Receipt:
        """Post in the first way that Teams takes."""
        refused = DeliveryFailed("no_public_url", permanent=True)  # its writer is told, and can do something
        for way in ways:
            try:
                return await post(way)
            except DeliveryFailed as failed:
                if not failed.code.startswith(_REFUSED):
                    raise
                refused = failed
        raise refused

    # --- files --------------------------------------------------------------------------------------------

    async def _file(self, service_url: str, delivery: Delivery, file: File) -> Receipt:
        ways = await self._ways(delivery, file)
        return await self._in_first_way(ways, lambda way: self._send(service_url, delivery, way))

    async def _ways(self, delivery: Delivery, file: File) -> list[Message]:
        """The ways to pass a file on: in the message, into the reader's OneDrive (personal chats), a link."""
        ref, reply, ways = delivery.conversation, delivery.reply, list[Message]()
        content = (file.content or b"") if self._features.files else b""
        if media_type := images.shown_as(content):
            ways.append(messages.picture(reply, file, content, media_type))
        if content and ref.private and not ref.space.startswith(BEHALF):
            token = await self._uploads.token(delivery.id, ref.space)
            ways.append(messages.consent(reply, file, len(content), token, self._wording))
        if messages.link_of(reply):
            ways.append(messages.card(reply, self._wording))
        return ways

    async def _hand_over(self, service_url: str, delivery: Delivery, file: File) -> Receipt:
        """Put the file where its reader wants it, and show it in place of the question; else the link."""
        location = await self._uploads.location(delivery.revises)
        refused = DeliveryFailed("no_upload_url", permanent=True)
        if location is not None:
            try:
                again, content = delivery.attempt > 1, file.content or b""
                location = await self._uploads.fill(delivery.revises, location, content, again=again)
                return await self._replace(service_url, delivery, messages.info(delivery.reply, location))
            except DeliveryFailed as failed:
                if not failed.permanent:
                    raise
                refused = failed
                if not location.filled:
                    await self._uploads.forget(delivery.revises)
        if messages.link_of(delivery.reply):
            return await self._replace(service_url, delivery, messages.card(delivery.reply, self._wording))
        await self._delete(service_url, delivery)  # a question that nobody can answer any more
        raise refused

    async def _replace(self, service_url: str, delivery: Delivery, message: Message) -> Receipt:
        """Put a message in the place of another one, of another kind."""
        if delivery.edit:
            try:
                changed = await self._edit(service_url, delivery.conversation, delivery.edit, message)
            except DeliveryFailed as failed:
                if not failed.code.startswith(_UNCHANGEABLE):
                    raise
                changed = None
                await self._delete(service_url, delivery)
            if changed is not None:
                return changed
        return await self._send(service_url, delivery, message)

    # --- messages -----------------------------------------------------------------------------------------

    async def _send(self, service_url: str, delivery: Delivery, message: Message) -> Receipt:
        ref = delivery.conversation
        if delivery.private_to is not None and not ref.private:
            return await self._privately(service_url, ref, delivery.private_to.external_id, message)
        if ref.space.startswith(BEHALF):
            return await self._to_account(service_url, ref, message)
        return await self._post(service_url, ref, message)

    async def _post(self, service_url: str, ref: ConversationRef, message: Message) -> Receipt:
        client = await self._connect()
        if self._begins_thread(ref):
            made = await client.begin_thread(service_url, ref.space, ref.tenant, message)
            thread = split(made.conversation)[1] or made.activity
            return Receipt(made.activity or thread, anchor=thread)
        try:
            return Receipt(await client.post(service_url, _conversation(ref), message))
        except DeliveryFailed as failed:
            raise _final(failed) if ref.private else failed from failed

    async def _edit(
        self, service_url: str, ref: ConversationRef, message_id: str, message: Message
    ) -> Receipt | None:
        client, targeted = await self._connect(), message_id.startswith(TARGETED)
        place, own_id = _conversation(ref), message_id.removeprefix(TARGETED)
        try:
            await client.edit(service_url, place, own_id, message, targeted=targeted)
        except DeliveryFailed as failed:
            # The message is gone, as one for a single person is after a day: the caller posts anew.
            if failed.code.startswith(_NOT_IN_PLACE if targeted else "404"):
                return None
            raise
        return Receipt(message_id)

    async def _take_away(self, service_url: str, delivery: Delivery, instead: Message) -> Receipt:
        """Delete our message; where Teams refuses, let it say that it was withdrawn."""
        if not delivery.edit:
            if delivery.attempt > 1 and not delivery.revises:
                # An attempt may have posted it, and Teams lets nobody look.
                raise DeliveryFailed("unknown_message", permanent=True)
            return Receipt("")
        if not await self._delete(service_url, delivery):
            await self._edit(service_url, delivery.conversation, delivery.edit, instead)
        location = await self._uploads.location(delivery.revises) if delivery.conversation.private else None
        if location is not None and location.filled:
            raise DeliveryFailed(COPY_KEPT, permanent=True)  # only its owner can delete it there
        if location is not None:
            await self._uploads.forget(delivery.revises)
        return Receipt("")

    async def _delete(self, service_url: str, delivery: Delivery) -> bool:
        """Whether the message is gone; Teams may forbid to delete it."""
        if not delivery.edit:
            return True
        client = await self._connect()
        try:
            message, targeted = delivery.edit.removeprefix(TARGETED), delivery.edit.startswith(TARGETED)
            place = _conversation(delivery.conversation)
            await client.delete(service_url, place, message, targeted=targeted)
        except DeliveryFailed as failed:
            if not failed.code.startswith((*_UNCHANGEABLE, "404")):
                raise
            return failed.code.startswith("404")
        return True

    async def _privately(
        self, service_url: str, ref: ConversationRef, external_id: str, message: Message
    ) -> Receipt:
        """Post so that one person alone sees it: in place where Teams takes that, else in their chat."""
        account = await self._directory.recall(account_key(ref.tenant, external_id))
        if account and self._features.targeted(service_url) and not self._begins_thread(ref):
            client = await self._connect()
            try:
                made = await client.post_targeted(service_url, _conversation(ref), message, account)
                return Receipt(TARGETED + made)
            except DeliveryFailed as failed:
                if not failed.code.startswith(_NOT_IN_PLACE):
                    raise
        chat = await self._directory.recall(chat_key(ref.tenant, external_id))
        if chat is None:
            chat = await self._chat(service_url, ref.tenant, account or external_id)
        return await self._post(service_url, ConversationRef("teams", ref.tenant, chat), message)

    async def _to_account(self, service_url: str, ref: ConversationRef, message: Message) -> Receipt:
        chat = await self._chat(service_url, ref.tenant, ref.space.removeprefix(BEHALF))
        receipt = await self._post(service_url, ConversationRef("teams", ref.tenant, chat), message)
        return Receipt(receipt.message, space=chat)

    async def _chat(self, service_url: str, tenant: str, account: str) -> str:
        client = await self._connect()
        try:
            made = await client.begin_chat(service_url, account, tenant)
        except DeliveryFailed as failed:
            raise _final(failed) from failed
        await self._directory.note({service_keys(tenant, made.conversation)[0]: service_url})
        return made.conversation

    def _begins_thread(self, ref: ConversationRef) -> bool:
        if ref.private or ref.root:
            return False
        return ref.thread.startswith("new:") or ref.space in self._channels() or ref.space.endswith(_CHANNELS)


def _is_for_one(delivery: Delivery) -> bool:
    """Whether others read where a post for one person is to go."""
    return delivery.private_to is not None and not delivery.conversation.private


def _conversation(ref: ConversationRef) -> str:
    return ref.space if ref.private else joined(ref.space, ref.root)


def _final(failed: DeliveryFailed) -> DeliveryFailed:
    if failed.code == "404" or failed.code.startswith(_GONE):
        return DeliveryFailed(failed.code, permanent=True)
    return failed
