"""Run a script: check it, bind its sockets, serve until told to stop."""

from __future__ import annotations

import asyncio
import grp
import logging
import os
import pwd
import resource
import signal
import time
from collections.abc import Callable

from sipway import BUILD
from sipway.core import log as levels
from sipway.core.commands import GIVEN_BY
from sipway.core.commands.process import ServerProcess
from sipway.core.databases import finish, prepare
from sipway.core.loader import load_program
from sipway.core.log import Log, LogHandler
from sipway.core.program import Program
from sipway.core.resolving import Names
from sipway.core.settings import Settings
from sipway.errors import ConfigError
from sipway.language.regex import linear_engine
from sipway.net.resolver import DnsResolver
from sipway.net.tcp import Table
from sipway.net.udp import Datagram
from sipway.server import listening
from sipway.server.checking import check
from sipway.server.options import Options, ReadyInfo
from sipway.server.state import State, state_directory
from sipway.server.worker import Worker

logger = logging.getLogger("sipway.server")


def serve(options: Options, on_ready: Callable[[ReadyInfo], None]) -> int:
    """Serve until SIGINT or SIGTERM; 0 when ended by one of them.

    `on_ready` is called once, when all sockets are bound. Raises ConfigError when the
    script or an option is wrong, TransportError when a socket cannot be bound.
    """
    result = check(options)
    compiled = result.compiled
    if compiled is None:
        raise ConfigError("the script has errors", result.diagnostics)
    settings = Settings.from_items(compiled.parameters)
    log = _open_log(options, settings)
    workers: list[Worker] = []
    ends: list[Callable[[], None]] = []
    state = State(state_directory(options.state_dir), lambda line: log.line(levels.ERR, line))

    def on_batch(real: listening.RealSocket, datagrams: list[Datagram]) -> list[Datagram]:
        return workers[0].on_batch(real, datagrams)

    def on_failure(real: listening.RealSocket, data: bytes, to: bytes, reason: str) -> None:
        workers[0].on_send_failure(real, data, to, reason)

    def on_trouble(real: listening.RealSocket, peer: bytes, reason: str) -> None:
        workers[0].on_trouble(real, peer, reason)

    streams = listening.Streams(
        listening.stream_options(settings),
        Table(settings.tcp_max_connections, settings.tcp_wq_max),
        on_failure,
        on_trouble,
    )

    try:
        _set_limits(settings)
        bound = listening.bind(
            listening.endpoints(options, compiled, settings),
            on_batch,
            listening.socket_options(settings),
            streams,
        )
        sockets = tuple(described for described, _ in bound)
        names = Names(_resolver(settings), settings, time.monotonic)
        program = load_program(
            compiled,
            result.catalog,
            settings,
            log,
            sockets,
            names=names,
            open_store=state.open,
            process=ServerProcess(lambda: list(workers[0].connections()), streams.table.peer_of),
        )
        workers.append(Worker(program, bound, state))
        if GIVEN_BY.intersection(program.modules):
            from sipway.rpc import Listeners, run_directory  # noqa: PLC0415 - most never ask

            listeners = Listeners(program, run_directory(options.run_dir or settings.rundir))
            ends.append(listeners.close)
            program.services.append(listeners.serve)
        _become(options, settings, state)
        asyncio.run(_serve(workers[0], program, on_ready))
    finally:
        for end in ends:
            end()
        try:
            state.close()
        finally:
            log.flush()
    return 0


async def _serve(worker: Worker, program: Program, on_ready: Callable[[ReadyInfo], None]) -> None:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stop.set)
    # Sockets are bound, so what comes now waits in the kernel until the worker reads.
    await prepare(program)
    on_ready(
        ReadyInfo(
            listening=tuple(socket.text for socket in program.sockets),
            script=program.path,
            modules=program.modules,
            compiled=BUILD.compiled,
        )
    )
    try:
        await worker.run(stop)
    finally:
        await finish(program)


def _resolver(settings: Settings) -> DnsResolver:
    return DnsResolver(
        timeout=settings.dns_retr_time,
        attempts=settings.dns_retr_no,
        servers=settings.dns_servers_no,
        search=settings.dns_use_search_list,
    )


def _open_log(options: Options, settings: Settings) -> Log:
    """The log as options and script want it, with sipway's own messages in it too."""
    to_stderr = settings.log_stderror if options.log_stderr is None else options.log_stderr
    log = Log(
        settings.debug if options.debug is None else options.debug,
        to_stderr=to_stderr,
        facility=settings.log_facility,
        name=settings.log_name or "sipway",
        color=settings.log_color,
    )
    root = logging.getLogger("sipway")
    root.handlers = [LogHandler(log)]
    root.propagate = False
    return log


def _set_limits(settings: Settings) -> None:
    """What the script says of core files and open files. Raises ConfigError."""
    try:
        if settings.disable_core_dump:
            resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
        if settings.open_files_limit is not None:
            hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
            wanted = settings.open_files_limit
            top = wanted if hard != resource.RLIM_INFINITY and wanted > hard else hard
            resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, top))
    except (OSError, ValueError) as error:
        raise ConfigError(
            f"cannot have {settings.open_files_limit} open files: {error}",
            hint="more than the hard limit (ulimit -Hn) needs root",
        ) from None


def _become(options: Options, settings: Settings, state: State) -> None:
    """Change root and directory, then give up root for the user and group asked for."""
    workdir = options.workdir or settings.workdir
    user, group = options.user or settings.user, options.group or settings.group
    try:
        # Names are looked up before the files that hold them are out of sight.
        if group:
            gid = int(group) if group.isdigit() else grp.getgrnam(group).gr_gid
        else:
            gid = os.getegid()
        if user:
            account = pwd.getpwuid(int(user)) if user.isdigit() else pwd.getpwnam(user)
            gid = gid if group else account.pw_gid
            if os.geteuid() == 0:
                os.initgroups(account.pw_name, gid)
        if settings.chroot or user:
            linear_engine()  # would be imported later, from what may be out of sight then
        if settings.chroot:
            if state.is_embedded:
                raise ConfigError(
                    "what the server keeps is out of sight behind a chroot",
                    hint="--state-dir none keeps nothing",
                )
            os.chroot(settings.chroot)
            os.chdir("/")
        if workdir:
            os.chdir(workdir)
        if os.geteuid() == 0 and (user or group):
            state.give_to(account.pw_uid if user else os.geteuid(), gid)
        if gid != os.getegid():
            os.setgid(gid)
        if user and account.pw_uid != os.geteuid():
            os.setuid(account.pw_uid)
    except KeyError as error:
        raise ConfigError(f"there is no user or group {error.args[0]}") from None
    except OSError as error:
        raise ConfigError(f"cannot become what was asked for: {error}") from None
