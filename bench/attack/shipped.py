"""Looks at what a server installs: licences, a bill of materials (SBOM), and known vulnerabilities."""

import json
import re
import subprocess
import sys
import tomllib
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, metadata
from importlib.util import find_spec
from pathlib import Path

from cyclonedx.model import ExternalReference, ExternalReferenceType, HashAlgorithm, HashType, XsUri
from cyclonedx.model.bom import Bom
from cyclonedx.model.component import Component, ComponentType
from cyclonedx.model.license import DisjunctiveLicense
from cyclonedx.output.json import JsonV1Dot6
from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator
from packageurl import PackageURL
from packaging.markers import Marker

from bench.attack.attempts import Options, Row, row
from bench.plan import ROOT

LICENCES = "licences of what a server installs"
SBOM = "the bill of materials (CycloneDX)"
ADVISORIES = "known vulnerabilities (pip-audit)"
ATTACKS = (LICENCES, SBOM, ADVISORIES)
FILE = ROOT / "dist" / "sbom.cdx.json"
AUDIT_SECONDS = 120
# The permissive ones; and two that ask something only of who changes the library itself: certifi and psycopg
# are installed as they are published, and are no part of our wheel.
PERMISSIVE = (
    "0BSD Apache-2.0 BSD BSD-2-Clause BSD-3-Clause CC0-1.0 ISC MIT MIT-0 MIT-CMU PSF-2.0 Zlib".split()
)
ALLOWED = frozenset([*PERMISSIVE, "LGPL-3.0-only", "MPL-2.0"])
# What packages write who do not know SPDX.
CALLED = {
    "Apache 2.0": "Apache-2.0",
    "Apache Software License": "Apache-2.0",
    "BSD License": "BSD",
    "ISC License": "ISC",
    "ISC License (ISCL)": "ISC",
    "MIT License": "MIT",
    "Mozilla Public License 2.0 (MPL 2.0)": "MPL-2.0",
    "Python Software Foundation License": "PSF-2.0",
}
_ENTRY = re.compile(
    r"^(?P<name>[a-z0-9][\w.\-]*)(?:\[[\w,]+\])?==(?P<version>[^\s;]+)(?: ; (?P<marker>[^\\\n]+))?"
)
_HASH = re.compile(r"--hash=sha256:([0-9a-f]{64})")


@dataclass(frozen=True, slots=True)
class Pin:
    """A package as it is locked."""

    name: str
    version: str
    marker: str
    hashes: tuple[str, ...]

    @property
    def here(self) -> bool:
        """Whether it is installed on a machine like this one."""
        return not self.marker or Marker(self.marker).evaluate()


def pins(path: Path = ROOT / "requirements" / "run.txt") -> list[Pin]:
    """All that a server installs."""
    found = []
    for entry in re.split(r"^(?=[a-z0-9])", path.read_text(encoding="utf-8"), flags=re.MULTILINE):
        if head := _ENTRY.match(entry):
            marker = (head["marker"] or "").strip()
            found.append(Pin(head["name"], head["version"], marker, tuple(_HASH.findall(entry))))
    return found


def licence_of(name: str) -> str:
    """A package's licence as an SPDX expression, as far as its metadata says one; else what they say."""
    told = metadata(name).json
    if expression := told.get("license_expression"):
        return str(expression)
    text = str(told.get("license") or "").strip()
    if (short := CALLED.get(text, text)) in ALLOWED:
        return short
    classifiers = [str(one) for one in told.get("classifier") or ()]
    classified = [one.rpartition(":: ")[2] for one in classifiers if one.startswith("License")]
    return " AND ".join(CALLED.get(one, one) for one in classified) or text.partition("\n")[0] or "unknown"


def is_allowed(expression: str) -> bool:
    """Whether all of it, and of a choice one, is on the list."""
    parts = re.sub(r"[()]", " ", expression).split(" AND ")
    return all(any(one.strip() in ALLOWED for one in part.split(" OR ")) for part in parts)


def licences(locked: Sequence[Pin], licence: Callable[[str], str] = licence_of) -> Row:
    """Read the licence of each package that is installed here; others are of other machines."""
    found, elsewhere = [], []
    for pin in locked:
        if not pin.here:
            elsewhere.append(pin.name)
            continue
        try:
            told = licence(pin.name)
        except PackageNotFoundError:
            told = "not installed, so that nothing can be read of it"
        found.append("" if is_allowed(told) else f"{pin.name} {pin.version}: {told}")
    note = f"{len(found) - sum(map(bool, found))} of {len(found)} on the list"
    return row(
        LICENCES, found, note + (f"; on other machines only: {', '.join(elsewhere)}" if elsewhere else "")
    )


def bill(locked: Iterable[Pin]) -> str:
    """The bill of materials of a server, as CycloneDX 1.6 in JSON."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    root = Component(
        name=project["name"],
        version=project["version"],
        type=ComponentType.APPLICATION,
        bom_ref=project["name"],
        licenses=[DisjunctiveLicense(id=project["license"])],
    )
    made = Bom()
    made.metadata.component = root
    parts = [_component(pin) for pin in locked]
    made.components.update(parts)
    made.register_dependency(root, parts)
    return JsonV1Dot6(made).output_as_string(indent=2)


def _component(pin: Pin) -> Component:
    hashes = [HashType(alg=HashAlgorithm.SHA_256, content=one) for one in pin.hashes]
    files = ExternalReference(
        type=ExternalReferenceType.DISTRIBUTION,
        url=XsUri(f"https://pypi.org/project/{pin.name}/{pin.version}/"),
        hashes=hashes,
    )
    try:
        licences = [DisjunctiveLicense(name=licence_of(pin.name))]
    except PackageNotFoundError:
        licences = []
    return Component(
        name=pin.name,
        version=pin.version,
        type=ComponentType.LIBRARY,
        bom_ref=f"{pin.name}=={pin.version}",
        purl=PackageURL("pypi", None, pin.name, pin.version),
        licenses=licences,
        external_references=[files],
    )


def checked(text: str, locked: Iterable[Pin]) -> Row:
    """Hold a bill to its schema, and to all that is locked, with its hashes."""
    wrong = JsonStrictValidator(SchemaVersion.V1_6).validate_str(text)
    listed = {one["purl"]: one for one in json.loads(text).get("components", ())}
    found = [f"it is not of its schema: {wrong}" if wrong else ""]
    for pin in locked:
        part = listed.get(f"pkg:pypi/{pin.name}@{pin.version}", {})
        hashed = {one["content"] for of in part.get("externalReferences", ()) for one in of.get("hashes", ())}
        missing = not part or not pin.hashes or hashed != set(pin.hashes)
        found.append(f"{pin.name} {pin.version} is not in it with its hashes" if missing else "")
    return row(SBOM, found, f"{len(listed)} packages")


def advisories(path: Path) -> Row:
    """Ask the open database of vulnerabilities (osv.dev) about each package, where it can be reached."""
    if find_spec("pip_audit") is None:
        return Row(ADVISORIES, 0, skipped="pip-audit is not installed: make test installs it")
    command = [sys.executable, "-m", "pip_audit", "-r", str(path), "--disable-pip", "--require-hashes"]
    command += ["-s", "osv", "-f", "json", "--progress-spinner", "off", "--timeout", "10"]
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=AUDIT_SECONDS, check=False)
    except subprocess.TimeoutExpired:
        return Row(ADVISORIES, 0, skipped=f"osv.dev did not answer within {AUDIT_SECONDS} s")
    if not done.stdout.startswith("{"):
        return Row(ADVISORIES, 0, skipped=f"osv.dev cannot be reached ({_last(done.stderr)})")
    return told(done.stdout)


def _last(text: str) -> str:
    """The kind of the error that a program ended with."""
    return (text.strip().splitlines() or ["it said nothing"])[-1].partition(":")[0]


def told(answer: str) -> Row:
    """Read pip-audit's answer; a package that was not looked up is named as such."""
    found, unknown = [], []
    for one in json.loads(answer)["dependencies"]:
        if "skip_reason" in one:
            unknown.append(one["name"])
            continue
        known = ", ".join(flaw["id"] for flaw in one["vulns"])
        found.append(f"{one['name']} {one['version']}: {known}" if known else "")
    note = f"{len(found)} looked up" + (f", not known there: {', '.join(unknown)}" if unknown else "")
    return row(ADVISORIES, found, note)


def run(options: Options) -> list[Row]:
    """Look at what is locked; the bill is written beside the wheel."""
    locked = pins()
    made = bill(locked)
    FILE.parent.mkdir(exist_ok=True)
    FILE.write_text(made, encoding="utf-8")
    asked = Row(ADVISORIES, 0, skipped="not in a smoke run") if options.quick else None
    return [licences(locked), checked(made, locked), asked or advisories(ROOT / "requirements" / "run.txt")]
