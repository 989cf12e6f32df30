"""permissions: who may come in, register and be called: by files of rules, addresses and peers.

Source: README of Kamailio's module permissions; what it leaves open was tried on Kamailio 5.6.3.
"""

from __future__ import annotations

from sipway.modules.permissions import commands, files, functions
from sipway.modules.permissions._module import mod

__all__ = ["commands", "files", "functions", "mod"]
