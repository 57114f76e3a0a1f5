"""A Zendesk of one account: keeps tickets, audits and comments, and refuses what the real one refuses."""

import base64
import hashlib
import hmac
import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from aiohttp import web

from tests.support.fakes.mirrors.zendesk_answers import LARGEST_PAGE, Json, Refusal, page_of, text_of, user_of

EMAIL, TOKEN, SECRET = "desk@acme.example", "token-of-the-desk-0123", "signing-secret-of-the-webhook"
OURS, ANN, BOB = 900, 901, 902  # our account and two agents
ANA = 950  # an end user with a verified address
STATUSES = ("new", "open", "pending", "hold", "solved", "closed")
PRIORITIES = ("low", "normal", "high", "urgent")
CHANGEABLE = frozenset(
    "subject comment external_id priority tags metadata requester_id assignee_id status safe_update "
    "updated_stamp".split()
)


@dataclass
class Failure:
    """Answer in the place of the right one; with `done` what was asked is done all the same."""

    status: int
    done: bool = False
    headers: dict[str, str] = field(default_factory=dict)


class FakeZendesk:
    """Account with its users and tickets; what agents do is a method, what we do is a request."""

    def __init__(self, clock: Callable[[], datetime]) -> None:
        self.clock = clock
        self.role = "admin"
        self.token = TOKEN
        self.users: dict[int, Json] = {
            OURS: user_of(OURS, "Firstline", EMAIL, "admin"),
            ANN: user_of(ANN, "Ann Agent", "ann@acme.example", "agent"),
            BOB: user_of(BOB, "Bob Agent", "bob@acme.example", "agent"),
            ANA: user_of(ANA, "Ana García", "ana@acme.example", "end-user"),
        }
        self.fields = [{"type": one, "active": True} for one in ("subject", "status", "priority", "assignee")]
        self.tickets: dict[int, Json] = {}
        self.audits: dict[int, list[Json]] = {}
        self.comments: dict[int, list[Json]] = {}
        self.deleted: set[int] = set()
        self.uploads: dict[str, Json] = {}
        self.files: dict[int, Json] = {}
        self.keys: dict[str, int] = {}
        self.failing: list[Failure] = []
        self.away = False
        self.hints: list[int] = []  # tickets whose webhook is to be sent
        self.changed: list[int] = []  # tickets in the order of their changes, for the export
        self.ever_public: list[str] = []  # everything that a requester could read at any time
        self.requests: list[tuple[str, str, Json]] = []
        self._ids = 1000

    # --- agents -------------------------------------------------------------------------------------------

    def update(self, by: int, ticket_id: int, **changes: Any) -> None:
        """Let somebody there change a ticket, as in the agents' own window."""
        self._update(ticket_id, changes, by)

    def make_private(self, ticket_id: int, comment_id: int) -> None:
        """Let an agent make a comment internal."""
        self._comment(ticket_id, comment_id)["public"] = False
        self._note(ticket_id, OURS - 1, [{"type": "CommentPrivacyChange", "comment_id": comment_id}], {})

    def redact(self, ticket_id: int, comment_id: int, by: int = ANN) -> None:
        """Let an agent take out all the words of a comment."""
        comment = self._comment(ticket_id, comment_id)
        comment["plain_body"] = comment["body"] = "▇" * 5
        comment["attachments"] = []
        self._note(ticket_id, by, [{"type": "CommentRedactionEvent", "comment_id": comment_id}], {})

    def delete(self, ticket_id: int) -> None:
        """Let an agent delete a ticket."""
        self.deleted.add(ticket_id)
        self._changed(ticket_id)

    def public_texts(self, ticket_id: int) -> list[str]:
        """What a requester may read of a ticket now."""
        return [one["plain_body"] for one in self.comments[ticket_id] if one["public"]]

    def internal_texts(self, ticket_id: int) -> list[str]:
        """What only the agents may read of a ticket."""
        return [one["plain_body"] for one in self.comments[ticket_id] if not one["public"]]

    def signed(self, ticket_id: int, at: datetime | None = None) -> tuple[bytes, dict[str, str]]:
        """The body and headers of a webhook about a ticket."""
        body = json.dumps({"ticket_id": str(ticket_id)}).encode()
        moment = (at or self.clock()).strftime("%Y-%m-%dT%H:%M:%SZ")
        mac = hmac.new(SECRET.encode(), moment.encode() + body, hashlib.sha256).digest()
        return body, {
            "X-Zendesk-Webhook-Signature": base64.b64encode(mac).decode(),
            "X-Zendesk-Webhook-Signature-Timestamp": moment,
            "Content-Type": "application/json",
        }

    # --- requests -----------------------------------------------------------------------------------------

    @asynccontextmanager
    async def served(self) -> AsyncIterator[str]:
        """Serve on loopback; give the address."""
        app = web.Application(client_max_size=50 * 1024**2)
        app.router.add_route("*", "/{path:.*}", self._take)
        runner = web.AppRunner(app, access_log=None, shutdown_timeout=1)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        try:
            yield f"http://127.0.0.1:{runner.addresses[0][1]}"
        finally:
            await runner.cleanup()

    async def _take(self, request: web.Request) -> web.Response:
        if self.away:
            return web.json_response({"error": "unavailable"}, status=503)
        wanted = base64.b64encode(f"{EMAIL}/token:{self.token}".encode()).decode()
        if request.headers.get("Authorization") != f"Basic {wanted}":
            return web.json_response({"error": "Couldn't authenticate you"}, status=401)
        failure = self.failing.pop(0) if self.failing else None
        if failure is not None and not failure.done:
            return web.json_response({"error": "so told"}, status=failure.status, headers=failure.headers)
        raw = await request.read()
        typed = request.content_type == "application/json"
        body = json.loads(raw) if raw and typed else {}
        self.requests.append((request.method, request.path_qs, body))
        try:
            answer = self._answer(request, body, raw)
        except Refusal as refusal:
            told = {"error": "RecordInvalid", "description": refusal.description}
            return web.json_response(told, status=refusal.status)
        if failure is not None:
            return web.json_response({"error": "lost"}, status=failure.status, headers=failure.headers)
        return answer

    def _answer(self, request: web.Request, body: Json, raw: bytes) -> web.Response:
        method, parts = request.method, request.path.strip("/").split("/")
        if parts[0] == "files" and method == "GET":
            return web.Response(body=self.files[int(parts[1])]["content"])
        if parts[:2] != ["api", "v2"]:
            raise Refusal(404, "no such page")
        match (method, *parts[2:]):
            case ("GET", "users", what):
                return self._users(request, what)
            case ("GET", "attachments", number):
                return web.json_response({"attachment": self._attachment(request, int(number))})
            case ("GET", "incremental", "tickets", "cursor"):
                return self._export(request)
            case ("GET", "ticket_fields"):
                return web.json_response({"ticket_fields": self.fields})
            case ("GET", "tickets"):
                return self._with_external_id(request.query["external_id"])
            case ("POST", what):
                return self._posted(request, what, body, raw)
            case (_, "tickets", number, *rest) if number.isdigit():
                return self._ticket_answer(request, int(number), rest, body)
        raise Refusal(404, "no such page")

    def _posted(self, request: web.Request, what: str, body: Json, raw: bytes) -> web.Response:
        if what == "uploads":
            return self._uploaded(request, raw)
        if what != "tickets":
            raise Refusal(404, "no such page")
        return self._created(body, request.headers.get("Idempotency-Key", ""))

    def _users(self, request: web.Request, what: str) -> web.Response:
        if what == "me":
            return web.json_response({"user": {**self.users[OURS], "role": self.role}})
        if what == "search":
            query = request.query["query"]
            found = [one for one in self.users.values() if query == f'email:"{one["email"]}"']
            return web.json_response({"users": found})
        ids = [int(one) for one in request.query["ids"].split(",")]
        if what != "show_many" or len(ids) > 100:
            raise Refusal(400, "too many ids")
        return web.json_response({"users": [self.users[one] for one in ids if one in self.users]})

    def _ticket_answer(self, request: web.Request, number: int, rest: list[str], body: Json) -> web.Response:
        if number not in self.tickets or number in self.deleted:
            raise Refusal(404, "there is no such ticket")
        match (request.method, *rest):
            case ("GET",):
                return web.json_response({"ticket": self.tickets[number]})
            case ("PUT",):
                audit = self._update(number, body["ticket"], OURS)
                return web.json_response({"ticket": self.tickets[number], "audit": audit})
            case ("GET", "audits"):
                return page_of(request, "audits", self.audits[number])
            case ("GET", "comments"):
                return page_of(request, "comments", self.comments[number])
            case ("PUT", "comments", comment, "make_private"):
                self.make_private(number, int(comment))
                return web.json_response({})
            case ("PUT", "comments", comment, "redact"):
                return self._redacted(number, int(comment), body["text"])
            case ("PUT", "comments", comment, "attachments", file, "redact"):
                return self._file_redacted(number, int(comment), int(file))
        raise Refusal(404, "no such page")

    def _created(self, body: Json, key: str) -> web.Response:
        if key and key in self.keys:
            return web.json_response({"ticket": self.tickets[self.keys[key]]}, status=201)
        new = body["ticket"]
        if not new.get("comment", {}).get("body"):
            raise Refusal(422, "Description: cannot be blank")
        number = self._next()
        now = text_of(self.clock())
        self.tickets[number] = {
            "id": number,
            "created_at": now,
            "updated_at": now,
            "status": "new",
            "priority": None,
            "assignee_id": None,
            "requester_id": new.get("requester_id", OURS),
            "submitter_id": OURS,
            "external_id": new.get("external_id"),
            "subject": new.get("subject"),
            "tags": new.get("tags", []),
        }
        self.audits[number], self.comments[number] = [], []
        self._update(number, new, OURS, kind="Create")
        if key:
            self.keys[key] = number
        return web.json_response({"ticket": self.tickets[number]}, status=201)

    def _update(self, number: int, changes: Json, by: int, kind: str = "Change") -> Json:
        ticket = self.tickets[number]
        if not set(changes) <= CHANGEABLE:
            raise Refusal(400, f"unknown: {sorted(set(changes) - CHANGEABLE)}")
        if ticket["status"] == "closed":
            raise Refusal(422, "Status: closed prevents ticket update")
        if changes.get("safe_update") and changes["updated_stamp"] != ticket["updated_at"]:
            raise Refusal(409, "the ticket was changed meanwhile")
        events = self._field_events(ticket, changes, kind)
        if "comment" in changes:
            events.append(self._commented(number, changes["comment"], by))
        ticket |= {name: changes[name] for name in ("subject", "requester_id") if name in changes}
        return self._note(number, by, events, changes.get("metadata", {}))

    def _field_events(self, ticket: Json, changes: Json, kind: str) -> list[Json]:
        after = {name: changes.get(name, ticket[name]) for name in ("status", "priority", "assignee_id")}
        if after["status"] not in STATUSES or after["priority"] not in (None, *PRIORITIES):
            raise Refusal(422, "Status or priority: is invalid")
        agent = self.users.get(after["assignee_id"] or OURS)
        if agent is None or agent["role"] == "end-user":
            raise Refusal(422, "Assignee: is not an agent")
        if after["status"] in ("solved", "closed") and after["assignee_id"] is None:
            raise Refusal(422, "Assignee: is required when solving a ticket")
        if after["assignee_id"] is not None and after["status"] == "new":
            after["status"] = "open"
        events = [
            {
                "id": self._next(),
                "type": kind,
                "field_name": name,
                "value": str(value) if isinstance(value, int) else value,
                "previous_value": ticket[name],
            }
            for name, value in after.items()
            if value != ticket[name] or kind == "Create"
        ]
        ticket |= after
        return events

    def _commented(self, number: int, comment: Json, by: int) -> Json:
        if not comment.get("body", "").strip():
            raise Refusal(422, "Comment: cannot be blank")
        public = comment.get("public", True)
        attachments = [self.files[self.uploads[one]["id"]]["shown"] for one in comment.get("uploads", ())]
        made = {
            "id": self._next(),
            "type": "Comment",
            "author_id": by,
            "body": comment["body"],
            "plain_body": comment["body"],
            "public": public,
            "attachments": attachments + comment.get("attachments", []),
            "created_at": text_of(self.clock()),
        }
        self.comments[number].append(made)
        if public:
            self.ever_public.append(comment["body"])
        return dict(made)

    def _note(self, number: int, by: int, events: list[Json], custom: Json) -> Json:
        now = text_of(self.clock())
        audit = {
            "id": self._next(),
            "ticket_id": number,
            "created_at": now,
            "author_id": by,
            "metadata": {"system": {}, "custom": custom},
            "events": events,
        }
        if events:
            self.audits[number].append(audit)
            for comment in self.comments[number]:
                comment.setdefault("audit_id", audit["id"])
            self.tickets[number]["updated_at"] = now
            self._changed(number)
        return audit

    def _changed(self, number: int) -> None:
        self.hints.append(number)
        self.changed.append(number)

    def _redacted(self, number: int, comment_id: int, text: str) -> web.Response:
        comment = self._comment(number, comment_id)
        if self.tickets[number]["status"] == "closed":
            raise Refusal(422, "Ticket: is closed")
        for name in ("body", "plain_body"):
            comment[name] = comment[name].replace(text, "▇" * len(text))
        return web.json_response({"comment": comment})

    def _file_redacted(self, number: int, comment_id: int, file: int) -> web.Response:
        comment = self._comment(number, comment_id)
        if self.tickets[number]["status"] == "closed":
            raise Refusal(422, "Ticket: is closed")
        if file not in [one["id"] for one in comment["attachments"]]:
            raise Refusal(404, "there is no such attachment")
        self.files[file]["content"] = b""
        empty = {**self.files[file]["shown"], "file_name": "redacted.txt", "size": 0}
        self.files[file]["shown"] = empty
        comment["attachments"] = [empty if one["id"] == file else one for one in comment["attachments"]]
        return web.json_response({"attachment": empty})

    def _uploaded(self, request: web.Request, raw: bytes) -> web.Response:
        token = f"upload-{self._next()}"
        self.uploads[token] = {"id": self.keep_file(request.query["filename"], request.content_type, raw)}
        return web.json_response({"upload": {"token": token}}, status=201)

    def keep_file(self, name: str, media_type: str, content: bytes) -> int:
        """Keep a file; return its id."""
        number = self._next()
        shown = {"id": number, "file_name": name, "content_type": media_type, "size": len(content)}
        self.files[number] = {"content": content, "shown": shown}
        return number

    def _attachment(self, request: web.Request, number: int) -> Json:
        if number not in self.files:
            raise Refusal(404, "there is no such file")
        origin = f"{request.scheme}://{request.host}"
        return {**self.files[number]["shown"], "content_url": f"{origin}/files/{number}"}

    def _with_external_id(self, external_id: str) -> web.Response:
        alive = (one for number, one in self.tickets.items() if number not in self.deleted)
        found = [one for one in alive if one["external_id"] == external_id]
        return web.json_response({"tickets": found})

    def _export(self, request: web.Request) -> web.Response:
        if self.role != "admin":
            raise Refusal(403, "for administrators alone")
        if "cursor" in request.query:
            begin = int(request.query["cursor"])
        else:
            if int(request.query["start_time"]) > self.clock().timestamp() - 60:
                raise Refusal(400, "start_time: is too recent")
            begin = len(self.changed)
        lot = self.changed[begin : begin + LARGEST_PAGE]
        end = begin + len(lot)
        page = {
            "tickets": [self.tickets[one] for one in dict.fromkeys(lot)],
            "after_cursor": str(end),
            "end_of_stream": end == len(self.changed),
        }
        return web.json_response(page)

    def _comment(self, number: int, comment_id: int) -> Json:
        found = next((one for one in self.comments[number] if one["id"] == comment_id), None)
        if found is None:
            raise Refusal(404, "there is no such comment")
        return found

    def _next(self) -> int:
        self._ids += 1
        return self._ids
