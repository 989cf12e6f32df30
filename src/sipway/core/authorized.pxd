cimport cython

from sipway.core.context cimport Context
from sipway.core.extras cimport Extras, extras


cdef class Authorized:
    cdef readonly int kind
    cdef readonly bytes value
    cdef readonly object parameters


cpdef tuple authorized(Context ctx)

@cython.locals(others=tuple, found=Authorized, each=Authorized, rest=Extras)
cpdef authorize(Context ctx, int kind, bytes value, parameters)

cpdef tuple user_and_domain(str username)
