cimport cython

from sipway.core.context cimport Context
from sipway.core.extras cimport Extras, extras
from sipway.core.sockets cimport ListenSocket
from sipway.sip.edits cimport Edit, edit


cdef class LateEdit(Edit):
    cdef readonly object make


cpdef add_late(Context ctx, unsigned int at, make)

@cython.locals(edits=list, kept=Extras, found=list, late=LateEdit)
cpdef edits_for(Context ctx, ListenSocket socket)
