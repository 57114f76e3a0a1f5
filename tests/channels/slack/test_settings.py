"""The operator's settings, and the manifest."""

import json
import re
import sys
from subprocess import run
from typing import Any

import pytest

from bot.channels.slack import Settings, configured, mistakes
from bot.channels.slack.manifest import faults, manifest
from tests.support.channels.slack_stage import settings_from

GOOD = {"SLACK_BOT_TOKEN": "xoxb-1", "SLACK_SIGNING_SECRET": "s"}


def test_the_package_is_light() -> None:
    script = (
        "import sys, bot.channels.slack; sys.exit('slack_sdk' in sys.modules or 'slack_bolt' in sys.modules)"
    )
    assert run([sys.executable, "-c", script], check=False).returncode == 0


def test_reads_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in (GOOD | {"FIRSTLINE_SLACK_HELP_CHANNELS": "C1, C2,", "SLACK_APP_TOKEN": ""}).items():
        monkeypatch.setenv(name, value)
    settings = Settings(_env_file=None)  # type: ignore[call-arg]  # pydantic-settings' own argument
    assert settings.help_channels == ("C1", "C2")
    assert configured(settings, demo=False)
    assert mistakes(settings) == []
    assert "xoxb-1" not in repr(settings)


@pytest.mark.parametrize(
    ("given", "url"),
    [
        ({}, "https://slack.com/api/"),
        ({"SLACK_API_URL": "http://127.0.0.1:9/api"}, "http://127.0.0.1:9/api/"),
        ({"SLACK_API_URL": "http://127.0.0.1:9/api/"}, "http://127.0.0.1:9/api/"),
    ],
)
def test_the_base_url_ends_with_a_slash(given: dict[str, str], url: str) -> None:
    assert settings_from(given).api_url == url


@pytest.mark.parametrize(
    ("given", "named"),
    [
        ({}, []),
        (GOOD, []),
        ({"SLACK_BOT_TOKEN": "xoxb-1", "SLACK_APP_TOKEN": "xapp-1"}, []),
        ({"SLACK_SIGNING_SECRET": "s"}, ["SLACK_BOT_TOKEN"]),
        ({"FIRSTLINE_SLACK_ROOM": "C1"}, ["SLACK_BOT_TOKEN"]),
        ({"SLACK_BOT_TOKEN": "xoxb-1"}, ["SLACK_SIGNING_SECRET"]),
        (GOOD | {"SLACK_BOT_TOKEN": "xoxp-1"}, ["SLACK_BOT_TOKEN"]),
        (GOOD | {"SLACK_APP_TOKEN": "xoxb-1"}, ["SLACK_APP_TOKEN"]),
        (GOOD | {"SLACK_API_URL": "slack.com"}, ["SLACK_API_URL"]),
        (GOOD | {"FIRSTLINE_SLACK_ROOM": "#it"}, ["FIRSTLINE_SLACK_ROOM"]),
        (GOOD | {"FIRSTLINE_SLACK_HELP_CHANNELS": "C1,help"}, ["FIRSTLINE_SLACK_HELP_CHANNELS"]),
        (
            {"SLACK_BOT_TOKEN": "x", "FIRSTLINE_SLACK_ROOM": "it", "SLACK_APP_TOKEN": "y"},
            ["SLACK_BOT_TOKEN", "SLACK_APP_TOKEN", "FIRSTLINE_SLACK_ROOM"],
        ),
    ],
)
def test_mistakes_name_the_setting(given: dict[str, str], named: list[str]) -> None:
    found = mistakes(settings_from(given))
    assert [sentence.split()[0] for sentence in found] == named


SEVERAL = {
    "SLACK_CLIENT_ID": "1.2",
    "SLACK_CLIENT_SECRET": "s",
    "SLACK_SIGNING_SECRET": "s",
    "FIRSTLINE_SLACK_TOKEN_KEY": "k" * 32,
    "FIRSTLINE_SLACK_WORKSPACES": "T1, E2",
}


@pytest.mark.parametrize(
    ("given", "named"),
    [
        ({}, []),
        ({"FIRSTLINE_SLACK_ROOM": "T1/C1", "FIRSTLINE_SLACK_HELP_CHANNELS": "T1/C2 E2/C3"}, []),
        ({"SLACK_BOT_TOKEN": "xoxb-1"}, ["SLACK_BOT_TOKEN"]),
        ({"SLACK_CLIENT_SECRET": ""}, ["SLACK_CLIENT_SECRET"]),
        ({"SLACK_SIGNING_SECRET": ""}, ["SLACK_SIGNING_SECRET"]),
        ({"SLACK_SIGNING_SECRET": "", "SLACK_APP_TOKEN": "xapp-1"}, []),
        ({"FIRSTLINE_SLACK_TOKEN_KEY": ""}, ["FIRSTLINE_SLACK_TOKEN_KEY"]),
        ({"FIRSTLINE_SLACK_TOKEN_KEY": "k" * 31}, ["FIRSTLINE_SLACK_TOKEN_KEY"]),
        ({"FIRSTLINE_SLACK_TOKEN_KEY": f"{'k' * 32} short"}, ["FIRSTLINE_SLACK_TOKEN_KEY"]),
        ({"FIRSTLINE_SLACK_WORKSPACES": ""}, ["FIRSTLINE_SLACK_WORKSPACES"]),
        ({"FIRSTLINE_SLACK_WORKSPACES": "acme"}, ["FIRSTLINE_SLACK_WORKSPACES"]),
        ({"FIRSTLINE_SLACK_ROOM": "C1"}, ["FIRSTLINE_SLACK_ROOM"]),
        ({"FIRSTLINE_SLACK_HELP_CHANNELS": "C1"}, ["FIRSTLINE_SLACK_HELP_CHANNELS"]),
        ({"SLACK_CLIENT_ID": ""}, ["SLACK_CLIENT_ID"]),
    ],
)
def test_what_several_workspaces_need(given: dict[str, str], named: list[str]) -> None:
    values = {name: value for name, value in (SEVERAL | given).items() if value}
    settings = settings_from(values)
    found = [sentence.split()[0] for sentence in mistakes(settings)]
    assert [name for name in found if name in named] == named
    assert named or found == []
    assert "k" * 31 not in repr(settings)


def test_a_manifest_for_several_workspaces() -> None:
    made = manifest("https://bot.example", socket_mode=False, several=True)
    assert made["oauth_config"]["redirect_urls"] == ["https://bot.example/slack/oauth_redirect"]
    assert made["settings"]["org_deploy_enabled"] is True
    events = made["settings"]["event_subscriptions"]["bot_events"]
    assert {"app_uninstalled", "tokens_revoked"} <= set(events)
    assert faults(made) == []
    alone = manifest("https://bot.example", socket_mode=False)
    assert "redirect_urls" not in alone["oauth_config"]
    assert "app_uninstalled" not in alone["settings"]["event_subscriptions"]["bot_events"]


@pytest.mark.parametrize("socket_mode", [False, True])
def test_the_manifest_is_complete(socket_mode: bool) -> None:
    made = manifest("https://bot.example/", socket_mode)
    assert json.loads(json.dumps(made)) == made
    url = "https://bot.example/slack/events"
    settings, features = made["settings"], made["features"]
    for part in (settings["event_subscriptions"], settings["interactivity"]):
        assert part.get("request_url") == (None if socket_mode else url)
    assert features["slash_commands"][0].get("url") == (None if socket_mode else url)
    assert features["slash_commands"][0]["should_escape"] is True
    assert settings["socket_mode_enabled"] is socket_mode
    assert features["app_home"]["home_tab_enabled"] is True
    assert {(s["type"], s["callback_id"]) for s in features["shortcuts"]} == {
        ("message", "get_help"),
        ("global", "ask"),
    }
    assert faults(made) == []


def test_what_is_optional_is_asked_for_and_may_be_refused() -> None:
    scopes = manifest("https://bot.example", socket_mode=False)["oauth_config"]["scopes"]
    assert set(scopes["bot_optional"]) == {"assistant:write", "files:read", "files:write", "reactions:write"}
    assert set(scopes["bot_optional"]) < set(scopes["bot"])


def test_the_chat_begins_with_examples() -> None:
    examples = ("Why does my VPN drop?", "y" * 80, "b", "c", "d")
    made = manifest("https://bot.example", socket_mode=False, examples=examples)
    prompts = made["features"]["agent_view"]["suggested_prompts"]
    assert [prompt["message"] for prompt in prompts] == list(examples[:4])
    assert [len(prompt["title"]) for prompt in prompts] == [21, 75, 1, 1]
    assert "assistant_view" not in made["features"]
    assert faults(made) == []


@pytest.mark.parametrize(
    ("part", "value", "told"),
    [
        ("display_information.name", "x" * 36, "has 36 characters; write 1 to 35"),
        ("display_information.description", "x" * 141, "write 1 to 140"),
        ("display_information.long_description", "x" * 174, "write 175 to 4000"),
        ("display_information.background_color", "blue", "write # and three or six"),
        ("features.bot_user.display_name", "", "write 1 to 80"),
        ("features.shortcuts.0.name", "x" * 25, "write 1 to 24"),
        ("features.shortcuts.1.type", "both", "write message or global"),
        ("features.shortcuts", [], "has 0 entries"),
        ("features.slash_commands.0.command", "firstline", "begin it with /"),
        ("features.slash_commands.0.url", "http://bot.example", "begins with https://"),
        ("features.slash_commands.0.description", None, "is no text"),
        ("settings.interactivity.request_url", "https://a b", "begins with https://"),
        ("features.agent_view.agent_description", "x" * 301, "write 1 to 300"),
        ("features.agent_view.suggested_prompts", [{"title": "a", "message": "b"}] * 5, "has 5 entries"),
        ("oauth_config.scopes.bot.2", "x" * 51, "write 1 to 50"),
    ],
)
def test_what_slack_would_refuse_is_named(part: str, value: object, told: str) -> None:
    made = manifest("https://bot.example", socket_mode=False)
    *steps, last = part.split(".")
    inner: Any = made
    for step in steps:
        inner = inner[int(step) if step.isdigit() else step]
    inner[int(last) if last.isdigit() else last] = value
    (fault,) = faults(made)
    assert told in fault
    assert fault.startswith(re.sub(r"\.(\d+)", r"[\1]", part))


def test_every_event_has_its_scope() -> None:
    made = manifest("https://bot.example", socket_mode=False)
    scopes = set(made["oauth_config"]["scopes"]["bot"])
    needed = {
        "app_home_opened": set(),
        "app_mention": {"app_mentions:read"},
        "member_joined_channel": {"channels:read", "groups:read"},
        "member_left_channel": {"channels:read", "groups:read"},
        "message.channels": {"channels:history"},
        "message.groups": {"groups:history"},
        "message.im": {"im:history"},
    }
    events = made["settings"]["event_subscriptions"]["bot_events"]
    assert set(events) == set(needed)
    calls = {
        "chat:write",
        "commands",
        "im:write",
        "users:read",
        "files:read",
        "files:write",
        "reactions:write",
        "assistant:write",
    }
    assert set().union(*needed.values()) | calls == scopes
