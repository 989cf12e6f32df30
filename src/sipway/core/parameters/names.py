"""Parameters of what DNS is asked, and how; all have an effect."""

from __future__ import annotations

from typing import Final

from sipway.core.parameters.conversions import address_families, flag, natural, positive
from sipway.language.signatures import ParameterSignature

NAMES: Final = (
    ParameterSignature(
        "dns_cache_del_nonexp",
        int,
        False,
        convert=flag,
        doc="make room in a full cache with entries that still hold, the least used first",
    ),
    ParameterSignature(
        "dns_cache_flags",
        int,
        0,
        convert=address_families,
        doc="address records: 1 only A, 2 only AAAA, 4 AAAA before A; may be added up",
    ),
    ParameterSignature(
        "dns_cache_gc_interval",
        int,
        120,
        convert=natural,
        doc="seconds between two cleanings of the cache",
    ),
    ParameterSignature("dns_cache_init", int, True, convert=flag, doc="have a cache"),
    ParameterSignature(
        "dns_cache_max_ttl", int, None, convert=natural, doc="longest time in the cache, in seconds"
    ),
    ParameterSignature("dns_cache_mem", int, 500, convert=natural, doc="size of the cache in kB"),
    ParameterSignature(
        "dns_cache_min_ttl", int, 0, convert=natural, doc="shortest time in the cache, in seconds"
    ),
    ParameterSignature(
        "dns_cache_negative_ttl",
        int,
        60,
        convert=natural,
        doc="seconds to remember that a name is unknown or nobody answers; 0: not",
    ),
    ParameterSignature(
        "dns_naptr_ignore_rfc",
        int,
        True,
        convert=flag,
        doc="what the script prefers comes before the order of NAPTR records",
    ),
    ParameterSignature(
        "dns_retr_no",
        int,
        None,
        convert=positive,
        doc="how often each server is asked (as resolv.conf says)",
    ),
    ParameterSignature(
        "dns_retr_time",
        int,
        None,
        convert=positive,
        doc="seconds until a server is asked again (as resolv.conf says)",
    ),
    ParameterSignature(
        "dns_sctp_pref", int, 20, doc="preference of SCTP, the higher the better; below 0: never"
    ),
    ParameterSignature(
        "dns_servers_no",
        int,
        None,
        convert=positive,
        doc="how many of the servers of resolv.conf to ask (all)",
    ),
    ParameterSignature(
        "dns_srv_lb",
        int,
        False,
        convert=flag,
        doc="with use_dns_failover: spread load by the weights of SRV records",
    ),
    ParameterSignature(
        "dns_tcp_pref", int, 20, doc="preference of TCP, the higher the better; below 0: never"
    ),
    ParameterSignature(
        "dns_tls_pref", int, 10, doc="preference of TLS, the higher the better; below 0: never"
    ),
    ParameterSignature(
        "dns_try_ipv6",
        int,
        True,
        convert=flag,
        doc="ask for AAAA records too, where there is an IPv6 socket",
    ),
    ParameterSignature(
        "dns_try_naptr", int, False, convert=flag, doc="ask for NAPTR records first"
    ),
    ParameterSignature(
        "dns_udp_pref", int, 30, doc="preference of UDP, the higher the better; below 0: never"
    ),
    ParameterSignature(
        "dns_use_search_list", int, True, convert=flag, doc="use the search list of resolv.conf"
    ),
    ParameterSignature(
        "use_dns_cache",
        int,
        True,
        convert=flag,
        doc="ask DNS through a cache; without it there is no failover",
    ),
    ParameterSignature(
        "use_dns_failover", int, False, convert=flag, doc="try the next address when one is dead"
    ),
)
