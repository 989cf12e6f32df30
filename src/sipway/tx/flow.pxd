cdef class Flow:
    cdef public object sender
    cdef public bytes destination
    cdef public bint reliable
    cdef public int options
    cdef public long connection

    cpdef send(self, bytes data)
