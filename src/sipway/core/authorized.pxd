cimport cython

from sipway.core.context cimport Context


cpdef tuple authorized(Context ctx)

@cython.locals(others=tuple)
cpdef authorize(Context ctx, int kind, bytes value, parameters)
