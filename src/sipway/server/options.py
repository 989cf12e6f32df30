"""What the command line says, as plain data."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from sipway.language.record import Record, field


class Options(Record):
    """How to run a script; the command line's word goes before the script's.

    script      the file; None for the embedded default script
    listen      `udp:IP:PORT` texts, besides those of the script
    defines     names for `#!ifdef`, with their values (`-A NAME=VALUE`)
    directives  lines such as `#!substdef "..."`, read before the script (`--substdef`)
    log_stderr  True: to standard error; None: as the script's `log_stderror` says
    debug       log level; None: as the script's `debug` says
    workdir     directory to change to; None: as the script says
    user, group whom to become once the sockets are bound
    disable_tcp listen on no TCP, whatever the script says
    state_dir   where to keep what outlives the server (`state.state_directory`)
    run_dir     where the control sockets are (`rpc.places.run_directory`)
    cache       whether a script that has not changed may come from the cache
    """

    script: Path | None = None
    listen: tuple[str, ...] = ()
    defines: Mapping[str, str | None] = field(default_factory=dict)
    directives: tuple[str, ...] = ()
    log_stderr: bool | None = None
    debug: int | None = None
    workdir: Path | None = None
    user: str | None = None
    group: str | None = None
    disable_tcp: bool = False
    state_dir: str | None = None
    run_dir: str | None = None
    cache: bool = True


class ReadyInfo(Record):
    """What a server says of itself once its sockets are bound."""

    listening: tuple[str, ...]
    script: str
    modules: tuple[str, ...]
    compiled: bool
