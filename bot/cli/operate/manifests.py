"""Writes and checks the manifests of the Slack and Teams apps: `firstline manifest`."""

import json
from io import BytesIO
from pathlib import Path
from typing import Any
from zipfile import BadZipFile, ZipFile

from bot import wording
from bot.cli import terminal
from bot.cli.content.check import content_settings, has_content, source_of
from bot.desk.knowledge.examples import choose_examples
from bot.domain.brand import FIRSTLINE, Brand
from bot.domain.diagnosis import counted
from bot.domain.errors import ManifestInvalid, SettingsInvalid
from bot.runtime.network.public_address import faults_in
from bot.server.settings import Settings, complain, read

TEAMS_ICON = 192  # pixels on a side
LARGEST = 10_000_000  # bytes of a package, unpacked
_AN_ID = "one looks like 11111111-2222-3333-4444-555555555555."


def print_slack(url: str, *, socket_mode: bool, several: bool = False) -> None:
    """Print the Slack manifest as JSON."""
    from bot.channels.slack.manifest import LONGEST_ADDRESS, faults, manifest

    if several and not url:
        raise SettingsInvalid(
            "--url: give the public https address of this server; Slack leads back to it after the consent."
        )
    if not url and not socket_mode:
        raise SettingsInvalid(
            "--url: give the public https address of this server, or use --socket-mode, which needs none."
        )
    if url:
        complain([f"--url: {fault}" for fault in faults_in(url, LONGEST_ADDRESS, any_port=True)])
    made = manifest(url, socket_mode, _brand(), _examples(), several=several)
    _refuse(faults(made))
    terminal.print_json(made, indent=2)


def _examples() -> tuple[str, ...]:
    """Examples of what the operator's own content answers; none where there is no content yet."""
    from bot.channels.slack.manifest import MOST_PROMPTS

    settings = content_settings(None, None)
    if not has_content(settings):
        return ()
    content = source_of(settings, None, None).load()
    if any(problem.error for problem in content.problems):
        return ()
    return tuple(example.text for example in choose_examples(content, settings.language, MOST_PROMPTS))


def write_teams(app_id: str, url: str, output: Path, installed: str) -> None:
    """Write the Teams app package, under a higher version than the one that it replaces.

    That is the one that is there, or `installed`, the version that Teams names.
    """
    from bot.channels.teams.manifest import package
    from bot.channels.teams.package_rules import faults_in_package

    complain(_wrong_options(app_id, url, installed))
    before = _unpacked(output) if output.exists() or output.is_symlink() else {}
    files, version = _numbered(app_id, url.rstrip("/"), before, installed)
    _refuse(faults_in_package(files))
    console = terminal.console(errors=True, wraps=True)
    if files == before:
        console.tell(f"{output} is as it should be already, in version {version}.")
        return
    output.write_bytes(package(files))
    console.tell(
        f"Wrote {output}, version {version}: in the Teams admin center under Teams apps, Manage apps, upload "
        "it as a new app, or on the page of the app that is there with “Upload file” "
        "(`firstline docs teams`)."
    )


def check_manifest(file: Path) -> int:
    """Print for what Slack or Teams would refuse a manifest or package; return the exit code."""
    from bot.channels.slack import manifest as slack
    from bot.channels.teams.package_rules import faults_in_manifest, faults_in_package

    content = file.read_bytes()
    read = None if _is_package(content) else _object(content)
    if read is None:
        kind, faults = "Teams", faults_in_package(_unpacked(file))
    elif "manifestVersion" in read:
        kind, faults = "Teams", faults_in_manifest(read)
    else:
        kind, faults = "Slack", slack.faults(read)
    console = terminal.console(wraps=True)
    for fault in faults:
        console.tell(f"{file}: {fault}", style="red")
    told = counted(len(faults), "fault", "faults") if faults else "nothing for which it would refuse this"
    console.tell(f"{file}: {kind} finds {told}.")
    return 1 if faults else 0


def write_icon(output: Path) -> None:
    """Write the icon of the Slack app: the brand's logo, else Firstline's mark."""
    from bot.channels.slack.manifest import icon

    output.write_bytes(_brand().logo or icon())
    terminal.console(errors=True, wraps=True).tell(
        f"Wrote {output}: on api.slack.com/apps, upload it under Basic Information, Display Information."
    )


def _brand() -> Brand:
    mistakes: list[str] = []
    settings = read(Settings, mistakes)
    complain(mistakes)
    return settings.brand if settings is not None else FIRSTLINE


def _wrong_options(app_id: str, url: str, installed: str) -> list[str]:
    from bot.channels.teams.manifest import is_version
    from bot.channels.teams.package_rules import LONGEST_BASE, is_guid

    found = []
    if not app_id:
        found.append("--app-id: give the bot's Microsoft app id, or set MICROSOFT_APP_ID.")
    elif not is_guid(app_id):
        found.append(f"--app-id: {app_id} is no Microsoft app id; {_AN_ID}")
    if not url:
        found.append("--url: give the public https address of this server; the package names it.")
    else:
        found += [f"--url: {fault}" for fault in faults_in(url, LONGEST_BASE, any_port=False)]
    if installed and not is_version(installed):
        found.append(
            f"--above: {installed} is no version; write the three numbers that Teams shows, such as 1.0.3."
        )
    return found


def _numbered(
    app_id: str, url: str, before: dict[str, bytes], installed: str
) -> tuple[dict[str, bytes], str]:
    """The package's files, and their version: that of the package before where nothing else is to change."""
    from bot.channels.teams.manifest import is_version, numbers_of, package_files, version_after
    from bot.channels.teams.package_rules import MANIFEST
    from bot.knowledge.files.picture_encoder import square_icon

    brand = _brand()
    words = wording.load(brand)
    icon = square_icon(brand.logo, TEAMS_ICON) if brand.logo else b""
    earlier = _object(before.get(MANIFEST, b"")) or {}
    version = str(earlier.get("version", "")) if earlier.get("id") == app_id else ""
    known = [one for one in (version, installed) if is_version(one)]
    highest = max(known, key=numbers_of, default="")
    # A new release has a new version, even where it changes nothing in the package.
    if highest and version == highest != installed and numbers_of(version) >= numbers_of(version_after("")):
        same = package_files(app_id, url, words, version, brand, icon)
        if same == before:
            return same, version
    following = version_after(highest)
    return package_files(app_id, url, words, following, brand, icon), following


def _unpacked(file: Path) -> dict[str, bytes]:
    content = file.read_bytes()
    try:
        with ZipFile(BytesIO(content)) as archive:
            if sum(entry.file_size for entry in archive.infolist()) > LARGEST:
                raise ManifestInvalid(
                    f"{file} holds more than {LARGEST // 1_000_000} MB; no package is so large."
                )
            return {entry.filename: archive.read(entry) for entry in archive.infolist() if not entry.is_dir()}
    except (BadZipFile, NotImplementedError, RuntimeError, OSError) as error:
        raise ManifestInvalid(
            f"{file} is no app package that can be read ({error}); name another file, or remove this one."
        ) from error


def _is_package(content: bytes) -> bool:
    return content.startswith(b"PK")


def _object(content: bytes) -> dict[str, Any] | None:
    try:
        read = json.loads(content.decode("utf-8-sig"))
    except (ValueError, RecursionError):
        return None
    return read if isinstance(read, dict) else None


def _refuse(faults: list[str]) -> None:
    if faults:
        lines = "\n".join(f"  - {fault}" for fault in faults)
        raise ManifestInvalid(f"This would be refused. Correct these and make it again:\n{lines}")
