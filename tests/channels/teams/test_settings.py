"""Settings, the app package, wording, and what is imported when."""

import json
import subprocess
import sys
from io import BytesIO
from typing import Any
from zipfile import ZipFile

import pytest
from PIL import Image

from bot.channels.teams import Settings, configured, mistakes
from bot.channels.teams.manifest import COLOR_ICON, OUTLINE_ICON, icon, package, package_files
from bot.domain.conversations.commands import Command, parse_command
from bot.runtime.network.loopback import is_loopback
from bot.wording import load

APP_ID = "5f1c3b52-9c6e-4a53-8a55-6d4b7a2d1c01"
GOOD: dict[str, Any] = {
    "app_id": "app",
    "app_password": "secret",
    "tenant_id": "tenant",
    "room": "19:room@thread.tacv2",
    "help_channels": "19:a@thread.tacv2, 19:b@thread.tacv2",
}


@pytest.fixture(autouse=True)
def _no_env_file(monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory) -> None:
    monkeypatch.chdir(tmp_path_factory.mktemp("empty"))


def test_settings_are_read_and_are_fine() -> None:
    settings = Settings(**GOOD)
    assert mistakes(settings) == []
    assert settings.help_channels == ("19:a@thread.tacv2", "19:b@thread.tacv2")
    assert "secret" not in repr(settings)


@pytest.mark.parametrize(
    ("change", "named"),
    [
        ({"app_password": ""}, "MICROSOFT_APP_PASSWORD"),
        ({"tenant_id": ""}, "MICROSOFT_APP_TENANT_ID"),
        ({"tenant_id": "", "app_type": "MultiTenant"}, "MICROSOFT_APP_TENANT_ID"),
        ({"app_type": "Single"}, "MICROSOFT_APP_TYPE"),
        ({"app_id": ""}, "MICROSOFT_APP_ID"),
        ({"openid_metadata": "http://login.example.com/"}, "MICROSOFT_OPENID_METADATA"),
        ({"login_url": "login.example.com"}, "MICROSOFT_LOGIN_URL"),
        ({"room": "General"}, "FIRSTLINE_TEAMS_ROOM"),
        ({"room": "19%3aroom%40thread.tacv2"}, "FIRSTLINE_TEAMS_ROOM"),
        ({"help_channels": "19:a@thread.tacv2;messageid=1"}, "FIRSTLINE_TEAMS_HELP_CHANNELS"),
    ],
)
def test_a_mistake_names_its_setting(change: dict[str, str], named: str) -> None:
    (mistake,) = mistakes(Settings(**(GOOD | change)))
    assert mistake.startswith(named)


def test_all_mistakes_are_said_at_once() -> None:
    assert len(mistakes(Settings(app_id="app", room="x", help_channels=("y", "z")))) == 5


def test_a_managed_identity_needs_no_secret() -> None:
    assert mistakes(Settings(app_id="app", tenant_id="t", app_type="UserAssignedMSI")) == []


def test_only_the_demo_goes_without_an_app_id() -> None:
    assert configured(Settings(), demo=True)
    assert not configured(Settings(), demo=False)
    assert configured(Settings(app_id="app"), demo=False)


@pytest.mark.parametrize(
    ("host", "expected"),
    [
        ("localhost", True),
        ("127.0.0.1", True),
        ("127.9.9.9", True),
        ("::1", True),
        ("[::1]", True),
        ("", False),
        ("192.0.2.1", False),
        ("10.0.0.1", False),
        ("localhost.evil.example", False),
        ("127.0.0.1.evil.example", False),
    ],
)
def test_loopback(host: str, expected: bool) -> None:
    assert is_loopback(host) is expected


def test_the_package_is_complete() -> None:
    wording = load()
    made = package_files(APP_ID, "https://firstline.example.com/", wording, "1.0.0")
    raw = package(made)
    assert raw == package(made)
    archive = ZipFile(BytesIO(raw))
    manifest = json.loads(archive.read("manifest.json"))
    (bot,) = manifest["bots"]
    assert set(archive.namelist()) == {"manifest.json", "es.json", "color.png", "outline.png"}
    assert manifest["manifestVersion"] in manifest["$schema"]
    assert bot["botId"] == manifest["id"] == manifest["webApplicationInfo"]["id"]
    assert set(bot["scopes"]) == {"personal", "team", "groupChat"}
    (permission,) = manifest["authorization"]["permissions"]["resourceSpecific"]
    assert permission == {"name": "ChannelMessage.Read.Group", "type": "Application"}
    assert manifest["validDomains"] == ["firstline.example.com"]


def test_the_packages_texts_fit_and_are_translated() -> None:
    archive = ZipFile(
        BytesIO(package(package_files(APP_ID, "https://firstline.example.com", load(), "1.0.0")))
    )
    english, spanish = json.loads(archive.read("manifest.json")), json.loads(archive.read("es.json"))
    assert len(english["description"]["short"]) <= 80
    assert len(spanish["description.short"]) <= 80
    commands = english["bots"][0]["commandLists"][0]["commands"]
    for index, command in enumerate(commands):
        path = f"bots[0].commandLists[0].commands[{index}]"
        for part, most in (("title", 32), ("description", 128)):
            assert 0 < len(command[part]) <= most
            assert 0 < len(spanish[f"{path}.{part}"]) <= most
            assert spanish[f"{path}.{part}"] != command[part]


@pytest.mark.parametrize(("name", "size"), [(COLOR_ICON, 192), (OUTLINE_ICON, 32)])
def test_icons(name: str, size: int) -> None:
    with Image.open(BytesIO(icon(name))) as image:
        image.load()
        assert (image.format, image.size) == ("PNG", (size, size))


def test_the_outline_icon_is_white_on_transparent() -> None:
    with Image.open(BytesIO(icon(OUTLINE_ICON))) as image:
        red, green, blue, opaque = (band.tobytes() for band in image.convert("RGBA").split())
    pixels = list(zip(red, green, blue, opaque, strict=True))
    assert {pixel[:3] for pixel in pixels if pixel[3]} == {(255, 255, 255)}
    assert any(pixel[3] == 0 for pixel in pixels)


def test_both_languages_have_the_same_keys() -> None:
    wording = load()
    own = [{key for key in wording.keys(language) if key.startswith("teams.")} for language in ("en", "es")]
    assert own[0] == own[1]
    assert len(own[0]) >= 10


def test_the_sdk_is_not_imported_before_it_is_needed() -> None:
    code = (
        "import sys; from bot.channels import teams; import bot.channels.teams.channel;"
        "print([m for m in sys.modules if m.split('.')[0] in ('botbuilder', 'botframework', 'msal')])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


@pytest.mark.parametrize("language", ["en", "es"])
def test_what_the_menu_of_commands_writes_is_understood(language: str) -> None:
    titles = {name: load().say(language, f"teams.command.{name}.title") for name in ("tickets", "person")}
    found = {name: parse_command(title) for name, title in titles.items()}
    assert {name: said and said.command for name, said in found.items()} == {
        "tickets": Command.MY_TICKETS,
        "person": Command.PERSON,
    }
