cimport cython

from sipway.core.context cimport Context
from sipway.sip.message cimport Message, parse

cdef unsigned int _REQUEST
cdef unsigned int _REPLY


cdef class Engine:
    cdef public object program
    cdef public object counters
    cdef object _spawn

    @cython.locals(mask="unsigned int", direct="bint", requests="unsigned int", data=bytes,
                   source=bytes, message=Message, ctx=Context)
    cpdef void receive(self, list datagrams, object socket, double now) except *
