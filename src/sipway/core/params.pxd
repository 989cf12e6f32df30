from sipway.core.program cimport Program


cdef class Param:
    cdef readonly tuple key
    cdef readonly object default

    cdef of(self, Program program)
