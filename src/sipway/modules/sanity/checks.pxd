cdef bint _good_uri(str text) except -1
