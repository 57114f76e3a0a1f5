"""The Teams app package: a zip of the manifest, its Spanish texts and two icons."""

import json
from importlib import resources
from io import BytesIO
from typing import Any
from urllib.parse import urlsplit
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

from bot.desk.ports.wording import Wording

# 1.22 is the newest schema that Microsoft's manifest page calls current; all that we use exists since 1.12.
VERSION = "1.22"
SCHEMAS = f"https://developer.microsoft.com/json-schemas/teams/v{VERSION}"
APP_VERSION = "0.1.0"
COMMANDS = ("help", "tickets", "person")
SCOPES = ("personal", "team", "groupChat")
COLOR_ICON, OUTLINE_ICON = "color.png", "outline.png"
_SPANISH_FILE = "es.json"


def package(app_id: str, url: str, wording: Wording) -> bytes:
    """The zip to upload in the Teams admin centre; `url` is where the bot is reached from outside."""
    files = {
        "manifest.json": _json(manifest(app_id, url, wording)),
        _SPANISH_FILE: _json(_localised(wording, "es")),
        COLOR_ICON: icon(COLOR_ICON),
        OUTLINE_ICON: icon(OUTLINE_ICON),
    }
    target = BytesIO()
    with ZipFile(target, "w", ZIP_DEFLATED) as archive:
        for name, content in files.items():
            # A fixed time makes the same package from the same settings.
            archive.writestr(ZipInfo(name, (2026, 1, 1, 0, 0, 0)), content)
    return target.getvalue()


def icon(name: str) -> bytes:
    """One of the app's icons as PNG: 192 x 192 in colour, or 32 x 32 in white on transparent."""
    return resources.files("bot.channels.teams").joinpath(name).read_bytes()


def manifest(app_id: str, url: str, wording: Wording) -> dict[str, Any]:
    """The manifest; English, with Spanish beside it."""
    base = url.rstrip("/")
    host = urlsplit(base).hostname or ""
    return {
        "$schema": f"{SCHEMAS}/MicrosoftTeams.schema.json",
        "manifestVersion": VERSION,
        "version": APP_VERSION,
        "id": app_id,
        **_shown(base, wording),
        "bots": [_bot(app_id, wording)],
        **_permissions(app_id),
        "validDomains": [host] if host else [],
    }


def _shown(base: str, wording: Wording) -> dict[str, Any]:
    """What people and administrators read of the app."""
    return {
        "developer": {
            "name": "Firstline",
            "websiteUrl": base,
            "privacyUrl": base,
            "termsOfUseUrl": base,
        },
        "name": {"short": "Firstline", "full": "Firstline support"},
        "description": {
            "short": wording.say("en", "teams.manifest.short"),
            "full": wording.say("en", "teams.manifest.full"),
        },
        "localizationInfo": {
            "defaultLanguageTag": "en",
            "additionalLanguages": [{"languageTag": "es", "file": _SPANISH_FILE}],
        },
        "icons": {"color": COLOR_ICON, "outline": OUTLINE_ICON},
        "accentColor": "#1F4E8C",
    }


def _bot(app_id: str, wording: Wording) -> dict[str, Any]:
    commands = [
        {
            "title": wording.say("en", f"teams.command.{name}.title"),
            "description": wording.say("en", f"teams.command.{name}.description"),
        }
        for name in COMMANDS
    ]
    return {
        "botId": app_id,
        "scopes": list(SCOPES),
        "isNotificationOnly": False,
        "supportsFiles": True,
        "commandLists": [{"scopes": list(SCOPES), "commands": commands}],
    }


def _permissions(app_id: str) -> dict[str, Any]:
    return {
        "permissions": ["identity", "messageTeamMembers"],
        # Without it the bot hears only mentions in a channel: no room, no help channels.
        "webApplicationInfo": {"id": app_id, "resource": f"api://botid-{app_id}"},
        "authorization": {
            "permissions": {
                "resourceSpecific": [{"name": "ChannelMessage.Read.Group", "type": "Application"}]
            }
        },
    }


def _localised(wording: Wording, language: str) -> dict[str, str]:
    texts = {
        "$schema": f"{SCHEMAS}/MicrosoftTeams.Localization.schema.json",
        "name.short": "Firstline",
        "name.full": "Firstline support",
        "description.short": wording.say(language, "teams.manifest.short"),
        "description.full": wording.say(language, "teams.manifest.full"),
    }
    for index, name in enumerate(COMMANDS):
        path = f"bots[0].commandLists[0].commands[{index}]"
        texts[f"{path}.title"] = wording.say(language, f"teams.command.{name}.title")
        texts[f"{path}.description"] = wording.say(language, f"teams.command.{name}.description")
    return texts


def _json(value: object) -> bytes:
    return json.dumps(value, ensure_ascii=False, indent=2).encode()
