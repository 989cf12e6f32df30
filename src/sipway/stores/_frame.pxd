cpdef bytes sealed(bytes value)
cpdef bytes opened(bytes stored)


cdef class Frame:
    cdef char *_bytes
    cdef Py_ssize_t _size
    cdef Py_ssize_t _room

    cdef int _make_room(self, Py_ssize_t size) except -1
    cpdef int add(self, bytes name, bytes key, bytes value) except -1
    cpdef void clear(self)
    cpdef bytes operations(self)
    cpdef bytes take(self)
