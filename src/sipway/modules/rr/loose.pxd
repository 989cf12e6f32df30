cimport cython

from sipway.core.context cimport Context
from sipway.core.program cimport Program
from sipway.modules.rr._module cimport (
    State, change_state, is_ours, run_hooks, state, uri_params)
from sipway.modules.rr.routes cimport Route, RouteSet
from sipway.sip._bytes cimport text_of
from sipway.sip.edits cimport Edit, edit
from sipway.sip.message cimport Message
from sipway.sip.uri cimport Uri, routable_uri

cdef int _ROUTE, _PRELOADED, _LOOSE_ONLY


@cython.locals(routes=RouteSet, code="int", first=Route, uri=Uri)
cdef int _route(Context ctx, str function, int mode) except -9999

@cython.locals(message=Message, index="int", data=bytes, start="unsigned int", end="unsigned int",
               host="unsigned int", behind="unsigned int", tag=str, cut=Edit)
cdef int _only_ours(Context ctx, int mode) except -9999

@cython.locals(p="const unsigned char *")
cdef unsigned int _behind_scheme(bytes data, unsigned int at, unsigned int end)

@cython.locals(p="const unsigned char *", i="unsigned int")
cdef unsigned int _behind_place(bytes data, unsigned int at, unsigned int end)

@cython.locals(p="const unsigned char *", i="unsigned int", c="unsigned char")
cdef bint _is_plain(bytes data, unsigned int at, unsigned int end)

@cython.locals(message=Message, data=bytes, end="unsigned int", i="unsigned int",
               p="const unsigned char *", behind="unsigned int", begin="unsigned int")
cdef bint _may_be_ours(Context ctx) except -1

cdef _edit(Context ctx, list edits)

@cython.locals(uri=Uri)
cdef Uri _strict_uri(Context ctx)

@cython.locals(first=Route, hop=Route, last=Route)
cdef int _after_strict(Context ctx, RouteSet routes, Uri uri) except -9999

@cython.locals(hop=Route, second=Route, uri=Uri, params=str, next_hop=str)
cdef int _after_loose(Context ctx, RouteSet routes) except -9999

cdef _took_ours(Context ctx, str params, bint next_is_route=*)

@cython.locals(maddr=str)
cdef str _next_hop(str text, Uri uri)
