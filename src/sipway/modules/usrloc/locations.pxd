cimport cython

from sipway.modules.usrloc.contact cimport Contact, decode, encode


cdef bytes _key(str aor)


cdef class Location:
    cdef public str name
    cdef object _table
    cdef object _owners
    cdef public bint newest_first
    cdef public unsigned long expired
    cdef public long contacts
    cdef bytes _swept
    cdef long _counted

    cpdef list get(self, str aor)
    cpdef put(self, str aor, list contacts, long before)
    @cython.locals(more="long")
    cdef _put(self, bytes key, list contacts, long before)
    cpdef list ordered(self, list contacts)
