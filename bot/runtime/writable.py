"""Tells whether files can be made in a folder, by making one: rights alone do not say so."""

import tempfile
from pathlib import Path


def why_not_writable(folder: Path) -> OSError | None:
    """Make a file in a folder, without a name and gone at once; return the error where that fails.

    `os.access` says of root that it may write everywhere, in /proc too.
    """
    try:
        with tempfile.TemporaryFile(dir=folder, prefix=".firstline-"):
            return None
    except OSError as error:
        return error
