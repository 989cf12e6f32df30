cimport cython

from sipway.core.context cimport Context
from sipway.core.program cimport Program
from sipway.core.proxy.state cimport ResponseContext
from sipway.sip.build cimport passed_on_reply
from sipway.sip.message cimport Message
from sipway.tx.machine cimport ServerTransaction
from sipway.tx.transaction cimport Transaction

@cython.locals(data=bytes, state=ResponseContext, server=ServerTransaction, watched="bint")
cpdef pass_on(Context ctx, Transaction transaction, Message message, list edits)
