cimport cython

cdef int _MOST


cdef class ContactValue:
    cdef public bytes uri
    cdef public bytes expires
    cdef public bytes q
    cdef public bytes instance
    cdef public bytes reg_id
    cdef public bytes received
    cdef public bytes methods


@cython.locals(p="const unsigned char *", n="Py_ssize_t", i="Py_ssize_t", star="bint")
cpdef bint parse_contacts(bytes data, list found) except -1

@cython.locals(p="const unsigned char *")
cdef Py_ssize_t _behind_blanks(bytes data, Py_ssize_t i, Py_ssize_t n)

@cython.locals(p="const unsigned char *")
cdef bint _is_alone(bytes data, Py_ssize_t i, Py_ssize_t n)

@cython.locals(p="const unsigned char *", start="Py_ssize_t")
cdef Py_ssize_t _behind_quotes(bytes data, Py_ssize_t i, Py_ssize_t n) except -1

@cython.locals(p="const unsigned char *", start="Py_ssize_t", begin="Py_ssize_t",
               end="Py_ssize_t", value=ContactValue)
cdef Py_ssize_t _parse_one(bytes data, Py_ssize_t i, Py_ssize_t n, list found) except -1

@cython.locals(p="const unsigned char *", begin="Py_ssize_t", name_end="Py_ssize_t",
               start="Py_ssize_t", length="Py_ssize_t", text=bytes)
cdef Py_ssize_t _parse_param(bytes data, Py_ssize_t i, Py_ssize_t n, ContactValue value) except -1
