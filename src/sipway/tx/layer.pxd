cimport cython

from sipway.sip.message cimport Message
from sipway.tx.flow cimport Flow
from sipway.tx.identities cimport Identities
from sipway.tx.keys cimport branch_of, branch_parameter, invite_key, request_key
from sipway.tx.machine cimport ClientTransaction, ServerTransaction, Timing
from sipway.tx.timers cimport TimerQueue
from sipway.tx.transaction cimport Transaction

cdef unsigned int _INVITE, _ACK, _CANCEL
cdef int _PASS, _TELL, _ACKNOWLEDGE


cdef class Layer:
    cdef public Timing timing
    cdef public tuple lifetimes
    cdef dict _by_key
    cdef dict _by_identity
    cdef TimerQueue _timers
    cdef Message _last
    cdef bytes _last_key
    cdef public str kept_headers
    cdef public bint call_id_counts
    cdef Identities _identities
    cdef public unsigned long served
    cdef public unsigned long made
    cdef public unsigned long replies_received
    cdef public unsigned long replies_sent
    cdef public list completed
    cdef public object change_cancel

    @cython.locals(method="unsigned int", transaction=Transaction, key=bytes)
    cpdef tuple receive_request(self, Message message, double now)
    @cython.locals(server=ServerTransaction)
    cdef int _acknowledged(self, Transaction transaction, double now) except -1
    cpdef Transaction find_request(self, Message message)
    @cython.locals(server=ServerTransaction, key=bytes, identity=bytes, invite="bint",
                   transaction=Transaction)
    cpdef Transaction create(self, Message message, Flow flow, double now, Timing timing=*,
                             double lifetime=*)
    @cython.locals(identity=bytes)
    cdef bytes _new_identity(self)
    @cython.locals(server=ServerTransaction, before="int")
    cpdef bint reply(self, Transaction transaction, int status, bytes data, double now) except -1
    cpdef Transaction find(self, bytes identity)
    @cython.locals(transaction=Transaction, request=Message)
    cpdef Transaction find_call(self, bytes call_id, long cseq_number, bint own=*)
    cpdef reschedule(self, Transaction transaction)
    @cython.locals(branch=ClientTransaction)
    cpdef ClientTransaction add_failed(self, Transaction transaction)
    cpdef bytes next_branch(self, Transaction transaction)
    @cython.locals(branch=ClientTransaction)
    cpdef ClientTransaction send(
        self, Transaction transaction, bytes data, Flow flow, double now, Timing timing=*)
    @cython.locals(transaction=Transaction, branch=ClientTransaction)
    cpdef tuple receive_reply(self, Message message, double now)
    @cython.locals(identity=bytes, number="int", transaction=Transaction, method="unsigned int",
                   branch=ClientTransaction)
    cpdef tuple find_reply(self, Message message)
    @cython.locals(done="int")
    cpdef int feed_reply(
        self, Transaction transaction, ClientTransaction branch, Message message, double now
    ) except -1
    cpdef cancel(
        self, Transaction transaction, ClientTransaction branch, double now, bytes extra=*)
    cdef _send_cancel(self, ClientTransaction branch, bytes extra, double now)
    cpdef bint broken(
        self, Transaction transaction, ClientTransaction branch, double now) except -1
    cpdef double next_deadline(self)
    @cython.locals(told=list, transaction=Transaction, server=ServerTransaction,
                   branch=ClientTransaction)
    cpdef list expire(self, double now)
    @cython.locals(transaction=Transaction, found=list)
    cpdef list shift(self, double seconds)
    @cython.locals(deadline="double")
    cdef _settle(self, Transaction transaction)
    cpdef forget(self, Transaction transaction)
