cimport cython

from sipway.core.context cimport Context
from sipway.modules.auth.nonces cimport Nonce


cdef class Attempt:
    cdef readonly object side
    cdef readonly str realm
    cdef readonly object found
    cdef readonly object given
    cdef readonly str algorithm
    cdef readonly Nonce nonce
    cdef readonly bint counts


cpdef bint is_never_asked(Context ctx) except? -1

@cython.locals(wanted=str)
cpdef int finish(Context ctx, Attempt attempt, str ha1, str method) except? -99

cdef bytes _key(Context ctx)

@cython.locals(offered=tuple)
cdef str _algorithm(given, Nonce nonce)

cdef bint _is_counted(Context ctx, given) except? -1

@cython.locals(nonce=Nonce, now="long", numbered="bint")
cdef int _fault_of_nonce(Context ctx, bytes key, Attempt attempt) except? -99

cdef int _use(Context ctx, Attempt attempt) except? -99

cdef bytes _wire(str text)
