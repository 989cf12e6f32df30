cimport cython

from sipway.sip.message cimport Message
from sipway.tx.flow cimport Flow
from sipway.tx.machines cimport event_of

cdef int _TRYING, _PROCEEDING, _ACCEPTED, _TERMINATED
cdef int _RETRANSMIT, _GIVE_UP, _LINGER, _PASS, _EVENTS
cdef int _RESEND, _START_RETRANSMIT, _STOP_RETRANSMIT, _START_GIVE_UP, _START_LINGER
cdef int _START_SHORT_LINGER, _START_ANY_LINGER, _TIMERS
cdef tuple _INVITE_CLIENT, _CLIENT, _INVITE_SERVER, _SERVER


cdef class Timing:
    cdef public double t1
    cdef public double t2
    cdef public double give_up
    cdef public double ringing
    cdef public double linger
    cdef public double short_linger


cdef class Machine:
    cdef tuple _table
    cdef public int state
    cdef public Timing timing
    cdef public Flow flow
    cdef public bytes data
    cdef double _interval
    cdef public double retransmit_at
    cdef public double wait_until
    cdef int _waits_for

    cdef void _begin(self, tuple table, int state, Timing timing, Flow flow) except *
    @cython.locals(cell="int", done="int")
    cpdef int step(self, int event, double now) except -1
    @cython.locals(timing=Timing, reliable="bint")
    cdef void _set_timers(self, int done, double now) except *
    @cython.locals(timing=Timing)
    cdef void _retransmit_later(self, double now) except *
    cpdef double deadline(self)
    cpdef int expire(self, double now) except -1
    cpdef shift(self, double seconds)
    cpdef give_up_at(self, double deadline)


cdef class ClientTransaction(Machine):
    cdef public bint invite
    cdef public int status
    cdef public bytes ack
    cdef public ClientTransaction cancel
    cdef public bint wants_cancel
    cdef public int number
    cdef public bytes cancel_lines
    cdef public object user

    cpdef send(self, bytes data, double now)
    @cython.locals(status="int", done="int")
    cpdef int receive(self, Message message, double now) except -1


cdef class ServerTransaction(Machine):
    cdef public bint invite
    cdef public int status
    cdef public bint failed

    @cython.locals(done="int")
    cpdef bint send(self, int status, bytes data, double now) except -1
