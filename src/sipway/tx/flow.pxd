cdef class Flow:
    cdef public object sender
    cdef public bytes destination
    cdef public bint reliable

    cpdef send(self, bytes data)
