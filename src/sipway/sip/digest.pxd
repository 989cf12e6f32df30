cimport cython


cdef class Response:
    cdef readonly str user
    cdef readonly str realm
    cdef readonly str nonce
    cdef readonly str uri
    cdef readonly str response
    cdef readonly str algorithm
    cdef readonly str qop
    cdef readonly str nc
    cdef readonly str cnonce


cpdef dict plain_credentials(bytes value)

@cython.locals(qop=str, name=str, algorithm=str)
cpdef Response response_of(dict given, repeated=*)

cpdef str hashed(str algorithm, bytes data)

cpdef int size_of(str algorithm) except -1

cdef bytes _bytes(str text)
