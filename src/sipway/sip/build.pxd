cimport cython

from sipway.sip.message cimport Message
from sipway.sip.via cimport Via

cdef int _VIA
cdef int _FROM
cdef int _TO
cdef int _CALL_ID
cdef int _CSEQ
cdef int _RECORD_ROUTE
cdef int _TIMESTAMP


@cython.locals(p="const unsigned char *", data=bytes, parts=list, record_route="bint",
               topmost="bint", index="unsigned int", kind="int", start="unsigned int",
               end="unsigned int")
cpdef bytes reply(
    Message message,
    int status,
    str reason,
    bytes to_tag,
    bytes source,
    bint force_rport=*,
    bytes server=*,
    bytes extra=*,
    bytes body=*,
)

@cython.locals(p="const unsigned char *", quoted="bint", angled="bint", c="unsigned char")
cdef bint _has_tag(bytes data, unsigned int i, unsigned int end)

@cython.locals(p="const unsigned char *", via=Via, wants_rport="bint", differs="bint",
               first_start="unsigned int", first_end="unsigned int",
               second_start="unsigned int", second_end="unsigned int",
               position="unsigned int")
cdef void _append_topmost_via(
    list parts, Message message, unsigned int start, unsigned int end, bytes source, bint force
) except *

@cython.locals(p="const unsigned char *", q="const unsigned char *", i="unsigned int",
               begin="unsigned int", number="unsigned int", part="unsigned int")
cdef bint _same_host(Via via, bytes source) except? -1
