cimport cython

from sipway.core.context cimport Context
from sipway.core.extras cimport Extras
from sipway.core.sockets cimport ListenSocket


@cython.locals(edits=list, kept=Extras)
cpdef edits_for(Context ctx, ListenSocket socket)
