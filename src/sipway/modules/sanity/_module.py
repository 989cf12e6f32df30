"""The module itself, its parameters, and what a fault is."""

from __future__ import annotations

from typing import Final, NamedTuple

from sipway.core.module import Module

mod = Module("sanity")

MAX_NUMBER_DIGITS: Final = 10
"""So many digits may numbers in CSeq and Expires have."""


class Fault(NamedTuple):
    """What is wrong, as it is said in a reply; `lines` are complete header lines.

    Code 0: it is not said to the sender.
    """

    code: int
    reason: str
    lines: bytes = b""


_NONE: Final[frozenset[str]] = frozenset()


def _extensions(text: str) -> frozenset[str]:
    return frozenset(each.strip().lower() for each in text.split(",") if each.strip())


default_checks = mod.param("default_checks", int, 3047, doc="which checks, as a sum of bits")
uri_checks = mod.param("uri_checks", int, 7, doc="which URIs: 1 request, 2 From, 4 To, 8 Contact")
proxy_require = mod.param(
    "proxy_require", str, _NONE, convert=_extensions, doc="the extensions that are supported"
)
autodrop = mod.param("autodrop", int, 1, doc="a fault ends the script")
noreply = mod.param("noreply", int, 0, doc="leave the reply to sanity_reply()")
size_checks = mod.param("size_checks", int, 0, doc="look at sizes in each check")
