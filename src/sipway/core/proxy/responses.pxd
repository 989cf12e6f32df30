cimport cython

from sipway.core.context cimport Context
from sipway.core.program cimport Program
from sipway.core.proxy.state cimport BranchState, ResponseContext
from sipway.sip.build cimport passed_on_reply
from sipway.sip.message cimport Message
from sipway.tx.machine cimport ClientTransaction, ServerTransaction
from sipway.tx.transaction cimport Transaction

@cython.locals(state=ResponseContext, kept=BranchState, status="int")
cpdef receive(Context ctx, Transaction transaction, ClientTransaction branch)

@cython.locals(state=ResponseContext, kept=BranchState, status="int", until="double")
cdef _limit_waiting(Context ctx, Transaction transaction, ClientTransaction branch)

@cython.locals(kept=BranchState, status="int")
cdef _after_route(Context ctx, Transaction transaction, ClientTransaction branch)

@cython.locals(kept=BranchState, state=ResponseContext)
cpdef give_up(Transaction transaction, ClientTransaction branch, double now)

@cython.locals(data=bytes, state=ResponseContext, server=ServerTransaction, watched="bint")
cdef _pass_on(Context ctx, Transaction transaction, Message message, list edits)

cpdef run(Context ctx, block, str where)
