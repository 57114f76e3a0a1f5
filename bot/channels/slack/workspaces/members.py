"""Reads who is in a room, and whose e-mail address it is."""

import structlog

from bot.channels.slack.client import ERRORS, code_of
from bot.channels.slack.directory import CHANNEL, Profile
from bot.channels.slack.inbound.workspaces import Served
from bot.channels.slack.installation import Installation
from bot.channels.slack.workspaces.workspace import Client, Workspace
from bot.domain.errors import DeliveryFailed, RosterUnavailable
from bot.domain.people import Identity

log = structlog.get_logger()

MEMBERS_PAGE = 200


async def read_members(
    served: Served[Workspace], room: str, *, allow_guests: bool
) -> tuple[dict[Identity, str], set[str]]:
    """The people in a room with their names, and those who are not known yet; raise `RosterUnavailable`."""
    found: dict[Identity, str] = {}
    nameless: set[str] = set()
    installation = served.installation
    for user in await member_ids(served.workspace.client, room):
        if user == installation.bot_user:
            continue
        # Also asks for the profile: a guest in the room is then known before they click anything.
        profile = await served.workspace.directory.profile(user)
        if profile and profile.guest and not allow_guests:
            continue  # else an account that is joined with theirs would be an engineer's
        found[Identity(CHANNEL, _tenant(profile, installation), user)] = profile.name if profile else ""
        if profile is None:
            nameless.add(user)
    return found, nameless


async def member_ids(client: Client, room: str) -> list[str]:
    """The ids of those in a room; raise `RosterUnavailable`."""
    users: list[str] = []
    cursor = ""
    try:
        while True:
            page = {"cursor": cursor} if cursor else {}
            answer = await client().conversations_members(channel=room, limit=MEMBERS_PAGE, **page)
            users += answer.get("members") or []
            cursor = str((answer.get("response_metadata") or {}).get("next_cursor") or "")
            if not cursor:
                return users
    except (*ERRORS, DeliveryFailed) as error:
        code = error.code if isinstance(error, DeliveryFailed) else code_of(error)
        log.warning(
            "slack_roster_unavailable",
            code=code,
            next_step="see that the bot is in the room, and its scopes, in `firstline docs slack`",
        )
        raise RosterUnavailable(f"The members of the Slack room could not be read: {code}.") from error


def _tenant(profile: Profile | None, installation: Installation) -> str:
    team = profile.team if profile and profile.team else installation.team
    if team == installation.enterprise:
        return installation.team
    if installation.in_all_workspaces and profile and profile.is_of(installation, team):
        return installation.team
    return team
