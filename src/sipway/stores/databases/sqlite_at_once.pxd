cimport cython

cdef double _STEPS_PAUSE
cdef double _LONG_SECONDS
cdef double _FAR_TOO_LONG
cdef int _MOST_LONG
cdef int _SHORT_FOR_ONE
cdef double _DISK_PAUSE


cdef class ShortQuestions:
    cdef object _connect
    cdef object _clock
    cdef object _cursor
    cdef bint _begun
    cdef int _rounds
    cdef int _slow
    cdef double _not_before
    cdef dict _long

    @cython.locals(begin="double", taken="double", rows=list)
    cpdef first(self, str text, tuple values)

    cdef void _was_slow(self, double begin, double taken)
