cimport cython

from sipway.core.context cimport Context
from sipway.sip.edits cimport Edit, edit
from sipway.sip.message cimport Message

cdef int _MAX_FORWARDS
cdef list _DIGITS


@cython.locals(edits=list, each=Edit)
cdef Edit _counted(Context ctx, unsigned int start, unsigned int end)

@cython.locals(data=bytes, p="const unsigned char *", number="unsigned long")
cdef long _hops(Context ctx, unsigned int start, unsigned int end, Edit before)

@cython.locals(message=Message, index="int", edits=list, at="unsigned int", end="unsigned int",
               before=Edit, hops="long")
cdef int _count_down(Context ctx, int start, int limit) except -9999

@cython.locals(message=Message, index="int", at="unsigned int", end="unsigned int", hops="long")
cdef int _compare(Context ctx, int limit) except -9999
