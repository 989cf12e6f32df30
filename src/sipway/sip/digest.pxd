cimport cython


cpdef str hashed(str algorithm, bytes data)

cdef bytes _bytes(str text)
