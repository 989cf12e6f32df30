cimport cython

from sipway.sip.message cimport Message
from sipway.sip.uri cimport Uri, routable_uri

cdef dict _fit


cdef class Route:
    cdef readonly str uri
    cdef readonly int line
    cdef readonly unsigned int start
    cdef readonly unsigned int end

    @cython.locals(uri=Uri)
    cdef Uri _parse(self)


cdef class RouteSet:
    cdef Message _message
    cdef list _lines
    cdef int _read
    cdef list _values
    cdef set _removed

    @cython.locals(values=list)
    cpdef Route get(self, Py_ssize_t index)


cdef list _values(Message message, int line)

@cython.locals(data=bytes, left="Py_ssize_t", right="Py_ssize_t")
cdef Route _single(Message message, int line, Py_ssize_t start, Py_ssize_t stop)
