from sipway.core.proxy.state cimport ProxySettings
from sipway.tx.layer cimport Layer


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
    cdef readonly dict parameters
    cdef readonly tuple filters
    cdef readonly bint sip_warning
    cdef readonly bint force_rport
    cdef readonly bint mhomed
    cdef readonly bint changes_via
    cdef readonly bint reply_to_via
    cdef readonly long udp_mtu
    cdef readonly int max_branches
    cdef readonly list fresh_vars
    cdef readonly tuple variable_names
    cdef readonly bytes server_line
    cdef readonly bytes tag_prefix
    cdef readonly object aliases
    cdef readonly list subdomains
    cdef readonly list own_hosts
    cdef dict _myself
    cdef dict _owned
    cdef readonly object waiting
    cdef readonly object shared
    cdef readonly object custom
    cdef readonly Layer layer
    cdef public bint stateful
    cdef public ProxySettings proxy
    cdef readonly object failure_routes
    cdef readonly object reply_routes
    cdef readonly object branch_routes
    cdef readonly object routes
    cdef readonly list services
    cdef public object spawn
    cdef readonly object names
    cdef readonly object commands
    cdef public object process
    cdef public object clock
    cdef public object incoming
    cdef public object outgoing
    cdef public object watching
    cdef public object blocklist

    cpdef bint is_myself(self, str host, port=*) except -1
    cpdef bint owns(self, bytes place) except -1
