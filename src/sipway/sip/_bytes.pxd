cpdef unsigned int line_feed(bytes data, unsigned int start, unsigned int end)
cpdef str text_of(bytes data, Py_ssize_t start, Py_ssize_t end)
cpdef int field_kind(bytes data, unsigned int start, unsigned int end)
cpdef unsigned int fingerprint(bytes data, Py_ssize_t start, Py_ssize_t end, unsigned int seed)

cpdef bytes piece(bytes data, Py_ssize_t start, Py_ssize_t end)
cpdef bint same(bytes data, Py_ssize_t start, Py_ssize_t end, bytes other, Py_ssize_t at)
cpdef unsigned long little(bytes data, Py_ssize_t at, int size) except? 0
cpdef unsigned int plain_host(bytes data, unsigned int start, unsigned int end)
cpdef dict plain_parameters(bytes data, Py_ssize_t start, Py_ssize_t end)
cpdef unsigned int bracket(bytes data, unsigned int start, unsigned int end)


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
    cpdef int add_number(self, unsigned long number) except -1
    cpdef int add_little(self, unsigned long number, int size) except -1
    cpdef bytes take(self)
