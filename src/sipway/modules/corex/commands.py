"""Commands for the log level, the sockets and the names that are ours.

Source: README of corex, RPC Commands; what it leaves open was tried on Kamailio 5.6.3.
"""

from __future__ import annotations

from typing import Any

from sipway.core.program import Program
from sipway.modules.corex._module import mod


@mod.rpc("corex.debug")
def debug(program: Program, *level: int) -> dict[str, int]:
    """Says what the log level is, or changes it."""
    log = program.log
    if not level:
        return {"debug": log.level}
    old, log.level = log.level, level[0]
    return {"old": old, "new": log.level}


def _place(advertised: tuple[str, int] | None) -> str:
    return "-" if advertised is None else f"{advertised[0]}:{advertised[1]}"


def _yes(value: bool) -> str:
    return "yes" if value else "no"


@mod.rpc("corex.list_sockets", lists=True)
def list_sockets(program: Program) -> list[dict[str, Any]]:
    """Lists the sockets that the server listens on."""
    return [
        {
            "PROTO": each.protocol,
            "NAME": each.ip,
            "ADDRLIST": {"ADDR": each.ip},
            "PORT": str(each.port),
            "MCAST": "no",
            "MHOMED": _yes(program.mhomed),
            "VIRTUAL": "no",
            "SOCKNAME": each.name or "-",
            "ADVERTISE": _place(each.advertised),
        }
        for each in program.sockets
    ]


@mod.rpc("corex.list_aliases", lists=True)
def list_aliases(program: Program) -> list[dict[str, str]]:
    """Lists the names that are the server's own besides those of its sockets."""
    return [
        {"PROTO": "*", "ADDR": host, "PORT": str(port) if port else "*"}
        for host, port in sorted(program.aliases)
    ]
