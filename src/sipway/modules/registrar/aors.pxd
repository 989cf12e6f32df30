cimport cython

from sipway.modules.registrar.settings cimport Settings

from sipway.sip.uri cimport Uri, routable_uri


@cython.locals(parsed=Uri, user=str, domain=str, prefix=str)
cpdef str aor_of(str uri, Settings of)
