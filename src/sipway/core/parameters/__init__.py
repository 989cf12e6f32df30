"""All core parameters of a script, in three classes.

Source: Kamailio's core cookbook 5.6 (sections core, DNS, TCP, TLS, SCTP, UDP, blocklist and
real-time parameters), and 6.1 for those that are newer. What type each takes was tried on
Kamailio 5.6.3. `yes`, `no`, `on`, `off` reach these tables as 1 and 0.

- `effective`, `names` (of DNS), `streams` (TCP): they do what they say (`Meaning.EFFECTIVE`).
- `later`: of what sipway does not do yet; accepted (`Meaning.LATER`).
- `ignored`: of Kamailio's processes, memory, locks; accepted (`Meaning.IGNORED`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, Final

from sipway.core.parameters.conversions import Alias, alias, one_of
from sipway.core.parameters.effective import EFFECTIVE
from sipway.core.parameters.ignored import IGNORED
from sipway.core.parameters.later import LATER
from sipway.core.parameters.names import NAMES
from sipway.core.parameters.streams import STREAMS
from sipway.language.record import replace
from sipway.language.signatures import Meaning, ParameterSignature

__all__ = ["PARAMETERS", "SYNONYMS", "Alias", "alias"]

# What the tables of those without effect do not say: which values make no sense.
_ALLOWED: Final[dict[str, Callable[[Any], object]]] = {
    "ipv6_hex_style": one_of("a", "A", "c"),
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
    yield from EFFECTIVE
    yield from NAMES
    yield from STREAMS
    yield from _rows(LATER, Meaning.LATER)
    yield from _rows(IGNORED, Meaning.IGNORED)


def _rows(table: str, meaning: Meaning) -> Iterator[ParameterSignature]:
    types: dict[str, type[int | str] | None] = {"n": int, "s": str, "w": None}
    for line in table.strip().splitlines():
        name, letter, default, doc = line.split(maxsplit=3)
        kind = types[letter]
        value: object = int(default) if kind is int and default != "-" else default
        yield ParameterSignature(
            name,
            kind,
            None if default == "-" else value,
            meaning,
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
