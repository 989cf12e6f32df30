cpdef unsigned int line_feed(bytes data, unsigned int start, unsigned int end)
cpdef str text_of(bytes data, Py_ssize_t start, Py_ssize_t end)
cpdef int field_kind(bytes data, unsigned int start, unsigned int end)
cpdef unsigned int fingerprint(bytes data, Py_ssize_t start, Py_ssize_t end, unsigned int seed)


cdef class Writer:
    cdef char *_bytes
    cdef Py_ssize_t _size
    cdef Py_ssize_t _room

    cdef int _grow(self, Py_ssize_t size) except -1
    cpdef void clear(self)
    cpdef int add(self, bytes data) except -1
    cpdef int add_slice(self, bytes data, Py_ssize_t start, Py_ssize_t end) except -1
    cpdef int add_lower(self, bytes data, Py_ssize_t start, Py_ssize_t end) except -1
    cpdef int add_hex(self, unsigned int number) except -1
    cpdef bytes take(self)
