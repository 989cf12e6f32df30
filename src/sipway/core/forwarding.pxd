cimport cython

from sipway.core cimport streams
from sipway.core.context cimport Context
from sipway.core.extras cimport Extras
from sipway.core.late_edits cimport edits_for
from sipway.core.program cimport Program
from sipway.core.sockets cimport ListenSocket
from sipway.sip._bytes cimport Writer
from sipway.sip.addresses cimport family
from sipway.sip.build cimport forwarded_request
from sipway.sip.message cimport Message
from sipway.sip.via cimport Via

cdef bytes _COOKIE
cdef Writer _writer
cdef unsigned int _ONSEND


@cython.locals(socket=ListenSocket, parameter=bytes, data=bytes, other=ListenSocket)
cpdef int forward(Context ctx, str protocol, bytes destination, bint single=*) except? -9999

@cython.locals(mtu="long")
cpdef ListenSocket socket_for_long(Context ctx, ListenSocket socket, Py_ssize_t length,
                                   bytes destination)

cpdef bytes request(Context ctx, ListenSocket socket, bytes branch, edits, bint single=*)

@cython.locals(kind="unsigned int", dropped="bint", code="long")
cpdef bint onsend(Context ctx, bytes data, bytes destination, ListenSocket socket) except -1

cpdef ListenSocket socket_for(Context ctx, str protocol, bytes destination)

@cython.locals(wanted="int", program=Program, first=ListenSocket, socket=ListenSocket, own=ListenSocket)
cdef ListenSocket _find_socket(Context ctx, str protocol, bytes destination)

@cython.locals(more=Extras, number="long")
cpdef bytes via_line(Context ctx, ListenSocket socket, bytes branch)

@cython.locals(via=Via, theirs=bytes, known=bytes, writer=Writer, digest="long long")
cpdef bytes stateless_branch(Message message)
