cimport cython

from sipway.core.context cimport Context
from sipway.core.late_edits cimport LateEdit, add_late
from sipway.core.sockets cimport ListenSocket
from sipway.modules.rr._module cimport State, change_state, is_upstream, own_route_params, state


cdef class _Record:
    cdef readonly str begin
    cdef readonly str tail

    @cython.locals(lines=list)
    cpdef list _each(self, Context ctx, ListenSocket socket)
    cpdef _Record with_more(self, str params)


cdef class _OfSockets(_Record):
    pass


cdef class _Preset(_Record):
    cdef readonly tuple texts


cdef class _Advertised(_Record):
    cdef readonly str address


cdef str _begin(Context ctx)
cdef str _lr(Context ctx)
cdef str _ftag(Context ctx)
cdef LateEdit _find(Context ctx)

@cython.locals(kept=State)
cdef int _add(Context ctx, _Record record) except -9999
