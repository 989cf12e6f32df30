"""`$HN`: the names of this machine."""

from __future__ import annotations

import socket
from functools import lru_cache

from sipway.core.context import Context
from sipway.core.program import Program
from sipway.language.signatures import Inner
from sipway.modules.ipops._module import mod


def _part(text: str) -> str:
    if text not in ("n", "f", "d", "i"):
        raise ValueError(f"$HN takes n, f, d or i, not {text}")
    return text


@lru_cache(maxsize=1)
def _names() -> dict[str, str | None]:
    """Asked for once, at the start: the system may ask DNS for it."""
    name = socket.gethostname()
    full, address = name, None
    try:
        found = socket.getaddrinfo(name, None, type=socket.SOCK_DGRAM, flags=socket.AI_CANONNAME)
        full = found[0][3] or name
        address = str(found[0][4][0])
    except OSError:
        pass  # a machine need not be known by its name
    short, _, domain = full.partition(".")
    return {"n": name.partition(".")[0] or short, "f": full, "d": domain or None, "i": address}


@mod.on_start
def _ask(program: Program) -> None:
    del program
    _names()


@mod.variable("HN", inner=Inner.REQUIRED, values=(str,), prepare=_part)
def _hostname(_: Context, part: str) -> str | None:
    """Of this machine: `n` its name, `f` that with the domain, `d` the domain, `i` an address."""
    return _names()[part]
