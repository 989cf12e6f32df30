"""SIP methods as bits, so that a set of them is a number and a test for it one operation."""

from __future__ import annotations

from typing import Final

INVITE: Final = 1
CANCEL: Final = 2
ACK: Final = 4
BYE: Final = 8
INFO: Final = 16
REGISTER: Final = 32
SUBSCRIBE: Final = 64
NOTIFY: Final = 128
MESSAGE: Final = 256
OPTIONS: Final = 512
PRACK: Final = 1024
UPDATE: Final = 2048
REFER: Final = 4096
PUBLISH: Final = 8192
KDMQ: Final = 16384
OTHER: Final = 32768

METHODS: Final[dict[str, int]] = {
    "INVITE": INVITE,
    "CANCEL": CANCEL,
    "ACK": ACK,
    "BYE": BYE,
    "INFO": INFO,
    "REGISTER": REGISTER,
    "SUBSCRIBE": SUBSCRIBE,
    "NOTIFY": NOTIFY,
    "MESSAGE": MESSAGE,
    "OPTIONS": OPTIONS,
    "PRACK": PRACK,
    "UPDATE": UPDATE,
    "REFER": REFER,
    "PUBLISH": PUBLISH,
    "KDMQ": KDMQ,
}


def method_id(name: str) -> int:
    """The bit of a method, whose case matters; `OTHER` for one that is not in the table."""
    return METHODS.get(name, OTHER)
