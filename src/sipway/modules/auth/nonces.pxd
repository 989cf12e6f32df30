cimport cython


cdef long _NUMBERED
cdef long _BOUND
cdef long _ALGORITHMS
cdef Py_ssize_t _TIME_SIZE
cdef Py_ssize_t _NUMBER_SIZE
cdef Py_ssize_t _BINDING_SIZE
cdef Py_ssize_t _SEAL_SIZE
cdef Py_ssize_t _SHORTEST
cdef Py_ssize_t _LONGEST
cdef long _LATEST
cdef Py_ssize_t _KEY_SIZE
cdef bytes _OF_URLS
cdef bytes _PLAIN


cdef class Nonce:
    cdef readonly long created
    cdef readonly unsigned int offered
    cdef readonly object number
    cdef readonly bytes binding


@cython.locals(data=bytes, head=bytes)
cpdef Nonce read_nonce(bytes key, str text)

@cython.locals(at="Py_ssize_t", kind="long")
cdef Nonce _read_head(bytes head)

cdef bytes _seal(bytes key, bytes head)

cdef bytes _hash(bytes key, bytes what, bytes data)
