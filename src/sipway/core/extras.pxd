from sipway.core.context cimport Context


cdef class Extras:
    cdef list _xavps
    cdef list _xavis
    cdef dict _xavus
    cdef dict _nullables
    cdef public object static_branch
    cdef public object main
    cdef public object number
    cdef public str advertised_host
    cdef public int advertised_port
    cdef public object local_rport
    cdef public bint via_server_id
    cdef public bint via_xavp_params
    cdef public bint via_xavp_fields
    cdef public bint via_reply_xavp_params
    cdef public int forward_options
    cdef public int reply_options
    cdef public str mtu_protocol
    cdef public object charging_vector
    cdef public int charging_status
    cdef public object sanity_fault
    cdef dict _header_iterators
    cdef dict _line_iterators
    cdef public object xflags
    cdef public object internal_flags
    cdef public object via_flags
    cdef public bint has_late_edits
    cdef public object on_response
    cdef public object on_end
    cdef public dict of_modules

    cpdef Extras copy(self)
    cpdef bint changes_via(self) except -1


cpdef Extras extras(Context ctx)
