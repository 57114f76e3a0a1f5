"""Remembers people's profiles and kinds of channels, and looks up what is missing after the event."""

import asyncio
import json
from collections import OrderedDict
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, TypeVar

import structlog
from slack_sdk.web.async_client import AsyncWebClient

from bot.channels.slack.client import ERRORS, code_of, wait_of
from bot.channels.slack.installation import Installation
from bot.desk.ports.channels import Host
from bot.domain.errors import DeliveryFailed, RosterUnavailable, details
from bot.domain.people import Identity, plain_address
from bot.domain.secrets.masking import clean_name

log = structlog.get_logger()

CHANNEL = "slack"
KEPT = 20_000  # entries held in this process; a workspace may have more people
WAITING = 1_000  # look-ups that may wait; further ones come up again with the person's next message
FRESH = 24 * 3600.0  # seconds after which a profile is read again
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Profile:
    """What Slack says of one person: `teams` are their organisation's; `read_at` is a POSIX time."""

    name: str
    locale: str | None = None
    guest: bool = False
    team: str = ""
    read_at: float = 0.0
    teams: Sequence[str] = ()
    zone: str = ""
    organisation: str = ""

    def is_of(self, installation: Installation, team: str) -> bool:
        """Whether somebody of this team is of those whom an installation serves.

        One person of an organisation may be in several of its workspaces.
        """
        if installation.in_all_workspaces:
            return self.organisation == installation.enterprise
        return {team, installation.team} <= set(self.teams)


class Directory:
    """Remembers profiles and kinds of channels.

    No network call may come before an acknowledgement, so an event sees only what is remembered (in this
    process, then in the database), and what is missing or old is looked up afterwards, one call at a time.
    Hence somebody never seen before counts as no guest for their first message; the next one knows. The
    room's members are looked up when the roster is read, before any of them can click a button. Until then
    somebody is shown by their id, and the desk is told the name when it comes.
    """

    def __init__(self, host: Host, tenant: str = "") -> None:
        """`tenant` is the workspace, where there are several: in another one the same id is somebody else."""
        self._host = host
        self._tenant = tenant
        self._profiles: OrderedDict[str, Profile] = OrderedDict()
        self._channel_kinds: OrderedDict[str, str] = OrderedDict()
        self._asked: dict[str, float] = {}
        self._queue: asyncio.Queue[tuple[str, str]] = asyncio.Queue(WAITING)
        self._shown_by_id: set[str] = set()

    async def profile(self, user: str) -> Profile | None:
        """What is remembered of a person; asks for a look-up where that is nothing or old."""
        known = self._profiles.get(user)
        if known is None:
            stored = await self._host.run(self._host.memory.recall, CHANNEL, f"profile:{user}")
            known = self._keep(self._profiles, user, Profile(**json.loads(stored))) if stored else None
        if known is None or self._now() - known.read_at > FRESH:
            self._ask("profile", user)
        return known

    def name(self, user: str) -> str | None:
        """A person's name where this process has seen it; else they are shown by their id."""
        known = self._profiles.get(user)
        if known is not None and known.name:
            return known.name
        if len(self._shown_by_id) < KEPT:
            self._shown_by_id.add(user)
        return None

    async def correct(self, users: Collection[str]) -> None:
        """Tell the desk the names of those of these people whom it just showed by their id, if they came."""
        for user in self._shown_by_id.intersection(users):
            if await self._tell_name(user):
                self._shown_by_id.discard(user)

    async def _tell_name(self, user: str) -> bool:
        known = self._profiles.get(user)
        if known is None or not known.name:
            return False
        tenants = {self._tenant, known.team, known.organisation} - {""} if self._tenant else ()
        await self._host.named(CHANNEL, user, known.name, tenants)
        return True

    async def channel_kind(self, channel: str) -> str:
        """`channel` (public), `group` (private), `im`; empty when it is not known yet."""
        kind = self._channel_kinds.get(channel)
        if kind is None:
            kind = await self._host.run(self._host.memory.recall, CHANNEL, f"place:{channel}")
            if kind:
                self._keep(self._channel_kinds, channel, kind)
            else:
                self._ask("place", channel)
        return kind or ""

    async def note_channel_kind(self, channel: str, kind: str) -> None:
        """Remember what an event says of its channel."""
        if kind and self._channel_kinds.get(channel) != kind:
            self._keep(self._channel_kinds, channel, kind)
            await self._host.run(self._host.memory.remember, CHANNEL, f"place:{channel}", kind)

    async def look_up(self, connected: Callable[[], AsyncWebClient]) -> None:
        """Serve the look-ups for ever, one after the other; errors are logged and asked again later."""
        while True:
            kind, name = await self._queue.get()
            try:
                read = self._read_profile if kind == "profile" else self._read_channel_kind
                await read(connected(), name)
            except Exception as error:  # noqa: BLE001  # one that fails must not end the look-ups of others
                wait = wait_of(error)
                cause = {} if isinstance(error, (*ERRORS, DeliveryFailed)) else details(error)
                log.warning(
                    "slack_lookup_failed",
                    kind=kind,
                    id=name,
                    code=code_of(error),
                    **cause,
                    next_step="none, unless it goes on: see the scopes in `firstline docs slack`",
                )
                if wait is not None:
                    self._asked.pop(f"{kind}:{name}", None)
                    await asyncio.sleep(wait)
            finally:
                self._queue.task_done()

    async def settled(self) -> None:
        """Return when no look-up waits."""
        await self._queue.join()

    async def _read_profile(self, client: AsyncWebClient, user: str) -> None:
        answer = await client.users_info(user=user, include_locale=True)
        profile = _profile(answer["user"] or {}, self._now())
        self._keep(self._profiles, user, profile)
        stored = json.dumps(asdict(profile))
        await self._host.run(self._host.memory.remember, CHANNEL, f"profile:{user}", stored)
        if profile.team:  # the address is not kept here
            address = "" if profile.guest else _verified_address(answer["user"] or {})
            await self._host.addressed(Identity(CHANNEL, profile.team, user), (address,) if address else ())
        if user in self._shown_by_id:  # what shows them may not be kept yet: see `correct`
            await self._tell_name(user)

    async def _read_channel_kind(self, client: AsyncWebClient, channel: str) -> None:
        answer = await client.conversations_info(channel=channel)
        await self.note_channel_kind(channel, kind_of(answer["channel"] or {}))

    def _ask(self, kind: str, name: str) -> None:
        key, now = f"{kind}:{name}", self._now()
        # One question an hour: whom Slack does not know, it will not know at their next message either.
        if now - self._asked.get(key, 0.0) < 3600 or self._queue.full():
            return
        if len(self._asked) > KEPT:
            self._asked.clear()
        self._asked[key] = now
        self._queue.put_nowait((kind, name))

    def _now(self) -> float:
        return self._host.clock().timestamp()

    @staticmethod
    def _keep(kept: OrderedDict[str, T], key: str, value: T) -> T:
        kept[key] = value
        if len(kept) > KEPT:
            kept.popitem(last=False)
        return value


async def find_by_address(connected: Callable[[], AsyncWebClient], address: str) -> str:
    """The id of the member who has confirmed this address, as the scope `users:read.email` tells.

    It is empty where nobody has, or a guest. Raise `RosterUnavailable` where Slack does not say.
    """
    try:
        user = (await connected().users_lookupByEmail(email=address))["user"] or {}
    except (*ERRORS, DeliveryFailed) as error:
        code = error.code if isinstance(error, DeliveryFailed) else code_of(error)
        if code == "users_not_found":
            return ""
        log.warning(
            "slack_address_unavailable",
            code=code,
            next_step="see that the app has the scope users:read.email; it is tried again",
        )
        raise RosterUnavailable(f"Slack does not say whose address it is: {code}.") from error
    guest = any(user.get(name) for name in ("is_restricted", "is_ultra_restricted", "is_stranger", "is_bot"))
    same = plain_address(_verified_address(user)) == address  # whatever Slack takes for alike
    confirmed = same and not user.get("deleted") and not guest
    return str(user.get("id") or "") if confirmed else ""


def kind_of(channel: Mapping[str, Any]) -> str:
    """The kind of a channel as events call it."""
    if channel.get("is_im"):
        return "im"
    return "group" if channel.get("is_private") or channel.get("is_mpim") else "channel"


def _profile(user: Mapping[str, Any], now: float) -> Profile:
    shown: Mapping[str, Any] = user.get("profile") or {}
    names = (shown.get("display_name"), shown.get("real_name"), user.get("real_name"), user.get("name"))
    name = next((str(name) for name in names if name), "")
    return Profile(
        name=clean_name(name, str(user.get("id") or "")),
        locale=user.get("locale"),
        guest=bool(user.get("is_restricted") or user.get("is_ultra_restricted") or user.get("is_stranger")),
        team=str(user.get("team_id") or ""),
        read_at=now,
        zone=str(user.get("tz") or ""),
        teams=[str(team) for team in (user.get("enterprise_user") or {}).get("teams") or ()],
        organisation=str((user.get("enterprise_user") or {}).get("enterprise_id") or ""),
    )


def _verified_address(user: Mapping[str, Any]) -> str:
    """The e-mail address that Slack has confirmed; it comes with the scope users:read.email alone."""
    shown: Mapping[str, Any] = user.get("profile") or {}
    return str(shown.get("email") or "") if user.get("is_email_confirmed") is True else ""
