cimport cython

from sipway.core.context cimport Context


cpdef str realm_of(Context ctx, str realm)
