cimport cython

from sipway.modules.usrloc.contact cimport Contact
from sipway.modules.usrloc.encoding cimport decode, encode


cpdef bytes key_of(str aor)


cdef class Location:
    cdef public str name
    cdef object _table
    cdef object _owners
    cdef public bint newest_first
    cdef public unsigned long expired
    cdef public long contacts
    cdef public object on_change
    cdef bytes _swept
    cdef long _counted
    cdef set _damaged
    cdef list _troubles

    cpdef list get(self, str aor)
    cpdef put(self, str aor, list contacts, long before)
    cdef _put(self, bytes key, list contacts, long before)
    cdef _write(self, bytes key, list contacts, long before)
    cdef _count(self, bytes key, long more)
    cpdef bytes value_of(self, bytes key)
    cpdef put_value(self, bytes key, bytes value, long more)
    cdef list _readable(self, bytes key, bytes value)
    cpdef list ordered(self, list contacts)


cdef class Locations:
    cdef object _store
    cdef list _told
    cdef bint _newest_first
    cdef dict _tables

    cpdef Location table(self, str name)
