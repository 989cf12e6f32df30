cimport cython

cdef object _pack
cdef object _unpack_from
cdef Py_ssize_t _SIZE
cdef bytes _HEAD


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


@cython.locals(each=Contact, parts=list)
cpdef bytes encode(list contacts)

@cython.locals(contact=Contact, contacts=list, at="Py_ssize_t", end="Py_ssize_t")
cpdef list decode(bytes value)

@cython.locals(uri="Py_ssize_t", received="Py_ssize_t", path="Py_ssize_t", call_id="Py_ssize_t",
               user_agent="Py_ssize_t", instance="Py_ssize_t", ruid="Py_ssize_t",
               socket="Py_ssize_t", attributes="Py_ssize_t")
cdef Py_ssize_t _read(Contact contact, bytes value, Py_ssize_t at) except -1
