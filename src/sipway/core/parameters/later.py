"""Parameters of what sipway does not do yet: accepted, and without effect until it does.

A row: name; type (n number or yes/no, s text, w either); default; what it does.
"""

from __future__ import annotations

from typing import Final

LATER: Final = """
auto_aliases            n  1       take the DNS names of the own addresses for `myself`
bind_ipv6_link_local    n  0       find the scope of link-local addresses
corelog                 n  -1      log level for what is wrong with messages
disable_tcp             n  0       no TCP
disable_tls             n  1       no TLS
dns                     n  0       resolve the Via's name before adding `received`
dst_blocklist_expire    n  60      seconds that a dead destination is left alone
dst_blocklist_gc_interval n 60     seconds between two cleanings of that list
dst_blocklist_init      n  1       have such a list
dst_blocklist_mem       n  250     size of that list in kB
enable_tls              n  0       TLS
hdr_name_extra_chars    s  -       further characters in names of headers
ipv6_hex_style          s  c       spelling of IPv6 addresses
kemi.onsend_route_callback    s  - function for onsend_route in other languages
kemi.pre_routing_callback     s  - function for core:pre-routing in other languages
kemi.received_route_callback  s  - function for core:msg-received in other languages
kemi.reply_route_callback     s  - function for reply_route in other languages
latency_cfg_log         n  3       log level of the time that a script took
latency_limit_action    n  0       microseconds from which on a statement counts as slow
latency_limit_db        n  0       microseconds from which on a query counts as slow
latency_log             n  -1      log level for what was slow
log_color               n  0       colours on standard error
mcast                   w  -       interface for multicast
mcast_loopback          n  0       hear our own multicast
mcast_ttl               n  -       hops of multicast
msg_apply_changes_mode  n  0       when msg_apply_changes() takes effect
received_route_mode     n  0       run event_route[core:msg-received]
rev_dns                 n  0       resolve the source before adding `received`
rpc_exec_delta          n  0       seconds between two runs of a costly command
rundir                  s  -       directory of the control sockets
sql_buffer_size         n  65535   longest SQL query
stats_name_separator    s  _       between the parts of a counter's name
tcp_accept_aliases      n  0       `alias` of a Via is a port to reach the peer by
tcp_accept_haproxy      n  0       connections begin with the PROXY protocol
tcp_accept_hep3         n  0       take HEP3 packets
tcp_accept_iplimit      n  -       most connections of one address
tcp_accept_no_cl        n  0       take requests without Content-Length
tcp_accept_unique       n  0       refuse a second connection of the same peer
tcp_check_timer         n  -       seconds between two looks at connections
tcp_conn_wq_max         n  32768   most bytes that wait for one connection
tcp_connect_timeout     n  10      seconds that a connection may take to open
tcp_connection_lifetime n  120     seconds until an idle connection is closed
tcp_connection_match    n  0       look for connections by the local port too
tcp_crlf_ping           n  1       answer CRLF CRLF with CRLF
tcp_defer_accept        n  0       accept when there is data
tcp_delayed_ack         n  1       first acknowledgement together with data
tcp_keepalive           n  1       keepalives by the kernel
tcp_keepcnt             n  -       keepalives until a connection is dead
tcp_keepidle            n  -       seconds until the first keepalive
tcp_keepintvl           n  -       seconds between keepalives
tcp_linger2             n  -       seconds in FIN_WAIT2
tcp_listen_backlog      n  1024    connections that wait to be accepted
tcp_max_connections     n  2048    most connections
tcp_msg_data_timeout    n  20      seconds until the first bytes must come
tcp_msg_read_timeout    n  20      seconds until a message must be complete
tcp_no_connect          n  0       open no connections
tcp_reuse_port          n  0       connect from the port that we listen on
tcp_script_mode         n  0       keep a connection whose message failed
tcp_send_timeout        n  10      seconds until a stuck connection is closed
tcp_source_ipv4         s  -       address to connect from
tcp_source_ipv6         s  -       address to connect from, IPv6
tcp_syncnt              n  -       attempts to connect
tcp_wait_data           n  5000    milliseconds to wait for the PROXY protocol
tcp_wq_max              n  10485760  most bytes that wait to be written
tls_ca_list             s  -       file with trusted certificates
tls_certificate         s  -       file with our certificate
tls_connection_match_domain n 0    one connection for each TLS domain
tls_log                 n  -       log level of TLS
tls_max_connections     n  2048    most TLS connections
tls_port_no             n  5061    port for TLS
tls_private_key         s  -       file with our key
tls_require_certificate n  0       ask peers for a certificate
tls_verify              n  0       verify certificates
udp_mtu                 n  0       size from which on another protocol is used
udp_mtu_try_proto       s  UDP     that other protocol
uri_host_extra_chars    s  -       further characters in host names
use_dst_blocklist       n  0       leave dead destinations alone for a while
version_table           s  version table with the versions of tables
xavp_via_fields         s  -       variable with host and port of our Via
xavp_via_params         s  -       variable with parameters of our Via
xavp_via_reply_params   s  -       variable with parameters of the Via in replies
"""
