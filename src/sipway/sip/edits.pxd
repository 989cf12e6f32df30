cimport cython

from sipway.sip._bytes cimport Writer
from sipway.sip.message cimport Message

cdef int _CONTENT_LENGTH
cdef Py_ssize_t _FEW
cdef Writer _writer


cdef class Edit:
    cdef readonly unsigned int start
    cdef readonly unsigned int end
    cdef readonly bytes replacement

    cdef unsigned long _place(self)


@cython.locals(made=Edit)
cpdef Edit edit(unsigned int start, unsigned int end, bytes replacement)

@cython.locals(changes=list, offset="unsigned int", body=list, each=Edit, index="int",
               length="Py_ssize_t", start="unsigned int")
cpdef bytes edited(Message message, edits)

@cython.locals(writer=Writer, position="unsigned int", each=Edit)
cpdef bytes apply_edits(bytes data, list edits)

@cython.locals(n="Py_ssize_t", i="Py_ssize_t", k="Py_ssize_t", found=list, moved=Edit,
               before=Edit, place="unsigned long")
cdef list _in_order(list edits)

cpdef unsigned long _place_of(Edit edit)
