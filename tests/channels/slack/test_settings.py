"""The operator's settings, and the manifest."""

import json
import sys
from subprocess import run

import pytest

from bot.channels.slack import Settings, configured, mistakes
from bot.channels.slack.manifest import manifest
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
    # Slack's own limits of a manifest.
    shown = made["display_information"]
    assert len(shown["name"]) <= 35
    assert len(shown["description"]) <= 140
    assert 174 <= len(shown["long_description"]) <= 4000
    assert all(len(s["name"]) <= 24 and len(s["description"]) <= 150 for s in features["shortcuts"])


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
    }
    assert set().union(*needed.values()) | calls == scopes
