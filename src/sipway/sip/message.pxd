cimport cython

from sipway.sip._bytes cimport field_kind, fingerprint, line_feed, text_of
from sipway.sip.nameaddr cimport NameAddr, parse_name_addr
from sipway.sip.uri cimport Uri
from sipway.sip.via cimport Via, parse_via

cdef bint _COMPILED
cdef int _VIA
cdef int _FROM
cdef int _TO
cdef int _CALL_ID
cdef int _CSEQ
cdef int _CONTENT_LENGTH
cdef int _USER_AGENT
cdef unsigned int _OTHER_METHOD
cdef unsigned char _NO_NAME
cdef unsigned int _SEED
cdef dict _METHOD_BITS


@cython.freelist(64)
cdef class Message:
    cdef public bytes data
    cdef unsigned int _starts[257]
    cdef unsigned char _kinds[256]
    cdef public unsigned int header_count
    cdef public bint is_request
    cdef public unsigned int method_id
    cdef public unsigned int status
    cdef unsigned int method_start
    cdef public unsigned int uri_start
    cdef public unsigned int uri_end
    cdef public unsigned int line_end
    cdef public unsigned int headers_end
    cdef public unsigned int body_offset
    cdef public long content_length
    cdef public unsigned long cseq_number
    cdef str _fault
    cdef unsigned int _fault_at
    cdef bint _is_other_version
    cdef public str _method
    cdef str _uri
    cdef Via _via
    cdef NameAddr _from
    cdef NameAddr _to
    cdef bytes _call_id
    cdef str _cseq_method

    cdef void _begin(self, bytes data)

    @cython.locals(i="int")
    cpdef int find(self, int kind, int after=*)
    cpdef unsigned int value_start(self, int index)
    @cython.locals(end="unsigned int")
    cpdef unsigned int value_end(self, int index)

    @cython.locals(start="unsigned int", end="unsigned int")
    cpdef bytes raw_value(self, int index)

    @cython.locals(start="unsigned int", end="unsigned int")
    cpdef str text_value(self, int index)

    @cython.locals(first="int")
    cpdef str value(self, int kind, int index=*)

    @cython.locals(index="int", end="unsigned int")
    cpdef Via _read_via(self)
    cdef str _read_uri(self)
    cpdef bytes _read_method(self)
    cdef NameAddr _read_from(self)
    cdef NameAddr _read_to(self)

    @cython.locals(via=Via, index="int", seed="unsigned int", start="unsigned int",
                   end="unsigned int")
    cpdef unsigned int fingerprint(self)


@cython.locals(p="const unsigned char *", n="unsigned int", start="unsigned int",
               lf="unsigned int", end="unsigned int", space="unsigned int", i="unsigned int",
               data=bytes,
               method=bytes, bit="unsigned int")
cdef void _scan_first_line(Message message) except *

@cython.locals(p="const unsigned char *")
cdef bint _is_sip(bytes data, unsigned int i)

@cython.locals(p="const unsigned char *")
cdef bint _is_version(bytes data, unsigned int i)

cdef void _status_line(Message message, bytes line, unsigned int start, unsigned int end) except *

@cython.locals(p="const unsigned char *", n="unsigned int", i="unsigned int",
               count="unsigned int", first="unsigned char", kind="unsigned char", body="unsigned int",
               data=bytes)
cdef void _scan_headers(Message message)

cdef void _end_headers(Message message, unsigned int count, unsigned int end, unsigned int body)

cdef void _note_fault(Message message, str fault, unsigned int at)

@cython.locals(p="const unsigned char *", i="unsigned int")
cdef unsigned char _field_kind(bytes data, unsigned int start, unsigned int end)

@cython.locals(i="unsigned int", kind="int", vias="int", froms="int", tos="int", call_ids="int",
               cseqs="int", lengths="int", cseq="unsigned int", length="unsigned int", via=Via)
cdef void _check(Message message) except *

cdef void _check_vias(Message message) except *

cdef void _raise_fault(Message message) except *

cdef void _raise_count(
    Message message, int froms, int tos, int call_ids, int cseqs) except *

@cython.locals(p="const unsigned char *", i="unsigned int", end="unsigned int",
               begin="unsigned int", number="unsigned long", k="unsigned int",
               method="unsigned int", data=bytes)
cdef str _cseq_fault(Message message, unsigned int index)

@cython.locals(p="const unsigned char *", i="unsigned int", end="unsigned int",
               begin="unsigned int", length="unsigned long", data=bytes)
cdef str _content_length_fault(Message message, unsigned int index)

@cython.locals(p="const unsigned char *")
cdef unsigned int _value_start(bytes data, unsigned int i, unsigned int end)

@cython.locals(p="const unsigned char *")
cdef unsigned int _value_end(bytes data, unsigned int start, unsigned int end)

@cython.locals(uri=Uri)
cdef str _user(NameAddr address)

@cython.locals(uri=Uri)
cdef str _host(NameAddr address)

@cython.locals(message=Message)
cpdef Message parse(bytes data)
