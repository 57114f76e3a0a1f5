"""Builds the image from Debian's packages, starts it, and holds it to its promises: `python -m bench.image`.

No registry of images is asked: what it is built on is made by mmdebstrap and podman, both from Debian. Exits
with 1 where a promise breaks, with 2 where podman or mmdebstrap is not there or cannot run here.
"""

import json
import os
import resource
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from tests.support.e2e.running import free_port
from tests.support.paths import ROOT

BASE, IMAGE = "localhost/firstline-base", "localhost/firstline-tried"
PACKAGES = "python3,python3-venv,python3-pip,binutils,ca-certificates"
LARGEST = 250  # MB, of 1,000,000 bytes, as podman shows them
STARTS_WITHIN = 120.0  # seconds
GRACE = 45  # seconds
TOKENS = "token-of-wes-the-engineer=wes:engineer\n"
CERTIFICATES = Path("/etc/ssl/certs/ca-certificates.crt")


class Impossible(Exception):
    """The image cannot be tried here."""


def main() -> int:
    """Build, start, stop; print a line for each promise."""
    try:
        base()
        seconds = built()
        print(f"built in {seconds:.0f} s on {BASE}")
        kept = list(promises())
    except Impossible as error:
        print(f"The image was not tried: {error}")
        return 2
    for good, what, seen in kept:
        print(f"{'ok    ' if good else 'BROKEN'}  {what}: {seen}")
    return 0 if all(good for good, _, _ in kept) else 1


def podman(*arguments: str, check: bool = True, seconds: float = 1800) -> str:
    """What podman prints."""
    # This machine may have mixed control groups, which crun refuses and runc does not.
    runtime = ["--runtime", "runc"] if shutil.which("runc") else []
    done = subprocess.run(
        ["podman", *runtime, *arguments],
        capture_output=True,
        text=True,
        timeout=seconds,
        check=False,
        cwd=ROOT,
    )
    if check and done.returncode:
        raise Impossible(f"podman {arguments[0]}: {done.stderr.strip()[-400:]}")
    return done.stdout.strip()


def limits() -> list[str]:
    """As many files as this machine allows, for podman wants more by itself."""
    most = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    return ["--ulimit", f"nofile={min(most, 65536)}:{min(most, 65536)}", "--ulimit", "nproc=4096:4096"]


def base() -> None:
    """Make the base once, from Debian's packages."""
    for tool in ("podman", "mmdebstrap"):
        if shutil.which(tool) is None:
            raise Impossible(f"there is no {tool}; on Debian: apt-get install podman runc mmdebstrap")
    if podman("images", "--quiet", BASE):
        return
    with TemporaryDirectory() as folder:
        archive = f"{folder}/base.tar"
        made = ["mmdebstrap", "--variant=minbase", f"--include={PACKAGES}", "bookworm", archive]
        done = subprocess.run(made, capture_output=True, text=True, check=False)
        if done.returncode:
            raise Impossible(f"mmdebstrap: {done.stderr.strip()[-400:]}")
        podman("import", "--quiet", archive, BASE)


def built() -> float:
    """Build the image; return the seconds. pip reaches its index as it does outside."""
    began = time.monotonic()
    with TemporaryDirectory() as folder:
        config = Path(folder, "pip.conf")
        config.write_text(pip_config())
        podman(
            *("build", *limits(), "--network", "host", "--format", "docker", "--quiet"),
            *("--file", "deploy/image/Containerfile", "--tag", IMAGE, "--build-arg", f"BASE={BASE}"),
            *("--build-arg", "VERSION=tried", "--secret", f"id=pip.conf,src={config}"),
            *("--volume", f"{CERTIFICATES}:/run/secrets/certificates.crt:ro", "."),
        )
    return time.monotonic() - began


def pip_config() -> str:
    """How pip is told here where its index is."""
    lines = ["[global]", "cert = /run/secrets/certificates.crt"]
    for name in ("index-url", "extra-index-url", "trusted-host"):
        said = subprocess.run(
            [sys.executable, "-m", "pip", "config", "get", f"global.{name}"],
            capture_output=True,
            text=True,
            check=False,
        ).stdout.strip()
        lines += [f"{name} = {said}"] if said and "file://" not in said else []
    return "\n".join(lines) + "\n"


def promises() -> Iterator[tuple[bool, str, object]]:
    """Each promise of docs/operations.md, whether it is kept, and what was seen."""
    (seen,) = json.loads(podman("image", "inspect", IMAGE))
    megabytes = round(seen["Size"] / 1e6)
    yield megabytes < LARGEST, f"under {LARGEST} MB", f"{megabytes} MB"
    yield seen["Config"]["User"] == "10001:10001", "no root", seen["Config"]["User"]
    yield "org.opencontainers.image.version" in seen["Labels"], "labels", len(seen["Labels"])
    yield "Healthcheck" in seen or "Healthcheck" in seen["Config"], "a health check", "there"
    for tool in ("/bin/sh", "/usr/bin/dpkg", "/usr/bin/apt-get", "/opt/firstline/bin/pip", "/usr/bin/gcc"):
        absent = not podman("run", "--rm", *limits(), "--entrypoint", tool, IMAGE, "--version", check=False)
        yield absent, f"no {tool}", "absent" if absent else "there"
    with TemporaryDirectory() as folder:
        yield from running(Path(folder))


def running(folder: Path) -> Iterator[tuple[bool, str, object]]:
    """What a server does in a container with a read-only root and no capabilities."""
    port, secret = str(free_port()), folder / "web_tokens"
    folder.chmod(0o755)
    secret.write_text(TOKENS)
    os.chown(secret, 10001, 10001)
    secret.chmod(0o400)
    for name in ("kb_articles", "intents", "replies"):
        shutil.copytree(ROOT / name, folder / "content" / name)
    options = [
        *("--network", "host", "--read-only", "--cap-drop", "ALL", "--security-opt", "no-new-privileges"),
        *("--tmpfs", "/tmp", "--volume", f"{folder}/content:/srv/firstline:ro"),  # noqa: S108  # in the container
        *("--volume", f"{secret}:/run/secrets/web_tokens:ro"),
        *("--env", "FIRSTLINE_WEB_TOKENS_FILE=/run/secrets/web_tokens"),
        *("--env", f"FIRSTLINE_PORT={port}", "--env", "FIRSTLINE_HOST=127.0.0.1"),
    ]
    with volumes() as kept:
        podman("run", "--rm", *limits(), *options, *kept, IMAGE, "migrate", check=False)
        state = (
            'import sqlite3; print(*sqlite3.connect("firstline.db").execute("select * from alembic_version"))'
        )
        asked = ("--entrypoint", "/opt/firstline/bin/python", IMAGE, "-c", state)
        version = podman("run", "--rm", *limits(), *options, *kept, *asked, check=False)
        yield version.startswith("('0"), "migrates", version
        name = podman("run", "--detach", *limits(), *options, *kept, IMAGE).splitlines()[-1]
        try:
            yield from lives(name)
        finally:
            podman("rm", "--force", "--time", "0", name, check=False)


def lives(name: str) -> Iterator[tuple[bool, str, object]]:
    """How a container that was started answers, learns, and ends."""
    began = time.monotonic()
    healthy = waited(lambda: asked(name, "/readyz"))
    yield healthy, "answers its health check", f"after {time.monotonic() - began:.1f} s"
    yield waited(lambda: learned(name)), "keeps what it learned in its cache", "a file"
    tickets = podman("exec", name, "firstline", "tickets", "list", "--json", check=False)
    yield tickets == "[]", "a command beside it", tickets
    began = time.monotonic()
    podman("stop", "--time", str(GRACE), name)
    code = podman("inspect", "--format", "{{.State.ExitCode}}", name)
    yield code == "0", "ends by itself on SIGTERM", f"code {code} after {time.monotonic() - began:.1f} s"
    logs = subprocess.run(["podman", "logs", name], capture_output=True, text=True, check=False).stderr
    yield (
        "Traceback" not in logs and " error " not in logs,
        "nothing failed",
        f"{len(logs.splitlines())} lines",
    )


def asked(name: str, path: str) -> bool:
    """Whether the image's own check is content."""
    command = ["podman", "exec", name, "/opt/firstline/bin/python", "-m", "bot.runtime.health_check", path]
    return subprocess.run(command, capture_output=True, check=False).returncode == 0


def learned(name: str) -> bool:
    """Whether there is a file in the cache."""
    code = "import pathlib; print(len(list(pathlib.Path('/var/cache/firstline').rglob('*.npz'))))"
    said = podman("exec", name, "/opt/firstline/bin/python", "-c", code, check=False)
    return said.isdigit() and int(said) > 0


def waited(condition: Callable[[], bool]) -> bool:
    """Whether it comes about within the time that is given."""
    until = time.monotonic() + STARTS_WITHIN
    while time.monotonic() < until:
        if condition():
            return True
        time.sleep(0.5)
    return False


@contextmanager
def volumes() -> Iterator[Sequence[str]]:
    """A volume for the data and one for the cache, that are gone afterwards."""
    names: dict[str, Any] = {
        path: podman("volume", "create") for path in ("/var/lib/firstline", "/var/cache/firstline")
    }
    try:
        yield [part for path, name in names.items() for part in ("--volume", f"{name}:{path}")]
    finally:
        for name in names.values():
            podman("volume", "rm", "--force", name, check=False)


if __name__ == "__main__":
    sys.exit(main())
