"""The Teams app package: a zip of the manifest, its Spanish texts and two icons."""

import json
import re
from collections.abc import Mapping
from importlib import resources
from io import BytesIO
from typing import Any
from urllib.parse import urlsplit
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

from bot import __version__
from bot.channels.teams.package_rules import MANIFEST, VERSION_FORM
from bot.desk.ports.wording import Wording
from bot.domain.brand import FIRSTLINE, Brand

VERSION = "1.30"  # of the schema: the first in which commands have slash triggers
SCHEMAS = f"https://developer.microsoft.com/json-schemas/teams/v{VERSION}"
_NUMBERS = re.compile(r"\d+\.\d+\.\d+")
COMMANDS = ("help", "tickets", "person")
SCOPES = ("personal", "team", "groupChat")
TRIGGERS = ("mention", "slash")
COLOR_ICON, OUTLINE_ICON = "color.png", "outline.png"
_SPANISH_FILE = "es.json"


def package_files(
    app_id: str, url: str, wording: Wording, version: str, brand: Brand = FIRSTLINE, icon_192: bytes = b""
) -> dict[str, bytes]:
    """The files of the package, by their names; `url` is where the bot is reached from outside.

    `icon_192` is the brand's logo in the size of the icon in colour, where there is one.
    """
    return {
        MANIFEST: _json(manifest(app_id, url, wording, version, brand)),
        _SPANISH_FILE: _json(_localised(wording, "es", brand)),
        COLOR_ICON: icon_192 or icon(COLOR_ICON),
        OUTLINE_ICON: icon(OUTLINE_ICON),
    }


def package(files: Mapping[str, bytes]) -> bytes:
    """The zip to upload in the Teams admin centre."""
    target = BytesIO()
    with ZipFile(target, "w", ZIP_DEFLATED) as archive:
        for name, content in files.items():
            # A fixed time makes the same package from the same settings.
            archive.writestr(ZipInfo(name, (2026, 1, 1, 0, 0, 0)), content)
    return target.getvalue()


def version_after(earlier: str) -> str:
    """The version of a package that replaces another: Teams takes no package whose version is not higher.

    It is this release's; where that is no higher, the earlier one's with its last number raised. `earlier` is
    empty where there is none.
    """
    release = _NUMBERS.match(__version__)
    own = release[0] if release else "1.0.0"
    if not earlier or numbers_of(own) > numbers_of(earlier):
        return own
    *first, last = numbers_of(earlier)
    return ".".join(map(str, (*first, last + 1)))


def is_version(text: str) -> bool:
    """Whether a text is a version as Teams takes it: three numbers with dots."""
    return re.fullmatch(VERSION_FORM, text) is not None and len(text) <= 256


def numbers_of(version: str) -> tuple[int, ...]:
    """The numbers of a version, to compare it with others."""
    return tuple(map(int, version.split(".")))


def icon(name: str) -> bytes:
    """One of the app's icons as PNG: 192 x 192 in colour, or 32 x 32 in white on transparent."""
    return resources.files("bot.channels.teams").joinpath(name).read_bytes()


def manifest(
    app_id: str, url: str, wording: Wording, version: str, brand: Brand = FIRSTLINE
) -> dict[str, Any]:
    """The manifest; English, with Spanish beside it."""
    base = url.rstrip("/")
    host = urlsplit(base).hostname or ""
    return {
        "$schema": f"{SCHEMAS}/MicrosoftTeams.schema.json",
        "manifestVersion": VERSION,
        "version": version,
        "id": app_id,
        **_shown(base, wording, brand),
        "bots": [_bot(app_id, wording)],
        # Shared and private channels take the app; since 1.25 no package for teams is taken without it.
        "supportsChannelFeatures": "tier1",
        **_permissions(app_id),
        "validDomains": [host] if host else [],
    }


def _shown(base: str, wording: Wording, brand: Brand) -> dict[str, Any]:
    """What people and administrators read of the app."""
    return {
        "developer": {
            "name": brand.name,
            # The page has all three.
            "websiteUrl": f"{base}/about",
            "privacyUrl": f"{base}/privacy",
            "termsOfUseUrl": f"{base}/terms",
        },
        "name": {"short": brand.name, "full": wording.say("en", "teams.manifest.name")},
        "description": {
            "short": wording.say("en", "teams.manifest.short"),
            "full": wording.say("en", "teams.manifest.full"),
        },
        "localizationInfo": {
            "defaultLanguageTag": "en",
            "additionalLanguages": [{"languageTag": "es", "file": _SPANISH_FILE}],
        },
        "icons": {"color": COLOR_ICON, "outline": OUTLINE_ICON},
        "accentColor": brand.light,
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
        # What somebody writes after a slash reaches the bot alone.
        "supportsTargetedMessages": True,
        "commandLists": [{"scopes": list(SCOPES), "triggers": list(TRIGGERS), "commands": commands}],
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


def _localised(wording: Wording, language: str, brand: Brand) -> dict[str, str]:
    texts = {
        "$schema": f"{SCHEMAS}/MicrosoftTeams.Localization.schema.json",
        "name.short": brand.name,
        "name.full": wording.say(language, "teams.manifest.name"),
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
