cimport cython

from sipway.core.context cimport Context
from sipway.core.extras cimport Extras, extras
from sipway.sip.uri cimport Uri


cdef class State:
    cdef readonly str params
    cdef readonly bint next_is_route
    cdef readonly str pending


cdef State _NOTHING

@cython.locals(kept=Extras, found=State)
cpdef State state(Context ctx)

cpdef change_state(Context ctx, State changed)
cpdef bint is_ours(Context ctx, Uri uri) except -1
cpdef str uri_params(Uri uri)
cpdef str own_route_params(Context ctx)
cpdef str route_param(str params, str name)
cpdef bint is_upstream(Context ctx, str params) except -1
cpdef run_hooks(Context ctx, str params)
