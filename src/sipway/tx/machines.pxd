cpdef int event_of(int status) except -1
