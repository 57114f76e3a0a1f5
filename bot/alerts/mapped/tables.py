"""Reads the file of tables, each of which describes the alerts of one system."""

import re
import tomllib
from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Any

from bot.alerts.mapping import AlertMap, table_of

LARGEST_BYTES = 256 * 1024
_NAME = re.compile(r"[a-z][a-z0-9-]{0,29}")


def tables_in(file: Path) -> dict[str, AlertMap]:
    """The tables of a file by name; those with faults are left out, and are told at the start."""
    values, _ = _parsed(file)
    tables = {name: table_of(table) for name, table in values.items() if isinstance(table, dict)}
    return {name: table for name, (table, faults) in tables.items() if not faults and _NAME.fullmatch(name)}


def faults_in(file: Path, tokens: Collection[str]) -> list[str]:
    """Every fault of a file, and where its tables and the secrets do not match."""
    values, fault = _parsed(file)
    if fault:
        return [fault]
    found = [] if values else ["the file has no table; write one such as [zabbix] for each system."]
    for name, table in values.items():
        if not isinstance(table, dict):
            found.append(f"'{name}' stands outside of a table; put it below a heading such as [zabbix].")
            continue
        if not _NAME.fullmatch(name):
            found.append(f"[{name}] is no name for a path; use small letters, digits and hyphens.")
        found += [f"in [{name}], {fault}" for fault in table_of(table)[1]]
        if name not in tokens:
            found.append(f"[{name}] has no secret; add {name}:secret to FIRSTLINE_MAPPED_ALERTS_TOKENS.")
    without = [name for name in tokens if name not in values]
    if without:
        found.append(
            f"secrets in FIRSTLINE_MAPPED_ALERTS_TOKENS without a table: {len(without)}; tables in the file: "
            f"{', '.join(values) or 'none'}."
        )
    return found


def _parsed(file: Path) -> tuple[Mapping[str, Any], str]:
    try:
        if file.stat().st_size > LARGEST_BYTES:
            return {}, f"the file is larger than {LARGEST_BYTES // 1024} KB; keep tables alone in it."
        return tomllib.loads(file.read_text(encoding="utf-8-sig")), ""
    except tomllib.TOMLDecodeError as error:
        return {}, f"the file is not TOML: {error}; correct it there."
    except UnicodeDecodeError:
        return {}, "the file is not UTF-8; save it so."
    except (OSError, ValueError):
        return {}, "the file cannot be read; see that the path and its rights are right."
