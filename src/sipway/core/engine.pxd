cimport cython

from sipway.core.context cimport Context
from sipway.core.program cimport Program
from sipway.core.sockets cimport ListenSocket
from sipway.sip.message cimport Message, parse
from sipway.tx.layer cimport Layer
from sipway.tx.transaction cimport Transaction

cdef unsigned int _REQUEST
cdef unsigned int _REPLY


cdef class Engine:
    cdef public Program program
    cdef public object counters
    cdef public Layer layer
    cdef set _running

    @cython.locals(mask="unsigned int", direct="bint", requests="unsigned int", data=bytes,
                   source=bytes, message=Message, ctx=Context, program=Program,
                   filters=tuple, layer=Layer, stateful="bint")
    cpdef void receive(self, list datagrams, ListenSocket socket, double now) except *
