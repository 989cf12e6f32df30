cimport cython

from sipway.core.context cimport Context
from sipway.core.params cimport Param
from sipway.core.program cimport Program
from sipway.modules.auth.nonces cimport Nonce, read_nonce
from sipway.modules.auth.realms cimport Found, credentials
from sipway.sip.digest cimport Response, response_of, size_of


cdef tuple _OFFERED
cdef Param _add_info_of
cdef Param _count_of
cdef Param _drift_of
cdef Param _expire_of
cdef Param _once_of


cdef class Attempt:
    cdef readonly object side
    cdef readonly str realm
    cdef readonly Found found
    cdef readonly Response given
    cdef readonly str algorithm
    cdef readonly Nonce nonce
    cdef readonly bint counts


cpdef bint is_never_asked(Context ctx) except? -1

cdef _begin(Context ctx, bytes key, side, str realm, Found found, Response given, str algorithm,
            Nonce nonce, bint keeps_nonce)

@cython.locals(given=Response, wanted=str, found=Found)
cpdef int finish(Context ctx, Attempt attempt, str ha1, str method) except? -99

cdef bytes _key(Context ctx)

@cython.locals(offered=tuple)
cdef str _algorithm(Response given, Nonce nonce)

cdef bint _is_counted(Context ctx, Response given) except? -1

@cython.locals(nonce=Nonce, now="long", numbered="bint", program=Program)
cdef int _fault_of_nonce(Context ctx, bytes key, Attempt attempt) except? -99

@cython.locals(given=Response)
cdef int _use(Context ctx, Attempt attempt) except? -99

cdef bytes _wire(str text)
