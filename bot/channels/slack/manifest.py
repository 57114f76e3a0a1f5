"""The manifest that creates the Slack app in one paste."""

from collections.abc import Mapping, Sequence
from importlib import resources
from typing import Any

from bot.channels.slack.text import cut
from bot.domain.brand import FIRSTLINE, Brand
from bot.runtime.field_rules import FlagRule, ListRule, ObjectRule, Rule, TextRule, faults_in

LONGEST_ADDRESS = 3000 - len("/slack/events")  # of a slash command, with our path behind it
LONGEST_SHORTCUT = 24  # characters of its name
EVENTS_PATH = "/slack/events"
INSTALL_PATH, REDIRECT_PATH = "/slack/install", "/slack/oauth_redirect"
COMMAND = "/firstline"
GET_HELP = "get_help"
ASK = "ask"

# chat:write posts; im:write opens the DM that answers a command; users:read tells guests and languages;
# the others belong to the events below and to reading the room's members.
NEEDED_SCOPES = (
    "app_mentions:read",
    "channels:history",
    "channels:read",
    "chat:write",
    "commands",
    "groups:history",
    "groups:read",
    "im:history",
    "im:write",
    "users:read",
)
# What a workspace may refuse, and what it does without then.
OPTIONAL_SCOPES = ("assistant:write", "files:read", "files:write", "reactions:write")
BOT_SCOPES = tuple(sorted((*NEEDED_SCOPES, *OPTIONAL_SCOPES)))
DESCRIPTION = "First-line support: the right answer in seconds, or a person."
MOST_PROMPTS, LONGEST_PROMPT_TITLE = 4, 75  # the title in characters; what a prompt sends is whole
BOT_EVENTS = (
    "app_home_opened",
    "app_mention",
    "member_joined_channel",
    "member_left_channel",
    "message.channels",
    "message.groups",
    "message.im",
)
# That the app was taken out of a workspace; only where there are several anybody needs to know.
ENDINGS = ("app_uninstalled", "tokens_revoked")
_AN_ADDRESS = "write an address that begins with https://."
# The limits of Slack's own schema of the manifest, version 2.
_RULES: tuple[Rule, ...] = (
    *(
        ObjectRule(path)
        for path in (
            "display_information",
            "features",
            "features.agent_view",
            "features.app_home",
            "features.bot_user",
            "features.shortcuts[]",
            "features.slash_commands[]",
            "oauth_config",
            "oauth_config.scopes",
            "settings",
            "settings.event_subscriptions",
            "settings.interactivity",
        )
    ),
    *(
        FlagRule(path)
        for path in (
            "features.app_home.home_tab_enabled",
            "features.app_home.messages_tab_enabled",
            "features.app_home.messages_tab_read_only_enabled",
            "features.bot_user.always_online",
            "features.slash_commands[].should_escape",
            "settings.interactivity.is_enabled",
            "settings.org_deploy_enabled",
            "settings.socket_mode_enabled",
            "settings.token_rotation_enabled",
        )
    ),
    TextRule("display_information.name", 35),
    TextRule("display_information.description", 140, needed=False),
    TextRule("display_information.long_description", 4000, 175, needed=False),
    TextRule(
        "display_information.background_color",
        7,
        form="#(?:[0-9a-fA-F]{3}){1,2}",
        remedy="write # and three or six hexadecimal digits, such as #1f4e5f.",
        needed=False,
    ),
    TextRule("features.bot_user.display_name", 80),
    TextRule("features.agent_view.agent_description", 300),
    ListRule("features.agent_view.suggested_prompts", MOST_PROMPTS),
    TextRule("features.agent_view.suggested_prompts[].title", LONGEST_PROMPT_TITLE),
    TextRule("features.agent_view.suggested_prompts[].message", 2000),
    ListRule("features.shortcuts", 10, 1),
    TextRule("features.shortcuts[].name", LONGEST_SHORTCUT),
    TextRule("features.shortcuts[].type", form="message|global", remedy="write message or global."),
    TextRule("features.shortcuts[].callback_id", 255),
    TextRule("features.shortcuts[].description", 150),
    ListRule("features.slash_commands", 50, 1),
    TextRule(
        "features.slash_commands[].command", 32, 2, form=r"/\S+", remedy="begin it with /, such as /help."
    ),
    TextRule("features.slash_commands[].url", 3000, form=r"https://\S+", remedy=_AN_ADDRESS, needed=False),
    TextRule("features.slash_commands[].description", 2000),
    TextRule("features.slash_commands[].usage_hint", 1000, needed=False),
    ListRule("oauth_config.redirect_urls", 1000),
    TextRule("oauth_config.redirect_urls[]", 3000, form=r"https://\S+", remedy=_AN_ADDRESS),
    ListRule("oauth_config.scopes.bot", 255),
    TextRule("oauth_config.scopes.bot[]", 50),
    ListRule("oauth_config.scopes.bot_optional", 255),
    TextRule("oauth_config.scopes.bot_optional[]", 50),
    ListRule("settings.event_subscriptions.bot_events", 100),
    TextRule("settings.event_subscriptions.bot_events[]", 50),
    *(
        TextRule(f"settings.{part}.request_url", 3500, form=r"https://\S+", remedy=_AN_ADDRESS, needed=False)
        for part in ("event_subscriptions", "interactivity")
    ),
)


def manifest(
    url: str,
    socket_mode: bool,
    brand: Brand = FIRSTLINE,
    examples: Sequence[str] = (),
    *,
    several: bool = False,
) -> dict[str, Any]:
    """The whole manifest; `url` is our public address, of no meaning in Socket Mode.

    `examples` are suggested in a chat until the server suggests others. With `several` the app can be
    installed in several workspaces, or by an organisation in all of its own.
    """
    base = url.rstrip("/").removesuffix(EVENTS_PATH)
    address = base + EVENTS_PATH
    redirect: dict[str, Any] = {"redirect_urls": [base + REDIRECT_PATH]} if several else {}
    events = sorted((*BOT_EVENTS, *ENDINGS)) if several else list(BOT_EVENTS)
    request_url: dict[str, Any] = {} if socket_mode else {"request_url": address}
    return {
        "_metadata": {"major_version": 2, "minor_version": 1},
        "display_information": _display_information(brand),
        "features": _features({} if socket_mode else {"url": address}, brand.name, examples),
        # An optional scope has to stand in both lists.
        "oauth_config": {
            **redirect,
            "scopes": {"bot": list(BOT_SCOPES), "bot_optional": list(OPTIONAL_SCOPES)},
        },
        "settings": {
            "event_subscriptions": {**request_url, "bot_events": events},
            "interactivity": {"is_enabled": True, **request_url},
            "org_deploy_enabled": several,
            "socket_mode_enabled": socket_mode,
            "token_rotation_enabled": False,
        },
    }


def icon() -> bytes:
    """Firstline's mark as Slack takes it: a PNG of 512 x 512 pixels."""
    return resources.files("bot.channels.slack").joinpath("icon.png").read_bytes()


def faults(made: Mapping[str, Any]) -> list[str]:
    """Every fault for which Slack would refuse a manifest, each with its remedy."""
    return faults_in(made, _RULES)


def _display_information(brand: Brand) -> dict[str, Any]:
    return {
        "name": brand.name,
        "description": DESCRIPTION,
        "long_description": (
            f"Ask {brand.name} in a direct message, by mention, in a help channel or with /firstline. It "
            "answers from your company's knowledge articles when it is sure, offers a choice when it is "
            "not, and otherwise opens a ticket that exactly one engineer claims. Nobody leaves Slack."
        ),
        "background_color": brand.light,
    }


def _features(command_url: dict[str, str], name: str, examples: Sequence[str]) -> dict[str, Any]:
    prompts = [{"title": cut(one, LONGEST_PROMPT_TITLE), "message": one} for one in examples[:MOST_PROMPTS]]
    return {
        "agent_view": {"agent_description": DESCRIPTION, "suggested_prompts": prompts},
        "app_home": {
            "home_tab_enabled": True,
            "messages_tab_enabled": True,
            "messages_tab_read_only_enabled": False,
        },
        "bot_user": {"display_name": name, "always_online": True},
        "shortcuts": [
            {
                "name": "Get help with this",
                "type": "message",
                "callback_id": GET_HELP,
                "description": f"Ask {name} about this message; the answer comes to you alone.",
            },
            {
                "name": f"Ask {name}" if len(name) <= LONGEST_SHORTCUT - 4 else "Ask for help",
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
