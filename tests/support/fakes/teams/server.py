"""The server of the fake: the connector API, with the pictures, files and members behind it."""

import asyncio
import json
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any, Self

from aiohttp import web

from tests.support.fakes.teams.files import CONSENT, OneDrive, attachment_problems
from tests.support.fakes.teams.issuer import APP_ID, TENANT, Issuer
from tests.support.fakes.teams.people import Person
from tests.support.fakes.teams.sending import Sending
from tests.support.fakes.teams.store import GENERAL, HELP, ROOM, Message, Store

Json = dict[str, Any]


@dataclass(frozen=True)
class Failure:
    """What the next call gets instead of its answer; `lost` does the work and then answers 502."""

    status: int = 500
    code: str = "ServiceError"
    headers: tuple[tuple[str, str], ...] = ()
    lost: bool = False


class TeamsFake(Sending):
    """`async with TeamsFake() as teams:`; the bot is given `environment()`, and its address is `bot_url`."""

    def __init__(self, *, anonymous: bool = False, clock: Callable[[], float] = time.time) -> None:
        problems: list[str] = []  # why the fake refused something: a test should end with none
        store = Store(team=GENERAL, channels={GENERAL, HELP, ROOM})
        super().__init__(store, Issuer(clock), OneDrive(problems), anonymous=anonymous)
        self.problems = problems
        self.failures: list[Failure] = []
        self.calls: list[tuple[str, str]] = []
        self.looked_up: list[str] = []  # people
        self.page_size = 2
        self.undeletable = False  # Teams refuses to delete the bot's messages
        self.refuses_targeted = ""  # with this status and code Teams refuses a message for one person
        self.thumbless = False  # Teams refuses messages with its own thumbs
        self.unchangeable = False  # Teams refuses to change a question about a file
        self.refuses: set[str] = set()  # types of attachments that this organisation does not take
        self.hang: asyncio.Event | None = None
        self._runner: web.AppRunner | None = None
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
                web.get(f"{base}/{{conversation}}/members/{{account}}", self._member),
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
        self.open_sending()
        return self

    async def __aexit__(self, *_: object) -> None:
        if self.hang is not None:
            self.hang.set()
        await self.close_sending()
        if self._runner is not None:
            await self._runner.cleanup()

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
        if self.thumbless and "feedbackLoop" in activity.get("channelData", {}):
            return self._no(400, "BadArgument", expected=True)
        recipient = (activity.get("recipient") or {}).get("id", "")
        if _is_targeted(request):
            refusal = self._refusal_of_targeted(conversation, recipient)
            if refusal is not None:
                return refusal
        elif recipient:
            return self._no(400, "what is for one person is posted for everybody")
        message = Message(self.store.next_id(), conversation, activity, only_for=recipient)
        self.store.messages.append(message)
        return web.json_response({"id": message.id}, status=201)

    def _refusal_of_targeted(self, conversation: str, recipient: str) -> web.Response | None:
        if conversation.startswith("a:"):
            return self._no(400, "a targeted message in a personal chat")
        if not recipient:
            return self._no(400, "a targeted message for nobody")
        status, _, code = self.refuses_targeted.partition(" ")
        if status:
            return self._no(int(status), code, expected=True)
        channel = conversation.partition(";messageid=")[0]
        if recipient not in [person.id for person in self.store.roster(channel)]:
            return self._no(403, "RecipientNotInConversation", expected=True)
        return None

    async def _edit(self, request: web.Request) -> web.Response:
        found = self.store.find(request.match_info["conversation"], request.match_info["message"])
        if found is None or bool(found.only_for) != _is_targeted(request):
            return self._no(404, "ActivityNotFoundInConversation", expected=True)
        activity = await request.json()
        if activity.get("recipient"):
            return self._no(400, "an edit that names a recipient")
        problems = _activity_problems(activity, personal=found.conversation.startswith("a:"))
        if self.unchangeable and found.activity["attachments"][0]["contentType"] == CONSENT:
            return self._no(403, "MessageEditForbidden", expected=True)
        if problems:
            return self._no(400, "; ".join(problems))
        found.activity, found.edits = activity, found.edits + 1
        return web.json_response({"id": found.id})

    async def _delete(self, request: web.Request) -> web.Response:
        found = self.store.find(request.match_info["conversation"], request.match_info["message"])
        if found is None or bool(found.only_for) != _is_targeted(request):
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
        people = self.store.roster(conversation)
        page: Json = {"members": [p.member(TENANT) for p in people[begin : begin + self.page_size]]}
        if begin + self.page_size < len(people):
            page["continuationToken"] = str(begin + self.page_size)
        return web.json_response(page)

    async def _member(self, request: web.Request) -> web.Response:
        # Asked beside what a test looks at: what fails or hangs there is no answer to this.
        if self.anonymous or not self.issuer.accepts(request.headers.get("Authorization", "")):
            return self._no(401, "Unauthorized", expected=not self.anonymous)
        conversation, person = (
            request.match_info["conversation"],
            self.store.person(request.match_info["account"]),
        )
        known = (
            conversation in self.store.channels | self.store.conversations and "messageid" not in conversation
        )
        if person is None or not known:
            return self._no(404, "MemberNotFoundInConversation")
        self.looked_up.append(person.key)
        return web.json_response(person.member(TENANT))

    def _no(
        self, status: int, code: str, *, expected: bool = False, headers: Json | None = None
    ) -> web.Response:
        if not expected:
            self.problems.append(code)
        body = {"error": {"code": code, "message": code}}
        return web.json_response(body, status=status, headers=headers)


def _is_targeted(request: web.Request) -> bool:
    return request.query.get("isTargetedActivity") == "true"


def _activity_problems(activity: Any, *, personal: bool) -> list[str]:
    if not isinstance(activity, dict) or activity.get("type") != "message":
        return ["no message"]
    found = []
    if not activity.get("summary") and not activity.get("text"):
        found.append("nothing for a notification")
    if "suggestedActions" in activity and activity.get("attachments"):
        found.append("suggested actions beside an attachment are not shown")
    if not personal and '"imBack"' in json.dumps(activity):
        found.append("a button that writes where everybody could press it")
    data = activity.get("channelData", {})
    if data.keys() - {"feedbackLoop"} or data.get("feedbackLoop", {"type": "custom"})["type"] != "custom":
        found.append(f"channelData {data}")
    if data and activity.get("recipient"):
        found.append("thumbs under what one person sees")
    for attachment in activity.get("attachments", []):
        found += attachment_problems(attachment, personal=personal)
    return found
