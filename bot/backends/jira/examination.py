"""The checks of the mirror in Jira for `firstline doctor`."""

from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from typing import Any

from bot.backends.jira.client import Client
from bot.backends.jira.service_desk import DESKS, ServiceDesk, find_desk, find_request_type, request_types
from bot.backends.jira.settings import PREFIX, Settings
from bot.backends.jira.webhook import PATH
from bot.domain.diagnosis import CHECK_SECONDS, Check, DoctorHost, Examination, Finding
from bot.domain.errors import DeliveryFailed

# What a mirror does, by the names that Jira gives to the rights.
RIGHTS = (
    "BROWSE_PROJECTS",
    "CREATE_ISSUES",
    "EDIT_ISSUES",
    "ASSIGN_ISSUES",
    "TRANSITION_ISSUES",
    "ADD_COMMENTS",
    "EDIT_OWN_COMMENTS",
    "DELETE_OWN_COMMENTS",
    "CREATE_ATTACHMENTS",
    "DELETE_OWN_ATTACHMENTS",
)
_GIVEN = frozenset({"summary", "description"})  # what a new request has


def examination(settings: Settings, host: DoctorHost) -> Examination:
    """The checks, which change nothing there."""
    looks = Looks(settings, host)
    checks = [
        Check("account", looks.at_account),
        Check("service_desk", looks.at_service_desk),
        Check("rights", looks.at_rights),
        Check("statuses", looks.at_statuses),
        Check("priorities", looks.at_priorities),
        Check("webhook", looks.at_webhook),
    ]
    return Examination(tuple(checks), (settings.url,))


class Looks:
    """Looks at one site, with the account and the names of the settings."""

    def __init__(self, settings: Settings, host: DoctorHost) -> None:
        self._settings = settings
        self._host = host
        self._tell = host.tell

    async def at_account(self) -> Sequence[Finding]:
        """Whether the site knows the account."""

        async def look(client: Client) -> Sequence[Finding]:
            known = await client.get("/rest/api/3/myself")
            return [self._tell.ok("account", "jira.doctor.account", name=known.get("displayName", ""))]

        return await self._ask("account", look)

    async def at_service_desk(self) -> Sequence[Finding]:
        """Whether there are the service desk and the request type, and what requests of it must have."""

        async def look(client: Client) -> Sequence[Finding]:
            desk, named = await find_desk(client, self._settings.service_desk), self._settings.request_type
            try:
                request_type = await find_request_type(client, desk, named)
            except DeliveryFailed:
                there = ", ".join(str(entry["name"]) for entry in await request_types(client, desk))
                return [self._error("no_request_type", named=named, there=there)]
            fields = await client.get(f"{DESKS}/{desk.id}/requesttype/{request_type}/field")
            return list(self._of_fields(fields, named))

        return await self._ask("service_desk", look)

    async def at_rights(self) -> Sequence[Finding]:
        """Whether the account may do what a mirror does."""

        async def look(client: Client) -> Sequence[Finding]:
            desk = await find_desk(client, self._settings.service_desk)
            known = await client.get(
                "/rest/api/3/mypermissions", projectKey=desk.key, permissions=",".join(RIGHTS)
            )
            held = known.get("permissions") or {}
            missing = [name for name in RIGHTS if not (held.get(name) or {}).get("havePermission")]
            if missing:
                names = ", ".join(missing)
                return [self._tell.error("rights", "jira.doctor.no_rights", names=names, project=desk.key)]
            return [self._tell.ok("rights", "jira.doctor.rights", project=desk.key)]

        return await self._ask("rights", look)

    async def at_statuses(self) -> Sequence[Finding]:
        """Whether the statuses that are named exist, and whether one of them ends a ticket."""

        async def look(client: Client) -> Sequence[Finding]:
            desk = await find_desk(client, self._settings.service_desk)
            there = await _status_names(client, desk)
            known = {name.casefold() for name in there}
            done = [name for name in self._settings.done_names if name.casefold() in known]
            if not done:
                names, values = ", ".join(there), {"setting": f"{PREFIX}DONE"}
                return [self._tell.error("statuses", "jira.doctor.no_done", there=names, **values)]
            lost = [name for name in self._settings.live_names if name.casefold() not in known]
            if lost:
                values = {"names": ", ".join(lost), "there": ", ".join(there), "setting": f"{PREFIX}LIVE"}
                return [self._tell.warning("statuses", "jira.doctor.no_live", **values)]
            return [self._tell.ok("statuses", "jira.doctor.statuses", name=done[0])]

        return await self._ask("statuses", look)

    async def at_priorities(self) -> Sequence[Finding]:
        """Whether each of our priorities has one of Jira's."""

        async def look(client: Client) -> Sequence[Finding]:
            there = [str(priority["name"]) for priority in await client.get("/rest/api/3/priority")]
            known = {name.casefold() for name in there}
            wanted = {self._settings.priority_there(ours) for ours in ("low", "normal", "high", "urgent")}
            if lost := sorted(name for name in wanted if name.casefold() not in known):
                values = {"names": ", ".join(lost), "there": ", ".join(there)}
                setting = f"{PREFIX}PRIORITIES"
                return [
                    self._tell.error("priorities", "jira.doctor.no_priorities", setting=setting, **values)
                ]
            return [self._tell.ok("priorities", "jira.doctor.priorities")]

        return await self._ask("priorities", look)

    async def at_webhook(self) -> Sequence[Finding]:
        """Whether Jira can tell us at once of what changes."""
        if not self._settings.webhook_secret.get_secret_value():
            setting = f"{PREFIX}WEBHOOK_SECRET"
            return [self._tell.warning("webhook", "jira.doctor.no_webhook", setting=setting)]
        if not self._host.public_url:
            return [self._tell.warning("webhook", "jira.doctor.no_address", path=PATH)]
        address = f"{self._host.public_url}{PATH}"
        return [self._tell.skipped("webhook", "jira.doctor.webhook", address=address)]

    def _of_fields(self, fields: dict[str, Any], named: str) -> Sequence[Finding]:
        needed = [
            str(field.get("name") or field["fieldId"])
            for field in fields.get("requestTypeFields") or ()
            if field.get("required") and field["fieldId"] not in _GIVEN and not field.get("presetValues")
        ]
        if needed:
            return [self._error("needs_fields", named=named, fields=", ".join(needed))]
        if self._settings.match_addresses and not fields.get("canRaiseOnBehalfOf"):
            return [self._tell.warning("service_desk", "jira.doctor.no_behalf")]
        return [self._tell.ok("service_desk", "jira.doctor.service_desk", named=named)]

    def _error(self, key: str, **values: str) -> Finding:
        return self._tell.error("service_desk", f"jira.doctor.{key}", **values)

    async def _ask(
        self, check: str, look: Callable[[Client], Awaitable[Sequence[Finding]]]
    ) -> Sequence[Finding]:
        """Look with a client of its own; what Jira refuses becomes a finding."""
        async with self._client() as client:
            try:
                return await look(client)
            except DeliveryFailed as failed:
                return [self._refused(check, failed.code)]

    def _refused(self, check: str, code: str) -> Finding:
        if code == "http_401":
            return self._tell.error(check, "jira.doctor.no_account")
        if code == "jira_no_service_desk":
            desk = self._settings.service_desk
            return self._tell.error(check, "jira.doctor.no_service_desk", named=desk)
        return self._tell.error(check, "jira.doctor.away", code=code)

    @asynccontextmanager
    async def _client(self) -> AsyncIterator[Client]:
        settings, token = self._settings, self._settings.token.get_secret_value()
        client = Client(settings.url, settings.email, token, seconds=CHECK_SECONDS)
        try:
            yield client
        finally:
            await client.close()


async def _status_names(client: Client, desk: ServiceDesk) -> list[str]:
    found: dict[str, None] = {}
    for kind in await client.get(f"/rest/api/3/project/{desk.key}/statuses"):
        found |= {str(status["name"]): None for status in kind.get("statuses") or ()}
    return list(found)
