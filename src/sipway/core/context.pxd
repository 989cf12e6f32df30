cimport cython

from sipway.core.program cimport Program
from sipway.core.sockets cimport ListenSocket
from sipway.sip.message cimport Message
from sipway.sip.uri cimport Uri, routable_uri
from sipway.tx.transaction cimport Transaction


@cython.freelist(64)
cdef class Context:
    cdef public Message message
    cdef public Program program
    cdef public ListenSocket socket
    cdef public bytes source
    cdef public double now
    cdef public unsigned int kind
    cdef public list vars
    cdef public dict avps
    cdef public unsigned int flags
    cdef public unsigned int script_flags
    cdef public unsigned int branch_flags
    cdef public str ruri
    cdef public str dst_uri
    cdef public list branches
    cdef public ListenSocket send_socket
    cdef public tuple sending
    cdef public object extras
    cdef public list edits
    cdef public list reply_lines
    cdef public tuple reply_body
    cdef public bint force_rport
    cdef public long retcode
    cdef public bint dropped
    cdef public unsigned int depth
    cdef public tuple error
    cdef public Transaction transaction
    cdef public int branch
    cdef public object on_failure
    cdef public object on_reply
    cdef public object on_branch
    cdef public str on_branch_failure
    cdef str _source_ip

    cdef void _begin(self, Message message, Program program, ListenSocket socket, bytes source,
                     double now, unsigned int kind) except *

    @cython.locals(text=str)
    cdef Uri _read_uri(self)
    cpdef void send(self, bytes data, bytes destination) except *
