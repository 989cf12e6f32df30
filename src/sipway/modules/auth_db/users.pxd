cimport cython

from sipway.core.program cimport Program


cdef class Users:
    cdef readonly tuple loaded
    cdef readonly tuple password
    cdef readonly tuple password_2
    cdef readonly bint plain
    cdef readonly bint use_domain
    cdef tuple _by_name
    cdef tuple _by_both
    cdef object _url
    cdef object _version
    cdef dict _tables
    cdef dict _at_once

    @cython.locals(asked=tuple, key=tuple)
    cpdef first_at_once(self, Program program, str table, str user, domain, tuple columns)
    cdef tuple _question(self, str user, domain, tuple columns)
    cdef _table(self, Program program, str name)


cpdef str text_of(value)
