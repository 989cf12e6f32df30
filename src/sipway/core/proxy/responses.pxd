cimport cython

from sipway.core.context cimport Context
from sipway.core.program cimport Program
from sipway.core.proxy cimport upstream
from sipway.core.proxy.running cimport run
from sipway.core.proxy.state cimport BranchState, ResponseContext
from sipway.tx.machine cimport ClientTransaction
from sipway.tx.transaction cimport Transaction

@cython.locals(state=ResponseContext, kept=BranchState, status="int")
cpdef receive(Context ctx, Transaction transaction, ClientTransaction branch)

@cython.locals(state=ResponseContext, kept=BranchState, status="int", until="double")
cdef _limit_waiting(Context ctx, Transaction transaction, ClientTransaction branch)

@cython.locals(kept=BranchState, status="int")
cdef _after_route(Context ctx, Transaction transaction, ClientTransaction branch)
