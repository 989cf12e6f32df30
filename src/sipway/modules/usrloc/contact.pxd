cimport cython


@cython.freelist(64)
cdef class Contact:
    cdef public bytes uri
    cdef public unsigned long expires
    cdef public int q
    cdef public bytes call_id
    cdef public unsigned long cseq
    cdef public bytes received
    cdef public bytes path
    cdef public bytes socket
    cdef public bytes user_agent
    cdef public unsigned long methods
    cdef public bytes instance
    cdef public unsigned long reg_id
    cdef public bytes ruid
    cdef public unsigned long flags
    cdef public unsigned long cflags
    cdef public unsigned long modified
    cdef public long server_id
    cdef public unsigned long connection
    cdef public unsigned int keepalive
    cdef public bytes attributes

    cpdef bint is_valid(self, unsigned long now)
