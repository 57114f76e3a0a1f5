"""The connector API, and the side that posts activities to the bot."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any, Self

import aiohttp
from aiohttp import web

from tests.support.fakes.teams.cards import button, untouched
from tests.support.fakes.teams.files import CONSENT, OneDrive, attachment_problems
from tests.support.fakes.teams.issuer import APP_ID, TENANT, Issuer
from tests.support.fakes.teams.people import Person
from tests.support.fakes.teams.store import Message, Store

Json = dict[str, Any]
GENERAL = "19:general@thread.tacv2"
HELP = "19:help@thread.tacv2"
ROOM = "19:room@thread.tacv2"
BOT = f"28:{APP_ID}"


@dataclass(frozen=True)
class Failure:
    """What the next call gets instead of its answer; `lost` does the work and then answers 502."""

    status: int = 500
    code: str = "ServiceError"
    headers: tuple[tuple[str, str], ...] = ()
    lost: bool = False


class TeamsFake:
    """`async with TeamsFake() as teams:`; then give `settings()` to the bot and its address to `bot_url`."""

    def __init__(self, *, anonymous: bool = False, clock: Callable[[], float] = time.time) -> None:
        self.anonymous = anonymous
        self.issuer = Issuer(clock)
        self.store = Store(team=GENERAL, channels={GENERAL, HELP, ROOM})
        self.bot_url = ""
        self.address = ""
        self.failures: list[Failure] = []
        self.calls: list[tuple[str, str]] = []
        self.problems: list[str] = []  # why the fake refused something: a test should end with none
        self.onedrive = OneDrive(self.problems)
        self.page_size = 2
        self.undeletable = False  # Teams refuses to delete the bot's messages
        self.unchangeable = False  # Teams refuses to change a question about a file
        self.refuses: set[str] = set()  # types of attachments that this organisation does not take
        self.hang: asyncio.Event | None = None
        self._runner: web.AppRunner | None = None
        self._client: aiohttp.ClientSession | None = None
        for key, name in (("ana", "Ana Ruiz"), ("bob", "Bob Stone"), ("eva", "Eva Engineer")):
            self.store.people[key] = Person(key, name)

    async def __aenter__(self) -> Self:
        app = web.Application(client_max_size=64 * 1024**2)
        app.add_routes(self.issuer.routes())
        app.add_routes(self.onedrive.routes())
        base = "/emea/v3/conversations"
        app.add_routes(
            [
                web.post(base, self._guarded(self._create)),
                web.post(f"{base}/{{conversation}}/activities", self._guarded(self._post)),
                web.post(f"{base}/{{conversation}}/activities/{{message}}", self._guarded(self._post)),
                web.put(f"{base}/{{conversation}}/activities/{{message}}", self._guarded(self._edit)),
                web.delete(f"{base}/{{conversation}}/activities/{{message}}", self._guarded(self._delete)),
                web.get(f"{base}/{{conversation}}/pagedmembers", self._guarded(self._members)),
                web.get("/emea/v3/attachments/{name}/views/original", self._guarded(self._picture)),
                web.get("/sharepoint/{name}", self._shared_file),
            ]
        )
        self._runner = web.AppRunner(app)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", 0)
        await site.start()
        port = self._runner.addresses[0][1]
        self.address = self.issuer.address = f"http://127.0.0.1:{port}"
        self._client = aiohttp.ClientSession()
        return self

    async def __aexit__(self, *_: object) -> None:
        if self.hang is not None:
            self.hang.set()
        if self._client is not None:
            await self._client.close()
        if self._runner is not None:
            await self._runner.cleanup()

    @property
    def service_url(self) -> str:
        """Where the bot is to post."""
        return f"{self.address}/emea/"

    def environment(self) -> dict[str, str]:
        """The bot's settings for this fake, as environment variables."""
        if self.anonymous:
            return {"FIRSTLINE_TEAMS_ROOM": ROOM, "FIRSTLINE_TEAMS_HELP_CHANNELS": HELP}
        return {
            "MICROSOFT_APP_ID": APP_ID,
            "MICROSOFT_APP_PASSWORD": "fake-secret-of-the-app",
            "MICROSOFT_APP_TENANT_ID": TENANT,
            "MICROSOFT_APP_TYPE": "SingleTenant",
            "MICROSOFT_OPENID_METADATA": f"{self.address}/openid",
            "MICROSOFT_TOKEN_ISSUER": self.address,
            "MICROSOFT_LOGIN_URL": self.address,
            "FIRSTLINE_TEAMS_ROOM": ROOM,
            "FIRSTLINE_TEAMS_HELP_CHANNELS": HELP,
        }

    # --- people write and press ---------------------------------------------------------------------------

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
        root = thread or activity["id"]
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
                "channel": {"id": channel},
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

    # --- the connector API --------------------------------------------------------------------------------

    def _guarded(
        self, work: Callable[[web.Request], Awaitable[web.Response]]
    ) -> Callable[[web.Request], Awaitable[web.Response]]:
        async def handle(request: web.Request) -> web.Response:
            self.calls.append((request.method, request.match_info.get("conversation", "")))
            if self.hang is not None:
                await self.hang.wait()
            bearer = request.headers.get("Authorization", "")
            if self.anonymous and bearer:
                return self._no(400, "TokenFromAnonymousBot")
            if not self.anonymous and not self.issuer.accepts(bearer):
                return self._no(401, "Unauthorized", expected=True)
            failure = self.failures.pop(0) if self.failures else None
            if failure is None:
                return await work(request)
            if failure.lost:
                await work(request)
            return self._no(failure.status, failure.code, expected=True, headers=dict(failure.headers))

        return handle

    async def _create(self, request: web.Request) -> web.Response:
        body = await request.json()
        if body.get("isGroup"):
            channel = body["channelData"]["channel"]["id"]
            if channel not in self.store.channels:
                return self._no(403, "BotNotInConversationRoster", expected=True)
            problems = _activity_problems(body.get("activity"), personal=False)
            if problems:
                return self._no(400, "; ".join(problems))
            message = self.store.next_id()
            conversation = f"{channel};messageid={message}"
            self.store.conversations.add(conversation)
            self.store.messages.append(Message(message, conversation, body["activity"]))
            return web.json_response({"id": conversation, "activityId": message}, status=201)
        person = self.store.person(body["members"][0]["id"])
        if person is None:
            return self._no(404, "NotFound", expected=True)
        if not self.anonymous and body.get("tenantID") != TENANT:
            return self._no(400, "BadTenant")
        return web.json_response({"id": self.store.chat(person)}, status=201)

    async def _post(self, request: web.Request) -> web.Response:
        conversation, activity = request.match_info["conversation"], await request.json()
        if conversation in self.store.blocked:
            return self._no(403, "MessageWritesBlocked", expected=True)
        if conversation not in self.store.conversations:
            return self._no(404, "ConversationNotFound", expected=True)
        if self.refuses & {attachment["contentType"] for attachment in activity.get("attachments", [])}:
            return self._no(400, "BadArgument", expected=True)
        problems = _activity_problems(activity, personal=conversation.startswith("a:"))
        if problems:
            return self._no(400, "; ".join(problems))
        message = Message(self.store.next_id(), conversation, activity)
        self.store.messages.append(message)
        return web.json_response({"id": message.id}, status=201)

    async def _edit(self, request: web.Request) -> web.Response:
        found = self.store.find(request.match_info["conversation"], request.match_info["message"])
        if found is None:
            return self._no(404, "ActivityNotFoundInConversation", expected=True)
        activity = await request.json()
        problems = _activity_problems(activity, personal=found.conversation.startswith("a:"))
        if self.unchangeable and found.activity["attachments"][0]["contentType"] == CONSENT:
            return self._no(403, "MessageEditForbidden", expected=True)
        if problems:
            return self._no(400, "; ".join(problems))
        found.activity, found.edits = activity, found.edits + 1
        return web.json_response({"id": found.id})

    async def _delete(self, request: web.Request) -> web.Response:
        found = self.store.find(request.match_info["conversation"], request.match_info["message"])
        if found is None:
            return self._no(404, "ActivityNotFoundInConversation", expected=True)
        if self.undeletable:
            return self._no(403, "MessageDeletionForbidden", expected=True)
        self.store.messages.remove(found)
        return web.Response(status=200)

    async def _picture(self, request: web.Request) -> web.Response:
        return self._content(request)

    async def _shared_file(self, request: web.Request) -> web.Response:
        if "Authorization" in request.headers:
            return self._no(401, "TokenNotForSharePoint")
        return self._content(request)

    def _content(self, request: web.Request) -> web.Response:
        body = self.store.files.get(request.match_info["name"])
        return web.Response(status=404) if body is None else web.Response(body=body)

    async def _members(self, request: web.Request) -> web.Response:
        conversation = request.match_info["conversation"]
        if conversation not in self.store.channels:
            return self._no(404, "ConversationNotFound", expected=True)
        begin = int(request.query.get("continuationToken", "0"))
        people = list(self.store.people.values())
        page: Json = {"members": [p.member(TENANT) for p in people[begin : begin + self.page_size]]}
        if begin + self.page_size < len(people):
            page["continuationToken"] = str(begin + self.page_size)
        return web.json_response(page)

    def _no(
        self, status: int, code: str, *, expected: bool = False, headers: Json | None = None
    ) -> web.Response:
        if not expected:
            self.problems.append(code)
        body = {"error": {"code": code, "message": code}}
        return web.json_response(body, status=status, headers=headers)


def _activity_problems(activity: Any, *, personal: bool) -> list[str]:
    if not isinstance(activity, dict) or activity.get("type") != "message":
        return ["no message"]
    found = []
    if not activity.get("summary") and not activity.get("text"):
        found.append("nothing for a notification")
    for attachment in activity.get("attachments", []):
        found += attachment_problems(attachment, personal=personal)
    return found
