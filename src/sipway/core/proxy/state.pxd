from sipway.core.context cimport Context
from sipway.core.program cimport Program
from sipway.core.sockets cimport ListenSocket
from sipway.sip.message cimport Message
from sipway.tx.machine cimport Timing


cdef class ProxySettings:
    cdef public Timing timing
    cdef public tuple lifetimes
    cdef public bint auto_100
    cdef public str trying_reason
    cdef public bint restart_on_reply
    cdef public int cancel_method
    cdef public bint aggregate
    cdef public bint keep_6xx
    cdef public int reply_mode
    cdef public int local_priority
    cdef public bint local_reason
    cdef public bint pass_reason
    cdef public bint hide_503
    cdef public bint relay_100
    cdef public tuple timeout_reply
    cdef public tuple timer_avps
    cdef public tuple failover_codes
    cdef public bint noisy
    cdef public int stray_cancel
    cdef public str stray_reply
    cdef public tuple default_reply
    cdef public int rich_redirect
    cdef public bint applies_changes
    cdef public bint local_failures
    cdef public int local_ack
    cdef public unsigned int block_add
    cdef public unsigned int block_lookup
    cdef public tuple block_503


cdef class ResponseContext:
    cdef public Program program
    cdef public ListenSocket socket
    cdef public bytes source
    cdef public int first
    cdef public int best
    cdef public bint cancelled
    cdef public bint waits
    cdef public list later
    cdef public bint suspended
    cdef public int pending
    cdef public bint undecided
    cdef public bint keep_6xx
    cdef public bint auto_100
    cdef public bint pass_reason
    cdef public bint quiet
    cdef public bint single
    cdef public tuple error
    cdef public double ends_at
    cdef public int forget
    cdef public bint in_branch_failure
    cdef public bint replicating
    cdef public list watchers
    cdef public bint saved
    cdef public bint goes_on
    cdef public Context held
    cdef public object on_failure
    cdef public object on_reply
    cdef public object on_branch
    cdef public str on_branch_failure
    cdef public dict avps
    cdef public unsigned int flags
    cdef public unsigned int branch_flags
    cdef public str ruri
    cdef public str dst_uri
    cdef public ListenSocket send_socket
    cdef public list edits
    cdef public object extras
    cdef public list reply_lines
    cdef public tuple reply_body
    cdef public bint force_rport

    cpdef save(self, Context ctx)
    cpdef restore(self, Context ctx)
    cpdef lend(self, Context ctx)
    cpdef take_back(self, Context ctx)


cdef class BranchState:
    cdef public str uri
    cdef public str dst_uri
    cdef public unsigned int flags
    cdef public str ruid
    cdef public str instance
    cdef public int status
    cdef public str reason
    cdef public Message reply
    cdef public list edits
    cdef public bint timed_out
    cdef public bint replied
    cdef public bint dropped
    cdef public bint blind
    cdef public int last
    cdef public int highest
    cdef public double waits_until
    cdef public object on_reply
    cdef public str on_failure
    cdef public list more
