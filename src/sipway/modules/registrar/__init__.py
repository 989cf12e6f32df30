"""registrar: what a REGISTER does, and where registered users are found.

Source: README of Kamailio's module registrar, RFC 3261 section 10, RFC 3327, RFC 5626, RFC 5627.
"""

from __future__ import annotations

from sipway.modules.registrar import in_database, looking, questions, saving, ulc
from sipway.modules.registrar._module import mod

__all__ = ["in_database", "looking", "mod", "questions", "saving", "ulc"]
