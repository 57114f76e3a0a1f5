"""Reads who sent an event, as far as it is known without a call."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from bot.channels.slack.directory import CHANNEL, Directory
from bot.channels.slack.installation import Installation
from bot.channels.slack.settings import Settings
from bot.domain.people import Identity
from bot.domain.secrets.masking import clean

Body = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Sender:
    """Who sent something, as far as it is known without a call."""

    identity: Identity
    name: str
    locale: str | None
    stranger: bool
    zone: str = ""


class Senders:
    """Reads senders, with what the directory remembers of them."""

    def __init__(self, settings: Settings, directory: Directory) -> None:
        self._settings = settings
        self._directory = directory

    async def who_clicked(self, body: Body, installation: Installation) -> Sender:
        """The sender of a click or form."""
        user: Body = body.get("user") or {}
        name = text_of(user, "name") or text_of(user, "username")
        place = body.get("team")
        team = text_of(user, "team_id") or (text_of(place, "id") if isinstance(place, Mapping) else "")
        return await self.of(text_of(user, "id"), installation, team, name)

    async def of(self, user: str, installation: Installation, team: str, name: str) -> Sender:
        """The sender under this id, with the team and the name that came with the event, if any."""
        profile = await self._directory.profile(user)
        known_as = self._directory.name(user) or name or user
        team = team or (profile.team if profile else "") or installation.team
        foreign = team not in (installation.team, installation.enterprise)
        if foreign and profile:
            foreign = not profile.is_of(installation, team)
        guest = profile.guest if profile else False
        return Sender(
            # A stranger keeps their own workspace: in ours the same id may be somebody else.
            identity=Identity(CHANNEL, team if foreign else installation.team, user),
            name=clean(known_as),
            locale=profile.locale if profile else None,
            stranger=(foreign or guest) and not self._settings.allow_guests,
            zone=profile.zone if profile else "",
        )


def team_of(event: Body, body: Body, installation: Installation) -> str:
    """The workspace of an event's sender, where the event names it; ours for our organisation's people.

    Slack names the workspace that somebody joined first. In a channel of an organisation (Enterprise Grid)
    that nobody outside of it shares, everybody belongs to the organisation.
    """
    organisation = text_of(body, "enterprise_id") or text_of(body, "context_enterprise_id")
    is_own = bool(organisation) and organisation == installation.enterprise
    if is_own and body.get("is_ext_shared_channel") is False:
        return installation.team
    return text_of(event, "user_team") or text_of(event, "source_team") or text_of(event, "team")


def name_in(event: Body) -> str:
    """The sender's name, where it came with the event."""
    shown: Body = event.get("user_profile") or {}
    return text_of(shown, "display_name") or text_of(shown, "real_name") or text_of(shown, "name")


def text_of(part: Body, name: str) -> str:
    """A text of a body; empty where it is none."""
    value = part.get(name)
    return value if isinstance(value, str) else ""
