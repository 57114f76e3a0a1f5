"""People who write and press: their activities, as Teams posts them to the bot."""

import json
from typing import Any

import aiohttp

from tests.support.fakes.teams.cards import button, card_problems, untouched
from tests.support.fakes.teams.files import CONSENT, OneDrive
from tests.support.fakes.teams.issuer import TENANT, Issuer
from tests.support.fakes.teams.people import Person
from tests.support.fakes.teams.store import BOT, GENERAL, Message, Store

Json = dict[str, Any]


class Sending:
    """Posts to the bot at `bot_url`, signed unless it is anonymous."""

    def __init__(self, store: Store, issuer: Issuer, onedrive: OneDrive, *, anonymous: bool) -> None:
        self.store, self.issuer, self.onedrive = store, issuer, onedrive
        self.anonymous = anonymous
        self.bot_url = ""
        self.address = ""  # the fake's own
        self._client: aiohttp.ClientSession | None = None

    def open_sending(self) -> None:
        """Be ready to post."""
        self._client = aiohttp.ClientSession()

    async def close_sending(self) -> None:
        """Post no more."""
        if self._client is not None:
            await self._client.close()

    @property
    def service_url(self) -> str:
        """Where the bot is to post."""
        return f"{self.address}/emea/"

    async def says(self, person: str, text: str, **changes: Any) -> tuple[int, Any]:
        """Somebody writes in their personal chat with the bot."""
        return await self.send(self.personal(person, text) | changes)

    async def mentions(
        self, person: str, text: str, *, channel: str = GENERAL, thread: str = "", **changes: Any
    ) -> tuple[int, Any]:
        """Somebody writes `@Firstline text` in a channel; without `thread` it begins one."""
        activity = self.in_channel(person, f"<at>Firstline</at> {text}", channel, thread)
        mention = {"type": "mention", "text": "<at>Firstline</at>", "mentioned": {"id": BOT}}
        return await self.send(activity | {"entities": [mention, *changes.pop("entities", [])]} | changes)

    async def posts(
        self, person: str, text: str, *, channel: str = GENERAL, thread: str = ""
    ) -> tuple[int, Any]:
        """Somebody writes in a channel without naming the bot."""
        return await self.send(self.in_channel(person, text, channel, thread))

    async def asks_privately(
        self, person: str, text: str, *, channel: str = GENERAL, thread: str = "", **changes: Any
    ) -> tuple[int, Any]:
        """Somebody writes `/Firstline text` in a channel: nobody else sees it."""
        activity = self.in_channel(person, text, channel, thread)
        activity["recipient"] = activity["recipient"] | {"isTargeted": True}
        return await self.send(activity | changes)

    async def edits(self, written: Json, text: str, **changes: Any) -> tuple[int, Any]:
        """Its writer edits a message."""
        self.store.next_id()
        moment = f"2026-03-02T10:00:00.{int(self.store.next_id()) % 1000:03d}Z"
        data = written["channelData"] | {"eventType": "editMessage"}
        change = {"type": "messageUpdate", "text": text, "timestamp": moment, "channelData": data}
        return await self.send(written | change | changes)

    async def deletes(self, written: Json, *, undo: bool = False) -> tuple[int, Any]:
        """Its writer deletes a message, or takes that back."""
        kind, event = ("messageUpdate", "undeleteMessage") if undo else ("messageDelete", "softDeleteMessage")
        sent = written | {"type": kind, "channelData": written["channelData"] | {"eventType": event}}
        if not undo:
            del sent["text"]
        return await self.send(sent)

    def shared(self, name: str, body: bytes) -> Json:
        """A file of a personal chat, as an activity has it."""
        self.store.files[name] = body
        url = f"{self.address}/sharepoint/{name}?tempauth=x"
        content = {"downloadUrl": url, "uniqueId": name, "fileType": name.rpartition(".")[2]}
        kind = "application/vnd.microsoft.teams.file.download.info"
        return {
            "contentType": kind,
            "content": content,
            "contentUrl": f"https://t.sharepoint.com/{name}",
            "name": name,
        }

    def pasted(self, name: str, body: bytes) -> Json:
        """A picture in a message."""
        self.store.files[name] = body
        url = f"{self.service_url}v3/attachments/{name}/views/original"
        return {"contentType": "image/*", "contentUrl": url}

    async def clicks(
        self,
        person: str,
        message: Message,
        title: str,
        inputs: Json | None = None,
        *,
        card: Json | None = None,
        **changes: Any,
    ) -> tuple[int, Any]:
        """Somebody presses a button of a message's card, or of the card that took its place for them, with
        what they wrote in its inputs.
        """
        card = card or message.card
        action = button(card, title)
        data = dict(action["data"])
        if action["associatedInputs"] == "auto":
            data |= untouched(card) | (inputs or {})
        conversation = message.conversation
        base = self.personal(person, "")
        if not conversation.startswith("a:"):
            channel, _, thread = conversation.partition(";messageid=")
            base = self.in_channel(person, "", channel, thread)
        del base["text"]
        value = {"action": {"type": "Action.Execute", "verb": action["verb"], "data": data}}
        invoke = {"type": "invoke", "name": "adaptiveCard/action", "value": value, "replyToId": message.id}
        return await self.send(base | invoke | changes)

    async def rates(
        self, person: str, message: Message, reaction: str, form: Json | None = None, **changes: Any
    ) -> Json:
        """Somebody presses Teams' own thumb under a message; with `form`, they send what is in its dialog.

        Return what Teams shows them: the response's task, or nothing for what was sent.
        """
        assert message.activity["channelData"]["feedbackLoop"] == {"type": "custom"}, "no thumbs there"
        return await self._rate(person, message, reaction, form, **changes)

    async def sends_dialog(self, person: str, message: Message, form: Json) -> None:
        """Somebody sends the dialog that opened at their press, whatever became of the message meanwhile."""
        assert await self._rate(person, message, "dislike", form) == {}

    async def _rate(
        self, person: str, message: Message, reaction: str, form: Json | None, **changes: Any
    ) -> Json:
        said: Json = {"reaction": reaction}
        if form is not None:
            said["feedback"] = json.dumps(form)
        conversation = message.conversation
        base = self.personal(person, "")
        if not conversation.startswith("a:"):
            base = self.in_channel(person, "", *conversation.split(";messageid="))
        del base["text"]
        name = "message/fetchTask" if form is None else "message/submitAction"
        value = {"actionName": "feedback", "actionValue": said}
        invoke = {"type": "invoke", "name": name, "value": value, "replyToId": message.id}
        status, body = await self.send(base | invoke | changes)
        assert status == 200, (status, body)
        assert (form is None) == ("task" in body), body
        task: Json = body.get("task", {})
        if task.get("type") == "continue":
            card = task["value"]["card"]["content"]
            assert [a["type"] for a in card["actions"]] == ["Action.Submit"], "a dialog knows no other action"
            assert card_problems(card) == []
        return task

    async def consents(
        self, person: str, message: Message, *, accept: bool = True, **info: Any
    ) -> tuple[int, Any]:
        """Somebody answers whether a file may go into their OneDrive; `info` changes where to."""
        asked = message.activity["attachments"][0]
        assert asked["contentType"] == CONSENT, asked["contentType"]
        content, name = asked["content"], asked["name"]
        value: Json = {"type": "fileUpload", "action": "accept" if accept else "decline"}
        value["context"] = content["acceptContext" if accept else "declineContext"]
        if accept:
            session = self.onedrive.open(person, name, content["sizeInBytes"])
            value["uploadInfo"] = {
                "contentUrl": f"{self.address}/onedrive/{person}/{name}",
                "name": name,
                "uploadUrl": f"{self.address}/onedrive/upload/{session}?tempauth=x",
                "uniqueId": f"item-{session}",
                "fileType": name.rpartition(".")[2],
                **info,
            }
        base = self.personal(person, "")
        del base["text"]
        invoke = {"type": "invoke", "name": "fileConsent/invoke", "value": value, "replyToId": message.id}
        return await self.send(base | invoke | {"id": f"f:{base['id']}"})

    async def installs(self, channel: str = GENERAL, person: str = "eva") -> tuple[int, Any]:
        """Somebody adds the bot to the team."""
        activity = self.in_channel(person, "", channel, "")
        activity["conversation"]["id"] = channel
        return await self.send(activity | {"type": "installationUpdate", "action": "add"})

    async def arrives(self, person: str, **changes: Any) -> tuple[int, Any]:
        """Somebody installs the bot for themselves."""
        activity = self.personal(person, "")
        for name in ("text", "textFormat", "entities"):
            del activity[name]
        return await self.send(activity | {"type": "installationUpdate", "action": "add"} | changes)

    async def send(
        self, activity: Any, *, token: str | None = None, headers: Json | None = None
    ) -> tuple[int, Any]:
        """Post an activity, signed unless the fake is anonymous; return status and decoded body."""
        sent = dict(headers or {})
        if not self.anonymous:
            service_url = str(activity.get("serviceUrl", "")) if isinstance(activity, dict) else ""
            sent.setdefault("Authorization", f"Bearer {token or self.issuer.sign(service_url)}")
        assert self._client is not None
        async with self._client.post(f"{self.bot_url}/api/messages", json=activity, headers=sent) as answer:
            body = await answer.json() if answer.content_type == "application/json" else None
            return answer.status, body

    def personal(self, person: str, text: str) -> Json:
        """A message in a personal chat, as Teams sends it."""
        somebody = self.store.people[person]
        conversation = {"conversationType": "personal", "id": self.store.chat(somebody), "tenantId": TENANT}
        return self._message(somebody, text) | {
            "conversation": conversation,
            "channelData": {"tenant": {"id": TENANT}},
        }

    def in_channel(self, person: str, text: str, channel: str, thread: str) -> Json:
        """A message in a channel, as Teams sends it."""
        activity = self._message(self.store.people[person], text)
        root, kind = thread or activity["id"], self.store.kinds.get(channel, "")
        conversation = f"{channel};messageid={root}"
        self.store.conversations.add(conversation)
        return activity | {
            "conversation": {
                "conversationType": "channel",
                "isGroup": True,
                "id": conversation,
                "tenantId": TENANT,
            },
            "channelData": {
                "tenant": {"id": TENANT},
                "team": {"id": self.store.team, "aadGroupId": "group-1"},
                "channel": {"id": channel, **({"type": kind} if kind else {})},
            },
        }

    def _message(self, person: Person, text: str) -> Json:
        return {
            "type": "message",
            "id": self.store.next_id(),
            "timestamp": "2026-03-02T09:00:00.000Z",
            "serviceUrl": self.service_url,
            "channelId": "msteams",
            "from": person.account(),
            "recipient": {"id": BOT, "name": "Firstline"},
            "textFormat": "plain",
            "locale": "en-US",
            "text": text,
            "entities": [{"type": "clientInfo", "locale": "en-US", "platform": "Web"}],
        }
