cdef bint _LITTLE_ENDIAN


cpdef int family(bytes address) except -1
cpdef int port(bytes address) except -1
cpdef str ip_text(bytes address)
cpdef bytes with_port(bytes address, int new_port)
