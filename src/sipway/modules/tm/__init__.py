"""tm: requests relayed and answered with transactions.

Source: README of Kamailio's module tm. The work is done in `core.proxy`.
"""

from sipway.modules.tm import handlers, parameters, questions, relaying, replying
from sipway.modules.tm._module import mod

__all__ = ["handlers", "mod", "parameters", "questions", "relaying", "replying"]
