"""usrloc: where the contacts of users are kept.

Source: README of Kamailio's module usrloc. Other modules use what is named here.
"""

from __future__ import annotations

from sipway.modules.usrloc import commands, connections, database, keepalive
from sipway.modules.usrloc._module import (
    DB_MODE,
    DB_ONLY,
    Settings,
    locations,
    mod,
    settings,
    watch_expired,
)
from sipway.modules.usrloc.connections import drops_lost
from sipway.modules.usrloc.contact import FOREVER, NO_Q, Contact
from sipway.modules.usrloc.locations import Location, Locations
from sipway.modules.usrloc.records import records

__all__ = [
    "DB_MODE",
    "DB_ONLY",
    "FOREVER",
    "NO_Q",
    "Contact",
    "Location",
    "Locations",
    "Settings",
    "commands",
    "connections",
    "database",
    "drops_lost",
    "keepalive",
    "locations",
    "mod",
    "records",
    "settings",
    "watch_expired",
]
