cimport cython

from sipway.core.context cimport Context
from sipway.core.extras cimport Extras

cdef str _MODULE


@cython.locals(kept=Extras)
cpdef bint are_given(Context ctx) except -1
