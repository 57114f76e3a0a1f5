"""How the image is built, read line by line; `make image` builds and starts it."""

import importlib.util
import json
import os
import re
import shutil
import subprocess
import sys
import tomllib
from fnmatch import fnmatch
from importlib.util import find_spec
from pathlib import Path
from types import ModuleType

import pytest
import yaml

from bot.server.plugins import known_names
from bot.server.settings import Settings
from tests.support.paths import ROOT
from tests.support.patience import PATIENCE

FILE = ROOT / "deploy/image/Containerfile"
_STAGE = re.compile(r"^FROM .*$", re.MULTILINE)


def steps() -> list[tuple[str, str]]:
    """The instructions, each as its name and what follows."""
    text = re.sub(r"\\\n\s*", "", re.sub(r"^#.*\n", "", FILE.read_text(encoding="utf-8"), flags=re.MULTILINE))
    return [
        (name, rest.strip()) for name, _, rest in (line.partition(" ") for line in text.splitlines()) if name
    ]


def of_the_result(name: str) -> list[str]:
    """What the instructions of one name say in the last stage."""
    every = steps()
    last = max(place for place, (step, _) in enumerate(every) if step == "FROM")
    return [rest for step, rest in every[last:] if step == name]


def only(name: str) -> str:
    (rest,) = of_the_result(name)
    return rest


def root_script() -> ModuleType:
    spec = importlib.util.spec_from_file_location("root", FILE.parent / "root.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_hadolint_finds_nothing() -> None:
    tool = shutil.which("hadolint", path=str(Path(sys.executable).parent))
    if tool is None:
        pytest.skip("hadolint is not installed: make deploy-tools")
    done = subprocess.run(
        [tool, "--no-color", str(FILE)], capture_output=True, text=True, timeout=PATIENCE, check=False
    )
    assert (done.returncode, done.stdout) == (0, "")


def test_what_builds_is_locked_with_hashes_and_stays_behind() -> None:
    installs = [
        part for name, rest in steps() if name == "RUN" for part in rest.split("&&") if " pip " in part
    ]
    assert len(installs) == 4
    for part in installs:
        assert "--no-cache-dir" in part
        assert "--require-hashes -r requirements/" in re.sub(r"\s+", " ", part) or "--no-index" in part
    assert of_the_result("FROM") == ["scratch"]
    assert of_the_result("RUN") == []
    assert of_the_result("COPY") == ["--from=build /image /"]


def test_the_base_is_an_argument_and_no_registry_is_named() -> None:
    (first, *_), bases = steps(), [rest for name, rest in steps() if name == "FROM"]
    assert first[0] == "ARG"
    assert first[1].startswith("BASE=")
    assert bases[0].startswith("${BASE} ")
    assert not re.search(r"\w\.(?:io|com|dev|org)/", first[1])


def test_it_runs_as_nobody_of_note_and_ends_when_asked() -> None:
    owner = str(root_script().OWNER)
    chart = (ROOT / "deploy/helm/firstline/templates/_helpers.tpl").read_text(encoding="utf-8")
    assert only("USER") == f"{owner}:{owner}"
    assert set(re.findall(r'"(?:runAsUser|runAsGroup|fsGroup)" (\d+)', chart)) == {owner}
    assert only("STOPSIGNAL") == "SIGTERM"
    assert (json.loads(only("ENTRYPOINT")), json.loads(only("CMD"))) == (["firstline"], ["serve"])


def test_what_is_kept_is_a_volume_that_is_made_for_the_account() -> None:
    volumes = json.loads(only("VOLUME"))
    assert volumes == [f"/{path}" for path in root_script().STATE]
    assert only("WORKDIR") == volumes[0]


def test_every_variable_is_a_setting_or_one_of_the_system() -> None:
    names = set(re.findall(r"([A-Z_]+)=", only("ENV")))
    assert names - set(known_names(Settings)) == {"PATH", "LANG", "PYTHONDONTWRITEBYTECODE", "SSL_CERT_FILE"}
    paths = set(re.findall(r"FIRSTLINE_\w+=(/srv/\S+)", only("ENV")))
    assert paths == {f"/{path}" for path in root_script().CONTENT}


def test_its_health_is_asked_by_a_module_that_is_there() -> None:
    command = json.loads(only("HEALTHCHECK").partition("CMD ")[2])
    compose = yaml.safe_load((ROOT / "deploy/compose.yaml").read_text(encoding="utf-8"))
    assert importlib.util.find_spec(command[-1]) is not None
    assert command[1] == "-m"
    assert compose["services"]["firstline"]["healthcheck"]["test"] == ["CMD", *command]


def test_the_labels_are_those_of_the_open_container_initiative() -> None:
    labels = dict(re.findall(r'(org\.opencontainers\.image\.\w+)="([^"]*)"', only("LABEL")))
    names = {name.rpartition(".")[2] for name in labels}
    assert names == {"title", "description", "licenses", "version", "revision", "source"}
    assert all(labels.values())
    assert set(of_the_result("ARG")) == {"VERSION=", "REVISION=", "SOURCE="}


# --- what gets into it --------------------------------------------------------------------------------


def allowed() -> list[str]:
    lines = (ROOT / ".dockerignore").read_text(encoding="utf-8").splitlines()
    rules = [line for line in lines if line and not line.startswith("#")]
    assert rules[0] == "*", "nothing but what is named"
    return [rule[1:] for rule in rules if rule.startswith("!")]


def test_nothing_secret_and_nothing_else_is_sent_to_the_build() -> None:
    assert [path for path in allowed() if not (ROOT / path).exists()] == []
    for secret in (
        ".env",
        "firstline.db",
        "deploy/secrets/web_tokens",
        "deploy/firstline.env",
        ".git/config",
    ):
        assert not [path for path in allowed() if secret == path or secret.startswith(f"{path}/")]
    after = (ROOT / ".dockerignore").read_text(encoding="utf-8").splitlines()
    for stray in ("bot/.env", "bot/firstline.db-wal", "bot/__pycache__"):
        assert any(fnmatch(stray, rule.replace("**/", "*/")) for rule in after if rule.startswith("**/"))


def test_the_wheel_is_built_from_what_is_sent() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    wheel = project["tool"]["hatch"]["build"]["targets"]["wheel"]
    needed = [*wheel["packages"], *wheel["force-include"], project["project"]["readme"]]
    needed += [*project["project"]["license-files"], "requirements/run.txt", "requirements/build.txt"]
    assert [path for path in needed if path not in allowed()] == []


IMPORT = """
import importlib, json, pkgutil, sys, warnings
warnings.simplefilter("ignore")
import bot
for module in pkgutil.walk_packages(bot.__path__, "bot."):
    try:
        importlib.import_module(module.name)
    except ImportError as error:  # of an extra
        print(error, file=sys.stderr)
print(json.dumps(sorted(name for name, found in sys.modules.items() if found is not None)))
"""


def test_nothing_that_is_left_out_is_imported_by_any_module_of_ours() -> None:
    done = subprocess.run(
        [sys.executable, "-c", IMPORT], capture_output=True, text=True, cwd=ROOT, timeout=PATIENCE, check=True
    )
    paths = [name.replace(".", "/") for name in json.loads(done.stdout)]
    script = root_script()
    gone = (*script.LEFT_OUT, *(rule for rule in script.LEFT_OUT_OF_ENVIRONMENT if "**/*" not in rule))
    # A rule names a package, or a file with its ending.
    patterns = [re.compile(f"{rule.replace('.', '[.]').replace('*', '.*')}(/.*)?") for rule in gone]
    found = [path for path in paths for one in patterns if one.fullmatch(path) or one.fullmatch(f"{path}.so")]
    assert len(paths) > 1000
    assert "numpy" in paths
    assert found == []


CALENDARS = """
import holidays
for country in sorted(holidays.list_supported_countries()):
    print(country, *sorted(holidays.country_holidays(country, years=2026)))
"""


def test_holidays_fall_on_the_same_days_without_what_is_left_out(tmp_path: Path) -> None:
    (installed,) = find_spec("holidays").submodule_search_locations  # type: ignore[union-attr, misc]
    shutil.copytree(installed, tmp_path / "holidays")
    taken = [rule for rule in root_script().LEFT_OUT_OF_ENVIRONMENT if rule.startswith("holidays/")]
    assert taken
    for path in (path for rule in taken for path in tmp_path.glob(rule)):
        shutil.rmtree(path)

    def days(*folders: Path) -> str:
        found = {"PYTHONPATH": os.pathsep.join(map(str, folders))}
        command = [sys.executable, "-c", CALENDARS]
        done = subprocess.run(
            command, env=os.environ | found, capture_output=True, text=True, timeout=PATIENCE, check=True
        )
        return done.stdout

    assert len(days().splitlines()) > 100
    assert days(tmp_path) == days()
