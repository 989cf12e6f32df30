cimport cython

cdef Py_ssize_t _DIGITS


cdef class Identities:
    cdef object _randbytes
    cdef bytes _random
    cdef Py_ssize_t _used

    @cython.locals(begin="Py_ssize_t")
    cpdef bytes draw(self)
