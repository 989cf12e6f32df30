cimport cython

from sipway.sip._bytes cimport Writer
from sipway.sip.message cimport Message
from sipway.sip.via cimport Via

cdef int _FROM
cdef int _CSEQ
cdef bytes _INVITE, _COOKIE
cdef tuple _NOT_OURS, _ENDS
cdef int _MANY
cdef Writer _writer


cpdef bytes request_key(Message message)
cpdef bytes invite_key(Message message)

@cython.locals(via=Via, data=bytes, start="unsigned int", sender=bytes, writer=Writer)
cdef bytes _key(Message message, bytes method)

cpdef bytes branch_parameter(bytes identity, int index)

@cython.locals(via=Via, data=bytes, p="const unsigned char *", q="const unsigned char *", i="int",
               start="unsigned int", end="unsigned int", dot="unsigned int", number="int", scale="int")
cpdef tuple branch_of(Message message)
