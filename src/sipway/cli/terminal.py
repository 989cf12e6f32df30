"""Colours where a person looks, plain text everywhere else."""

from __future__ import annotations

import os
import shutil
from typing import Final, TextIO

_CODES: Final = {"bold": "1", "dim": "2", "red": "31", "green": "32", "yellow": "33", "cyan": "36"}


def wants_colour(stream: TextIO) -> bool:
    """Whether ``stream`` is a terminal that shows colours, and nobody said no.

    ``NO_COLOR`` set to anything turns them off (https://no-color.org), else ``FORCE_COLOR`` set
    to anything turns them on, for a pager or a log that shows them (https://force-color.org).
    """
    if os.environ.get("NO_COLOR"):
        return False
    if os.environ.get("FORCE_COLOR"):
        return True
    if os.environ.get("TERM") == "dumb":
        return False
    return stream.isatty()


def is_for_people(stream: TextIO) -> bool:
    """Whether ``stream`` is a terminal, or is to look as if it were one (``FORCE_COLOR``)."""
    return stream.isatty() or wants_colour(stream)


def width() -> int:
    """Columns of the terminal; 80 where there is none."""
    return shutil.get_terminal_size().columns


class Style:
    """Paints text, or leaves it alone when ``colour`` is false."""

    def __init__(self, *, colour: bool) -> None:
        self._colour = colour

    def __call__(self, text: str, *names: str) -> str:
        if not self._colour or not names:
            return text
        codes = ";".join(_CODES[name] for name in names)
        return f"\x1b[{codes}m{text}\x1b[0m"
