"""auth_db: answers to challenges checked with the passwords in a database.

Source: README of Kamailio's module auth_db; what it leaves open was tried on Kamailio 5.6.3. While
the database is asked nobody else waits.
"""

from __future__ import annotations

from sipway.modules.auth_db import checking, subscribers
from sipway.modules.auth_db._module import mod

__all__ = ["checking", "mod", "subscribers"]
