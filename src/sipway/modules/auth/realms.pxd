cimport cython

from sipway.core.context cimport Context
from sipway.sip.digest cimport plain_credentials
from sipway.sip.message cimport Message


cdef set _fit


cdef class Found:
    cdef readonly bytes value
    cdef readonly dict parameters
    cdef readonly object repeated

    @cython.locals(found=str)
    cpdef bint is_of(self, str realm) except -1


cpdef str realm_of(Context ctx, str realm)

@cython.locals(message=Message, found=list, index="int", kind="int", value=bytes, parameters=dict)
cpdef list credentials(Context ctx, side)
