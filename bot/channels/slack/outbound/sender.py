"""Delivers posts: sends, edits, deletes, tells one person, publishes a Home tab."""

import secrets
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace
from typing import Any

import structlog
from slack_sdk.web.async_client import AsyncWebClient

from bot.channels.slack.client import BLOCKS_REFUSED, CANNOT_EDIT, ERRORS, code_of, failed, passing
from bot.channels.slack.directory import CHANNEL
from bot.channels.slack.outbound.blocks import RICH, Rendered, render, render_plainly
from bot.channels.slack.outbound.elements import Json
from bot.channels.slack.outbound.files import Files, is_file
from bot.channels.slack.outbound.folding import fold
from bot.channels.slack.outbound.reactions import Reactions, is_reaction
from bot.desk.ports.channels import Delivery, Host, Receipt
from bot.domain.errors import DeliveryFailed

log = structlog.get_logger()

HOME, PERSON = "home:", "@"
METADATA = "firstline_post"
# What to do where blocks are refused, by whether what is sent next is plain text.
NEXT_STEPS = {
    False: "see that Slack reaches FIRSTLINE_PUBLIC_URL: words stand for pictures, buttons for thumbs",
    True: "report it: the plain text was sent instead",
}
# How far a repeated post is searched for; each page is one call.
PAGES, PAGE = 5, 200

Call = Callable[..., Awaitable[Any]]


class PostSender:
    """Delivers to Slack; every error leaves as `DeliveryFailed`."""

    def __init__(self, client: Callable[[], AsyncWebClient], host: Host) -> None:
        self._client = client
        self._host = host
        self._source = ""
        self._reactions = Reactions(client)
        self._files = Files(client, host)

    async def deliver(self, delivery: Delivery) -> Receipt:
        """Post, edit, tell privately or publish."""
        try:
            return await self._deliver(delivery)
        except ERRORS as error:
            raise failed(error) from error

    async def _deliver(self, delivery: Delivery) -> Receipt:
        if delivery.home:
            return await self._publish(delivery)
        channel = await self._channel_of(delivery)
        if delivery.delete:
            return await self._take_away(delivery, channel)
        if delivery.mark is not None and (reaction := await self._reactions.put(delivery, channel)):
            return Receipt(reaction)
        if delivery.file is not None and delivery.file.content is not None:
            try:
                return await self._files.post(delivery, delivery.file, channel)
            except ERRORS as error:
                if code_of(error) != "missing_scope":
                    raise
                # The workspace did not grant the scope of files: the reply has a link to the file.
                log.info("slack_file_becomes_link", outbox_id=delivery.id)
        # In a DM everything is private, and unlike an ephemeral line a message outlives a reload.
        if delivery.private_to is not None and not (delivery.conversation.private or channel.startswith("D")):
            return await self._post_privately(delivery, channel)
        message = (
            await self._edit(delivery, channel) if delivery.edit and not is_reaction(delivery.edit) else ""
        )
        if not message and delivery.attempt > 1:
            message = await self._earlier(delivery, channel)
            if message and delivery.card:  # what it shows may have changed since
                message = await self._edit(replace(delivery, edit=message), channel)
        message = message or await self._post(delivery, channel)
        return self._receipt(delivery, channel, message)

    def _receipt(self, delivery: Delivery, channel: str, message: str) -> Receipt:
        ref = delivery.conversation
        begins = ref.thread.startswith("new:") and not ref.anchor
        # A Home tab stays one: only a person's place turns into its real name.
        space = channel if ref.space.startswith(PERSON) else ""
        return Receipt(message, anchor=message if begins else "", space=space)

    async def _publish(self, delivery: Delivery) -> Receipt:
        person = delivery.private_to
        user = person.external_id if person else delivery.conversation.space.removeprefix(HOME)
        blocks = render(delivery.reply, "view", more=self._more(delivery)).blocks
        view: Json = {"type": "home", "blocks": blocks}
        answer = await self._client().views_publish(user_id=user, view=view)
        return Receipt(str((answer.get("view") or {}).get("id") or ""))

    async def _take_away(self, delivery: Delivery, channel: str) -> Receipt:
        """Delete our message, however it was posted; what is gone already is no error."""
        posted, unsure = delivery.edit, delivery.attempt > 1 or delivery.revises
        if not posted and unsure:  # an attempt may have posted it without our knowing
            posted = await self._files.posted(delivery) or await self._earlier(delivery, channel)
        if not posted or is_reaction(posted):  # a reaction goes with the message that it is on
            return Receipt("")
        if is_file(posted):
            await self._files.delete(posted)
            return Receipt("")
        try:
            await self._client().chat_delete(channel=channel, ts=posted)
        except ERRORS as error:
            if code_of(error) not in ("message_not_found", "cant_delete_message"):
                raise
            if code_of(error) == "message_not_found":
                return Receipt("")
            if not await self._edit(replace(delivery, edit=posted), channel):
                raise DeliveryFailed(code_of(error), permanent=True) from error
        return Receipt("")

    async def _post_privately(self, delivery: Delivery, channel: str) -> Receipt:
        assert delivery.private_to is not None  # noqa: S101  # told apart by the caller
        user = delivery.private_to.external_id
        try:
            answer = await self._send(
                self._client().chat_postEphemeral,
                delivery,
                channel=channel,
                user=user,
                **(await self._seen_in_thread(delivery, channel)),
            )
        except ERRORS as error:
            if code_of(error) != "user_not_in_channel":
                raise
            # Who reads a public channel without having joined it sees no ephemeral line there.
            answer = await self._send(
                self._client().chat_postMessage,
                delivery,
                channel=await self._dm(user),
                metadata=await self._metadata(delivery),
            )
        return Receipt(str(answer.get("message_ts") or answer.get("ts") or ""))

    async def _seen_in_thread(self, delivery: Delivery, channel: str) -> dict[str, str]:
        """The thread, where it has begun: Slack shows an ephemeral line in no other."""
        root = delivery.conversation.root
        if not root:
            return {}
        try:
            answer = await self._client().conversations_replies(channel=channel, ts=root, limit=2)
        except ERRORS as error:
            if passing(error):
                raise
            return {}
        return {"thread_ts": root} if len(answer.get("messages") or ()) > 1 else {}

    async def _edit(self, delivery: Delivery, channel: str) -> str:
        """Change the message; empty when it cannot be changed any more."""
        try:
            answer = await self._send(
                self._client().chat_update,
                delivery,
                channel=channel,
                ts=delivery.edit,
                metadata=await self._metadata(delivery),
            )
        except ERRORS as error:
            if code_of(error) not in CANNOT_EDIT:
                raise
            log.info("slack_edit_becomes_post", outbox_id=delivery.id, code=code_of(error))
            return ""
        return str(answer.get("ts") or delivery.edit)

    async def _post(self, delivery: Delivery, channel: str) -> str:
        answer = await self._send(
            self._client().chat_postMessage,
            delivery,
            channel=channel,
            metadata=await self._metadata(delivery),
            unfurl_links=False,
            unfurl_media=False,
            mrkdwn=False,
            **_in_thread(delivery),
        )
        return str(answer["ts"])

    async def _send(self, call: Call, delivery: Delivery, **values: Any) -> Any:
        """Send the blocks; where Slack refuses them, send the plainest form, so that nothing is lost."""

        async def send(rendered: Rendered) -> Any:
            return await call(
                text=rendered.text, blocks=rendered.blocks, parse="none", link_names=False, **values
            )

        all_steps = self._host.wording.say(delivery.reply.language, "slack.all_steps")
        reply, more, post = fold(delivery.reply, all_steps), self._more(delivery), str(delivery.id)
        pictures = self._host.pictures
        ways = [render(reply, more=more, post=post, pictures=pictures)]
        if any(block["type"] in RICH for block in ways[0].blocks):
            ways.append(render(reply, more=more, post=post, pictures=pictures, rich=False))
        for way in ways:
            try:
                return await send(way)
            except ERRORS as error:
                if code_of(error) not in BLOCKS_REFUSED:
                    raise
                log.warning(
                    "slack_blocks_refused",
                    outbox_id=delivery.id,
                    code=code_of(error),
                    next_step=NEXT_STEPS[way is ways[-1]],
                )
        return await send(render_plainly(reply, more, post))

    def _more(self, delivery: Delivery) -> str:
        return self._host.wording.say(delivery.reply.language, "slack.menu")

    async def _channel_of(self, delivery: Delivery) -> str:
        """The real channel of a conversation: a person's is their DM, opened once."""
        space = delivery.conversation.space
        if not space.startswith((PERSON, HOME)):
            return space
        return await self._dm(space.removeprefix(PERSON).removeprefix(HOME))

    async def _dm(self, user: str) -> str:
        memory = self._host.memory
        known = await self._host.run(memory.recall, CHANNEL, f"dm:{user}")
        if known:
            return str(known)
        answer = await self._client().conversations_open(users=user)
        channel = str((answer.get("channel") or {}).get("id") or "")
        if not channel:
            raise DeliveryFailed("no_dm")
        await self._host.run(memory.remember, CHANNEL, f"dm:{user}", channel)
        return channel

    # --- a repeat after a lost receipt ----------------------------------------------------------------

    async def _metadata(self, delivery: Delivery) -> Json:
        payload = {"outbox_id": delivery.id, "source": await self._own_source()}
        return {"event_type": METADATA, "event_payload": payload}

    async def _own_source(self) -> str:
        """A name of this database: another one that wrote here before counted its posts from 1, too."""
        if not self._source:
            once = self._host.memory.once
            self._source = str(await self._host.run(once, CHANNEL, "source", secrets.token_hex(6)))
        return self._source

    async def _earlier(self, delivery: Delivery, channel: str) -> str:
        """The message that an earlier attempt made, found by its metadata; empty when there is none."""
        try:
            return await self._search(delivery, channel)
        except ERRORS as error:
            if passing(error):
                raise
            # It cannot be looked up here, now or later: rather twice than never.
            log.warning(
                "slack_post_not_searchable",
                outbox_id=delivery.id,
                code=code_of(error),
                next_step="see the history scopes in `firstline docs slack`; a post may be doubled",
            )
            return ""

    async def _search(self, delivery: Delivery, channel: str) -> str:
        wanted = (
            str(delivery.revises if delivery.delete and delivery.revises else delivery.id),
            await self._own_source(),
        )
        root, cursor, client = delivery.conversation.root, "", self._client()
        for _ in range(PAGES):
            values: dict[str, Any] = {"channel": channel, "include_all_metadata": True, "limit": PAGE}
            if cursor:
                values["cursor"] = cursor
            if root:
                answer = await client.conversations_replies(ts=root, **values)
            else:
                answer = await client.conversations_history(**values)
            for message in answer.get("messages") or ():
                if _carried(message) == wanted:
                    log.info("slack_post_found_again", outbox_id=delivery.id)
                    return str(message["ts"])
            cursor = str((answer.get("response_metadata") or {}).get("next_cursor") or "")
            if not cursor:
                break
        return ""


def _carried(message: Mapping[str, Any]) -> tuple[str, str] | None:
    metadata: Mapping[str, Any] = message.get("metadata") or {}
    if metadata.get("event_type") != METADATA:
        return None
    payload: Mapping[str, Any] = metadata.get("event_payload") or {}
    return str(payload.get("outbox_id")), str(payload.get("source"))


def _in_thread(delivery: Delivery) -> dict[str, str]:
    root = delivery.conversation.root
    return {"thread_ts": root} if root else {}
