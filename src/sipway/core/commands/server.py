"""The commands `core.*`, `system.*`, `shm.*`: what this server is and how it is doing.

Source: what Kamailio 5.6.3 lists and answers (`system.methodHelp`). sipway is one process without
a pool of shared memory; where numbers of that are asked for, they are those of the process.
"""

from __future__ import annotations

import os
import platform
import signal
import time
from pathlib import Path
from typing import Any, Final

from sipway import BUILD, __version__
from sipway.core.commands.command import Command, CommandError, Named
from sipway.core.commands.process import memory
from sipway.core.program import Program

_NAME: Final = "sipway"
_TIME: Final = "%a %b %e %H:%M:%S %Y"


def _list_methods(program: Program) -> list[str]:
    """Lists all commands."""
    return program.commands.names()


def _method_help(program: Program, name: str) -> str:
    """Says what a command does."""
    return _found(program, name).doc


def _method_signature(program: Program, name: str) -> str:
    """Says what parameters a command takes."""
    taken = []
    for each in _found(program, name).parameters:
        shown = f"*{each.name}" if each.variadic else each.name
        taken.append(f"[{shown}]" if each.optional else shown)
    return " ".join([name, *taken])


def _found(program: Program, name: str) -> Command:
    found = program.commands.find(name)
    if found is None:
        raise CommandError(400, "command not found")
    return found


def _echo(_: Program, *values: str) -> list[str]:
    """Answers with its parameters."""
    return list(values)


def _print_text(_: Program, *values: str) -> list[str]:
    """Answers with its parameters, which are texts."""
    return list(values)


def _print_number(_: Program, *values: int) -> list[int]:
    """Answers with its parameters, which are numbers."""
    return list(values)


def _same(_: Program, *values: str | float) -> list[int | str | float]:
    """Answers with its parameters as they are."""
    return list(values)


def _build() -> str:
    return "compiled" if BUILD.compiled else f"uncompiled ({BUILD.reason})"


def _python() -> str:
    return f"{platform.python_implementation()} {platform.python_version()}"


def _version(_: Program) -> str:
    """Says which version this is."""
    return f"{_NAME} {__version__} ({platform.machine()}/{platform.system().lower()})"


def _flags(_: Program) -> str:
    """Says how this is built."""
    return _build()


def _info(_: Program) -> dict[str, str]:
    """Says which version this is and how it is built."""
    return {
        "version": f"{_NAME} {__version__}",
        "id": "",
        "compiler": _python(),
        "compiled": _build(),
        "flags": _build(),
    }


def _uptime(program: Program) -> dict[str, Any]:
    """Says for how long the server has been running."""
    now = time.time()
    started = program.process.started
    return {
        "now": time.strftime(_TIME, time.localtime(now)),
        "up_since": time.strftime(_TIME, time.localtime(started)),
        "uptime": int(now - started),
    }


def _run_info(program: Program) -> dict[str, Any]:
    """Says which version this is, and for how long it has been running."""
    up = _uptime(program)
    seconds: int = up["uptime"]
    minutes, hours, days = seconds // 60, seconds // 3600, seconds // 86_400
    return {
        "name": _NAME,
        "version": __version__,
        "sourceid": "",
        "compiler": _python(),
        "compiled": _build(),
        "time_now": up["now"],
        "time_started": up["up_since"],
        "uptime_secs": seconds,
        "utime_days": f"{days}d {hours % 24}h {minutes % 60}m {seconds % 60}s",
    }


_WORKER: Final = "worker"


def _ps(_: Program) -> list[int | str]:
    """Lists the processes."""
    return [os.getpid(), _WORKER]


def _psx(_: Program) -> list[dict[str, Any]]:
    """Lists the processes, each with its number."""
    return [{"IDX": 0, "PID": os.getpid(), "DSC": _WORKER}]


def _psa(_: Program) -> list[dict[str, Any]]:
    """Lists the processes with all there is to say of them."""
    return [{"index": 0, "pid": os.getpid(), "status": 1, "rank": 1, "description": _WORKER}]


def _directory(_: Program) -> list[str]:
    """Says in which directory the server runs."""
    return [str(Path.cwd())]


def _arguments(program: Program) -> list[str]:
    """Says with what command line the server was started."""
    return list(program.process.arguments)


def _kill(_: Program, number: int = signal.SIGTERM) -> None:
    """Sends a signal to the server, SIGTERM unless another is given."""
    try:
        os.kill(os.getpid(), number)
    except OSError as error:
        raise CommandError(400, f"no signal {number}: {error.strerror}") from None


def _modules(program: Program) -> list[str]:
    """Lists the modules of the script, the last first."""
    return list(reversed(program.modules))


def _memory(_: Program) -> dict[str, int]:
    """The memory of the process: there is no pool of shared memory."""
    found = memory()
    return {
        "total": found["total"],
        "free": found["free"],
        "used": found["used"],
        "real_used": found["used"],
        "max_used": found["most"],
        "fragments": 0,
    }


def _sockets(program: Program) -> Named:
    """Lists the sockets that the server listens on."""
    return Named(
        (
            "socket",
            {
                "proto": each.protocol,
                "address": each.ip,
                "ipaddress": each.ip,
                "port": str(each.port),
                "mcast": "no",
                "mhomed": "yes" if program.mhomed else "no",
                "virtual": "no",
            },
        )
        for each in program.sockets
    )


def _aliases(program: Program) -> dict[str, Any]:
    """Lists the names that are the server's own besides those of its sockets."""
    found = Named(
        ("alias", {"proto": "*", "address": host, "port": port or "*"})
        for host, port in sorted(program.aliases)
    )
    return {
        "myself_callbacks": "yes" if program.subdomains or program.own_hosts else "no",
        "aliases": found,
    }


def _tcp_info(program: Program) -> dict[str, int]:
    """Numbers of the connections."""
    return {
        "readers": 1,
        "max_connections": program.settings.tcp_max_connections,
        "max_tls_connections": 0,
        "opened_connections": sum(1 for _ in program.process.connections()),
        "opened_tls_connections": 0,
        "write_queued_bytes": sum(each["queued"] for each in program.process.connections()),
    }


def _tcp_list(program: Program) -> list[dict[str, Any]]:
    """Lists the connections."""
    return [
        {name: value for name, value in each.items() if name != "queued"}
        for each in program.process.connections()
    ]


def _tcp_options(program: Program) -> dict[str, int]:
    """What the parameters for TCP are set to."""
    said = program.settings
    return {
        "connect_timeout": said.tcp_connect_timeout,
        "send_timeout": said.tcp_send_timeout,
        "connection_lifetime": said.tcp_connection_lifetime,
        "max_connections(soft)": said.tcp_max_connections,
        "max_tls_connections(soft)": 0,
        "no_connect": int(said.tcp_no_connect),
        "fd_cache": 1,
        "async": 1,
        "connect_wait": 1,
        "conn_wq_max": said.tcp_conn_wq_max,
        "wq_max": said.tcp_wq_max,
        "defer_accept": said.tcp_defer_accept,
        "delayed_ack": int(said.tcp_delayed_ack),
        "syncnt": said.tcp_syncnt or 0,
        "linger2": said.tcp_linger2 or 0,
        "keepalive": int(said.tcp_keepalive),
        "keepidle": said.tcp_keepidle or 0,
        "keepintvl": said.tcp_keepintvl or 0,
        "keepcnt": said.tcp_keepcnt or 0,
        "crlf_ping": int(said.tcp_crlf_ping),
        "accept_aliases": int(said.tcp_accept_aliases),
    }


def _raw_info(_: Program) -> dict[str, int]:
    """Says that no raw sockets are used for UDP."""
    return {"udp4_raw": 0, "udp4_raw_mtu": 1500, "udp4_raw_ttl": 64}


COMMANDS: Final = (
    Command("core.aliases_list", _aliases),
    Command("core.arg", _arguments, lists=True),
    Command("core.echo", _echo, lists=True),
    Command("core.flags", _flags),
    Command("core.info", _info),
    Command("core.kill", _kill),
    Command("core.modules", _modules, lists=True),
    Command("core.printi", _print_number, lists=True),
    Command("core.prints", _print_text, lists=True),
    Command("core.ps", _ps, lists=True),
    Command("core.psa", _psa, lists=True),
    Command("core.psx", _psx, lists=True),
    Command("core.pwd", _directory, lists=True),
    Command("core.runinfo", _run_info),
    Command("core.shmmem", _memory),
    Command("core.sockets_list", _sockets),
    Command("core.tcp_info", _tcp_info),
    Command("core.tcp_list", _tcp_list, lists=True),
    Command("core.tcp_options", _tcp_options),
    Command("core.udp4_raw_info", _raw_info),
    Command("core.uptime", _uptime),
    Command("core.version", _version),
    Command("jsonrpc.echo", _same, lists=True),
    Command("shm.stats", _memory),
    Command("system.listMethods", _list_methods, lists=True),
    Command("system.methodHelp", _method_help),
    Command("system.methodSignature", _method_signature),
)
