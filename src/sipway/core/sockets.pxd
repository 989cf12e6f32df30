cdef class ListenSocket:
    cdef public str protocol
    cdef public str ip
    cdef public int port
    cdef public str name
    cdef public tuple advertised
    cdef public list outgoing
