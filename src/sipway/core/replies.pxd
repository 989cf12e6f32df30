cimport cython

from sipway.core.context cimport Context
from sipway.core.program cimport Program
from sipway.sip._bytes cimport Writer
from sipway.sip.addresses cimport port, with_port
from sipway.sip.build cimport reply
from sipway.sip.message cimport Message
from sipway.sip.via cimport Via

cdef Writer _writer


cpdef void send_reply(Context ctx, int code, str reason, bytes extra=*, bytes body=*) except *

@cython.locals(program=Program, lines=list)
cpdef bytes local_reply(Context ctx, int code, str reason, bytes extra=*, bytes body=*,
                        bint stateful=*)

cpdef bytes destination(Context ctx)

@cython.locals(via=Via, source=bytes)
cdef bytes _named_by_via(Context ctx)

cdef bytes _sent_by(Context ctx)

@cython.locals(writer=Writer)
cpdef bytes local_tag(Context ctx)

cpdef bytes transaction_tag(Context ctx)

cdef bytes _via_destination(Via via, bytes source, bint reply_to_via)
