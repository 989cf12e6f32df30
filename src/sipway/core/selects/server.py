"""What is not of the message: addresses, the process, the clock, parameters of the core."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from typing import Final

from sipway.core.context import Context
from sipway.core.groups import chosen_number
from sipway.core.selects.parts import Part
from sipway.core.settings import Settings


def _bracketed(ip: str) -> str:
    return f"[{ip}]" if ":" in ip else ip


def _source(ctx: Context) -> str:
    return f"{_bracketed(ctx.source_ip)}:{ctx.source_port}"


def _socket(ctx: Context) -> str:
    return f"{_bracketed(ctx.socket.ip)}:{ctx.socket.port}"


_SOCKET: Final[dict[str, Part]] = {
    "ip": Part(lambda ctx: _bracketed(ctx.socket.ip)),
    "port": Part(lambda ctx: str(ctx.socket.port)),
    "ip_port": Part(_socket),
}


def _unique(_: Context) -> str:
    """Something that no other message has."""
    return f"{os.getpid():x}-{time.time_ns():x}-{os.urandom(4).hex()}"


def _clock(moment: Callable[[float], time.struct_time]) -> Part:
    return Part(lambda ctx: time.asctime(moment(ctx.now)))


def core_parameter(name: str) -> Part | None:
    """`cfg_get.core.NAME`, for the numbers among the core's parameters that have an effect here."""
    if not isinstance(getattr(Settings(), name, None), int):
        return None

    def value(ctx: Context) -> str:
        return str(int(getattr(ctx.program.settings, name)))

    return Part(value)


def _selected(group: str) -> Part:
    """The number that cfg_select() chose of a group of parameters; empty without one."""

    def text(ctx: Context) -> str:
        number = chosen_number(ctx, group)
        return "" if number is None else str(number)

    return Part(text)


PARTS: Final[dict[str, Part]] = {
    "cfg_selected": Part(named=_selected),
    "src": Part(
        parts={
            "ip": Part(lambda ctx: _bracketed(ctx.source_ip)),
            "port": Part(lambda ctx: str(ctx.source_port)),
            "ip_port": Part(_source),
        }
    ),
    "dst": Part(parts=_SOCKET),
    "received": Part(
        parts={
            **_SOCKET,
            "proto": Part(lambda ctx: ctx.socket.protocol),
            "proto_ip_port": Part(lambda ctx: f"{ctx.socket.protocol}:{_socket(ctx)}"),
        }
    ),
    "sys": Part(
        parts={
            "pid": Part(lambda _: str(os.getpid())),
            "unique": Part(_unique),
            "now": Part(
                lambda ctx: str(int(ctx.now)),
                parts={
                    "utc": _clock(time.gmtime),
                    "gmt": _clock(time.gmtime),
                    "local": _clock(time.localtime),
                },
            ),
        }
    ),
}
