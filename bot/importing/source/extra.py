"""Imports the libraries that only some kinds of files need, when the first such file is read."""

import importlib
from types import ModuleType
from typing import Literal

from bot.importing.documents import FileLeftOut


def needed(name: Literal["mammoth", "openpyxl"]) -> ModuleType:
    """Import a library of the extra `import`; raises `FileLeftOut` where it is not installed."""
    try:
        return importlib.import_module(name)
    except ImportError as error:
        raise FileLeftOut(
            "Word and Excel need two more libraries: run `pip install 'firstline[import]'` and import again"
        ) from error
