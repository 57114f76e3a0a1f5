"""Collects the image's files from the container that built them: `python3 root.py VENV TARGET`.

Python, the libraries that it and the environment load, certificates, and the environment: no shell, no
package manager, nothing that builds. From which of Debian's packages they are stands where scanners look.
"""

import os
import re
import shutil
import subprocess
import sys
import sysconfig
from pathlib import Path

OWNER = 10001
# Never imported by a server: tests, what builds, what draws, what only old systems have. With the modules go
# the libraries that they alone load.
LEFT_OUT = tuple(
    "test tests distutils idlelib ensurepip tkinter _tkinter turtle turtledemo lib2to3 pydoc_data config-* "
    "curses _curses _curses_panel dbm _dbm _gdbm nis ossaudiodev audioop _ctypes_test _test* _xxtestfuzz "
    "xxlimited*".split()
)
LEFT_OUT_OF_ENVIRONMENT = tuple(
    "numpy/**/tests numpy/f2py numpy/distutils numpy/_core/include numpy/_core/_simd.* "
    "numpy/_core/_*_tests.* sqlalchemy/testing alembic/testing "
    "numpy/ma numpy/polynomial numpy/testing sqlalchemy/orm "  # imported where somebody asks for them
    "slack_sdk/rtm slack_sdk/rtm_v2 slack_sdk/web/**/legacy_* pycparser "
    "bot/_data/docs/images bot/_data/docs/adr "  # `firstline docs` prints the pages
    "holidays/locale "  # the names of holidays: we take the days
    "sqlalchemy/dialects/mssql sqlalchemy/dialects/mysql sqlalchemy/dialects/oracle "
    "pygments/lexers/_*builtins*.py pygments/lexers/[a-oq-rt-z]*.py pygments/lexers/p[a-xz]*.py "
    "pygments/lexers/s[a-oq-z]*.py pygments/styles/[a-ce-z]*.py slack_sdk/scim slack_sdk/audit_logs "
    "PIL/_avif.* PIL/_imagingft.* PIL/_imagingtk.* pillow.libs/libavif-* pillow.libs/libfreetype-* "
    "pillow.libs/libharfbuzz-* pillow.libs/libbrotli* pillow.libs/libpng16-* "
    "**/*.pyi **/*.a **/*.h **/*.c **/*.pyx **/*.pxd".split()
)
LANGUAGES = ("root", "en", "es")  # of Babel's data, as of the wording
LOADED_BY_NAME = ("libgcc_s.so.1",)  # by glibc, when a thread ends
FILES = ("/etc/ssl/certs/ca-certificates.crt", "/etc/nsswitch.conf", "/usr/lib/os-release")
STATE = ("var/lib/firstline", "var/cache/firstline")
CONTENT = ("srv/firstline/kb_articles", "srv/firstline/intents", "srv/firstline/replies")


def main(environment: Path, target: Path) -> None:
    """Collect all of it."""
    for link in ("bin", "lib", "lib64", "sbin"):
        if Path("/", link).is_symlink():
            _link(Path("/", link), target)
    prune(environment)
    copied = [*_python(environment, target), *_libraries(environment, target)]
    shutil.copytree(environment, _in(target, environment), symlinks=True, dirs_exist_ok=True)
    copied += [_copy(Path(file), target) for file in FILES]
    _link(Path("/etc/os-release"), target)
    _packages(copied, target)
    _accounts_and_folders(target)
    shutil.copytree("/etc/ld.so.conf.d", target / "etc/ld.so.conf.d", dirs_exist_ok=True)
    _copy(Path("/etc/ld.so.conf"), target)
    subprocess.run(["ldconfig", "-r", str(target)], check=True)


def prune(environment: Path) -> None:
    """Take out of the environment what no server imports, and what only debuggers read."""
    (packages,) = environment.glob("lib/python3*/site-packages")
    for pattern in LEFT_OUT_OF_ENVIRONMENT:
        for path in list(packages.glob(pattern)):
            shutil.rmtree(path) if path.is_dir() else path.unlink(missing_ok=True)
    for data in (packages / "babel/locale-data").iterdir():
        if data.stem.partition("_")[0] not in (*LANGUAGES, "LICENSE"):
            data.unlink()
    # What auditwheel has put aside was changed by patchelf, and strip may break it.
    loaded = [str(path) for path in packages.rglob("*.so*") if ".libs" not in str(path)]
    subprocess.run(["strip", "--strip-unneeded", *loaded], check=True)


def _python(environment: Path, target: Path) -> list[Path]:
    """Copy the interpreter with the links that lead to it, and the standard library."""
    link = environment / "bin/python3"
    while link.is_symlink():
        if not link.is_relative_to(environment):
            _link(link, target)
        link = link.parent / link.readlink()
    library = Path(sysconfig.get_path("stdlib"))
    shutil.copytree(
        library,
        _in(target, library),
        symlinks=True,
        ignore=shutil.ignore_patterns(
            *LEFT_OUT, *(f"{name}.*" for name in LEFT_OUT), "site-packages", "dist-packages"
        ),
        dirs_exist_ok=True,
    )
    return [_copy(link, target), library / "os.py"]


def _libraries(environment: Path, target: Path) -> list[Path]:
    """Copy every shared library that Python, its copied modules and the environment load from the system."""
    found: set[Path] = set()
    modules = _in(target, Path(sysconfig.get_path("stdlib"))).glob("lib-dynload/*.so")
    for program in (Path(sys.executable).resolve(), *modules, *environment.rglob("*.so*")):
        found |= {Path(path) for path in re.findall(r"(/\S+) \(0x", _said("ldd", str(program)))}
    (libc,) = {path for path in found if path.name == "libc.so.6"}
    found |= {libc.parent / name for name in LOADED_BY_NAME}
    return [_copy(path, target) for path in sorted(found) if not path.is_relative_to(environment)]


def _packages(copied: list[Path], target: Path) -> None:
    """Say for scanners and lawyers which packages these files are from."""
    names = set()
    for path in copied:
        for known in {str(path), str(path).removeprefix("/usr"), str(path.resolve())}:
            names |= {line.split(":")[0] for line in _said("dpkg-query", "-S", known).splitlines()}
    for name in sorted(names):
        place = target / "var/lib/dpkg/status.d" / name
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text(_said("dpkg-query", "-s", name))
        terms = Path("/usr/share/doc", name, "copyright")
        if terms.exists():
            _copy(terms, target)


def _accounts_and_folders(target: Path) -> None:
    account = f"firstline:x:{OWNER}:{OWNER}::/var/lib/firstline:/nonexistent"
    (target / "etc/passwd").write_text(f"root:x:0:0::/root:/nonexistent\n{account}\n")
    (target / "etc/group").write_text(f"root:x:0:\nfirstline:x:{OWNER}:\n")
    for folder in (*STATE, *CONTENT, "tmp"):
        (target / folder).mkdir(parents=True)
    for folder in STATE:
        os.chown(target / folder, OWNER, OWNER)
        (target / folder).chmod(0o700)
    (target / "tmp").chmod(0o1777)


def _said(*command: str) -> str:
    # Nothing where it fails: a static program has no libraries, a file of no package no package.
    return subprocess.run(command, capture_output=True, text=True, check=False).stdout


def _copy(path: Path, target: Path) -> Path:
    """Copy one file to the same place, under the name that it is loaded by."""
    place = _in(target, path)
    place.parent.mkdir(parents=True, exist_ok=True)
    shutil.copy2(path, place)
    return path


def _link(path: Path, target: Path) -> None:
    place = _in(target, path)
    place.parent.mkdir(parents=True, exist_ok=True)
    if not place.is_symlink():
        place.symlink_to(path.readlink())


def _in(target: Path, path: Path) -> Path:
    # By its real folder: /lib is a link to /usr/lib.
    return target / (path.parent.resolve() / path.name).relative_to("/")


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
