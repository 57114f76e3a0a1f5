"""Renders the chart with Helm's own library, without a cluster."""

import json
import re
import shutil
import subprocess
import sys
from base64 import b64decode
from collections.abc import Mapping
from importlib.util import find_spec
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import yaml

from tests.support.paths import ROOT
from tests.support.patience import PATIENCE

CHART = ROOT / "deploy/helm/firstline"
INFO = 1  # the highest severity of what is no more than advice
# The linter renders each template, and says on standard error what a template fails with, without failing.
PROBE = """
{{- range $file := list %s }}
{{- fail (printf "%%s:%%s" $file (include (print $.Template.BasePath "/" $file) $ | b64enc)) }}
{{- end }}
"""
LINT = """
import ctypes, sys
helm = ctypes.CDLL(sys.argv[1])
helm.helm_sdkpy_last_error.restype = ctypes.c_char_p
handle, result = ctypes.c_ulonglong(), ctypes.c_char_p()
failed = helm.helm_sdkpy_config_create(b"default", b"", b"", b"", ctypes.byref(handle))
failed = failed or helm.helm_sdkpy_lint(handle, sys.argv[2].encode(), ctypes.byref(result))
sys.exit(helm.helm_sdkpy_last_error().decode()) if failed else print(result.value.decode())
"""
_SHOWN = re.compile(r'message="?([\w.-]+):([A-Za-z0-9+/=]*)"?$', re.MULTILINE)


def helm() -> Path | None:
    """Helm's library, where it is installed and made for this machine."""
    found = find_spec("helm_sdkpy")
    folders = found.submodule_search_locations if found is not None else None
    library = Path(folders[0], "_lib/linux-amd64/libhelm_sdkpy.so") if folders else Path()
    return library if library.is_file() and sys.platform == "linux" else None


def lint(values: Mapping[str, Any]) -> tuple[int, dict[str, str]]:
    """The highest severity that Helm's linter finds with these values, and what each template renders."""
    library = helm()
    assert library is not None
    templates = sorted(path.name for path in (CHART / "templates").iterdir() if path.name != "_helpers.tpl")
    with TemporaryDirectory() as folder:
        chart = Path(folder, "firstline")
        shutil.copytree(CHART, chart)
        given = merged(yaml.safe_load((chart / "values.yaml").read_text(encoding="utf-8")), values)
        (chart / "values.yaml").write_text(json.dumps(given), encoding="utf-8")
        probe = PROBE % " ".join(json.dumps(name) for name in templates)
        (chart / "templates/zz-probe.yaml").write_text(probe, encoding="utf-8")
        done = subprocess.run(
            [sys.executable, "-c", LINT, str(library), str(chart)],
            capture_output=True,
            text=True,
            check=True,
            timeout=PATIENCE,
        )
    severity = max(message["Severity"] for message in json.loads(done.stdout)["Messages"])
    return severity, {name: b64decode(text).decode() for name, text in _SHOWN.findall(done.stderr)}


def rendered(values: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The objects of a release with these values; Helm must have nothing against them."""
    severity, texts = lint(values)
    assert severity <= INFO
    documents = [
        one for name, text in texts.items() if name.endswith(".yaml") for one in yaml.safe_load_all(text)
    ]
    return [document for document in documents if document]


def merged(base: Mapping[str, Any], over: Mapping[str, Any]) -> dict[str, Any]:
    """Values over others, as Helm lays them: maps are joined, everything else is replaced."""
    both = dict(base)
    for name, value in over.items():
        before = both.get(name)
        joined = isinstance(value, Mapping) and isinstance(before, Mapping)
        both[name] = merged(before, value) if joined else value  # type: ignore[arg-type]  # both are maps then
    return both
