cimport cython

from sipway.core.authorized cimport user_and_domain
from sipway.core.context cimport Context
from sipway.modules.auth.attempts cimport Attempt, finish, is_never_asked
from sipway.modules.auth.realms cimport realm_of
from sipway.modules.auth_db.users cimport Users


@cython.locals(realm=str, asked=Users, user=str, domain=str, columns=tuple)
cpdef authenticate(Context ctx, str function, side, str text, str table, str method=*, int flags=*)

@cython.locals(stored=str, code="int", secret=str)
cdef int _code_of(Context ctx, Attempt attempt, tuple row, str method, int flags) except? -99

cdef bint _is_compared(Context ctx, int flags) except -1
