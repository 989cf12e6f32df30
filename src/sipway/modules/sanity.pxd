cimport cython

from sipway.core.context cimport Context
from sipway.sip.message cimport Message


cdef bint _good_uri(str text) except -1
