"""What is allowed and should not stay so."""

import os
from pathlib import Path

import pytest

from bot.server.settings import Settings, cautions
from tests.support.e2e.commands import CONTENT, good


def settings(url: str) -> Settings:
    return Settings(_env_file=None, public_url=url)  # type: ignore[call-arg]  # pydantic's own


@pytest.mark.parametrize(
    ("url", "told"),
    [
        ("http://help.example.com", True),
        ("https://help.example.com", False),
        ("http://127.0.0.1:3978", False),
        ("http://localhost", False),
        ("", False),
    ],
)
def test_an_address_that_everybody_on_the_way_can_read_is_told(url: str, told: bool, tmp_path: Path) -> None:
    found = cautions(settings(url), tmp_path / ".env")
    assert ["FIRSTLINE_PUBLIC_URL" in one and "https" in one for one in found] == [True] * told


@pytest.mark.skipif(os.name != "posix", reason="other systems have other rights")
@pytest.mark.parametrize(("mode", "told"), [(0o600, False), (0o400, False), (0o640, True), (0o644, True)])
def test_a_readable_env_is_told(mode: int, told: bool, tmp_path: Path) -> None:
    env = tmp_path / ".env"
    assert cautions(settings(""), env) == []
    env.write_text("")
    env.chmod(mode)
    assert ["chmod 600 .env" in one for one in cautions(settings(""), env)] == [True] * told


def test_check_tells_each_and_succeeds(tmp_path: Path) -> None:
    env, token = tmp_path / ".env", tmp_path / "token"
    env.write_text("FIRSTLINE_PUBLIC_URL=http://help.example.com\nFIRSTLINE_METRICS_TOKEN_FILE=token\n")
    token.write_text("6f1d0b7a2c9e4f5388aa01c3d2e4b6f7\n")
    for file in (env, token):
        file.chmod(0o644)
    said = good(tmp_path, "check", **CONTENT)
    assert "settings: warning: FIRSTLINE_PUBLIC_URL" in said
    assert "chmod 600 .env" in said
    assert "settings: warning: FIRSTLINE_METRICS_TOKEN_FILE" in said
    assert "chmod 600 token" in said
