from sipway.stores._frame cimport Frame, opened, sealed


cdef class Batch:
    cdef public object reading
    cdef public object writing
    cdef public object get
    cdef public object put
    cdef public Frame frame

    cpdef tuple end(self)


cdef class EmbeddedTable:
    cdef object _store
    cdef Batch _batch
    cdef bytes _name
    cdef object _handle

    cpdef bytes get(self, bytes key)
    cdef bytes _checked(self, bytes key, bytes stored)
    cpdef put(self, bytes key, bytes value)
