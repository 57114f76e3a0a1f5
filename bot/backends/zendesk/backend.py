"""Mirrors tickets in Zendesk both ways."""

from collections.abc import Iterable, Mapping
from typing import Any

from bot.backends.zendesk.client import Json, ZendeskClient
from bot.backends.zendesk.reading import MARK, Account, people_in, read_ticket, written_comment
from bot.backends.zendesk.settings import Settings
from bot.backends.zendesk.webhook import ZendeskWebhook
from bot.desk.ports.backends import (
    BackendHost,
    Mirrored,
    NewRemoteTicket,
    OutgoingComment,
    PublicComment,
    RemoteChanges,
    RemoteComment,
    RemotePerson,
    RemoteState,
    RemoteTicket,
)
from bot.domain.conversations.excerpts import first_words
from bot.domain.errors import DeliveryFailed
from bot.domain.tickets.mirror import DONE, NOBODY, MirrorField

NAME = "zendesk"
TAG = "firstline"
REDACTED_FILE = "redacted.txt"  # what Zendesk puts in the place of a file that was taken out
KNOWN_PEOPLE = 5000  # whose names are kept in memory
SOONEST_SECONDS = 60  # that the beginning of an export has to be past


class Zendesk:
    """Mirror of tickets in one account of Zendesk; every comment bears the key under which we wrote it."""

    name = NAME

    def __init__(self, settings: Settings, host: BackendHost) -> None:
        self._client = ZendeskClient(settings)
        self._host = host
        self._match_addresses = settings.zendesk_match_addresses
        self._webhook = ZendeskWebhook(settings, host)
        self._account: Account | None = None
        self._people: dict[int, RemotePerson] = {}
        self.poll_seconds: float = settings.zendesk_poll_seconds

    def mount(self, app: Any) -> None:
        """Add the webhook's route, where one is set up."""
        self._webhook.mount(app)

    async def start(self) -> None:
        """Start; the account is asked with the first call."""

    async def stop(self) -> None:
        """Close the connections."""
        await self._client.close()

    def trouble(self) -> str | None:
        """The failure of the last request; None once one succeeds."""
        return self._client.trouble

    # --- writing ------------------------------------------------------------------------------------------

    async def create(self, new: NewRemoteTicket, key: str, *, again: bool) -> Mirrored:
        """Create a ticket, once for each key."""
        if again and (found := await self._created(key)) is not None:
            return found
        text = f"{new.requester}:\n\n{new.question}" + (f"\n\n{new.link}" if new.link else "")
        ticket: Json = {
            "subject": f"[{new.reference}] {first_words(new.question)}".strip(),
            "comment": {"body": text, "public": True},
            "external_id": key,
            "priority": new.fields[MirrorField.PRIORITY],
            "tags": [TAG],
            "metadata": {MARK: key},
        }
        requester = await self._user_with(new.address)
        if requester is not None:
            ticket["requester_id"] = requester
        return self._mirrored((await self._client.post("/api/v2/tickets", {"ticket": ticket}, key))["ticket"])

    async def write(self, remote_id: str, changes: Mapping[MirrorField, str], seen: RemoteTicket) -> None:
        """Change fields, unless the ticket was changed since it was seen."""
        ticket: Json = {"safe_update": True, "updated_stamp": seen.stamp, "metadata": {MARK: "fields"}}
        if MirrorField.PRIORITY in changes:
            ticket["priority"] = changes[MirrorField.PRIORITY]
        if MirrorField.ASSIGNEE in changes:
            to = changes[MirrorField.ASSIGNEE]
            ticket["assignee_id"] = int(to) if to != NOBODY else None
        if MirrorField.STATUS in changes:
            done = changes[MirrorField.STATUS] == DONE
            ticket["status"] = "solved" if done else "open"
            theirs = seen.fields[MirrorField.ASSIGNEE].value
            if done and not ticket.get("assignee_id") and theirs == NOBODY:  # Zendesk solves none without one
                ticket["assignee_id"] = (await self._ours()).id
        await self._client.put(f"/api/v2/tickets/{remote_id}", {"ticket": ticket})

    async def say(self, remote_id: str, comment: OutgoingComment, key: str, *, again: bool) -> str:
        """Add a comment, public by its type alone, once for each key."""
        account, path = await self._ours(), f"/api/v2/tickets/{remote_id}"
        if again:
            audits = await self._client.all_of(f"{path}/audits", "audits")
            written = written_comment(audits, key, account)
            if written:
                return written
        said = f"{comment.author}:\n\n{comment.text}" if comment.author else comment.text
        body: Json = {"body": said, "public": isinstance(comment, PublicComment)}
        if comment.files:
            body["uploads"] = [
                await self._client.upload(one.name, one.media_type, one.content) for one in comment.files
            ]
        update = {"ticket": {"comment": body, "metadata": {MARK: key}}}
        answer = await self._client.put(path, update)
        written = written_comment([answer["audit"]], key, account)
        if not written:  # the next attempt looks for it
            raise DeliveryFailed("comment_not_confirmed")
        return written

    async def take_back(self, remote_id: str, comment_id: str) -> None:
        """Make a comment internal; Zendesk deletes none."""
        try:
            await self._client.put(f"/api/v2/tickets/{remote_id}/comments/{comment_id}/make_private")
        except DeliveryFailed as failed:
            if failed.code != "gone_there":
                raise

    async def forget(self, remote_id: str) -> None:
        """Take out what the requester and we wrote and sent, the subject, and whose ticket it is."""
        account, path = await self._ours(), f"/api/v2/tickets/{remote_id}"
        remote = await self.read(remote_id)
        if remote.state is RemoteState.GONE:
            return
        for comment in remote.comments:
            if not (comment.key or comment.from_requester):
                continue
            written = f"{path}/comments/{comment.id}"
            for line in _words(comment):
                await self._client.put(f"{written}/redact", {"text": line})
            for file in comment.files:
                if file.name != REDACTED_FILE:
                    await self._client.put(f"{written}/attachments/{file.source}/redact")
        if remote.state is RemoteState.OPEN:  # last: whose the comments are is told by whose ticket it is
            erased = {"subject": TAG, "requester_id": account.id, "metadata": {MARK: "erased"}}
            await self._client.put(path, {"ticket": erased})

    # --- reading ------------------------------------------------------------------------------------------

    async def read(self, remote_id: str) -> RemoteTicket:
        """Read a ticket with its history and comments."""
        account, path = await self._ours(), f"/api/v2/tickets/{remote_id}"
        try:
            ticket = (await self._client.get(path))["ticket"]
            # The audits come last: they have all that is in the comments.
            comments = await self._client.all_of(f"{path}/comments", "comments")
            audits = await self._client.all_of(f"{path}/audits", "audits")
        except DeliveryFailed as failed:
            if failed.code != "gone_there":
                raise
            return RemoteTicket(remote_id, 0, RemoteState.GONE)
        people = await self._named(people_in(ticket, audits, comments))
        return read_ticket(ticket, audits, comments, people, account)

    async def fetch(self, source: str, most: int) -> bytes:
        """Read a file of a comment."""
        found = (await self._client.get(f"/api/v2/attachments/{int(source)}"))["attachment"]
        return await self._client.download(str(found["content_url"]), most)

    async def changes(self, cursor: str) -> RemoteChanges:
        """Return our tickets that changed since a cursor, from the incremental export."""
        since = int(self._host.clock().timestamp()) - SOONEST_SECONDS
        params = {"cursor": cursor} if cursor else {"start_time": str(since)}
        page = await self._client.get("/api/v2/incremental/tickets/cursor", params)
        ids = tuple(str(one["id"]) for one in page["tickets"] if one.get("external_id"))
        return RemoteChanges(ids, str(page.get("after_cursor") or cursor), more=not page["end_of_stream"])

    # --- parts --------------------------------------------------------------------------------------------

    async def _created(self, key: str) -> Mirrored | None:
        found = (await self._client.get("/api/v2/tickets", {"external_id": key}))["tickets"]
        return self._mirrored(found[0]) if found else None

    def _mirrored(self, ticket: Json) -> Mirrored:
        return Mirrored(str(ticket["id"]), self.address(str(ticket["id"])))

    def address(self, remote_id: str) -> str:
        """The address of a ticket in the agents' own window."""
        return f"{self._client.url}/agent/tickets/{remote_id}"

    async def _ours(self) -> Account:
        if self._account is None:
            user = (await self._client.get("/api/v2/users/me"))["user"]
            if not user.get("id"):  # without rights Zendesk answers as for nobody, with 200
                raise DeliveryFailed("token_refused")
            self._account = Account(int(user["id"]))
        return self._account

    async def _user_with(self, address: str) -> int | None:
        """Return the only verified user with an address; None where it may not be looked up."""
        if not address or not self._match_addresses:
            return None
        found = (await self._client.get("/api/v2/users/search", {"query": f'email:"{address}"'}))["users"]
        theirs = [
            one for one in found if str(one.get("email")).lower() == address.lower() and one.get("verified")
        ]
        return int(theirs[0]["id"]) if len(theirs) == 1 else None

    async def _named(self, ids: Iterable[int]) -> Mapping[int, RemotePerson]:
        """Return people by id; their addresses only where they may be used."""
        unknown = sorted(set(ids) - set(self._people))
        if len(self._people) + len(unknown) > KNOWN_PEOPLE:
            self._people.clear()
            unknown = sorted(set(ids))
        for begin in range(0, len(unknown), 100):
            lot = ",".join(map(str, unknown[begin : begin + 100]))
            for user in (await self._client.get("/api/v2/users/show_many", {"ids": lot}))["users"]:
                usable = self._match_addresses and user.get("verified") and user.get("role") != "end-user"
                address = str(user.get("email") or "") if usable else ""
                person = RemotePerson(str(user["id"]), str(user.get("name") or ""), address)
                self._people[int(user["id"])] = person
        return self._people


def _words(comment: RemoteComment) -> list[str]:
    """Return the lines of a comment that still say something, the longest first."""
    lines = {line for line in comment.text.splitlines() if line.strip("\u2587 ")}
    return sorted(lines, key=len, reverse=True)
