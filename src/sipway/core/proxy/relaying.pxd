cimport cython

from sipway.core cimport forwarding
from sipway.core.context cimport Context
from sipway.core.program cimport Program
from sipway.core.proxy cimport options, sending
from sipway.core.proxy.hops cimport Destination
from sipway.core.proxy.state cimport ProxySettings, ResponseContext
from sipway.sip.message cimport Message
from sipway.tx.flow cimport Flow
from sipway.tx.machine cimport ServerTransaction, Timing
from sipway.tx.transaction cimport Transaction

cdef unsigned int _INVITE, _FAILURE, _EVENT


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

@cython.locals(data=bytes, state=ResponseContext)
cpdef bint reply(Context ctx, Transaction transaction, int status, str reason, bytes extra=*) except -1
