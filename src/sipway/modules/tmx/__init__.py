"""tmx: more functions and the variables of transactions.

Source: README of Kamailio's module tmx. Left out: t_uac_ack_local().
"""

from sipway.modules.tmx import cancels, counting, others, questions, suspending, variables
from sipway.modules.tmx._module import mod

__all__ = ["cancels", "counting", "mod", "others", "questions", "suspending", "variables"]
