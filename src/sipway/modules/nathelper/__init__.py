"""nathelper: phones behind NAT are found out, reached where they are, and their bindings kept open.

Source: README of Kamailio's module nathelper; what it leaves open was tried on Kamailio 5.6.3.
"""

from __future__ import annotations

from sipway.modules.nathelper import (
    aliases,
    commands,
    contacts,
    pinging,
    questions,
    sdp,
    variables,
)
from sipway.modules.nathelper._module import mod

__all__ = [
    "aliases",
    "commands",
    "contacts",
    "mod",
    "pinging",
    "questions",
    "sdp",
    "variables",
]
