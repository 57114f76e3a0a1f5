"""Delivers posts to Teams: sends, edits, deletes, and offers files."""

from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING

from bot.channels.teams.directory import Directory, account_key, chat_key, service_keys
from bot.channels.teams.inbound.activities import joined, split
from bot.channels.teams.inbound.events import BEHALF
from bot.channels.teams.outbound import images, messages
from bot.channels.teams.outbound.messages import Message
from bot.channels.teams.outbound.onedrive import OneDriveUploads
from bot.desk.ports.channels import Delivery, File, Receipt
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
_GONE = ("404", "403_MessageWritesBlocked", "403_ConversationBlockedByUser")


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
        shows_files: bool,
    ) -> None:
        """`shows_files`: whether this client knows messages with pictures, and the question about a file."""
        self._connect = connect
        self._directory = directory
        self._uploads = uploads
        self._channels = channels
        self._wording = wording
        self._shows_files = shows_files

    async def deliver(self, delivery: Delivery) -> Receipt:
        """Post or edit; raise `DeliveryFailed`."""
        if delivery.home:  # Teams has no tab of ours to publish
            return Receipt("")
        ref = delivery.conversation
        service_url = await self._directory.recall(*service_keys(ref.tenant, ref.space))
        if service_url is None:
            raise DeliveryFailed("no_service_url")
        card = messages.card(delivery.reply, self._wording)
        if delivery.delete:
            return await self._take_away(service_url, delivery, card)
        if delivery.file is not None and delivery.revises:
            return await self._hand_over(service_url, delivery, delivery.file)
        if delivery.file is not None:
            return await self._file(service_url, delivery, delivery.file)
        if delivery.edit and not (delivery.private_to is not None and not ref.private):
            changed = await self._edit(service_url, ref, delivery.edit, card)
            if changed is not None:
                return changed
        return await self._send(service_url, delivery, card)

    # --- files --------------------------------------------------------------------------------------------

    async def _file(self, service_url: str, delivery: Delivery, file: File) -> Receipt:
        """Post a file in the first way that Teams takes."""
        refused = DeliveryFailed("no_public_url", permanent=True)  # its writer is told, and can do something
        for message in await self._ways(delivery, file):
            try:
                return await self._send(service_url, delivery, message)
            except DeliveryFailed as failed:
                if not failed.code.startswith(_REFUSED):
                    raise
                refused = failed
        raise refused

    async def _ways(self, delivery: Delivery, file: File) -> list[Message]:
        """The ways to pass a file on: in the message, into the reader's OneDrive (personal chats), a link."""
        ref, reply, ways = delivery.conversation, delivery.reply, list[Message]()
        content = (file.content or b"") if self._shows_files else b""
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
            return await self._privately(service_url, ref.tenant, delivery.private_to.external_id, message)
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
        client = await self._connect()
        try:
            return Receipt(await client.edit(service_url, _conversation(ref), message_id, message))
        except DeliveryFailed as failed:
            if failed.code.startswith("404"):  # the message is gone: the caller posts anew
                return None
            raise

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
            await client.delete(service_url, _conversation(delivery.conversation), delivery.edit)
        except DeliveryFailed as failed:
            if not failed.code.startswith((*_UNCHANGEABLE, "404")):
                raise
            return failed.code.startswith("404")
        return True

    async def _privately(self, service_url: str, tenant: str, external_id: str, message: Message) -> Receipt:
        chat = await self._directory.recall(chat_key(tenant, external_id))
        if chat is None:
            account = await self._directory.recall(account_key(tenant, external_id)) or external_id
            chat = await self._chat(service_url, tenant, account)
        return await self._post(service_url, ConversationRef("teams", tenant, chat), message)

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


def _conversation(ref: ConversationRef) -> str:
    return ref.space if ref.private else joined(ref.space, ref.root)


def _final(failed: DeliveryFailed) -> DeliveryFailed:
    if failed.code == "404" or failed.code.startswith(_GONE):
        return DeliveryFailed(failed.code, permanent=True)
    return failed
