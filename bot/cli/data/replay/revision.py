"""Takes folders out of an earlier revision of their git checkout."""

import subprocess  # git has no library here
import tarfile
from collections.abc import Sequence
from io import BytesIO
from pathlib import Path

from bot.domain.errors import FirstlineError


class RevisionInvalid(FirstlineError):
    """There is no such folder, and no such revision of the content."""


def export_revision(revision: str, folders: Sequence[Path], into: Path) -> None:
    """Write the folders as they were at a revision into a folder, under their own names.

    Raises `RevisionInvalid` where they are in no checkout, or it has no such revision.
    """
    for folder in folders:
        place = folder.absolute()
        commit = _git(
            folder, "rev-parse", "--verify", "--quiet", "--end-of-options", f"{revision}^{{commit}}"
        )
        if commit is None:
            raise RevisionInvalid(
                f"{revision} is no folder, and no revision of the git checkout that holds {folder}; "
                "name a folder with content, a branch, a tag or a commit."
            )
        packed = _git(folder, "archive", "--format=tar", commit.decode().strip(), ".")
        if packed is None:
            continue  # the folder was not there yet
        target = into / place.name
        target.mkdir()
        with tarfile.open(fileobj=BytesIO(packed)) as archive:
            archive.extractall(target, filter="data")


def _git(folder: Path, *arguments: str) -> bytes | None:
    """Return what git prints in a folder; None where it fails, or there is none."""
    try:
        done = subprocess.run(  # noqa: S603  # no shell, and the revision stands behind --end-of-options
            ["git", "-C", str(folder), *arguments],  # noqa: S607
            capture_output=True,
            check=False,
        )
    except OSError:
        return None
    return done.stdout if done.returncode == 0 else None
