"""Mirrors tickets in Jira Service Management, both ways."""

import hashlib
import json
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from bot.backends.jira import approvals, people
from bot.backends.jira.client import Client, Refused, Unclear
from bot.backends.jira.reading import FIELDS, Reader, file_of, version_of
from bot.backends.jira.service_desk import ServiceDesk, find_desk, find_request_type
from bot.backends.jira.settings import Settings
from bot.backends.jira.statuses import Statuses
from bot.backends.jira.texts import escape, letters, one_line, plain
from bot.backends.jira.webhook import Webhook
from bot.desk.ports.backends import (
    BackendHost,
    Decision,
    Mirrored,
    NewRemoteTicket,
    OutgoingComment,
    PublicComment,
    RemoteChanges,
    RemoteFile,
    RemoteState,
    RemoteTicket,
)
from bot.domain.errors import DeliveryFailed
from bot.domain.tickets.mirror import LIVE, NOBODY, MirrorField

REQUESTS = "/rest/servicedeskapi/request"
ISSUES = "/rest/api/3/issue"
PROPERTY = "firstline"  # of a comment: the key under which it was written
LONGEST_SUMMARY = 240  # characters; Jira takes 255
CAUGHT_UP = timedelta(seconds=60)  # after which Jira's search knows of a request that it may have made
OVERLAP_MINUTES = 10  # for so long Jira's search may be behind
REMEMBERED = 500  # issues that were read in that time


class JiraBackend:
    """Backend for one request type of one service desk."""

    name = "jira"

    def __init__(self, settings: Settings, host: BackendHost) -> None:
        self._settings = settings
        self._host = host
        self.poll_seconds: float = settings.poll_seconds
        self._client = Client(settings.url, settings.email, settings.token.get_secret_value())
        self._webhook = Webhook(self.name, settings.webhook_secret.get_secret_value(), host)
        self._statuses = Statuses(settings.done_names, settings.live_names, settings.resolution)
        self._desk: ServiceDesk | None = None
        self._request_type = ""
        self._doubted: dict[str, datetime | None] = {}
        self._known_statuses: dict[str, Mapping[str, Any]] = {}

    def mount(self, app: Any) -> None:
        """Add the route of the webhook."""
        self._webhook.mount(app)

    async def start(self) -> None:
        """Do nothing: the first request opens the connections."""

    async def stop(self) -> None:
        """Close the connections."""
        await self._client.close()

    def trouble(self) -> str | None:
        """The failure of the last request; None once one succeeds."""
        return self._client.trouble

    async def create(self, new: NewRemoteTicket, key: str, *, again: bool) -> Mirrored:
        """Create a request, for the requester where Jira knows them by their address."""
        tag = tag_of(key)
        if not again:
            self._doubted[tag] = None
        desk = await self._find_desk()
        if again and (found := await self._find_request(desk, tag)):
            return found
        if again and self._host.clock() - self._doubted_since(tag) < CAUGHT_UP:
            raise DeliveryFailed("jira_search_behind")
        body = {
            "serviceDeskId": desk.id,
            "requestTypeId": self._request_type,
            "requestFieldValues": self._texts(new, tag),
        }
        known = new.address if self._settings.match_addresses else ""
        behalf = await people.customer(self._client, desk.id, known) if known else ""
        try:
            made = await self._create(body, behalf)
        except Unclear:
            self._doubted[tag] = self._host.clock()
            raise
        self._doubted.pop(tag, None)
        return made

    def address(self, remote_id: str) -> str:  # noqa: ARG002  # an address has the key, which may change
        """Return nothing: the address that was told at the creation stays."""
        return ""

    async def read(self, remote_id: str) -> RemoteTicket:
        """Read an issue with its comments."""
        reader = Reader(self._settings, self._statuses, await self._client.account())
        try:
            issue = await self._client.get(f"{ISSUES}/{remote_id}", fields=FIELDS, expand="changelog")
            asked = await approvals.read_approvals(self._client, f"{REQUESTS}/{remote_id}")
            comments = await self._client.comments(remote_id)
            files = await self._files(remote_id) if issue["fields"].get("attachment") else {}
        except Refused as refused:
            if refused.status == 404 and await self._may_browse():
                return RemoteTicket(remote_id, self._now(), RemoteState.GONE)
            raise
        return RemoteTicket(
            remote_id,
            version_of(issue),
            RemoteState.OPEN,
            reader.fields(issue, await self._all_statuses()),
            reader.assignee(issue),
            tuple(
                reader.comment(comment, issue["fields"].get("reporter"), files.get(str(comment["id"]), ()))
                for comment in comments
            ),
            asked,
        )

    async def write(self, remote_id: str, changes: Mapping[MirrorField, str], seen: RemoteTicket) -> None:
        """Change fields: the status last, for a closed issue may not be edited, but first to reopen it."""
        issue = await self._client.get(f"{ISSUES}/{remote_id}", fields="updated")
        if version_of(issue) != seen.version:
            raise DeliveryFailed("changed_meanwhile", retry_after=0.0)
        refused: DeliveryFailed | None = None
        reopens = changes.get(MirrorField.STATUS) == LIVE
        for name in sorted(changes, key=lambda name: (name is MirrorField.STATUS) is not reopens):
            try:
                await self._write(remote_id, name, changes[name])
            except DeliveryFailed as failed:
                if not failed.permanent:
                    raise
                refused = failed
        if refused is not None:  # the others are written nevertheless
            raise refused

    async def say(self, remote_id: str, comment: OutgoingComment, key: str, *, again: bool) -> str:
        """Add a comment: one that the requester reads there only where it is a public one by its type."""
        if again and (found := await self._find_comment(remote_id, comment, key)):
            return found
        public = isinstance(comment, PublicComment)
        try:
            made = await self._say(remote_id, _body(comment), comment, public=public)
        except Refused as failed:
            if failed.status == 404 and await self._may_browse():
                raise DeliveryFailed("gone_there", permanent=True) from failed
            raise
        try:
            await self._mark(made, key)
        except DeliveryFailed as failed:
            # It counts as an attempt, whatever Jira says of waiting: the next one looks for the comment.
            raise DeliveryFailed(failed.code) from failed
        return made

    async def decide(self, remote_id: str, decision: Decision, *, again: bool) -> None:  # noqa: ARG002
        """Decide an approval as our account; a repeat is answered as decided."""
        await approvals.decide(self._client, f"{REQUESTS}/{remote_id}", decision)

    async def take_back(self, remote_id: str, comment_id: str) -> None:
        """Delete a comment of ours with its files."""
        for file in (await self._files(remote_id)).get(comment_id, ()):
            await self._client.delete(f"/rest/api/3/attachment/{file.source}")
        await self._client.delete(f"{ISSUES}/{remote_id}/comment/{comment_id}")

    async def forget(self, remote_id: str) -> None:
        """Delete what we and the requester wrote, and take out their name; Jira keeps its history."""
        account = await self._client.account()
        try:
            issue = await self._client.get(f"{ISSUES}/{remote_id}", fields="reporter,attachment")
        except Refused as refused:
            if refused.status == 404 and await self._may_browse():
                return
            raise
        reporter = str((issue["fields"].get("reporter") or {}).get("accountId", ""))
        for attachment in issue["fields"].get("attachment") or ():
            if _author(attachment) in (account, reporter):
                await self._client.delete(f"/rest/api/3/attachment/{attachment['id']}")
        for comment in await self._client.comments(remote_id):
            if _author(comment) in (account, reporter):
                await self._client.delete(f"{ISSUES}/{remote_id}/comment/{comment['id']}")
        erased = self._host.wording.say(self._host.language, "jira.request.erased")
        paragraph = {"type": "paragraph", "content": [{"type": "text", "text": erased}]}
        document = {"type": "doc", "version": 1, "content": [paragraph]}
        await self._edit(remote_id, {"summary": erased, "description": document})
        if reporter != account:
            await self._edit(remote_id, {"reporter": {"accountId": account}})

    async def fetch(self, source: str, most: int) -> bytes:
        """Fetch the content of an attachment."""
        return await self._client.download(source, most)

    async def changes(self, cursor: str) -> RemoteChanges:
        """What changed in the project since; deleted issues no search can find."""
        now = self._now()
        if not cursor:
            return RemoteChanges((), json.dumps({"at": now, "seen": {}}))
        known = json.loads(cursor)
        minutes = max(0, now - known["at"]) // 60_000 + 1 + OVERLAP_MINUTES
        desk = await self._find_desk()
        found: dict[str, int] = {}
        # By minutes before Jira's own now: neither its clock nor the account's time zone matters.
        jql = f'project = "{desk.key}" AND updated >= "-{minutes}m" ORDER BY updated ASC'
        async for issue in self._search(jql, "updated"):
            found[str(issue["id"])] = version_of(issue)
        changed = tuple(issue for issue, version in found.items() if known["seen"].get(issue) != version)
        seen = dict(sorted(found.items(), key=lambda entry: entry[1])[-REMEMBERED:])
        return RemoteChanges(changed, json.dumps({"at": now, "seen": seen}))

    # --- requests ---------------------------------------------------------------------------------

    def _texts(self, new: NewRemoteTicket, tag: str) -> dict[str, str]:
        heading = one_line(new.question, LONGEST_SUMMARY - len(new.reference) - 3) or new.reference
        say, language = self._host.wording.say, self._host.language
        lines = [
            escape(new.question),
            "",
            escape(say(language, "jira.request.from", name=new.requester, ticket=new.reference)),
            *([new.link] if new.link else []),
            tag,  # by which a request is found whose making was not told
        ]
        return {"summary": f"{heading} ({new.reference})", "description": "\n".join(lines)}

    async def _create(self, body: Mapping[str, Any], behalf: str) -> Mirrored:
        try:
            made = await self._client.post(REQUESTS, {**body, "raiseOnBehalfOf": behalf} if behalf else body)
        except Refused as refused:
            if not behalf or refused.status not in (400, 403):
                raise
            # They have an account and are no customer of this desk: then it is ours, with their name in it.
            return await self._create(body, "")
        return self._mirrored(str(made["issueId"]), str(made["issueKey"]))

    def _doubted_since(self, tag: str) -> datetime:
        """Since when a request may have been made; long ago where the last attempt was refused."""
        now = self._host.clock()
        return self._doubted.setdefault(tag, now) or now - CAUGHT_UP

    async def _find_request(self, desk: ServiceDesk, tag: str) -> Mirrored | None:
        jql = f'project = "{desk.key}" AND description ~ "{tag}" ORDER BY created ASC'
        async for issue in self._search(jql, "description"):
            if tag in plain(issue["fields"].get("description")).split():
                return self._mirrored(str(issue["id"]), str(issue["key"]))
        return None

    def _mirrored(self, issue: str, key: str) -> Mirrored:
        return Mirrored(issue, f"{self._client.url}/browse/{key}")

    async def _find_desk(self) -> ServiceDesk:
        if self._desk is None:
            desk = await find_desk(self._client, self._settings.service_desk)
            self._request_type = await find_request_type(self._client, desk, self._settings.request_type)
            self._desk = desk
        return self._desk

    async def _search(self, jql: str, fields: str) -> Any:
        token = ""
        while True:
            following = {"nextPageToken": token} if token else {}
            page = await self._client.get(
                "/rest/api/3/search/jql", jql=jql, fields=fields, maxResults=100, **following
            )
            for issue in page.get("issues") or ():
                yield issue
            token = str(page.get("nextPageToken") or "")
            if page.get("isLast", not token) or not token:
                return

    # --- fields -----------------------------------------------------------------------------------

    async def _write(self, issue: str, name: MirrorField, value: str) -> None:
        if name is MirrorField.PRIORITY:
            await self._edit(issue, {"priority": {"name": self._settings.priority_there(value)}})
        elif name is MirrorField.ASSIGNEE:
            await self._client.put(
                f"{ISSUES}/{issue}/assignee", {"accountId": None if value == NOBODY else value}
            )
        else:
            offered = await self._client.get(f"{ISSUES}/{issue}/transitions", expand="transitions.fields")
            step = self._statuses.step(offered.get("transitions") or (), value)
            await self._client.post(f"{ISSUES}/{issue}/transitions", step)

    async def _edit(self, issue: str, fields: Mapping[str, Any]) -> None:
        await self._client.put(f"{ISSUES}/{issue}", {"fields": fields})

    async def _all_statuses(self) -> Mapping[str, Mapping[str, Any]]:
        if not self._known_statuses:
            found = await self._client.get("/rest/api/3/status")
            self._known_statuses = {str(status["id"]): status for status in found}
        return self._known_statuses

    async def _may_browse(self) -> bool:
        """Whether an issue that is not shown to us is really gone."""
        desk = await self._find_desk()
        rights = await self._client.get(
            "/rest/api/3/mypermissions", projectKey=desk.key, permissions="BROWSE_PROJECTS"
        )
        return bool(rights["permissions"]["BROWSE_PROJECTS"]["havePermission"])

    def _now(self) -> int:
        return int(self._host.clock().timestamp() * 1000)

    # --- comments ---------------------------------------------------------------------------------

    async def _say(self, issue: str, body: str, comment: OutgoingComment, *, public: bool) -> str:
        if not comment.files:
            made = await self._client.post(f"{REQUESTS}/{issue}/comment", {"body": body, "public": public})
            return str(made["id"])
        desk = await self._find_desk()
        attached = {
            "temporaryAttachmentIds": await self._client.upload(desk.id, comment.files),
            "public": public,
            "additionalComment": {"body": body},
        }
        made = await self._client.post(f"{REQUESTS}/{issue}/attachment", attached)
        return str(made["comment"]["id"])

    async def _mark(self, comment: str, key: str) -> None:
        await self._client.put(f"/rest/api/3/comment/{comment}/properties/{PROPERTY}", {"key": key})

    async def _find_comment(self, issue: str, comment: OutgoingComment, key: str) -> str:
        """The comment that an earlier attempt has written, marked or not yet; empty where there is none."""
        account = await self._client.account()
        ours = [entry for entry in await self._client.comments(issue) if _author(entry) == account]
        keys = await self._keys([str(entry["id"]) for entry in ours])
        if marked := next((found for found, known in keys.items() if known == key), ""):
            return marked
        wanted = letters(f"{comment.author}{comment.text}")
        for entry in ours:
            found = str(entry["id"])
            if found not in keys and letters(plain(entry.get("body"))) == wanted:
                await self._mark(found, key)
                return found
        return ""

    async def _keys(self, comments: list[str]) -> dict[str, str]:
        keys = {}
        for start in range(0, len(comments), 1000):  # so many Jira tells of at once
            asked = {"ids": [int(comment) for comment in comments[start : start + 1000]]}
            answer = await self._client.post("/rest/api/3/comment/list?expand=properties", asked)
            for entry in answer.get("values") or ():
                for held in entry.get("properties") or ():
                    if held.get("key") == PROPERTY:
                        keys[str(entry["id"])] = str((held.get("value") or {}).get("key", ""))
        return keys

    async def _files(self, issue: str) -> dict[str, tuple[RemoteFile, ...]]:
        """The files of each comment, which only the service desk tells apart."""
        found = {}
        async for comment in self._client.pages(f"{REQUESTS}/{issue}/comment", expand="attachment"):
            attached = (comment.get("attachments") or {}).get("values") or ()
            files = tuple(file for entry in attached if (file := file_of(entry)) is not None)
            if files:
                found[str(comment["id"])] = files
        return found


def tag_of(key: str) -> str:
    """A word that stands in the request made under a key, and nowhere else."""
    return "fl" + hashlib.sha256(key.encode()).hexdigest()[:16]


def _body(comment: OutgoingComment) -> str:
    words = escape(comment.text)
    return f"*{escape(comment.author)}*\n{words}" if comment.author else words


def _author(entry: Mapping[str, Any]) -> str:
    return str((entry.get("author") or {}).get("accountId", ""))
