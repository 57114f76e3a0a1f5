"""The desk on one machine with compose: what it may, what it is told, in which order it starts."""

import re
from typing import Any

import pytest
import yaml
from pydantic_settings import BaseSettings

from bot.runtime.secret_files import SUFFIX, secrets_of
from bot.server.application import SHUTDOWN_SECONDS
from bot.server.plugins import known_names, settings_models
from bot.server.settings import Settings
from tests.support.paths import ROOT

FOLDER = ROOT / "deploy"
COMPOSE: dict[str, Any] = yaml.safe_load((FOLDER / "compose.yaml").read_text(encoding="utf-8"))
SERVICES: dict[str, dict[str, Any]] = COMPOSE["services"]
OURS = ("migrate", "firstline")
each_service = pytest.mark.parametrize("name", SERVICES)


@each_service
def test_a_service_has_no_right_that_it_does_not_need(name: str) -> None:
    service = SERVICES[name]
    assert service["read_only"] is True
    assert service["cap_drop"] == ["ALL"]
    assert service["security_opt"] == ["no-new-privileges:true"]
    assert not {"privileged", "cap_add", "network_mode", "pid", "devices"} & set(service)
    assert re.fullmatch(r"[a-z]+:\S+", service["image"]), "a name and its version"


@each_service
def test_every_secret_is_a_file_that_the_service_is_given(name: str) -> None:
    service = SERVICES[name]
    files = {key: value for key, value in service["environment"].items() if key.endswith(SUFFIX)}
    assert files
    assert {f"/run/secrets/{secret}" for secret in service["secrets"]} == set(files.values())
    models: list[type[BaseSettings]] = [Settings, *settings_models().values()]
    secret = {known for model in models for known in secrets_of(model).values()}
    assert not set(service["environment"]) & secret
    assert [key for key in service["environment"] if "PASSWORD" in key and not key.endswith(SUFFIX)] == []


def test_there_is_no_default_for_any_secret() -> None:
    assert {name: set(place) for name, place in COMPOSE["secrets"].items()} == {
        name: {"file"} for service in SERVICES.values() for name in service["secrets"]
    }
    ignored = (ROOT / ".gitignore").read_text(encoding="utf-8").splitlines()
    for place in COMPOSE["secrets"].values():
        assert f"/deploy/{place['file'].partition('/')[0]}/" in ignored
        assert not (FOLDER / place["file"]).exists()
    assert "/deploy/firstline.env" in ignored


@pytest.mark.parametrize("name", OURS)
def test_every_variable_is_a_setting(name: str) -> None:
    assert set(SERVICES[name]["environment"]) <= set(known_names(Settings))


def test_the_database_is_ready_and_migrated_before_the_server_starts() -> None:
    assert SERVICES["migrate"]["command"] == ["migrate"]
    assert SERVICES["migrate"]["depends_on"] == {"database": {"condition": "service_healthy"}}
    assert SERVICES["firstline"]["depends_on"] == {
        "database": {"condition": "service_healthy"},
        "migrate": {"condition": "service_completed_successfully"},
    }
    assert "healthcheck" in SERVICES["database"]
    assert "command" not in SERVICES["firstline"]


def test_the_database_is_reached_from_inside_alone_and_the_server_from_this_machine() -> None:
    assert COMPOSE["networks"]["inside"] == {"internal": True}
    assert SERVICES["database"]["networks"] == ["inside"] == SERVICES["migrate"]["networks"]
    assert "ports" not in SERVICES["database"]
    assert [port.split(":")[0] for port in SERVICES["firstline"]["ports"]] == ["127.0.0.1"]


def test_what_is_kept_has_a_volume_with_a_name() -> None:
    named = {
        volume.partition(":")[0]
        for service in SERVICES.values()
        for volume in service.get("volumes", [])
        if not volume.startswith(".")
    }
    assert named == set(COMPOSE["volumes"])
    for name in OURS:  # a setting that names a file of the content is read by both
        assert "./content:/srv/firstline:ro" in SERVICES[name]["volumes"]


def test_the_server_has_the_time_to_end() -> None:
    assert int(SERVICES["firstline"]["stop_grace_period"].removesuffix("s")) > SHUTDOWN_SECONDS * 2 - 5


def test_the_override_that_the_documentation_shows_fits() -> None:
    page = (ROOT / "docs/operations.md").read_text(encoding="utf-8")
    (shown,) = re.findall(r"`compose.override.yaml`.*?^```yaml\n(.*?)^```", page, re.MULTILINE | re.DOTALL)
    override = yaml.safe_load(shown)
    server = override["services"]["firstline"]
    assert set(server["environment"]) <= set(known_names(Settings))
    assert {path.rpartition("/")[2] for path in server["environment"].values()} == set(override["secrets"])
    assert set(server["secrets"]) == set(override["secrets"]) | set(SERVICES["firstline"]["secrets"])


def test_the_image_is_built_from_the_checkout() -> None:
    build = SERVICES["firstline"]["build"]
    assert (FOLDER / build["context"]).resolve() == ROOT
    assert (ROOT / build["dockerfile"]).is_file()
