cimport cython


@cython.freelist(64)
cdef class Via:
    cdef public bytes data
    cdef public unsigned int start
    cdef public unsigned int end
    cdef public unsigned int protocol_start
    cdef public unsigned int protocol_end
    cdef public unsigned int host_start
    cdef public unsigned int host_end
    cdef public unsigned int port
    cdef public unsigned int params_at
    cdef public unsigned int next_at
    cdef public unsigned int branch_start
    cdef public unsigned int branch_end
    cdef public unsigned int rport_start
    cdef public unsigned int rport_end
    cdef public unsigned int received_start
    cdef public unsigned int received_end

    cdef void _begin(self, bytes data, unsigned int start, unsigned int end)


cdef str _text(bytes raw)

@cython.locals(p="const unsigned char *", i="unsigned int", begin="unsigned int", via=Via)
cpdef Via parse_via(bytes data, unsigned int start, unsigned int end)

@cython.locals(p="const unsigned char *")
cdef unsigned int _skip_blanks(bytes data, unsigned int i, unsigned int end)

@cython.locals(p="const unsigned char *")
cdef unsigned int _sent_protocol(
    Via via, bytes data, unsigned int i, unsigned int end) except? 4294967295

@cython.locals(p="const unsigned char *")
cdef unsigned int _slash(bytes data, unsigned int i, unsigned int end) except? 4294967295

@cython.locals(p="const unsigned char *", begin="unsigned int", number="unsigned int")
cdef unsigned int _sent_by(
    Via via, bytes data, unsigned int i, unsigned int end) except? 4294967295

@cython.locals(p="const unsigned char *", quoted="bint", c="unsigned char")
cdef unsigned int _param_end(bytes data, unsigned int i, unsigned int end)

@cython.locals(p="const unsigned char *", i="unsigned int", first="unsigned char",
               equals="unsigned int", last="unsigned int", name_end="unsigned int")
cdef void _note_param(Via via, bytes data, unsigned int begin, unsigned int end)

@cython.locals(p="const unsigned char *", q="const unsigned char *", k="unsigned int")
cdef bint _is(bytes data, unsigned int start, unsigned int end, bytes name)
