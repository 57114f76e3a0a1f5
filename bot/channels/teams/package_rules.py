"""Tells what Teams would refuse in an app package: its manifest, its texts in other languages, its icons.

The limits are those of Microsoft's schema of the manifest, version 1.30.
"""

import json
import re
import struct
from collections.abc import Iterator, Mapping
from typing import Any

from bot.runtime.field_rules import FlagRule, ListRule, ObjectRule, Rule, TextRule, faults_in

MANIFEST = "manifest.json"
COLOR_SIZE, OUTLINE_SIZE = 192, 32  # pixels
LONGEST_ADDRESS = 2048
LONGEST_BASE = LONGEST_ADDRESS - len("/privacy")  # the longest path that the package puts behind it
_PNG = b"\x89PNG\r\n\x1a\n"
_WITH_ALPHA = (4, 6)  # types of colour
_GUID = r"[0-9a-fA-F]{8}-(?:[0-9a-fA-F]{4}-){3}[0-9a-fA-F]{12}"
_AN_ID = "write the bot's Microsoft app id, such as 11111111-2222-3333-4444-555555555555."
_HTTPS = "write an address that begins with https://."
_SCOPES = ("personal", "team", "groupChat", "copilot")
_DOMAIN = r"(?:\*\.)?[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)+"
_NUMBER = r"(?:0|[1-9][0-9]*)"
VERSION_FORM = rf"{_NUMBER}\.{_NUMBER}\.{_NUMBER}"
_LANGUAGE = r"[A-Za-z0-9]{1,8}(?:-[A-Za-z0-9]{1,8}){0,2}"
NEWEST = 30  # minor version of the schema
WITH_CHANNEL_FEATURES = 25  # the first minor version that asks for them
_COMMANDS = "bots[].commandLists[].commands"

_TEXTS: tuple[Rule, ...] = (
    TextRule(
        "manifestVersion", form=r"1\.[0-9]+|devPreview", remedy="write the schema's version, such as 1.30."
    ),
    TextRule("version", 256, form=VERSION_FORM, remedy="write three numbers with dots, such as 1.0.1."),
    TextRule("id", form=_GUID, remedy=_AN_ID),
    TextRule("developer.name", 32),
    *(
        TextRule(f"developer.{name}", LONGEST_ADDRESS, form=r"https://\S+", remedy=_HTTPS)
        for name in ("websiteUrl", "privacyUrl", "termsOfUseUrl")
    ),
    TextRule("name.short", 30),
    TextRule("name.full", 100, needed=False),
    TextRule("description.short", 80),
    TextRule("description.full", 4000),
    TextRule("icons.color"),
    TextRule("icons.outline"),
    TextRule(
        "accentColor",
        7,
        form="#[0-9a-fA-F]{6}",
        remedy="write # and six hexadecimal digits, such as #1F4E8C.",
    ),
    TextRule("bots[].botId", form=_GUID, remedy=_AN_ID),
    TextRule(f"{_COMMANDS}[].title", 128),
    TextRule(f"{_COMMANDS}[].description", 4000, needed=False),
    TextRule("supportsChannelFeatures", form="tier1", remedy="write tier1.", needed=False),
    TextRule(
        "localizationInfo.defaultLanguageTag",
        form=_LANGUAGE,
        remedy="write a language, such as en.",
        needed=False,
    ),
    TextRule(
        "localizationInfo.additionalLanguages[].languageTag",
        form=_LANGUAGE,
        remedy="write a language, such as es.",
    ),
    TextRule("localizationInfo.additionalLanguages[].file"),
    TextRule("validDomains[]", form=_DOMAIN, remedy="write the name alone, without https://, port and path."),
    TextRule("webApplicationInfo.id", form=_GUID, remedy=_AN_ID, needed=False),
    TextRule("authorization.permissions.resourceSpecific[].name", 128),
)
_LISTS: tuple[Rule, ...] = (
    ListRule("bots", 1, 1, needed=True),
    ListRule("bots[].scopes", 4, 1, _SCOPES, needed=True),
    ListRule("bots[].commandLists", 3),
    ListRule("bots[].commandLists[].scopes", 4, 1, _SCOPES, needed=True),
    ListRule("bots[].commandLists[].triggers", 2, 1, ("mention", "slash")),
    ListRule(_COMMANDS, 12, needed=True),
    ListRule("validDomains", 100),
    ListRule("authorization.permissions.resourceSpecific", 16),
)
_SHAPES: tuple[Rule, ...] = (
    *(
        ObjectRule(path)
        for path in (
            "developer",
            "name",
            "description",
            "icons",
            "bots[]",
            "bots[].commandLists[]",
            f"{_COMMANDS}[]",
            "localizationInfo",
            "localizationInfo.additionalLanguages[]",
            "webApplicationInfo",
            "authorization",
            "authorization.permissions",
            "authorization.permissions.resourceSpecific[]",
        )
    ),
    FlagRule("bots[].isNotificationOnly"),
    FlagRule("bots[].supportsFiles"),
    FlagRule("bots[].supportsTargetedMessages"),
    ListRule("permissions", 2, allowed=("identity", "messageTeamMembers")),
    ListRule("localizationInfo.additionalLanguages", 100),
    TextRule("webApplicationInfo.resource", 2048, needed=False),
    TextRule(
        "authorization.permissions.resourceSpecific[].type",
        form="Application|Delegated",
        remedy="write Application or Delegated.",
    ),
)
_LOCALISED: tuple[Rule, ...] = (
    TextRule("name.short", 30),
    TextRule("description.short", 80),
    TextRule("description.full", 4000),
)


def faults_in_package(files: Mapping[str, bytes]) -> list[str]:
    """Every fault of a package, by the names and contents of its files; each says its remedy."""
    if MANIFEST not in files:
        return [f"{MANIFEST} is missing at the top of the package; put it there, not into a folder."]
    manifest = _object(files[MANIFEST])
    if manifest is None:
        return [f"{MANIFEST} is no JSON object in UTF-8; correct it, or make the package anew."]
    found = [f"{MANIFEST}: {fault}" for fault in faults_in_manifest(manifest)]
    found += _faults_of_languages(manifest, files)
    found += _faults_of_icons(manifest, files)
    return found


def faults_in_manifest(manifest: Mapping[str, Any]) -> list[str]:
    """Every fault of a manifest alone, without the files that it names."""
    found = faults_in(manifest, (*_SHAPES, *_TEXTS, *_LISTS))
    return found or list(_faults_of_features(manifest))


def _faults_of_features(manifest: Mapping[str, Any]) -> Iterator[str]:
    """What one field asks of another, of a manifest whose fields are in order by themselves."""
    minor = manifest["manifestVersion"].partition(".")[2]
    in_teams = any("team" in bot["scopes"] for bot in manifest["bots"])
    if (
        in_teams
        and "supportsChannelFeatures" not in manifest
        and int(minor or NEWEST) >= WITH_CHANNEL_FEATURES
    ):
        yield "supportsChannelFeatures is missing; a bot with the scope team needs it: write tier1."
    for index, bot in enumerate(manifest["bots"]):
        slash = any("slash" in listed.get("triggers", ()) for listed in bot.get("commandLists", ()))
        if slash and bot.get("supportsTargetedMessages") is not True:
            place = f"bots[{index}].supportsTargetedMessages"
            yield f"{place} is not true; commands behind a slash need it: write true."


def is_guid(text: str) -> bool:
    """Whether a text is an id as Microsoft writes them."""
    return re.fullmatch(_GUID, text) is not None


def _faults_of_languages(manifest: Mapping[str, Any], files: Mapping[str, bytes]) -> Iterator[str]:
    info = manifest.get("localizationInfo")
    listed = info.get("additionalLanguages") if isinstance(info, dict) else None
    for entry in listed if isinstance(listed, list) else ():
        name = entry.get("file") if isinstance(entry, dict) else None
        if not isinstance(name, str):
            continue  # told with the manifest's own fields
        if name not in files:
            yield f"{name} is missing, and the manifest names it; add it, or take the language out."
            continue
        texts = _object(files[name])
        if texts is None:
            yield f"{name} is no JSON object in UTF-8; correct it."
            continue
        for rule in _LOCALISED:
            yield from (f"{name}: {fault}" for fault in faults_in(_as_one(texts, rule), (rule,)))


def _as_one(texts: Mapping[str, Any], rule: Rule) -> dict[str, Any]:
    # The keys of these files have their dots in them.
    first, second = rule.path.split(".")
    return {first: {second: texts[rule.path]}} if rule.path in texts else {}


def _faults_of_icons(manifest: Mapping[str, Any], files: Mapping[str, bytes]) -> Iterator[str]:
    icons = manifest.get("icons")
    for key, size in (("color", COLOR_SIZE), ("outline", OUTLINE_SIZE)):
        name = icons.get(key) if isinstance(icons, dict) else None
        if not isinstance(name, str):
            continue
        content = files.get(name)
        if content is None:
            yield f"{name} is missing in the package, and the manifest names it as icons.{key}; add it."
        elif content[:8] != _PNG or len(content) < 33:
            yield f"{name} is no PNG; save the icon as PNG."
        else:
            yield from _faults_of_png(name, content, size, clear=key == "outline")


def _faults_of_png(name: str, content: bytes, size: int, *, clear: bool) -> Iterator[str]:
    width, height, _, colours = struct.unpack(">IIBB", content[16:26])
    if (width, height) != (size, size):
        yield f"{name} has {width} x {height} pixels; draw it in {size} x {size}."
    if clear and colours not in _WITH_ALPHA and b"tRNS" not in content:
        yield f"{name} has no transparency; draw it in white on a transparent ground."


def _object(content: bytes) -> dict[str, Any] | None:
    try:
        read = json.loads(content.decode("utf-8-sig"))
    except (ValueError, RecursionError):
        return None
    return read if isinstance(read, dict) else None
