"""The manifest that creates the Slack app in one paste."""

from typing import Any

EVENTS_PATH = "/slack/events"
COMMAND = "/firstline"
GET_HELP = "get_help"
ASK = "ask"

# chat:write posts; im:write opens the DM that answers a command; users:read tells guests and languages;
# files:read and files:write pass files on; reactions:write puts a mark on what was sent, or is a note;
# the others belong to the events below and to reading the room's members.
BOT_SCOPES = (
    "app_mentions:read",
    "channels:history",
    "channels:read",
    "chat:write",
    "commands",
    "files:read",
    "files:write",
    "groups:history",
    "groups:read",
    "im:history",
    "im:write",
    "reactions:write",
    "users:read",
)
BOT_EVENTS = (
    "app_home_opened",
    "app_mention",
    "member_joined_channel",
    "member_left_channel",
    "message.channels",
    "message.groups",
    "message.im",
)


def manifest(url: str, socket_mode: bool) -> dict[str, Any]:
    """The whole manifest; `url` is our public address, of no meaning in Socket Mode."""
    address = url.rstrip("/")
    if not address.endswith(EVENTS_PATH):
        address += EVENTS_PATH
    request_url: dict[str, Any] = {} if socket_mode else {"request_url": address}
    return {
        "_metadata": {"major_version": 2, "minor_version": 1},
        "display_information": {
            "name": "Firstline",
            "description": "First-line support: the right answer in seconds, or a person.",
            "long_description": (
                "Ask Firstline in a direct message, by mention, in a help channel or with /firstline. It "
                "answers from your company's knowledge articles when it is sure, offers a choice when it is "
                "not, and otherwise opens a ticket that exactly one engineer claims. Nobody leaves Slack."
            ),
            "background_color": "#1f4e5f",
        },
        "features": _features({} if socket_mode else {"url": address}),
        "oauth_config": {"scopes": {"bot": list(BOT_SCOPES)}},
        "settings": {
            "event_subscriptions": {**request_url, "bot_events": list(BOT_EVENTS)},
            "interactivity": {"is_enabled": True, **request_url},
            "org_deploy_enabled": False,
            "socket_mode_enabled": socket_mode,
            "token_rotation_enabled": False,
        },
    }


def _features(command_url: dict[str, str]) -> dict[str, Any]:
    return {
        "app_home": {
            "home_tab_enabled": True,
            "messages_tab_enabled": True,
            "messages_tab_read_only_enabled": False,
        },
        "bot_user": {"display_name": "Firstline", "always_online": True},
        "shortcuts": [
            {
                "name": "Get help with this",
                "type": "message",
                "callback_id": GET_HELP,
                "description": "Ask Firstline about this message; the answer comes to you alone.",
            },
            {
                "name": "Ask Firstline",
                "type": "global",
                "callback_id": ASK,
                "description": "Ask a question; the answer comes to you alone.",
            },
        ],
        "slash_commands": [
            {
                "command": COMMAND,
                **command_url,
                "description": "Ask for help; the answer comes in a direct message.",
                "usage_hint": "my VPN drops | for @person their question",
                # The ids of mentioned people come with the command only when Slack escapes them.
                "should_escape": True,
            }
        ],
    }
