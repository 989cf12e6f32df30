cimport cython

from sipway.core.context cimport Context
from sipway.core.program cimport Program
from sipway.core.proxy cimport failures, relaying, responses
from sipway.core.sockets cimport ListenSocket
from sipway.sip.message cimport Message, parse
from sipway.tx.layer cimport Layer
from sipway.tx.machine cimport ClientTransaction
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

    @cython.locals(method="unsigned int", methods="unsigned int")
    cdef bint _admit(self, Context ctx) except -1

    @cython.locals(ctx=Context)
    cdef _reply(self, Program program, Message message, ListenSocket socket, bytes source,
                double now)

    @cython.locals(transaction=Transaction, branch=ClientTransaction, layer=Layer, done="int")
    cpdef _pass_on(self, Context ctx)
