cimport cython

cdef dict _hops


cdef class Destination:
    cdef public object target
    cdef public str protocol
    cdef public bytes address


@cython.locals(hop=Destination)
cpdef Destination destination_of(str uri)
