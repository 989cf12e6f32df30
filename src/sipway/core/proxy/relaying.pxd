cimport cython

from sipway.core cimport forwarding
from sipway.core.context cimport Context
from sipway.core.late_edits cimport edits_for
from sipway.core.program cimport Program
from sipway.core.proxy cimport options
from sipway.core.proxy.hops cimport Destination, destination_of
from sipway.core.proxy.state cimport BranchState, ProxySettings, ResponseContext
from sipway.core.sockets cimport ListenSocket
from sipway.sip.message cimport Message
from sipway.tx.flow cimport Flow
from sipway.tx.layer cimport Layer
from sipway.tx.machine cimport ClientTransaction, ServerTransaction, Timing
from sipway.tx.transaction cimport Transaction

cdef unsigned int _INVITE, _BRANCH, _FAILURE, _EVENT


@cython.locals(transaction=Transaction, program=Program, settings=ProxySettings, flow=Flow,
               message=Message, state=ResponseContext, timing=Timing, lifetime="double", asked="bint")
cpdef Transaction begin(Context ctx)

@cython.locals(transaction=Transaction, state=ResponseContext,
               main="bint", failing="bint", code="int", before="int")
cpdef int relay(Context ctx, Destination forced=*) except? -9999

@cython.locals(server=ServerTransaction)
cpdef send_trying(Context ctx, Transaction transaction, ResponseContext state)

@cython.locals(hop=Destination)
cpdef int relay_ack(Context ctx, Destination forced=*) except? -9999

@cython.locals(transaction=Transaction, state=ResponseContext, server=ServerTransaction, error=tuple)
cpdef leave(Context ctx)

@cython.locals(data=bytes)
cpdef bint reply(Context ctx, Transaction transaction, int status, str reason, bytes extra=*) except -1

@cython.locals(code="int", sent="bint", branches=list, more="int")
cdef int _send_branches(Context ctx, Transaction transaction, ResponseContext state, Destination forced,
                        bint main) except? -9999

@cython.locals(edits=list, message=Message, flags="unsigned int", script_flags="unsigned int")
cdef int _send_branch(Context ctx, Transaction transaction, ResponseContext state,
                      Destination forced) except? -9999

@cython.locals(kind="unsigned int", dropped="bint", code="long", index="int")
cdef bint _run_branch_route(Context ctx, Transaction transaction, block) except -1

@cython.locals(hop=Destination, uri=str, address=bytes, socket=ListenSocket)
cdef int _send_to(Context ctx, Transaction transaction, ResponseContext state,
                  Destination forced) except? -9999

@cython.locals(layer=Layer, parameter=bytes, data=bytes, other=ListenSocket, flow=Flow,
               server=ServerTransaction, timing=Timing, branch=ClientTransaction,
               made=BranchState, state=ResponseContext)
cdef int _send_by(Context ctx, Transaction transaction, ListenSocket socket,
                  bytes address) except? -9999

@cython.locals(route=bytes, data=bytes, first="int", behind_via="Py_ssize_t")
cdef bytes _with_path(Context ctx, ListenSocket socket, bytes parameter, edits)
