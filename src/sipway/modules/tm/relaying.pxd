from sipway.core.context cimport Context
from sipway.core.proxy cimport relaying
from sipway.core.proxy.hops cimport Destination


cdef int _relay(Context ctx, Destination hop) except? -9999
