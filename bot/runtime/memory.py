"""Returns unused memory to the system, and spares the collector what stays."""

import ctypes
import gc
import sys
from collections.abc import Iterator
from contextlib import contextmanager

_ARENAS = -8  # M_ARENA_MAX of <malloc.h>
# New objects after which the collector looks at them. Hardly one is part of a circle: to look after each 700,
# as Python does by itself, takes 2 % of a message.
YOUNG = 10_000


def share_arenas() -> None:
    """Let all threads take memory from few places: else each keeps what it once needed for itself."""
    library = _c_library()
    if library is not None:
        library.mallopt(_ARENAS, 2)


@contextmanager
def making_what_stays() -> Iterator[None]:
    """Keep what is made in this block out of garbage collection for good: it stays until the end."""
    gc.disable()
    try:
        yield
    finally:
        gc.freeze()
        gc.set_threshold(YOUNG, *gc.get_threshold()[1:])
        gc.enable()
        give_back()


@contextmanager
def without_collector() -> Iterator[None]:
    """Switch garbage collection off in this block: it would look at much again and again, in vain."""
    running = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if running:
            gc.enable()


def give_back() -> None:
    """Return to the system what was freed; the C library keeps it for itself, 90 MB after a large content."""
    library = _c_library()
    if library is not None:
        library.malloc_trim(0)


def _c_library() -> ctypes.CDLL | None:
    """The GNU C library; others do not have what is needed here, and need it less."""
    if sys.platform != "linux":
        return None
    library = ctypes.CDLL(None)
    return library if hasattr(library, "malloc_trim") and hasattr(library, "mallopt") else None
