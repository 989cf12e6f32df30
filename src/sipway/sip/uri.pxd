cimport cython

cdef Py_ssize_t _REMEMBERED
cdef dict _routable


@cython.freelist(64)
cdef class Uri:
    cdef readonly str scheme
    cdef readonly str user
    cdef readonly str password
    cdef readonly str host
    cdef readonly int port
    cdef readonly str params
    cdef readonly str headers
    cdef dict _values

    cpdef str param(self, str name)


@cython.locals(colon="Py_ssize_t", at="Py_ssize_t", end="Py_ssize_t", semicolon="Py_ssize_t",
               number_end="Py_ssize_t", sign="Py_ssize_t", secret="Py_ssize_t",
               mark="Py_ssize_t", host_end="Py_ssize_t", scheme=str, user=str, password=str,
               params=str, headers=str)
cpdef Uri parse_uri(str text)

@cython.locals(close="Py_ssize_t", host_end="Py_ssize_t", character="Py_UCS4")
cdef Py_ssize_t _host_end(str text, Py_ssize_t at, Py_ssize_t end) except -1

@cython.locals(number="int", i="Py_ssize_t", character="Py_UCS4")
cdef int _port(str text, Py_ssize_t at, Py_ssize_t end) except -1

@cython.locals(uri=Uri)
cpdef Uri routable_uri(str text)
