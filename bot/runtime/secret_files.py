"""Reads secrets from files: beside each setting NAME that is one, NAME_FILE may name a file with it."""

import os
import stat
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from pydantic import AliasChoices, SecretStr
from pydantic_settings import BaseSettings, DotEnvSettingsSource, EnvSettingsSource

SUFFIX = "_FILE"
LARGEST = 64 * 1024  # bytes
_OTHERS, _GROUP = 0o007, 0o070


def named(model: type[BaseSettings]) -> dict[str, str]:
    """The environment names that a settings model reads, by its fields."""
    prefix = str(model.model_config.get("env_prefix") or "")
    names = {}
    for field in model.model_fields:
        alias = _alias(model, field)
        names[field] = (alias or f"{prefix}{field}").upper()
    return names


def secrets_of(model: type[BaseSettings]) -> dict[str, str]:
    """The names of the settings that are secrets, by their fields: a `SecretStr`, or what is not printed."""
    return {
        field: name
        for field, name in named(model).items()
        if model.model_fields[field].annotation is SecretStr or not model.model_fields[field].repr
    }


def file_names(model: type[BaseSettings]) -> list[str]:
    """The names that name files."""
    return [f"{name}{SUFFIX}" for name in secrets_of(model).values()]


def read_files(model: type[BaseSettings], mistakes: list[str]) -> dict[str, Any]:
    """The secrets that stand in files, as the model is given them; what is wrong goes to `mistakes`."""
    environment = _environment(model)
    found: dict[str, Any] = {}
    for field, name in secrets_of(model).items():
        file = environment.get(f"{name}{SUFFIX}", "")
        fault = ""
        if file and environment.get(name):
            fault = f"{name} is set, too; keep one of the two"
        elif file:
            found[_alias(model, field) or field], fault = _read(Path(file))
        if fault:
            mistakes.append(f"{name}{SUFFIX}: {fault}.")
    return found


def unread(found: Sequence[str], told: Sequence[str]) -> list[str]:
    """What was found beside what was told: a secret whose file cannot be read is not also missing."""
    names = tuple(mistake.partition(f"{SUFFIX}: ")[0] for mistake in told if f"{SUFFIX}: " in mistake)
    return [mistake for mistake in found if not mistake.startswith(names)]


def exposed(model: type[BaseSettings]) -> Iterator[str]:
    """Files of secrets that other accounts may read, each with what to do."""
    environment = _environment(model)
    for name in file_names(model):
        path = Path(environment.get(name, ""))
        if path.is_file() and _is_open(path.stat()):
            yield (
                f"{name}: other accounts of this machine may read {path}; let it be this account's own, with "
                f"`chmod 600 {path}`."
            )


def _environment(model: type[BaseSettings]) -> dict[str, str]:
    # As pydantic reads it: `.env`, and the real environment, which wins.
    sources = DotEnvSettingsSource(model), EnvSettingsSource(model)
    return {name.upper(): value for source in sources for name, value in source.env_vars.items() if value}


def _alias(model: type[BaseSettings], field: str) -> str:
    alias = model.model_fields[field].validation_alias
    if isinstance(alias, AliasChoices):
        alias = str(alias.choices[0])
    return alias if isinstance(alias, str) else ""


def _read(path: Path) -> tuple[str, str]:
    """The secret that a file holds, or an empty text and what is wrong.

    What names no file is not repeated: somebody may have pasted the secret itself.
    """
    try:
        if not stat.S_ISREG(path.stat().st_mode):
            return "", f"{path} is no file; name the file that holds the secret"
        with path.open("rb") as file:
            data = file.read(LARGEST + 1)
        text = data.decode("utf-8-sig").rstrip("\r\n")
    except UnicodeDecodeError:
        return "", f"{path} is no text in UTF-8; write nothing but the secret into it"
    except PermissionError:
        return "", "this account may not read that file; make it this account's own, with chown and chmod 600"
    except (OSError, ValueError):
        return "", "there is no such file; write the path of one that holds the secret and nothing else"
    if len(data) > LARGEST:
        return (
            "",
            f"{path} has more than {LARGEST // 1024} KB; name the file that holds nothing but the secret",
        )
    return (text, "") if text.strip() else ("", f"{path} is empty; write the secret into it")


def _is_open(status: os.stat_result) -> bool:
    # Who reads another account's file by its group needs that right, as in a container.
    shut = _OTHERS | (_GROUP if status.st_uid == os.geteuid() else 0)
    return os.name == "posix" and bool(status.st_mode & shut)
