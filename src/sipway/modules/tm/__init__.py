"""tm: requests relayed and answered with transactions.

Source: README of Kamailio's module tm. The work is done in `core.proxy`.
"""

from sipway.modules.tm import (
    cancels,
    commands,
    contacts,
    failure,
    handlers,
    parameters,
    questions,
    relaying,
    replying,
    requests,
    selects,
    sending,
    settings,
)
from sipway.modules.tm._module import mod

__all__ = [
    "cancels", "commands", "contacts", "failure", "handlers", "mod", "parameters", "questions",
    "relaying", "replying", "requests", "selects", "sending", "settings",
]  # fmt: skip
