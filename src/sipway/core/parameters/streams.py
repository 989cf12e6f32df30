"""Parameters of TCP, and of the switch to it, that have an effect.

Times are seconds, sizes bytes. Those that 5.6.3 does not have are Kamailio 6.1's.
"""

from __future__ import annotations

from collections.abc import Callable
from ipaddress import AddressValueError, IPv4Address, IPv6Address
from typing import Any, Final

from sipway.core.parameters.conversions import flag, natural
from sipway.language.signatures import ParameterSignature

_MOST_BYTES: Final = 16 << 20


def positive(value: int) -> int:
    if value < 1:
        raise ValueError(f"a number above 0 is wanted, not {value}")
    return value


def _or_one(value: int) -> int:
    return max(1, value)


def _or_none(value: int) -> int | None:
    """What is not above 0 switches a limit off."""
    return value if value > 0 else None


def message_limit(value: int) -> int:
    if not 1024 <= value <= _MOST_BYTES:
        raise ValueError(f"a number of bytes from 1024 to {_MOST_BYTES} is wanted, not {value}")
    return value


def ipv4(value: str) -> str:
    try:
        return str(IPv4Address(value.strip()))
    except AddressValueError:
        raise ValueError(f"{value} is no IPv4 address") from None


def ipv6(value: str) -> str:
    try:
        return str(IPv6Address(value.strip().strip("[]")))
    except AddressValueError:
        raise ValueError(f"{value} is no IPv6 address") from None


def transport(value: str) -> str:
    if value.upper() not in ("TCP", "TLS", "SCTP", "UDP"):
        raise ValueError(f"{value} is none of TCP, TLS, SCTP, UDP")
    return value.lower()


def _number(
    name: str, default: int | bool | None, convert: Callable[[int], Any], doc: str
) -> ParameterSignature:
    return ParameterSignature(name, int, default, convert=convert, doc=doc)


STREAMS: Final = (
    _number("disable_tcp", False, flag, "no TCP"),
    _number("tcp_accept_aliases", False, flag, "`alias` in a Via: its port leads to the peer too"),
    _number("tcp_accept_iplimit", None, positive, "most connections of one address"),
    _number("tcp_accept_no_cl", False, flag, "a message without Content-Length has no body"),
    _number("tcp_accept_unique", False, flag, "refuse a second connection from the same port"),
    _number("tcp_check_timer", 1, _or_one, "time between two looks at the times below"),
    _number("tcp_conn_wq_max", 32_768, natural, "most bytes that wait for one connection"),
    _number("tcp_connect_timeout", 10, positive, "time that a connection may take to open"),
    _number("tcp_connection_lifetime", 120, natural, "time until an idle connection is closed"),
    _number("tcp_crlf_ping", True, flag, "answer CRLF CRLF with CRLF"),
    _number("tcp_defer_accept", 0, natural, "accept when there is data, or after this time"),
    _number("tcp_delayed_ack", True, flag, "let the first acknowledgement wait for data"),
    _number("tcp_keepalive", True, flag, "let the kernel see whether the peer is there"),
    _number("tcp_keepcnt", None, positive, "keepalives until a connection is dead"),
    _number("tcp_keepidle", None, positive, "time until the first keepalive"),
    _number("tcp_keepintvl", None, positive, "time between keepalives"),
    _number("tcp_linger2", None, natural, "time in FIN_WAIT2"),
    _number("tcp_listen_backlog", 1024, positive, "connections that wait to be accepted"),
    _number("tcp_max_connections", 2048, positive, "most connections"),
    _number("tcp_msg_data_timeout", 20, _or_none, "time until a peer must have sent something"),
    _number("tcp_msg_read_timeout", 20, _or_none, "time until a message must be complete"),
    _number("tcp_no_connect", False, flag, "open no connections"),
    _number(
        "tcp_rd_buf_size",
        65_535,
        message_limit,
        "bytes of the longest message (Kamailio takes 16384 unless told otherwise)",
    ),
    _number("tcp_reuse_port", False, flag, "connect from the port that is listened on"),
    _number("tcp_send_timeout", 10, positive, "time after which a stuck connection is closed"),
    ParameterSignature("tcp_source_ipv4", str, convert=ipv4, doc="address to connect from"),
    ParameterSignature("tcp_source_ipv6", str, convert=ipv6, doc="IPv6 address to connect from"),
    _number("tcp_syncnt", None, positive, "how often an attempt to connect is repeated"),
    _number("tcp_wq_max", 10_485_760, natural, "most bytes that wait for all connections"),
    _number(
        "udp_mtu", 0, natural, "bytes from which on a request goes another way than UDP; 0: none"
    ),
    ParameterSignature(
        "udp_mtu_try_proto", str, "udp", convert=transport, doc="that way: TCP, TLS, SCTP or UDP"
    ),
)
