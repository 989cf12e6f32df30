cimport cython

from sipway.core.context cimport Context
from sipway.core.sockets cimport ListenSocket


cpdef long connection_of(Context ctx) except? -1
cpdef entry(ListenSocket socket, bytes data, bytes destination, int options=*,
                  long connection=*)
cpdef send_reply(Context ctx, bytes data, bytes destination)
