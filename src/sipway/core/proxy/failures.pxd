cimport cython

from sipway.core.proxy.state cimport BranchState, ResponseContext
from sipway.tx.machine cimport ClientTransaction
from sipway.tx.transaction cimport Transaction

@cython.locals(kept=BranchState, state=ResponseContext)
cpdef give_up(Transaction transaction, ClientTransaction branch, double now)
