"""tmx: more functions and the variables of transactions.

Source: README of Kamailio's module tmx. Left out: t_uac_ack_local() and the statistics.
"""

from sipway.modules.tmx import cancels, others, questions, suspending, variables
from sipway.modules.tmx._module import mod

__all__ = ["cancels", "mod", "others", "questions", "suspending", "variables"]
