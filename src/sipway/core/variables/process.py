"""The process, the machine, and constants of Kamailio's."""

from __future__ import annotations

import os
import socket
import time
from collections.abc import Callable
from itertools import count
from typing import Final

from sipway import __version__
from sipway.core.builtin import add_text, core
from sipway.core.context import Context
from sipway.core.variables.network import PROTOCOL_IDS
from sipway.language.runtime import text_number
from sipway.language.signatures import Inner


@core.variable("pp", values=(int,), nullable=False)
def _process_id(_: Context) -> int:
    """The id of this process."""
    return os.getpid()


@core.variable("env", inner=Inner.REQUIRED, values=(str,))
def _environment(_: Context, name: str) -> str | None:
    """A variable of the process's environment."""
    return os.environ.get(name)


@core.variable("envn", inner=Inner.REQUIRED, values=(int,))
def _environment_number(_: Context, name: str) -> int | None:
    """A variable of the process's environment as a number, 0 for what is none."""
    value = os.environ.get(name)
    return None if value is None else text_number(value) or 0


_MACHINE: Final = os.uname()
_VERSION: Final = {
    "num": __version__,
    "hash": "unknown",
    "full": f"sipway {__version__} ({_MACHINE.machine}/{_MACHINE.sysname.lower()})",
}


def _version_part(name: str) -> str:
    if name not in _VERSION:
        raise ValueError(f"$version takes num, full or hash, not {name}")
    return name


@core.variable(
    "version", inner=Inner.REQUIRED, values=(str,), nullable=False, prepare=_version_part
)
def _version(_: Context, part: str) -> str:
    """Sipway's version: `num`, or `full` with name and platform; `hash` is `unknown`."""
    return _VERSION[part]


# Of the Kamailio whose language this is, so that a script that asks finds what it was written for.
_KAMAILIO: Final[dict[str, int | str]] = {"ver": "5.6.3", "verval": 5_006_003}


def _kamailio_part(name: str) -> int | str:
    if name not in _KAMAILIO:
        raise ValueError(f"$ksr takes {' or '.join(_KAMAILIO)}, not {name}")
    return _KAMAILIO[name]


@core.variable("ksr", inner=Inner.REQUIRED, nullable=False, prepare=_kamailio_part)
def _kamailio(_: Context, value: int | str) -> int | str:
    """The release of Kamailio whose language this is: `ver`, or `verval` as a number."""
    return value


_CONSTANTS: Final = {
    "IPv4": int(socket.AF_INET),
    "IPv6": int(socket.AF_INET6),
    **{name.upper(): number for name, number in PROTOCOL_IDS.items()},
}


def _constant_name(name: str) -> int:
    if name not in _CONSTANTS:
        raise ValueError(f"$K takes {', '.join(_CONSTANTS)}, not {name}")
    return _CONSTANTS[name]


@core.variable("K", inner=Inner.REQUIRED, values=(int,), nullable=False, prepare=_constant_name)
def _constant(_: Context, number: int) -> int:
    """The number of a transport or an address family, as `$prid` and `$rcv(af)` have them."""
    return number


# `x` is the terminal's own colour.
_COLOURS: Final = {"x": 9, "s": 0, "r": 1, "g": 2, "y": 3, "b": 4, "p": 5, "c": 6, "w": 7}


def _colour(name: str) -> str:
    """The escape sequence for two letters; a capital one for the foreground is bright."""
    if len(name) != 2 or name[0].lower() not in _COLOURS or name[1] not in _COLOURS:
        raise ValueError(f"$C takes two letters, foreground and background, such as rx, not {name}")
    bright = int(name[0].isupper())
    return f"\x1b[{bright};3{_COLOURS[name[0].lower()]};4{_COLOURS[name[1]]}m"


@core.variable("C", inner=Inner.REQUIRED, values=(str,), nullable=False, prepare=_colour)
def _colour_sequence(_: Context, sequence: str) -> str:
    """Switches a terminal's colours: `$C(rx)` is red on the usual background."""
    return sequence


# --- characters that are awkward to write in a script ------------------------------------------

_CHARACTERS: Final = {
    "Eb": ("\\", "A backslash."),
    "En": ("\n", "A line feed."),
    "Er": ("\r", "A carriage return."),
    "Et": ("\t", "A tab."),
    "Es": (" ", "A blank."),
    "Ec": (",", "A comma."),
    "Eq": ('"', "A double quote."),
    "Ek": ("'", "A single quote."),
    "Ei": (":", "A colon."),
    "Ej": (";", "A semicolon."),
    "Ev": ("`", "A backtick."),
}


def _always(text: str) -> Callable[[Context], str]:
    return lambda _: text


for _name, (_character, _doc) in _CHARACTERS.items():
    add_text(_name, _always(_character), _doc)


# --- $sruid --------------------------------------------------------------------------------------

_STARTED: Final = int(time.time())
_ids: Final = count(1)


@core.variable("sruid", values=(str,), nullable=False)
def _unique_id(_: Context) -> str:
    """A text that nothing else made here has, another one each time."""
    return f"srid-{_STARTED:x}-{os.getpid():x}-{next(_ids):x}"
