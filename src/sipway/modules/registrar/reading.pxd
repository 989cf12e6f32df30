cimport cython

from sipway.modules.registrar.settings cimport Settings
from sipway.core.context cimport Context
from sipway.core.extras cimport Extras
from sipway.core.sockets cimport ListenSocket
from sipway.sip.contacts cimport ContactValue, parse_contacts
from sipway.sip.message cimport Message


cdef class Asked:
    cdef public bytes uri
    cdef public long seconds
    cdef public int q
    cdef public bytes instance
    cdef public unsigned long reg_id
    cdef public bytes received
    cdef public object methods


cdef class Request:
    cdef public bytes call_id
    cdef public unsigned long cseq
    cdef public list contacts
    cdef public Asked first
    cdef public bint is_star
    cdef public bytes user_agent
    cdef public bytes path
    cdef public bytes received
    cdef public bytes socket
    cdef public unsigned long methods
    cdef public unsigned long cflags
    cdef public unsigned long connection


@cython.locals(message=Message, asked=Request, found=list, ends=list, index="int", value=ContactValue,
               each=Asked)
cpdef Request read_request(Context ctx, Settings of, int flags)

@cython.locals(index="int", value=bytes)
cpdef bint has_option(Message message, int kind, bytes option) except -1

cdef _check_outbound(Message message, Settings of)

@cython.locals(message=Message, index="int")
cdef _read_common(Context ctx, Settings of, Request asked)

@cython.locals(socket=ListenSocket)
cdef bytes _socket(Context ctx, Settings of)

cpdef unsigned long allowed_methods(bytes value) except? 0

cdef object _number(bytes text)

@cython.locals(index="int")
cdef object _header_seconds(Message message)

cdef long _seconds(bytes said, object header, Settings of, int flags) except? -1

@cython.locals(whole=bytes, rest=bytes)
cdef int _q(Context ctx, bytes said, Settings of) except? -1000

cpdef object config(Context ctx, Settings of, str name)
