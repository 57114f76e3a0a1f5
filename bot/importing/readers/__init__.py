"""Readers of single files, a module for each kind; whatever lies in this folder is found."""

import importlib
import pkgutil
from functools import cache
from typing import cast

from bot.importing.documents import Reader


@cache
def readers() -> tuple[Reader, ...]:
    """Return every reader in this folder; none of them imports a library of its own before it reads."""
    names = sorted(found.name for found in pkgutil.iter_modules(__path__))
    return tuple(cast(Reader, importlib.import_module(f"{__name__}.{name}")) for name in names)


def reader_of(name: str) -> Reader | None:
    """Return the reader of a file by its ending, None where there is none."""
    return next((one for one in readers() if name.lower().endswith(one.ENDINGS)), None)
