"""auth: who asks is challenged, and the answer is checked (Digest authentication).

Source: README of Kamailio's module auth; RFC 2617, RFC 7616, RFC 8760, RFC 3261 section 22; what
they leave open was tried on Kamailio 5.6.3. Where passwords come from is for others: the functions
pv_* get them from the script, the module auth_db from a database.
"""

from __future__ import annotations

from sipway.modules.auth import challenging, checking, consuming, starting
from sipway.modules.auth._module import mod

__all__ = ["challenging", "checking", "consuming", "mod", "starting"]
