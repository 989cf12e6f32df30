cimport cython

from sipway.modules.registrar.settings cimport Settings
from sipway.core.context cimport Context
from sipway.modules.registrar.answering cimport contact_line
from sipway.modules.registrar.aors cimport aor_of
from sipway.modules.registrar.reading cimport Request, has_option, read_request
from sipway.modules.registrar.updating cimport remove_all
from sipway.modules.registrar.usual cimport save_usual
from sipway.modules.usrloc.contact cimport Contact
from sipway.modules.usrloc.locations cimport Location
from sipway.sip.message cimport Message


cdef tuple _save(Context ctx, Settings of, Location location, str aor, list contacts,
                 Request request, int flags)

@cython.locals(message=Message, lines=bytes)
cpdef answer(Context ctx, Settings of, list contacts, object refused, str uri, int flags)

@cython.locals(message=Message, lines=bytes, paths=list)
cdef bytes _extra_lines(Context ctx, Settings of)

cdef _add_lines(Context ctx, bytes lines)
