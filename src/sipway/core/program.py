"""A Program: what a script has become, with all that its messages need of it.

Immutable once it runs, so that a reload swaps the one reference that new messages use, while
messages on their way keep theirs.

Compiled (see `program.pxd`); the same file runs uncompiled.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Container, Coroutine, Mapping
from typing import TYPE_CHECKING, Any, Final, TypeAlias

from sipway.core import waiting as coroutines
from sipway.core.blocklist import Blocklist
from sipway.core.commands import Commands
from sipway.core.commands.process import ServerProcess
from sipway.core.proxy.state import ProxySettings
from sipway.core.resolving import Names, no_names
from sipway.core.shared import SharedVariables
from sipway.core.sockets import SIP_PORT
from sipway.sip.uri import routable_uri
from sipway.tx.layer import Layer

if TYPE_CHECKING:
    from sipway.core.context import Context
    from sipway.core.log import Log
    from sipway.core.proxy.watching import Watching
    from sipway.core.settings import Settings
    from sipway.core.sockets import ListenSocket

    Block: TypeAlias = Callable[[Context], Any]
    Filter: TypeAlias = tuple[int, Callable[[Context], bool]]


# So many answers of `is_myself` are kept: hosts come from the network.
_REMEMBERED: Final = 1024


class Program:
    """A compiled script, its parameters and the sockets it speaks through.

    request_route    the block every request starts in; None if the script has none
    reply_route      the block for replies, or None
    onsend_route     the block for what is about to be sent, or None
    events           event routes by name
    modules          names in the order in which they started
    parameters       values of the modules' parameters, by (module, name)
    filters          (method bits, function): looked at before the script
    sip_warning      add a Warning to replies made here
    force_rport      answer every request to the port it came from
    mhomed, changes_via, reply_to_via, udp_mtu, max_branches
                     as in the settings, for what every message asks
    fresh_vars       initial `$var` slots, copied for each message
    variable_names   names of the `$var` slots
    server_line      complete header line for replies made here, or b""
    tag_prefix       how the To-tags begin that are made here without a transaction
    aliases          (host, port or 0) of names that are ours besides the sockets
    subdomains       (domain, port or 0) of domains that are ours with all below them; modules
                     add to it when they start
    own_hosts        containers of hosts (small letters, IPv6 without brackets) that are ours on any
                     port, which may change; modules add to it when they start
    custom           values of the script's own parameters, by (group, name); the module cfg_rpc
                     changes them
    waiting          functions among the blocks that are coroutine functions
    shared           `$shv`: given by the worker, so that they outlive the Program
    layer            the transactions: given by the worker, likewise
    stateful         requests may have transactions: tm is there
    proxy            what tm's parameters say
    failure_routes, reply_routes, branch_routes
                     the blocks with a name that run for transactions
    routes           the blocks that scripts call, by name, for functions that run them
    services         what runs beside the messages while the server serves: each makes a coroutine,
                     which ends when the server does; modules add to it when they start
    spawn            runs a coroutine to its end, as a task; None where there is nothing to do so
    names            what DNS says, given by the server; without it no name has an address
    incoming, outgoing
                     what changes lists of (bytes, raw sockaddr) before they are parsed, and before
                     they are sent: called with list, socket and time; None where nothing does
    watching         modules that watch transactions, or None (`core.proxy.watching`)
    blocklist        destinations to be left alone, or None (`use_dst_blocklist`)
    commands         what operators can have it do, by name
    process          the process that serves
    clock            the time, for what goes on after it has waited; None where nothing waits
    """

    def __init__(
        self,
        path: str,
        settings: Settings,
        log: Log,
        sockets: tuple[ListenSocket, ...],
        *,
        request_route: Block | None = None,
        reply_route: Block | None = None,
        onsend_route: Block | None = None,
        events: Mapping[str, Block] | None = None,
        modules: tuple[str, ...] = (),
        parameters: Mapping[tuple[str, str], Any] | None = None,
        filters: tuple[Filter, ...] = (),
        fresh_vars: list[Any] | None = None,
        variable_names: tuple[str, ...] = (),
        server_line: bytes = b"",
        tag_prefix: bytes = b"",
        aliases: frozenset[tuple[str, int]] = frozenset(),
        waiting: frozenset[Block] = frozenset(),
        shared: SharedVariables | None = None,
        custom: dict[tuple[str, str], int | str] | None = None,
        layer: Layer | None = None,
        failure_routes: Mapping[str, Block] | None = None,
        reply_routes: Mapping[str, Block] | None = None,
        branch_routes: Mapping[str, Block] | None = None,
        routes: Mapping[str, Block] | None = None,
        names: Names | None = None,
        commands: Commands | None = None,
        process: ServerProcess | None = None,
    ) -> None:
        self.path = path
        self.settings = settings
        self.log = log
        self.sockets = sockets
        self.request_route = request_route
        self.reply_route = reply_route
        self.onsend_route = onsend_route
        self.events = {} if events is None else events
        self.modules = modules
        self.parameters = {} if parameters is None else dict(parameters)
        self.filters = filters
        self.force_rport = bool(settings.force_rport)
        self.sip_warning = bool(settings.sip_warning)
        self.mhomed = bool(settings.mhomed)
        self.changes_via = settings.changes_via
        self.reply_to_via = bool(settings.reply_to_via)
        self.udp_mtu = settings.udp_mtu
        self.max_branches = settings.max_branches
        self.fresh_vars = [] if fresh_vars is None else fresh_vars
        self.variable_names = variable_names
        self.server_line = server_line
        self.tag_prefix = tag_prefix
        self.aliases = aliases
        self.subdomains: list[tuple[str, int]] = []
        self.own_hosts: list[Container[str]] = []
        self._myself: dict[tuple[str, int | None], bool] = {}
        self._owned: dict[bytes, bool] = {}
        self.waiting = waiting
        self.shared = SharedVariables() if shared is None else shared
        self.custom = {} if custom is None else custom
        self.names = no_names(settings) if names is None else names
        self.layer = Layer() if layer is None else layer
        self.stateful = False
        self.proxy = ProxySettings(self.layer.timing)
        self.failure_routes = {} if failure_routes is None else failure_routes
        self.reply_routes = {} if reply_routes is None else reply_routes
        self.branch_routes = {} if branch_routes is None else branch_routes
        self.routes = {} if routes is None else routes
        self.services: list[Callable[[], Coroutine[Any, Any, None]]] = []
        self.spawn: Callable[[Coroutine[Any, Any, Any]], object] | None = None
        self.clock: Callable[[], float] | None = None
        self.commands = Commands() if commands is None else commands
        self.process = ServerProcess() if process is None else process
        self.incoming: Callable[[Any, ListenSocket, float], Any] | None = None
        self.outgoing: Callable[[Any, ListenSocket, float], Any] | None = None
        self.watching: Watching | None = None
        self.blocklist: Blocklist | None = None
        if settings.use_dst_blocklist and settings.dst_blocklist_init:
            self.blocklist = Blocklist(settings.dst_blocklist_expire, settings.dst_blocklist_mem)

    def start(self, coroutine: Coroutine[Any, Any, Any], ctx: Context) -> None:
        """Run a coroutine up to its first wait at once, and the rest of it as a task.

        `ctx` is the Context that it works on: after each wait its `now` is the time again.
        """
        rest = coroutines.start(coroutine, ctx)
        if rest is not None:
            self.go_on(rest)

    def go_on(self, rest: Coroutine[Any, Any, Any]) -> None:
        """Run to its end, as a task, what waits."""
        if self.spawn is None:
            rest.close()
            raise RuntimeError("something has to wait, and there is nothing to do it on")
        self.spawn(rest)

    def now(self) -> float:
        """The time of day; what is sent meanwhile goes out afterwards."""
        return time.time() if self.clock is None else self.clock()

    def is_myself(self, host: str, port: int | None = None) -> bool:
        """Whether host (text, IPv6 with or without brackets) and port are ours.

        Without a port any port of ours will do; an alias without a port stands for all.
        """
        if self.own_hosts and self._is_own_host(host):
            return True
        key = (host, port)
        known = self._myself.get(key)
        if known is None:
            if len(self._myself) >= _REMEMBERED:
                self._myself.clear()
            known = self._myself[key] = self._is_myself(host, port)
        return known

    def owns(self, place: bytes) -> bool:
        """Whether host and port as they stand in a sip URI (`192.0.2.1:5070`) are ours.

        Without a port the default one is meant. What cannot be read is not ours.
        """
        known = self._owned.get(place)
        if known is None:
            uri = routable_uri("sip:" + place.decode("utf-8", "surrogateescape"))
            known = uri is not None and self.is_myself(uri.host, uri.port or SIP_PORT)
            if self.own_hosts:
                return known  # what is in them changes
            if len(self._owned) >= _REMEMBERED:
                self._owned.clear()
            self._owned[place] = known
        return known

    def _is_own_host(self, host: str) -> bool:
        host = host.strip("[]").lower()
        return any(host in hosts for hosts in self.own_hosts)

    def _is_myself(self, host: str, port: int | None) -> bool:
        host = host.strip("[]").lower()
        for socket in self.sockets:
            if socket.ip.lower() == host and port in (None, 0, socket.port):
                return True
            advertised = socket.advertised
            if advertised and advertised[0].lower() == host and port in (None, 0, advertised[1]):
                return True
        for domain, its_port in self.subdomains:
            if its_port in (0, port or its_port) and f".{host}".endswith(f".{domain}"):
                return True
        if (host, 0) in self.aliases:
            return True
        if port:
            return (host, port) in self.aliases
        return any(alias == host for alias, _ in self.aliases)
