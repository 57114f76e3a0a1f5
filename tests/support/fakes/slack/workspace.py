"""The state of the fake workspace: channels, people, messages, triggers, and the failures to come."""

import itertools
from dataclasses import dataclass, field
from typing import Any

from bot.channels.slack.manifest import BOT_SCOPES

Json = dict[str, Any]

TRIGGER_LIFE = 3.0


class Refusal(Exception):
    """Slack says no with this code."""

    def __init__(self, code: str, *messages: str) -> None:
        super().__init__(code)
        self.code = code
        self.messages = messages


@dataclass(slots=True)
class Channel:
    """One channel or DM; `messages` are in the order of their ts."""

    id: str
    name: str
    kind: str  # channel, group or im
    members: list[str]
    archived: bool = False
    messages: list[Json] = field(default_factory=list)

    @property
    def private(self) -> bool:
        """Whether only invited people are in it."""
        return self.kind != "channel"

    def message(self, ts: str) -> Json | None:
        """The message with this ts."""
        return next((message for message in self.messages if message["ts"] == ts), None)


@dataclass(slots=True)
class Failure:
    """What the next calls of a method answer; with `after`, only after the call has taken effect."""

    status: int = 200
    error: str = ""
    retry_after: int | None = None
    times: int = 1
    after: bool = False
    hang: bool = False  # no answer until the fake is closed


@dataclass(slots=True)
class Trigger:
    """A trigger id: usable once, for three seconds."""

    user: str
    made: float
    used: bool = False


class Workspace:
    """Everything the fake knows; its time goes on where `advance` moves it."""

    def __init__(
        self, *, team: str = "T1", bot_user: str = "UBOT", bot: str = "BBOT", enterprise: str | None = None
    ) -> None:
        self.team, self.bot_user, self.bot, self.enterprise = team, bot_user, bot, enterprise
        self.for_all = False  # an organisation has the app in all of its workspaces
        self.channels: dict[str, Channel] = {}
        self.users: dict[str, Json] = {}
        self.ephemerals: list[Json] = []
        self.views: dict[str, Json] = {}
        self.homes: dict[str, Json] = {}
        self.files: dict[str, Json] = {}
        self.prompts: dict[str, Json] = {}  # by chat
        self.statuses: dict[tuple[str, str], str] = {}  # by channel and thread
        self.address = ""  # where files are read and written
        self.scopes = set(BOT_SCOPES)
        self.clock_off = 0.0  # seconds by which its clock is ahead of this machine's
        self.failures: dict[str, list[Failure]] = {}
        self.calls: list[tuple[str, Json]] = []
        self._triggers: dict[str, Trigger] = {}
        self._count = itertools.count(1)
        self._now = 0.0

    def advance(self, seconds: float) -> None:
        """Let time pass for triggers."""
        self._now += seconds

    def next_ts(self) -> str:
        """A new message's ts."""
        return f"1760000000.{next(self._count):06d}"

    def next_id(self, prefix: str) -> str:
        """A new id of any kind."""
        return f"{prefix}{next(self._count):08d}"

    def add_channel(
        self, channel: str, *, private: bool = False, members: tuple[str, ...] = (), bot: bool = True
    ) -> Channel:
        """Add a channel; the bot is in it unless told otherwise."""
        inside = [*members, *((self.bot_user,) if bot else ())]
        made = Channel(channel, channel.lower(), "group" if private else "channel", inside)
        self.channels[channel] = made
        return made

    def add_person(
        self, user: str, name: str, *, locale: str = "en-US", guest: bool = False, team: str | None = None
    ) -> str:
        """Add a person; return their id."""
        self.users[user] = {
            "id": user,
            "team_id": team or self.team,
            "name": name.lower(),
            "real_name": name,
            "locale": locale,
            "is_restricted": guest,
            "is_ultra_restricted": False,
            "is_bot": False,
            "profile": {"display_name": name, "real_name": name},
        }
        return user

    def dm(self, user: str) -> Channel:
        """The DM of the bot and a person, made when it is first needed."""
        if user not in self.users:
            raise Refusal("user_not_found")
        channel = f"D{user}"
        if channel not in self.channels:
            self.channels[channel] = Channel(channel, "directmessage", "im", [user, self.bot_user])
        return self.channels[channel]

    def writable(self, channel: str) -> Channel:
        """The channel, where the bot may write."""
        found = self.readable(channel)
        if found.archived:
            raise Refusal("is_archived")
        return found

    def readable(self, channel: str) -> Channel:
        """The channel, where the bot is a member."""
        found = self.known(channel)
        if self.bot_user not in found.members:
            raise Refusal("not_in_channel")
        return found

    def known(self, channel: str) -> Channel:
        """The channel, where there is one."""
        if channel not in self.channels:
            raise Refusal("channel_not_found")
        return self.channels[channel]

    def put(self, channel: Channel, message: Json) -> Json:
        """Add a message."""
        channel.messages.append(message)
        return message

    def add_file(self, user: str, name: str, body: bytes, media_type: str = "image/png") -> Json:
        """A file of a person, as an event describes it."""
        file = self.next_id("F")
        described = {"id": file, "name": name, "mimetype": media_type, "size": len(body), "user": user}
        self.files[file] = described | {"body": body}
        return described | {"mode": "hosted", "url_private": f"{self.address}/files-pri/{file}"}

    def granted(self, scope: str) -> None:
        """Refuse what the app has not asked for."""
        if scope not in self.scopes:
            raise Refusal("missing_scope")

    def trigger(self, user: str) -> str:
        """A new trigger id."""
        name = self.next_id("trigger.")
        self._triggers[name] = Trigger(user, self._now)
        return name

    def use_trigger(self, name: str) -> str:
        """Use a trigger up; return its user."""
        trigger = self._triggers.get(name)
        if trigger is None:
            raise Refusal("invalid_trigger_id")
        if trigger.used:
            raise Refusal("exchanged_trigger_id")
        if self._now - trigger.made > TRIGGER_LIFE:
            raise Refusal("expired_trigger_id")
        trigger.used = True
        return trigger.user

    def fail(self, method: str, failure: Failure) -> None:
        """Let the next calls of this method fail."""
        self.failures.setdefault(method, []).append(failure)

    def failing(self, method: str) -> Failure | None:
        """The failure that is due now; each counts down."""
        waiting = self.failures.get(method) or []
        if not waiting:
            return None
        failure = waiting[0]
        failure.times -= 1
        if failure.times <= 0:
            waiting.pop(0)
        return failure
