"""Parameters of Kamailio's processes, memory, locks and the like: accepted, and without effect.

So are some of what sipway does in one way only, which their rows tell; docs/language.md has why.

A row: name; type (n number or yes/no, s text, w either); default; what it does in Kamailio.
"""

from __future__ import annotations

from typing import Final

IGNORED: Final = """
async_nonblock          n  0       mode of the pipes to the asynchronous workers
async_usleep            n  0       microseconds between two looks for a task
async_workers           n  0       number of processes for asynchronous tasks
async_workers_group     s  -       a named group of processes for asynchronous tasks
auto_aliases            n  1       DNS names of our addresses are `myself` (here those of `alias`)
children                n  8       number of processes for each UDP socket
coreparam[iuid]         s  -       name of this instance
coreparam[random_engine] s rand    where random numbers come from
coreparam[timer_sanity_check] n 0  check the lists of timers
disable_sctp            n  1       no SCTP
dns                     n  0       resolve the Via's name before adding `received` (always added)
dns_cache_rec_pref      n  0       old or new records first (here always the new ones)
dns_search_full_match   n  1       check answers found through the search list (always so here)
enable_sctp             n  2       0 no, 1 yes, 2 when it is there
dst_blocklist_gc_interval n 60     seconds between two cleanings (here what expired goes when met)
exit_timeout            n  60      seconds that the end may take
fork_delay              n  0       microseconds between two processes
hdr_name_extra_chars    s  -       further characters in names of headers (here any is taken)
http_reply_parse        n  0       take HTTP replies for SIP replies
ipv6_hex_style          s  c       spelling of IPv6 addresses (here always c, that of RFC 5952)
loadpath                s  -       where modules lie
log_engine_data         s  -       where the log engine writes to
log_engine_type         s  -       log engine
mem_add_size            n  0       spare bytes behind each piece of memory
mem_join                n  1       join free pieces of memory
mem_safety              n  1       go on after a piece of memory was freed twice
mem_status_mode         n  0       detail in dumps of memory
mem_summary             n  12      dumps of memory at the end
memdbg                  n  3       log level of the memory manager
memlog                  n  3       log level of the dumps of memory
mlock_pages             n  0       keep memory from being swapped out
modinit_delay           n  0       microseconds between two modules' starts
msg_clone_extra_size    n  0       spare bytes behind a stored message
msg_recv_max_size       n  32767   longest message in bytes
pv_buffer_size          n  8192    size of the buffer for strings with variables
pv_buffer_slots         n  10      number of such buffers
pv_cache_action         n  0       what to do when too many variables are known
pv_cache_limit          n  2048    how many variables are too many
real_time               n  0       which processes get real-time priority
rev_dns                 n  0       resolve the source before adding `received` (here always added)
rpc_exec_delta          n  0       seconds between two runs of a costly command (none is costly)
route_locks_size        n  -       locks that keep messages of a call in order (always so here)
rt_policy               n  0       real-time policy
rt_prio                 n  0       real-time priority
rt_timer1_policy        n  0       real-time policy of the fast timer
rt_timer1_prio          n  0       real-time priority of the fast timer
rt_timer2_policy        n  0       real-time policy of the slow timer
rt_timer2_prio          n  0       real-time priority of the slow timer
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
socket_workers          n  -       number of processes for the next socket
tcp_async               n  1       queue what cannot be written at once
tcp_children            n  8       number of processes for TCP
tcp_clone_rcvbuf        n  0       copy messages out of the stream
tcp_connection_match    n  0       look for connections by the local port too: they belong to it
tcp_fd_cache            n  1       keep descriptors of connections
tcp_main_threads        n  0       threads for TLS
tcp_poll_method         s  -       system call to wait with
tcp_script_mode         n  0       keep a connection whose message failed: sipway does
tcp_wq_blk_size         n  2100    size of a piece of the write queue
tls_threads_mode        n  2       how OpenSSL is kept from threads
udp4_raw                n  0       send by a raw socket
udp4_raw_mtu            n  1500    MTU for the raw socket
udp4_raw_ttl            n  -1      TTL for the raw socket
udp_receiver_mode       n  0       processes or threads for UDP
uri_host_extra_chars    s  -       further characters in host names (here any is taken)
verbose_startup         n  0       log more at the start
wait_worker1_mode       n  0       wait for the first process before the others
wait_worker1_time       n  4000000 microseconds to wait for it
wait_worker1_usleep     n  100000  microseconds between two looks
"""
