"""ipops: addresses looked at and compared, and what DNS says of names.

Source: README of Kamailio's module ipops; what it leaves open was tried on Kamailio 5.6.3.
"""

from __future__ import annotations

from sipway.modules.ipops import addresses, dns, hostnames, results
from sipway.modules.ipops._module import mod

__all__ = ["addresses", "dns", "hostnames", "mod", "results"]
