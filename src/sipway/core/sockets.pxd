cdef class ListenSocket:
    cdef public str protocol
    cdef public str ip
    cdef public int port
    cdef public str name
    cdef public tuple advertised
    cdef public int family
    cdef public bint reliable
    cdef public str shown
    cdef public bytes via_start
    cdef readonly bytes text_bytes
    cdef public list outgoing
    cdef public dict connections
    cdef public list new_aliases
