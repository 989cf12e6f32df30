"""Flows in which sipway does something else than Kamailio 5.6.3, each with the reason."""

from __future__ import annotations

from typing import Final

DIFFERENCES: Final[dict[str, str]] = {}
