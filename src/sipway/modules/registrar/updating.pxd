cimport cython

from sipway.modules.registrar.settings cimport Settings
from sipway.modules.registrar.reading cimport Asked, Request
from sipway.modules.usrloc.contact cimport Contact


cpdef bint is_valid(Contact contact, unsigned long now) except -1

@cython.locals(each=Contact)
cpdef list remove_all(list contacts, Request request)

@cython.locals(each=Contact, at="int", mode="int")
cdef int _find(list contacts, Asked asked, Request request, Settings of, unsigned long now) except -2

cdef int _age(Contact known, Request request, Settings of, unsigned long now) except -2

@cython.locals(contact=Contact)
cdef Contact _made(Asked asked, Request request, unsigned long now, bytes ruid, bint memory_only,
                   long server_id)
