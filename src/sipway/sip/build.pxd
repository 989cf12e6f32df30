cimport cython

from sipway.sip._bytes cimport Writer
from sipway.sip.addresses cimport ip_text, port
from sipway.sip.edits cimport Edit, apply_edits, edit, edited
from sipway.sip.message cimport Message
from sipway.sip.via cimport Via

cdef int _VIA
cdef int _FROM
cdef int _TO
cdef int _CALL_ID
cdef int _CSEQ
cdef int _RECORD_ROUTE
cdef int _TIMESTAMP

cdef int _REMEMBERED
cdef dict _status_lines
cdef dict _rports
cdef dict _receiveds
cdef Writer _writer


@cython.locals(p="const unsigned char *", data=bytes, writer=Writer, record_route="bint",
               topmost="bint", copied="unsigned int", index="unsigned int", kind="int", start="unsigned int",
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

@cython.locals(via=Via, data=bytes, asks="bint", tells_ip="bint", position="unsigned int")
cdef void _add_topmost_via(
    Writer writer, Message message, unsigned int start, unsigned int end, bytes source,
    bint force
) except *

@cython.locals(line=tuple, made=bytes)
cdef bytes _status_line(int status, str reason)

@cython.locals(rport=bytes)
cdef bytes _rport(bytes source)

@cython.locals(received=bytes)
cdef bytes _received(bytes source)

@cython.locals(p="const unsigned char *", q="const unsigned char *", i="unsigned int",
               begin="unsigned int", number="unsigned int", part="unsigned int")
cdef bint _same_host(Via via, bytes source) except? -1

cpdef tuple forwarded_reply(Message message, edits=*, int status=*, str reason=*)

@cython.locals(via=Via)
cpdef bytes passed_on_reply(Message message, edits=*)

@cython.locals(via=Via, index="int")
cdef Edit _without_topmost(Message message)

@cython.locals(p="const unsigned char *")
cdef unsigned int _behind_blanks(bytes data, unsigned int at)

@cython.locals(start="unsigned int", changes=list)
cpdef bytes forwarded_request(Message message, bytes via, bytes source, bytes uri=*,
                              bint force_rport=*, edits=*, bint single=*)

@cython.locals(via=Via, asks="bint", received=bytes)
cdef _add_topmost_via_edits(list changes, Message message, bytes source, bint force)
