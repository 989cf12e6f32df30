cimport cython

cdef bint _COMPILED


@cython.freelist(64)
cdef class Message:
    cdef public bytes data
    cdef unsigned int _starts[257]
    cdef unsigned char _kinds[256]
    cdef public unsigned int header_count
    cdef public bint is_request
    cdef public unsigned int method_id
    cdef public unsigned int status
    cdef public unsigned int uri_start
    cdef public unsigned int uri_end
    cdef public unsigned int line_end
    cdef public unsigned int headers_end
    cdef public unsigned int body_offset
    cdef public long content_length
    cdef public unsigned long cseq_number
    cdef public str _method
    cdef str _uri
    cdef object _via
    cdef object _from
    cdef object _to
    cdef bytes _call_id
    cdef str _cseq_method

    @cython.locals(i="int")
    cpdef int find(self, int kind, int after=*)
    @cython.locals(start="unsigned int", end="unsigned int", colon="Py_ssize_t")
    cpdef bytes raw_value(self, int index)


@cython.locals(p="const unsigned char *")
cdef unsigned int _find_lf(bytes data, unsigned int start, unsigned int end)

@cython.locals(p="const unsigned char *", n="unsigned int", start="unsigned int",
               lf="unsigned int", end="unsigned int", space="Py_ssize_t", last="Py_ssize_t",
               line=bytes, method=bytes, data=bytes)
cdef void _scan_first_line(Message message) except *

cdef void _status_line(Message message, bytes line, unsigned int start, unsigned int end) except *

@cython.locals(p="const unsigned char *", n="unsigned int", i="unsigned int",
               count="unsigned int", first="unsigned char", data=bytes)
cdef void _scan_headers(Message message) except *

@cython.locals(p="const unsigned char *", i="unsigned int", name=bytes)
cdef unsigned char _field_kind(bytes data, unsigned int start, unsigned int end) except? 255

cdef void _check(Message message) except *

@cython.locals(parts=list)
cdef str _cseq_fault(Message message)

cdef str _content_length_fault(Message message)
