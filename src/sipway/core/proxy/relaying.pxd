cimport cython

from sipway.core.context cimport Context
from sipway.core.program cimport Program
from sipway.core.proxy.state cimport BranchState, ProxySettings, ResponseContext
from sipway.core.sockets cimport ListenSocket
from sipway.sip.message cimport Message
from sipway.tx.flow cimport Flow
from sipway.tx.layer cimport Layer
from sipway.tx.machine cimport ClientTransaction, ServerTransaction, Timing
from sipway.tx.transaction cimport Transaction

cdef unsigned int _INVITE, _BRANCH, _FAILURE
cdef dict _hops


cdef class Destination:
    cdef public object target
    cdef public str protocol
    cdef public bytes address


@cython.locals(hop=Destination)
cpdef Destination destination_of(str uri)

@cython.locals(transaction=Transaction, program=Program, settings=ProxySettings, flow=Flow,
               message=Message, state=ResponseContext, lifetime="double")
cpdef Transaction begin(Context ctx)

@cython.locals(transaction=Transaction, settings=ProxySettings, state=ResponseContext,
               main="bint", code="int")
cpdef int relay(Context ctx, Destination forced=*) except? -9999

@cython.locals(data=bytes)
cpdef bint reply(Context ctx, Transaction transaction, int status, str reason, bytes extra=*) except -1

@cython.locals(code="int", sent="bint", branches=list, more="int")
cdef int _send_branches(Context ctx, Transaction transaction, ResponseContext state, Destination forced,
                        bint main) except? -9999

@cython.locals(edits=list)
cdef int _send_branch(Context ctx, Transaction transaction, ResponseContext state,
                      Destination forced) except? -9999

@cython.locals(kind="unsigned int", dropped="bint", code="long", index="int")
cdef bint _run_branch_route(Context ctx, Transaction transaction, block) except -1

@cython.locals(hop=Destination, uri=str, address=bytes, socket=ListenSocket)
cdef int _send_to(Context ctx, Transaction transaction, ResponseContext state,
                  Destination forced) except? -9999

@cython.locals(layer=Layer, parameter=bytes, data=bytes, other=ListenSocket, flow=Flow, server=ServerTransaction, timing=Timing,
               branch=ClientTransaction, made=BranchState)
cdef int _send_by(Context ctx, Transaction transaction, ListenSocket socket,
                  bytes address) except? -9999
