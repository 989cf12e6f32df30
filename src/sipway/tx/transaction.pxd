cimport cython

from sipway.sip.message cimport Message
from sipway.tx.machine cimport ClientTransaction, ServerTransaction
from sipway.tx.timers cimport Timed

cdef int _TERMINATED


cdef class Transaction(Timed):
    cdef public bytes key
    cdef public bytes identity
    cdef public Message request
    cdef public ServerTransaction server
    cdef public list branches
    cdef public object user

    @cython.locals(branch=ClientTransaction)
    cpdef ClientTransaction branch(self, int number)
    @cython.locals(server=ServerTransaction, earliest="double", at="double", branch=ClientTransaction)
    cpdef double deadline(self)
    @cython.locals(branch=ClientTransaction)
    cpdef shift(self, double seconds)
    @cython.locals(branch=ClientTransaction)
    cpdef bint has_ended(self)
