cimport cython

from sipway.core.context cimport Context
from sipway.sip._bytes cimport bracket, plain_host
from sipway.sip.message cimport Message
from sipway.sip.via cimport Via

cdef unsigned int _USUAL_CHECKS
cdef unsigned int _USUAL_URIS
cdef int _MAX_NUMBER_DIGITS
cdef int _FROM
cdef int _TO
cdef int _CSEQ
cdef int _EXPIRES


@cython.locals(message=Message, data=bytes, p="const unsigned char *", via=Via,
               index="unsigned int", kind="int", start="unsigned int", last="unsigned int",
               end="unsigned int")
cpdef bint is_usual(Context ctx, unsigned int checks, unsigned int uris) except -1
