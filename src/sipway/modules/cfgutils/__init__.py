"""cfgutils: chance, flags of the whole server, pauses, locks, routes by name.

Source: README of Kamailio's module cfgutils; what it leaves open was tried on Kamailio 5.6.3.
"""

from __future__ import annotations

from sipway.modules.cfgutils import chance, commands, debugging, flags, locks, pauses, routes
from sipway.modules.cfgutils._module import mod

__all__ = ["chance", "commands", "debugging", "flags", "locks", "mod", "pauses", "routes"]
