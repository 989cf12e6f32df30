cimport cython

from sipway.core cimport forwarding
from sipway.core.context cimport Context
from sipway.core.late_edits cimport edits_for
from sipway.core.program cimport Program
from sipway.core.proxy.hops cimport Destination, destination_of
from sipway.core.proxy.state cimport BranchState, ResponseContext
from sipway.core.sockets cimport ListenSocket
from sipway.sip.message cimport Message
from sipway.tx.flow cimport Flow
from sipway.tx.layer cimport Layer
from sipway.tx.machine cimport ClientTransaction, ServerTransaction, Timing
from sipway.tx.transaction cimport Transaction

cdef unsigned int _BRANCH


@cython.locals(code="int", sent="bint", branches=list, more="int", failed=list)
cdef int send_branches(Context ctx, Transaction transaction, ResponseContext state, Destination forced,
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
