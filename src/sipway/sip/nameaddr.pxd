cimport cython

from sipway.sip.uri cimport Uri, routable_uri


@cython.freelist(64)
cdef class NameAddr:
    cdef readonly str uri
    cdef str _text
    cdef Py_ssize_t _display_end
    cdef Py_ssize_t _behind
    cdef Py_ssize_t _end
    cdef dict _params
    cdef Uri _parsed
    cdef bint _is_parsed
    cdef str _tag
    cdef bint _has_tag

    cdef void _begin(self, str text, Py_ssize_t display_end, str uri, Py_ssize_t behind,
                     Py_ssize_t end)
    cdef Uri _read_uri(self)
    cdef str _read_tag(self)
    @cython.locals(text=str, at="Py_ssize_t", end="Py_ssize_t", i="Py_ssize_t",
                   character="Py_UCS4")
    cdef str _find_tag(self)


@cython.locals(address=NameAddr, n="Py_ssize_t", begin="Py_ssize_t", angle="Py_ssize_t",
               comma="Py_ssize_t", close="Py_ssize_t", semicolon="Py_ssize_t", end="Py_ssize_t")
cpdef NameAddr parse_name_addr(str text)

@cython.locals(i="Py_ssize_t", n="Py_ssize_t", character="Py_UCS4")
cdef Py_ssize_t _behind_quotes(str text, Py_ssize_t at)

@cython.locals(params=dict, i="Py_ssize_t", n="Py_ssize_t", end="Py_ssize_t",
               equals="Py_ssize_t", name=str, character="Py_UCS4")
cdef dict _params(str text)
