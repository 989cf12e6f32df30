cimport cython

from sipway.core.context cimport Context
from sipway.core.program cimport Program
from sipway.sip._bytes cimport Writer
from sipway.sip.build cimport reply
from sipway.sip.message cimport Message
from sipway.sip.via cimport Via

cdef Writer _writer


@cython.locals(message=Message, program=Program, via=Via, force="bint", lines=list, source=bytes, data=bytes,
               destination=bytes)
cpdef void send_reply(Context ctx, int code, str reason, bytes extra=*, bytes body=*) except *

@cython.locals(writer=Writer)
cpdef bytes local_tag(Context ctx)

cdef bytes _via_destination(Via via, bytes source, bint reply_to_via)
