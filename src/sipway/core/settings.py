"""The core parameters of a script that take effect, as one object for the engine."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Final

from sipway import __version__
from sipway.core.log import INFO
from sipway.core.parameters import SYNONYMS, Alias
from sipway.language.record import Record, fields
from sipway.language.signatures import FormatText

_OWN_NAME: Final = f"sipway ({__version__})"


class Settings(Record):
    """Values under the names of the parameters, with the defaults of Kamailio 5.6.3.

    What each means says the table in `core.parameters`. `aliases` collects every `alias`.
    """

    advertised_address: str | None = None
    advertised_port: int = 0
    aliases: tuple[Alias, ...] = ()
    async_tkv_evcb: str = ""
    async_tkv_gname: str = ""
    auto_bind_ipv6: bool = False
    bind_ipv6_link_local: int = 0
    check_via: bool = False
    chroot: str | None = None
    corelog: int = INFO
    debug: int = 0
    disable_core_dump: bool = False
    dns_cache_del_nonexp: bool = False
    dns_cache_flags: int = 0
    dns_cache_gc_interval: int = 120
    dns_cache_init: bool = True
    dns_cache_max_ttl: int | None = None
    dns_cache_mem: int = 500
    dns_cache_min_ttl: int = 0
    dns_cache_negative_ttl: int = 60
    dns_naptr_ignore_rfc: bool = True
    dns_retr_no: int | None = None
    dns_retr_time: int | None = None
    dns_sctp_pref: int = 20
    dns_servers_no: int | None = None
    dns_srv_lb: bool = False
    dns_tcp_pref: int = 20
    dns_tls_pref: int = 10
    dns_try_ipv6: bool = True
    dns_try_naptr: bool = False
    dns_udp_pref: int = 30
    dns_use_search_list: bool = True
    disable_tcp: bool = False
    dst_blocklist_expire: int = 60
    dst_blocklist_init: bool = True
    dst_blocklist_mem: int = 250
    fork: bool = True
    force_rport: bool = False
    group: str | None = None
    ip_free_bind: bool = False
    latency_cfg_log: int | None = None
    local_rport: bool = False
    log_color: bool = False
    log_facility: str = "LOG_DAEMON"
    log_name: str | None = None
    log_prefix: FormatText | None = None
    log_prefix_mode: int = 0
    log_stderror: bool = False
    max_branches: int = 12
    max_recursive_level: int = 256
    max_while_loops: int = 100
    maxbuffer: int | None = None
    maxsndbuffer: int | None = None
    mcast_loopback: bool = False
    mcast_ttl: int | None = None
    mhomed: bool = False
    msg_apply_changes_mode: bool = False
    onsend_route_reply: bool = False
    open_files_limit: int | None = None
    phone2tel: bool = True
    pmtu_discovery: int | None = None
    port: int = 5060
    received_route_mode: int = 0
    reply_to_via: bool = False
    rundir: str | None = None
    server_header: str = f"Server: {_OWN_NAME}"
    server_id: int = 0
    server_signature: bool = True
    sip_warning: bool = False
    stats_name_separator: str = "_"
    tcp_accept_aliases: bool = False
    tcp_accept_iplimit: int | None = None
    tcp_accept_no_cl: bool = False
    tcp_accept_unique: bool = False
    tcp_check_timer: int = 1
    tcp_conn_wq_max: int = 32_768
    tcp_connect_timeout: int = 10
    tcp_connection_lifetime: int = 120
    tcp_crlf_ping: bool = True
    tcp_defer_accept: int = 0
    tcp_delayed_ack: bool = True
    tcp_keepalive: bool = True
    tcp_keepcnt: int | None = None
    tcp_keepidle: int | None = None
    tcp_keepintvl: int | None = None
    tcp_linger2: int | None = None
    tcp_listen_backlog: int = 1024
    tcp_max_connections: int = 2048
    tcp_msg_data_timeout: int | None = 20
    tcp_msg_read_timeout: int | None = 20
    tcp_no_connect: bool = False
    tcp_rd_buf_size: int = 65_535
    tcp_reuse_port: bool = False
    tcp_send_timeout: int = 10
    tcp_source_ipv4: str | None = None
    tcp_source_ipv6: str | None = None
    tcp_syncnt: int | None = None
    tcp_wq_max: int = 10_485_760
    tos: int | None = None
    use_dns_cache: bool = True
    use_dns_failover: bool = False
    use_dst_blocklist: bool = False
    udp_mtu: int = 0
    udp_mtu_try_proto: str = "udp"
    user: str | None = None
    user_agent_header: str = f"User-Agent: {_OWN_NAME}"
    version_table: str = "version"
    workdir: str | None = None
    xavp_via_fields: str | None = None
    xavp_via_params: str | None = None
    xavp_via_reply_params: str | None = None

    @classmethod
    def from_items(cls, items: Iterable[tuple[str, Any]]) -> Settings:
        """From the script's (name, converted value) pairs, in order: the last one holds."""
        known = fields(cls)
        values: dict[str, Any] = {}
        aliases: list[Alias] = []
        for given, value in items:
            name = SYNONYMS.get(given, given)
            if name == "alias":
                aliases.append(value)
            elif name in known:
                values[name] = value
        return cls(aliases=tuple(aliases), **values)

    @property
    def changes_via(self) -> bool:
        """Whether our Via says something else than the socket does."""
        return bool(self.advertised_address or self.advertised_port or self.local_rport)

    @property
    def server_line(self) -> bytes:
        """The complete Server line for replies made here, or b"" for none."""
        return self._line(self.server_header)

    @property
    def user_agent_line(self) -> bytes:
        """The complete User-Agent line for requests made here, or b"" for none."""
        return self._line(self.user_agent_header)

    def _line(self, text: str) -> bytes:
        if not self.server_signature or not text:
            return b""
        return text.encode("utf-8", "surrogateescape") + b"\r\n"
