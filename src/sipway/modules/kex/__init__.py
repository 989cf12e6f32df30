"""kex: functions that were once of Kamailio's core, and commands for its statistics.

Source: README of Kamailio's module kex. Left out: km_append_branch(), which 5.6.3 does not have
any more (corex has append_branch()); the commands `mod.*`, which tell what memory each of
Kamailio's modules has taken. Its commands `core.*` every server has (`sipway.core.commands`).
"""

from sipway.modules.kex import commands, functions
from sipway.modules.kex._module import mod

__all__ = ["commands", "functions", "mod"]
