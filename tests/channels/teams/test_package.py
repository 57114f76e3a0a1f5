"""The Teams app package: what Teams would refuse, and the version that rises."""

import json
import struct
import zlib
from collections.abc import Callable
from io import BytesIO
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import pytest

from bot import __version__, wording
from bot.channels.teams.manifest import COLOR_ICON, OUTLINE_ICON, package, package_files, version_after
from bot.channels.teams.package_rules import MANIFEST, faults_in_package
from bot.cli.operate.manifests import check_manifest, write_teams
from bot.domain.errors import ManifestInvalid, SettingsInvalid

APP_ID = "5f1c3b52-9c6e-4a53-8a55-6d4b7a2d1c01"
URL = "https://help.acme.org"
Change = Callable[[dict[str, Any]], object]


def files() -> dict[str, bytes]:
    return package_files(APP_ID, URL, wording.load(), "1.0.0")


def changed(change: Change, name: str = MANIFEST) -> dict[str, bytes]:
    made = files()
    read = json.loads(made[name])
    change(read)
    return made | {name: json.dumps(read).encode()}


def png(width: int, height: int, colours: int) -> bytes:
    """A picture without its pixels."""
    head = struct.pack(">IIBBBBB", width, height, 8, colours, 0, 0, 0)
    chunk = b"IHDR" + head
    return b"\x89PNG\r\n\x1a\n" + struct.pack(">I", 13) + chunk + struct.pack(">I", zlib.crc32(chunk))


def test_our_own_package_is_taken() -> None:
    assert faults_in_package(files()) == []


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (lambda m: m.update(id="app"), "id is 'app'; write the bot's Microsoft app id"),
        (lambda m: m.update(version="1.0"), "version is '1.0'; write three numbers"),
        (lambda m: m.update(version="01.0.0"), "version is '01.0.0'"),
        (lambda m: m.update(manifestVersion="new"), "manifestVersion is 'new'"),
        (lambda m: m["name"].update(short="x" * 31), "name.short has 31 characters; write 1 to 30"),
        (lambda m: m["name"].update(full="x" * 101), "name.full has 101"),
        (lambda m: m["description"].update(short="x" * 81), "description.short has 81"),
        (lambda m: m["description"].update(full=""), "description.full has 0"),
        (lambda m: m["developer"].update(name="x" * 33), "developer.name has 33"),
        (
            lambda m: m["developer"].update(privacyUrl="http://a.org"),
            "developer.privacyUrl is 'http://a.org'",
        ),
        (lambda m: m["developer"].pop("termsOfUseUrl"), "developer.termsOfUseUrl is missing"),
        (lambda m: m.update(accentColor="blue"), "accentColor is 'blue'; write # and six"),
        (lambda m: m.update(bots=[]), "bots has 0 entries"),
        (lambda m: m["bots"][0].update(scopes=["meeting"]), "bots[0].scopes has meeting"),
        (lambda m: m["bots"][0].update(botId=7), "bots[0].botId is no text"),
        (
            lambda m: m["bots"][0]["commandLists"][0].update(
                commands=[{"title": "x", "description": "y"}] * 13
            ),
            "commands has 13 entries",
        ),
        (
            lambda m: m["bots"][0]["commandLists"][0]["commands"][1].pop("title"),
            "bots[0].commandLists[0].commands[1].title is missing",
        ),
        (
            lambda m: m.update(validDomains=["https://a.org"]),
            "validDomains[0] is 'https://a.org'; write the name",
        ),
        (lambda m: m.update(validDomains=["a.org"] * 101), "validDomains has 101 entries"),
        (
            lambda m: m.update(supportsChannelFeatures="tier2"),
            "supportsChannelFeatures is 'tier2'; write tier1",
        ),
        (
            lambda m: m.pop("supportsChannelFeatures"),
            "supportsChannelFeatures is missing; a bot with the scope",
        ),
        (
            lambda m: m["bots"][0]["commandLists"][0].update(triggers=["hash"]),
            "bots[0].commandLists[0].triggers has hash; write mention, slash alone",
        ),
        (
            lambda m: m["bots"][0].update(supportsTargetedMessages="yes"),
            "bots[0].supportsTargetedMessages is neither true nor false",
        ),
        (
            lambda m: m["bots"][0].pop("supportsTargetedMessages"),
            "bots[0].supportsTargetedMessages is not true; commands behind a slash need it",
        ),
        (
            lambda m: m["localizationInfo"]["additionalLanguages"][0].update(file="fr.json"),
            "fr.json is missing",
        ),
        (lambda m: m["icons"].update(color="none.png"), "none.png is missing in the package"),
    ],
)
def test_what_teams_would_refuse_is_named(change: Change, told: str) -> None:
    (fault,) = faults_in_package(changed(change))
    assert told in fault
    assert fault.endswith(".")


def test_a_package_of_an_older_schema_is_held_to_that() -> None:
    def older(manifest: dict[str, Any]) -> None:
        manifest["manifestVersion"] = "1.22"
        del manifest["supportsChannelFeatures"]

    assert faults_in_package(changed(older)) == []


@pytest.mark.parametrize(
    ("name", "content", "told"),
    [
        (COLOR_ICON, png(96, 96, 6), "96 x 96 pixels; draw it in 192 x 192"),
        (OUTLINE_ICON, png(32, 32, 2), "no transparency"),
        (OUTLINE_ICON, b"GIF89a", "is no PNG"),
        ("es.json", b"{}", "name.short is missing"),
        ("es.json", b"no", "no JSON object"),
        (MANIFEST, b"\xff", "no JSON object"),
    ],
)
def test_what_is_wrong_with_its_files_is_named(name: str, content: bytes, told: str) -> None:
    found = faults_in_package(files() | {name: content})
    assert any(told in fault and fault.startswith(name) for fault in found)


def test_all_faults_are_told_at_once() -> None:
    def spoil(manifest: dict[str, Any]) -> None:
        manifest.update(id="x", version="y", accentColor="z")

    assert len(faults_in_package(changed(spoil) | {COLOR_ICON: b""})) == 4


# --- the version ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("earlier", "following"),
    [
        ("", __version__),
        ("0.0.9", __version__),
        (__version__, "0.1.1"),
        ("1.0.0", "1.0.1"),
        ("1.9.9", "1.9.10"),
    ],
)
def test_a_version_is_higher_than_the_one_before(earlier: str, following: str) -> None:
    assert version_after(earlier) == following


def version_of(path: Path) -> str:
    with ZipFile(path) as archive:
        return str(json.loads(archive.read(MANIFEST))["version"])


def test_each_change_of_the_package_raises_its_version(tmp_path: Path) -> None:
    path = tmp_path / "t.zip"
    write_teams(APP_ID, URL, path, "")
    first, content = version_of(path), path.read_bytes()
    write_teams(APP_ID, f"{URL}/", path, "")
    assert path.read_bytes() == content, "the same again is the same package"
    write_teams(APP_ID, "https://it.acme.org", path, "")
    assert version_of(path) == version_after(first)
    write_teams(APP_ID, "https://it.acme.org", path, "1.4.2")
    assert version_of(path) == "1.4.3", "the one that Teams has counts too"
    write_teams("6f1c3b52-9c6e-4a53-8a55-6d4b7a2d1c01", URL, path, "")
    assert version_of(path) == first, "another app has versions of its own"


def test_nothing_else_is_overwritten(tmp_path: Path) -> None:
    path = tmp_path / "thesis.zip"
    path.write_text("chapter one")
    with pytest.raises(ManifestInvalid, match=r"thesis\.zip is no app package"):
        write_teams(APP_ID, URL, path, "")
    assert path.read_text() == "chapter one"


def test_every_option_that_is_wrong_is_told_at_once(tmp_path: Path) -> None:
    with pytest.raises(SettingsInvalid) as told:
        write_teams("{" + APP_ID + "}", "https://u:secret@localhost:8443/x?y", tmp_path / "t.zip", "new")
    lines = str(told.value).splitlines()[1:]
    assert [line.split(":")[0].strip(" -") for line in lines] == ["app-id", *["url"] * 4, "above"]
    assert "secret" not in str(told.value)
    assert list(tmp_path.iterdir()) == []


def test_an_edited_package_is_checked(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "t.zip"
    path.write_bytes(package(changed(lambda m: m.update(accentColor="blue"))))
    assert check_manifest(path) == 1
    assert "accentColor is 'blue'" in capsys.readouterr().out
    path.write_bytes(package(files()))
    assert check_manifest(path) == 0
    (tmp_path / "m.json").write_bytes(files()[MANIFEST])
    assert check_manifest(tmp_path / "m.json") == 0
    with BytesIO() as target, ZipFile(target, "w") as archive:
        archive.writestr("folder/manifest.json", "{}")
        archive.close()
        path.write_bytes(target.getvalue())
    assert check_manifest(path) == 1
    assert "at the top of the package" in capsys.readouterr().out
