"""Players of the channels, each found by the name of its module."""

import importlib
import pkgutil

from tests.support.channels.players.player import Playing


def found_players() -> dict[str, Playing]:
    """What makes the player of each channel that has one."""
    names = {module.name for module in pkgutil.iter_modules(__path__)} - {"player"}
    return {name: importlib.import_module(f"{__name__}.{name}").playing for name in sorted(names)}
