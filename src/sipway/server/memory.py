"""Memory that was freed, given back to the system."""

from __future__ import annotations

import ctypes
from collections.abc import Callable
from typing import Final

_trim: Final[Callable[[int], int] | None] = getattr(ctypes.CDLL(None), "malloc_trim", None)


def give_back() -> bool:
    """Hand what the C library keeps of freed memory back to the system; False where it cannot.

    malloc_trim(3), which only glibc has. It takes some milliseconds for each 100 MB, so it is for
    a server that has nothing to do.
    """
    return _trim is not None and bool(_trim(0))
