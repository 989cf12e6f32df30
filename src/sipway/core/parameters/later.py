"""Parameters of what sipway does not do yet: accepted, and without effect until it does.

A row: name; type (n number or yes/no, s text, w either); default; what it does.
"""

from __future__ import annotations

from typing import Final

LATER: Final = """
disable_tls             n  1       no TLS
enable_tls              n  0       TLS
kemi.onsend_route_callback    s  - function for onsend_route in other languages
kemi.pre_routing_callback     s  - function for core:pre-routing in other languages
kemi.received_route_callback  s  - function for core:msg-received in other languages
kemi.reply_route_callback     s  - function for reply_route in other languages
latency_limit_db        n  0       microseconds from which on a query counts as slow
sql_buffer_size         n  65535   longest SQL query
tcp_accept_haproxy      n  0       connections begin with the PROXY protocol
tcp_accept_hep3         n  0       take HEP3 packets
tcp_wait_data           n  5000    milliseconds to wait for the PROXY protocol
tls_ca_list             s  -       file with trusted certificates
tls_certificate         s  -       file with our certificate
tls_connection_match_domain n 0    one connection for each TLS domain
tls_log                 n  -       log level of TLS
tls_max_connections     n  2048    most TLS connections
tls_port_no             n  5061    port for TLS
tls_private_key         s  -       file with our key
tls_require_certificate n  0       ask peers for a certificate
tls_verify              n  0       verify certificates
"""
