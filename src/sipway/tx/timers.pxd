cimport cython


cdef double _PER_SECOND


cdef class Timed:
    cdef public long tick


cdef class TimerQueue:
    cdef dict _due
    cdef list _ticks
    cdef Py_ssize_t _count

    @cython.locals(tick="long", due=dict)
    cpdef set(self, Timed item, double deadline)
    cpdef advance(self, Timed item, double deadline)
    cpdef cancel(self, Timed item)
    cdef _remove(self, Timed item)
    @cython.locals(ticks=list)
    cpdef double next_deadline(self)
    @cython.locals(ticks=list, found=list, limit="long", item=Timed)
    cpdef list expire(self, double now)
