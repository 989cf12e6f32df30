cdef class Program:
    cdef readonly str path
    cdef readonly object settings
    cdef readonly object log
    cdef readonly tuple sockets
    cdef readonly object request_route
    cdef readonly object reply_route
    cdef readonly object onsend_route
    cdef readonly object events
    cdef readonly tuple modules
    cdef readonly object parameters
    cdef readonly tuple filters
    cdef readonly bint force_rport
    cdef readonly list fresh_vars
    cdef readonly bytes server_line
    cdef readonly bytes tag_prefix
    cdef readonly object aliases
    cdef readonly object waiting
