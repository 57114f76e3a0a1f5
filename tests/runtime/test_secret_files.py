"""Secrets from files: each setting that is a secret, of every package, can come as NAME_FILE."""

import os
import re
from pathlib import Path

import pytest
from pydantic import Field, SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict

from bot.runtime.network.outgoing import Proxies
from bot.runtime.secret_files import LARGEST, SUFFIX, file_names, secrets_of
from bot.server import plugins
from bot.server.plugins import Kind, exposed_secrets, settings_models
from bot.server.settings import Settings, env_names, read, read_core, unknown
from tests.support.e2e.commands import CONTENT, good, refused
from tests.support.unreadable import open_folder, without_rights

MODELS: dict[str, type[BaseSettings]] = {"core": Settings, "proxies": Proxies, **settings_models()}
EVERY = [(part, field, name) for part, model in MODELS.items() for field, name in secrets_of(model).items()]
SECRET = "correct-horse-battery-staple"
each_secret = pytest.mark.parametrize(("part", "field", "name"), EVERY, ids=[name for _, _, name in EVERY])


@pytest.fixture(autouse=True)
def _nowhere(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)


def given(model: type[BaseSettings], field: str) -> tuple[str, list[str]]:
    """What a model is given for a field, and the mistakes."""
    mistakes: list[str] = []
    settings = read(model, mistakes)
    value = getattr(settings, field, "")
    return value.get_secret_value() if isinstance(value, SecretStr) else str(value), mistakes


def test_every_setting_that_is_called_a_secret_is_one() -> None:
    called = re.compile(r"(?:TOKENS?|SECRETS?|PASSWORDS?|KEYS?|PROXY)$")
    names = {name for model in MODELS.values() for name in env_names(model) if called.search(name)}
    assert names - {"NO_PROXY"} <= {name for _, _, name in EVERY}
    assert "FIRSTLINE_DATABASE_URL" in {name for _, _, name in EVERY}
    assert len(EVERY) == len({name for _, _, name in EVERY}), "one file, read for one model"


@pytest.mark.parametrize("part", MODELS)
def test_no_model_prints_its_secrets(part: str, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in secrets_of(MODELS[part]).values():
        monkeypatch.setenv(name, SECRET)
    settings = read(MODELS[part], [])
    assert settings is not None
    assert SECRET not in repr(settings)
    assert SECRET not in str(settings)


@each_secret
@pytest.mark.parametrize("end", ["", "\n", "\r\n"], ids=["nothing", "lf", "crlf"])
def test_a_secret_is_read_from_its_file(
    part: str, field: str, name: str, end: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    file = tmp_path / "secret"
    file.write_bytes(f"{SECRET}{end}".encode())
    monkeypatch.setenv(f"{name}{SUFFIX}", str(file))
    assert given(MODELS[part], field) == (SECRET, [])


@each_secret
def test_a_file_may_be_named_in_the_env_file_as_well(
    part: str, field: str, name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "secret").write_text(SECRET)
    (tmp_path / ".env").write_text(f"{name}{SUFFIX}=secret\n")
    assert given(MODELS[part], field) == (SECRET, [])
    monkeypatch.setenv(
        f"{name}{SUFFIX}", ""
    )  # nothing is no file, and the environment wins only with something
    monkeypatch.setenv(name, SECRET)
    assert [name in mistake for mistake in given(MODELS[part], field)[1]] == [True]


@each_secret
def test_both_are_a_mistake(
    part: str, field: str, name: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    file = tmp_path / "secret"
    file.write_text(SECRET)
    monkeypatch.setenv(name, SECRET)
    monkeypatch.setenv(f"{name}{SUFFIX}", str(file))
    _, mistakes = given(MODELS[part], field)
    assert mistakes == [f"{name}{SUFFIX}: {name} is set, too; keep one of the two."]


def prepared(kind: str, folder: Path) -> str:
    """A path whose file has one fault."""
    path = folder / "secret"
    if kind == "directory":
        path.mkdir()
    elif kind == "pipe":
        os.mkfifo(path)
    elif kind != "absent":
        data = {"empty": b"", "blank": b" \n", "latin-1": b"contrase\xf1a", "large": b"x" * (LARGEST + 1)}
        path.write_bytes(data.get(kind, SECRET.encode()))
        path.chmod(0o000 if kind == "unreadable" else 0o644)
    return str(path)


FAULTS = {
    "absent": "write the path",
    "unreadable": "chmod 600",
    "directory": "name the file",
    "pipe": "name the file",
    "empty": "write the secret",
    "blank": "write the secret",
    "latin-1": "UTF-8",
    "large": "64 KB",
}


@pytest.mark.parametrize("kind", FAULTS)
def test_each_fault_of_a_file_has_its_remedy(kind: str, monkeypatch: pytest.MonkeyPatch) -> None:
    with open_folder() as folder:
        monkeypatch.chdir(folder)
        monkeypatch.setenv("SLACK_BOT_TOKEN_FILE", prepared(kind, folder))
        with without_rights():
            mistakes: list[str] = []
            plugins.configured(Kind.CHANNEL, demo=False, mistakes=mistakes)
        monkeypatch.undo()
    (mistake,) = mistakes  # that it is missing, too, would be a second word for the same
    assert mistake.startswith("SLACK_BOT_TOKEN_FILE: ")
    assert FAULTS[kind] in mistake


def test_all_of_them_are_told_at_once_with_the_other_mistakes(tmp_path: Path) -> None:
    wrong = {f"{name}{SUFFIX}": str(tmp_path / "none") for _, _, name in EVERY}
    told = refused(
        tmp_path, "serve", FIRSTLINE_PORT="99999", FIRSTLINE_SLACK_ROOM="general", **CONTENT, **wrong
    )
    assert [
        name for name in (*wrong, "FIRSTLINE_PORT", "FIRSTLINE_SLACK_ROOM") if f"- {name}" not in told
    ] == []
    assert "No channel" not in told


def test_a_channel_whose_only_secret_cannot_be_read_is_not_called_missing(tmp_path: Path) -> None:
    told = refused(tmp_path, "serve", FIRSTLINE_WEB_TOKENS_FILE="none", **CONTENT)
    assert "FIRSTLINE_WEB_TOKENS_FILE: there is no such file" in told
    assert "No channel" not in told


def test_a_secret_in_the_place_of_a_path_is_not_told(monkeypatch: pytest.MonkeyPatch) -> None:
    for _, _, name in EVERY:
        monkeypatch.setenv(f"{name}{SUFFIX}", SECRET)
    mistakes: list[str] = []
    read_core(mistakes)
    for kind in Kind:
        plugins.configured(kind, demo=False, mistakes=mistakes)
    assert len([mistake for mistake in mistakes if SUFFIX in mistake]) == len(EVERY)
    assert SECRET not in "".join(mistakes)


@pytest.mark.skipif(os.name != "posix", reason="other systems have other rights")
@pytest.mark.parametrize(
    ("mode", "owner", "told"),
    [
        (0o600, True, 0),
        (0o400, True, 0),
        (0o640, True, 1),
        (0o604, True, 1),
        (0o440, False, 0),
        (0o444, False, 1),
    ],
)
def test_a_file_that_others_may_read_is_told(
    mode: int, owner: bool, told: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "secret"
    file.write_text(SECRET)
    file.chmod(mode)
    if not owner:
        monkeypatch.setattr(os, "geteuid", lambda: os.getuid() + 1)
    for _, _, name in EVERY:
        monkeypatch.setenv(f"{name}{SUFFIX}", str(file))
    found = exposed_secrets(Settings)
    assert [f"{name}{SUFFIX}: other accounts" in one for _, _, name in EVERY for one in found].count(
        True
    ) == (told * len(EVERY))


def test_the_names_of_files_are_known(monkeypatch: pytest.MonkeyPatch) -> None:
    known = plugins.known_names(Settings)
    for model in MODELS.values():
        for name in file_names(model):
            monkeypatch.setenv(name, "x")
    monkeypatch.setenv("FIRSTLINE_LANGUAGE_FILE", "x")
    assert unknown(known) == ["FIRSTLINE_LANGUAGE_FILE"]


class OfSomebodyElse(BaseSettings):
    """A package's settings, of which nothing here was told."""

    model_config = SettingsConfigDict(env_prefix="FIRSTLINE_ELSE_", extra="ignore")

    token: SecretStr = SecretStr("")
    address: str = Field(default="", repr=False)
    name: str = ""


def test_the_secrets_of_a_new_package_can_come_from_files_by_themselves(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "secret").write_text(SECRET)
    for name in ("TOKEN", "ADDRESS", "NAME"):
        monkeypatch.setenv(f"FIRSTLINE_ELSE_{name}_FILE", "secret")
    assert [given(OfSomebodyElse, field) for field in ("token", "address", "name")] == [
        (SECRET, []),
        (SECRET, []),
        ("", []),
    ]


def test_a_command_works_with_a_database_from_a_file(tmp_path: Path) -> None:
    (tmp_path / "database_url").write_text("sqlite:///elsewhere.db\n")
    good(tmp_path, "migrate", FIRSTLINE_DATABASE_URL_FILE="database_url")
    assert (tmp_path / "elsewhere.db").exists()
