"""secfilter: lists of who is let in and who is not, and texts that are made for databases.

Source: README of Kamailio's module secfilter; what it leaves open was tried on Kamailio 5.6.3.
"""

from __future__ import annotations

from sipway.modules.secfilter import checks, commands
from sipway.modules.secfilter._module import mod

__all__ = ["checks", "commands", "mod"]
