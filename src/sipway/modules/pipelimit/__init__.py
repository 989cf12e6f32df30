"""pipelimit: so many requests of whatever a script calls a pipe, and no more.

Source: README of Kamailio's module pipelimit; what it leaves open was tried on Kamailio 5.6.3.
"""

from __future__ import annotations

from sipway.modules.pipelimit import commands
from sipway.modules.pipelimit._module import mod

__all__ = ["commands", "mod"]
