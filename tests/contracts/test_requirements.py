"""What is installed: every pin with hashes, the same in each file, and nothing that builds on a server."""

import re
import tomllib

import pytest

from tests.support.paths import ROOT

FILES = ("run.txt", "build.txt", "dev.txt", "deploy.txt")
BUILDS = {"hatchling", "editables", "setuptools", "wheel", "pip"}
_PIN = re.compile(r"^([a-z0-9][\w.\-]*)(?:\[[\w,]+\])?==(\S+)", re.MULTILINE)


def _text(name: str) -> str:
    return (ROOT / "requirements" / name).read_text(encoding="utf-8")


def _pins(name: str) -> set[tuple[str, str]]:
    return set(_PIN.findall(_text(name)))


def _names(name: str) -> set[str]:
    return {package for package, _ in _pins(name)}


def test_a_server_has_no_build_tools() -> None:
    assert _names("run.txt") & BUILDS == set()
    assert "aiohttp" in _names("run.txt")


def test_what_builds_is_locked_as_well() -> None:
    system = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["build-system"]
    assert set(system["requires"]) <= _names("build.txt")


def test_each_file_pins_the_same() -> None:
    assert _pins("run.txt") | _pins("build.txt") <= _pins("dev.txt")


@pytest.mark.parametrize("name", FILES)
def test_every_pin_has_its_hashes_and_no_registry_is_named(name: str) -> None:
    text = _text(name)
    entries = re.split(r"^(?=[a-z0-9][\w.\-\[\],]*==)", text, flags=re.MULTILINE)[1:]
    assert entries
    assert [entry.split()[0] for entry in entries if "--hash=sha256:" not in entry] == []
    assert not re.search(r"://|--(?:extra-)?index-url|--find-links|--trusted-host", text)
