"""All core parameters of a script, as one table.

Source: Kamailio's core cookbook 5.6 (sections core, DNS, TCP, TLS, SCTP, UDP, blocklist and
real-time parameters), and 6.1 for those that are newer. What type each takes was tried on
Kamailio 5.6.3. `yes`, `no`, `on`, `off` reach this table as 1 and 0.

Most of them tune Kamailio's processes, memory or locks, or things that sipway does not do
yet: they are accepted so that the script runs (`Meaning.IGNORED`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any, Final, NamedTuple

from sipway.core.log import FACILITIES
from sipway.language.signatures import Meaning, ParameterSignature


class Alias(NamedTuple):
    """A name of this server; port 0 stands for every port."""

    host: str
    port: int


# --- conversions: they raise ValueError with a sentence for the user -----------------


def _flag(value: int) -> bool:
    return value != 0


def _natural(value: int) -> int:
    if value < 0:
        raise ValueError(f"a number that is not negative is wanted, not {value}")
    return value


def _port(value: int) -> int:
    if not 0 <= value <= 65535:
        raise ValueError(f"a port is a number from 0 to 65535, not {value}")
    return value


def _branches(value: int) -> int:
    if not 1 <= value <= 30:
        raise ValueError(f"a number from 1 to 30 is wanted, not {value}")
    return value


def _facility(value: str) -> str:
    if value not in FACILITIES:
        raise ValueError(f"{value} is no facility of syslog; LOG_LOCAL0 is one")
    return value


def alias(value: str) -> Alias:
    """`host`, `host:port` or `protocol:host:port`; IPv6 in brackets."""
    text = value.strip()
    first, colon, rest = text.partition(":")
    if colon and first.lower() in _PROTOCOLS:
        text = rest
    host, colon, port = text.rpartition(":")
    if not colon or text.endswith("]") or (":" in host and not host.endswith("]")):
        host, port = text, "0"
    if not host or not port.isdecimal():
        raise ValueError(f'"{value}" is no name of a host, such as example.org or example.org:5060')
    return Alias(host.strip("[]").lower(), _port(int(port)))


def _engine(value: str) -> str:
    if value not in ("native", "default"):
        raise ValueError(f'routes written for "{value}" cannot be run, only routing blocks')
    return value


def _one_of(*values: str) -> Callable[[str], str]:
    def convert(value: str) -> str:
        if value not in values:
            raise ValueError(f"{', '.join(values[:-1])} or {values[-1]} is wanted, not {value}")
        return value

    return convert


_PROTOCOLS: Final = frozenset(("udp", "tcp", "tls", "sctp", "ws", "wss"))


# --- those that have an effect --------------------------------------------------------

_EFFECTIVE: Final = (
    ParameterSignature(
        "advertised_address",
        None,
        convert=str,
        doc="host to show in our Via instead of the socket's own",
    ),
    ParameterSignature(
        "advertised_port",
        int,
        0,
        convert=_port,
        doc="port to show in our Via instead of the socket's own",
    ),
    ParameterSignature(
        "alias",
        str,
        convert=alias,
        repeatable=True,
        doc="a name, with or without a port, under which this server is `myself`",
    ),
    ParameterSignature(
        "cfgengine", str, "native", convert=_engine, doc="what the routes are written in"
    ),
    ParameterSignature(
        "check_via",
        int,
        False,
        convert=_flag,
        doc="pass on only replies whose first Via is ours",
    ),
    ParameterSignature(
        "debug",
        int,
        0,
        doc="log level: lines above it are not written (-1 errors, 0 warnings, 2 info, 3 all)",
    ),
    ParameterSignature(
        "fork",
        int,
        True,
        convert=_flag,
        doc="go to the background, unless the command line says otherwise",
    ),
    ParameterSignature(
        "force_rport",
        int,
        False,
        convert=_flag,
        doc="answer every request to the port it came from, as force_rport() does",
    ),
    ParameterSignature(
        "group", str, doc="group, by name or number, to run as once the sockets are bound"
    ),
    ParameterSignature(
        "local_rport",
        int,
        False,
        convert=_flag,
        doc="ask for rport in our own Via, as add_local_rport() does",
    ),
    ParameterSignature(
        "log_facility", str, "LOG_DAEMON", convert=_facility, doc="facility of syslog to log to"
    ),
    ParameterSignature("log_name", str, doc="name of the program in syslog's lines"),
    ParameterSignature(
        "log_prefix",
        str,
        format=True,
        doc="put before lines that are logged for a message; may hold variables",
    ),
    ParameterSignature(
        "log_prefix_mode",
        int,
        0,
        doc="0: variables in log_prefix are read once a message; 1: for each line",
    ),
    ParameterSignature(
        "log_stderror", int, False, convert=_flag, doc="log to standard error instead of syslog"
    ),
    ParameterSignature(
        "max_recursive_level", int, 256, convert=_natural, doc="how deep blocks may call each other"
    ),
    ParameterSignature(
        "max_while_loops",
        int,
        100,
        convert=_natural,
        doc="rounds after which a while ends; 0: as many as it takes",
    ),
    ParameterSignature(
        "onsend_route_reply", int, False, convert=_flag, doc="run onsend_route for replies too"
    ),
    ParameterSignature(
        "phone2tel",
        int,
        True,
        convert=_flag,
        doc="treat a SIP URI with user=phone as the tel URI it stands for",
    ),
    ParameterSignature(
        "port", int, 5060, convert=_port, doc="port of every listen that names none"
    ),
    ParameterSignature(
        "reply_to_via",
        int,
        False,
        convert=_flag,
        doc="send replies to the address in the Via instead of the one the request came from",
    ),
    ParameterSignature(
        "server_header",
        str,
        doc="the whole Server line of replies made here, without its line end; empty: none",
    ),
    ParameterSignature(
        "server_id", int, 0, doc="number of this server among several, for the script ($sid)"
    ),
    ParameterSignature(
        "server_signature",
        int,
        True,
        convert=_flag,
        doc="whether replies and requests made here name the server",
    ),
    ParameterSignature(
        "user", str, doc="user, by name or number, to run as once the sockets are bound"
    ),
    ParameterSignature(
        "user_agent_header",
        str,
        doc="the whole User-Agent line of requests made here, without its line end; empty: none",
    ),
    ParameterSignature("workdir", str, doc="directory to run in"),
)


# --- those that are accepted ----------------------------------------------------------

# name; type (n number or yes/no, s text, w either); default; what it does in Kamailio
_IGNORED: Final = """
async_nonblock          n  0       mode of the pipes to the asynchronous workers
async_tkv_evcb          s  -       route for events of the core's notifier
async_tkv_gname         s  -       workers for events of the core's notifier
async_usleep            n  0       microseconds between two looks for a task
async_workers           n  0       number of processes for asynchronous tasks
async_workers_group     s  -       a named group of processes for asynchronous tasks
auto_aliases            n  1       take the DNS names of the own addresses for `myself`
auto_bind_ipv6          n  0       listen on IPv6 addresses too when nothing is said
bind_ipv6_link_local    n  0       find the scope of link-local addresses
children                n  8       number of processes for each UDP socket
chroot                  w  -       directory to be locked into
corelog                 n  -1      log level for what is wrong with messages
disable_core_dump       n  0       leave no core file behind
disable_sctp            n  1       no SCTP
disable_tcp             n  0       no TCP
disable_tls             n  1       no TLS
dns                     n  0       resolve the Via's name before adding `received`
dns_cache_del_nonexp    n  0       make room in a full cache with entries still good
dns_cache_flags         n  0       address families to ask for
dns_cache_gc_interval   n  120     seconds between two cleanings of the cache
dns_cache_init          n  1       have a cache
dns_cache_max_ttl       n  -       longest time in the cache, in seconds
dns_cache_mem           n  500     size of the cache in kB
dns_cache_min_ttl       n  0       shortest time in the cache, in seconds
dns_cache_negative_ttl  n  60      how long to remember that a name is unknown, in seconds
dns_cache_rec_pref      n  0       old or new records first
dns_naptr_ignore_rfc    n  1       own preferences before the order of NAPTR
dns_retr_no             n  -       retransmissions of a query
dns_retr_time           n  -       seconds until a query is retransmitted
dns_sctp_pref           n  20      preference of SCTP in NAPTR
dns_search_full_match   n  1       check answers found through the search list
dns_servers_no          n  -       how many of the servers of resolv.conf to ask
dns_srv_lb              n  0       spread load by the weights of SRV
dns_tcp_pref            n  20      preference of TCP in NAPTR
dns_tls_pref            n  10      preference of TLS in NAPTR
dns_try_ipv6            n  0       ask for AAAA too
dns_try_naptr           n  0       ask for NAPTR first
dns_udp_pref            n  30      preference of UDP in NAPTR
dns_use_search_list     n  1       use the search list of resolv.conf
dst_blocklist_expire    n  60      seconds that a dead destination is left alone
dst_blocklist_gc_interval n 60     seconds between two cleanings of that list
dst_blocklist_init      n  1       have such a list
dst_blocklist_mem       n  250     size of that list in kB
enable_sctp             n  2       0 no, 1 yes, 2 when it is there
enable_tls              n  0       TLS
exit_timeout            n  60      seconds that the end may take
fork_delay              n  0       microseconds between two processes
hdr_name_extra_chars    s  -       further characters in names of headers
http_reply_parse        n  0       take HTTP replies for SIP replies
ip_free_bind            n  0       bind addresses that this machine does not have
ipv6_hex_style          s  c       spelling of IPv6 addresses
kemi.onsend_route_callback    s  - function for onsend_route in other languages
kemi.pre_routing_callback     s  - function for core:pre-routing in other languages
kemi.received_route_callback  s  - function for core:msg-received in other languages
kemi.reply_route_callback     s  - function for reply_route in other languages
latency_cfg_log         n  3       log level of the time that a script took
latency_limit_action    n  0       microseconds from which on a statement counts as slow
latency_limit_db        n  0       microseconds from which on a query counts as slow
latency_log             n  -1      log level for what was slow
loadpath                s  -       where modules lie
log_color               n  0       colours on standard error
log_engine_data         s  -       where the log engine writes to
log_engine_type         s  -       log engine
max_branches            n  12      most branches of a request
maxbuffer               n  262144  most bytes to grow the receive buffers to
maxsndbuffer            n  262144  most bytes to grow the send buffers to
mcast                   w  -       interface for multicast
mcast_loopback          n  0       hear our own multicast
mcast_ttl               n  -       hops of multicast
mem_add_size            n  0       spare bytes behind each piece of memory
mem_join                n  1       join free pieces of memory
mem_safety              n  1       go on after a piece of memory was freed twice
mem_status_mode         n  0       detail in dumps of memory
mem_summary             n  12      dumps of memory at the end
memdbg                  n  3       log level of the memory manager
memlog                  n  3       log level of the dumps of memory
mhomed                  n  0       choose the socket by the route to the destination
mlock_pages             n  0       keep memory from being swapped out
modinit_delay           n  0       microseconds between two modules' starts
msg_apply_changes_mode  n  0       when msg_apply_changes() takes effect
msg_clone_extra_size    n  0       spare bytes behind a stored message
msg_recv_max_size       n  32767   longest message in bytes
open_files_limit        n  -       most open files
pmtu_discovery          n  0       set Don't Fragment
pv_buffer_size          n  8192    size of the buffer for strings with variables
pv_buffer_slots         n  10      number of such buffers
pv_cache_action         n  0       what to do when too many variables are known
pv_cache_limit          n  2048    how many variables are too many
real_time               n  0       which processes get real-time priority
received_route_mode     n  0       run event_route[core:msg-received]
rev_dns                 n  0       resolve the source before adding `received`
route_locks_size        n  -       locks that keep messages of a call in order (always so here)
rpc_exec_delta          n  0       seconds between two runs of a costly command
rt_policy               n  0       real-time policy
rt_prio                 n  0       real-time priority
rt_timer1_policy        n  0       real-time policy of the fast timer
rt_timer1_prio          n  0       real-time priority of the fast timer
rt_timer2_policy        n  0       real-time policy of the slow timer
rt_timer2_prio          n  0       real-time priority of the slow timer
rundir                  s  -       directory of the control sockets
sctp_asocmaxrxt         n  -       retransmissions of an association
sctp_assoc_reuse        n  1       answer by the association of the request
sctp_assoc_tracking     n  1       keep track of associations
sctp_autoclose          n  180     seconds until an idle association ends
sctp_children           n  8       number of processes for SCTP
sctp_hbinterval         n  -       milliseconds between heartbeats
sctp_init_max_attempts  n  -       attempts at an association
sctp_init_max_timeo     n  -       longest wait for an association, in milliseconds
sctp_max_assocs         n  -1      most associations
sctp_max_burst          n  -       most packets in one go
sctp_pathmaxrxt         n  -       retransmissions of a path
sctp_sack_delay         n  -       milliseconds until an acknowledgement
sctp_sack_freq          n  -       packets until an acknowledgement
sctp_send_retries       n  0       attempts to send again by a new association
sctp_send_ttl           n  32000   milliseconds until an unsent message is dropped
sctp_socket_rcvbuf      n  -       receive buffer in bytes
sctp_socket_sndbuf      n  -       send buffer in bytes
sctp_srto_initial       n  -       first retransmission timeout in milliseconds
sctp_srto_max           n  -       longest retransmission timeout in milliseconds
sctp_srto_min           n  -       shortest retransmission timeout in milliseconds
shm_force_alloc         n  0       touch all shared memory at the start
shm_mem_size            n  64      shared memory in MB
sip_parser_log          n  0       log level of the parser
sip_parser_mode         n  1       0: take messages with doubled From, To ...
sip_warning             n  0       add a Warning header to replies made here
socket_workers          n  -       number of processes for the next socket
sql_buffer_size         n  65535   longest SQL query
stats_name_separator    s  _       between the parts of a counter's name
tcp_accept_aliases      n  0       `alias` of a Via is a port to reach the peer by
tcp_accept_haproxy      n  0       connections begin with the PROXY protocol
tcp_accept_hep3         n  0       take HEP3 packets
tcp_accept_iplimit      n  -       most connections of one address
tcp_accept_no_cl        n  0       take requests without Content-Length
tcp_accept_unique       n  0       refuse a second connection of the same peer
tcp_async               n  1       queue what cannot be written at once
tcp_check_timer         n  -       seconds between two looks at connections
tcp_children            n  8       number of processes for TCP
tcp_clone_rcvbuf        n  0       copy messages out of the stream
tcp_conn_wq_max         n  32768   most bytes that wait for one connection
tcp_connect_timeout     n  10      seconds that a connection may take to open
tcp_connection_lifetime n  120     seconds until an idle connection is closed
tcp_connection_match    n  0       look for connections by the local port too
tcp_crlf_ping           n  1       answer CRLF CRLF with CRLF
tcp_defer_accept        n  0       accept when there is data
tcp_delayed_ack         n  1       first acknowledgement together with data
tcp_fd_cache            n  1       keep descriptors of connections
tcp_keepalive           n  1       keepalives by the kernel
tcp_keepcnt             n  -       keepalives until a connection is dead
tcp_keepidle            n  -       seconds until the first keepalive
tcp_keepintvl           n  -       seconds between keepalives
tcp_linger2             n  -       seconds in FIN_WAIT2
tcp_listen_backlog      n  1024    connections that wait to be accepted
tcp_main_threads        n  0       threads for TLS
tcp_max_connections     n  2048    most connections
tcp_msg_data_timeout    n  20      seconds until the first bytes must come
tcp_msg_read_timeout    n  20      seconds until a message must be complete
tcp_no_connect          n  0       open no connections
tcp_poll_method         s  -       system call to wait with
tcp_rd_buf_size         n  4096    size of a read in bytes
tcp_reuse_port          n  0       connect from the port that we listen on
tcp_script_mode         n  0       keep a connection whose message failed
tcp_send_timeout        n  10      seconds until a stuck connection is closed
tcp_source_ipv4         s  -       address to connect from
tcp_source_ipv6         s  -       address to connect from, IPv6
tcp_syncnt              n  -       attempts to connect
tcp_wait_data           n  5000    milliseconds to wait for the PROXY protocol
tcp_wq_blk_size         n  2100    size of a piece of the write queue
tcp_wq_max              n  10485760  most bytes that wait to be written
tls_ca_list             s  -       file with trusted certificates
tls_certificate         s  -       file with our certificate
tls_connection_match_domain n 0    one connection for each TLS domain
tls_log                 n  -       log level of TLS
tls_max_connections     n  2048    most TLS connections
tls_port_no             n  5061    port for TLS
tls_private_key         s  -       file with our key
tls_require_certificate n  0       ask peers for a certificate
tls_threads_mode        n  2       how OpenSSL is kept from threads
tls_verify              n  0       verify certificates
tos                     w  -       type of service of sent packets
udp4_raw                n  0       send by a raw socket
udp4_raw_mtu            n  1500    MTU for the raw socket
udp4_raw_ttl            n  -1      TTL for the raw socket
udp_mtu                 n  0       size from which on another protocol is used
udp_mtu_try_proto       s  UDP     that other protocol
udp_receiver_mode       n  0       processes or threads for UDP
uri_host_extra_chars    s  -       further characters in host names
use_dns_cache           n  1       ask DNS through a cache
use_dns_failover        n  0       try the next address when one is dead
use_dst_blocklist       n  0       leave dead destinations alone for a while
verbose_startup         n  0       log more at the start
version_table           s  version table with the versions of tables
wait_worker1_mode       n  0       wait for the first process before the others
wait_worker1_time       n  4000000 microseconds to wait for it
wait_worker1_usleep     n  100000  microseconds between two looks
xavp_via_fields         s  -       variable with host and port of our Via
xavp_via_params         s  -       variable with parameters of our Via
xavp_via_reply_params   s  -       variable with parameters of the Via in replies
"""

_ALLOWED: Final[dict[str, Callable[[Any], object]]] = {
    "ipv6_hex_style": _one_of("a", "A", "c"),
    "max_branches": _branches,
    "udp_mtu_try_proto": _one_of("TCP", "TLS", "SCTP", "UDP"),
}

SYNONYMS: Final = {
    "dns_cache_delete_nonexpired": "dns_cache_del_nonexp",
    "dns_sctp_preference": "dns_sctp_pref",
    "dns_srv_loadbalancing": "dns_srv_lb",
    "dns_tcp_preference": "dns_tcp_pref",
    "dns_tls_preference": "dns_tls_pref",
    "dns_udp_preference": "dns_udp_pref",
    "dst_blocklist_ttl": "dst_blocklist_expire",
    "gid": "group",
    "http_reply_hack": "http_reply_parse",
    "ip_nonlocal_bind": "ip_free_bind",
    "ipfreebind": "ip_free_bind",
    "mem_dbg": "memdbg",
    "mem_log": "memlog",
    "mpath": "loadpath",
    "rt_fast_timer_prio": "rt_timer1_prio",
    "rt_ftimer_policy": "rt_timer1_policy",
    "rt_ftimer_prio": "rt_timer1_prio",
    "rt_stimer_policy": "rt_timer2_policy",
    "rt_stimer_prio": "rt_timer2_prio",
    "run_dir": "rundir",
    "sctp_socket_receive_buffer": "sctp_socket_rcvbuf",
    "sctp_socket_send_buffer": "sctp_socket_sndbuf",
    "ser_kill_timeout": "exit_timeout",
    "tcp_buf_write": "tcp_async",
    "tls_disable": "disable_tls",
    "tls_enable": "enable_tls",
    "uid": "user",
    "wdir": "workdir",
}


def _signatures() -> Iterator[ParameterSignature]:
    yield from _EFFECTIVE
    types: dict[str, type[int | str] | None] = {"n": int, "s": str, "w": None}
    for line in _IGNORED.strip().splitlines():
        name, letter, default, doc = line.split(maxsplit=3)
        kind = types[letter]
        value: object = int(default) if kind is int and default != "-" else default
        yield ParameterSignature(
            name,
            kind,
            None if default == "-" else value,
            Meaning.IGNORED,
            _ALLOWED.get(name),
            doc=doc,
        )


def _with_synonyms() -> Iterator[tuple[str, ParameterSignature]]:
    by_name = {signature.name: signature for signature in _signatures()}
    yield from by_name.items()
    for other, name in SYNONYMS.items():
        yield other, replace(by_name[name], name=other)


PARAMETERS: Final[dict[str, ParameterSignature]] = dict(_with_synonyms())
"""By name, the synonyms with a signature of their own."""
