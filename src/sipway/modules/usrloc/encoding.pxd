cimport cython

from sipway.modules.usrloc.contact cimport Contact
from sipway.sip._bytes cimport Writer, little, piece, same

cdef unsigned int _VERSION
cdef Py_ssize_t _SIZE
cdef Py_ssize_t _LENGTHS
cdef unsigned long _LATEST
cdef long _LONGEST
cdef long _LONGEST_ID
cdef bytes _HEAD
cdef Writer _writer


@cython.locals(each=Contact, writer=Writer)
cpdef bytes encode(list contacts)

cdef int _check(Contact contact) except -1

cdef int _add_numbers(Writer writer, unsigned long expires, unsigned long modified, long q,
                      unsigned long cseq, unsigned long flags, unsigned long cflags,
                      unsigned long methods, unsigned long reg_id, long server_id,
                      unsigned long connection, unsigned long keepalive) except -1

cdef int _add_lengths(Writer writer, Py_ssize_t uri, Py_ssize_t received, Py_ssize_t path,
                      Py_ssize_t call_id, Py_ssize_t user_agent, Py_ssize_t instance,
                      Py_ssize_t ruid, Py_ssize_t socket, Py_ssize_t attributes) except -1

@cython.locals(writer=Writer)
cpdef bytes encoded_new(bytes data, Py_ssize_t uri, Py_ssize_t uri_end, Py_ssize_t call_id,
                        Py_ssize_t call_id_end, bytes agent, Py_ssize_t agent_at,
                        Py_ssize_t agent_end, bytes socket, bytes ruid, unsigned long expires,
                        unsigned long now, unsigned long cseq, unsigned long cflags,
                        unsigned long methods, long server_id, unsigned long connection,
                        unsigned long keepalive)

@cython.locals(writer=Writer, end="Py_ssize_t", at="Py_ssize_t", was="unsigned long",
               ruid="Py_ssize_t", p="const unsigned char *", keepalive="unsigned long")
cpdef bytes encoded_again(bytes value, bytes data, Py_ssize_t uri, Py_ssize_t uri_end,
                          Py_ssize_t call_id, Py_ssize_t call_id_end, bytes agent,
                          Py_ssize_t agent_at, Py_ssize_t agent_end, bytes socket,
                          unsigned long expires, unsigned long now, unsigned long cseq,
                          unsigned long cflags, unsigned long methods, long server_id,
                          unsigned long connection)

@cython.locals(contact=Contact, contacts=list, at="Py_ssize_t", end="Py_ssize_t")
cpdef list decode(bytes value)

@cython.locals(uri="Py_ssize_t", received="Py_ssize_t", path="Py_ssize_t", call_id="Py_ssize_t",
               user_agent="Py_ssize_t", instance="Py_ssize_t", ruid="Py_ssize_t",
               socket="Py_ssize_t", attributes="Py_ssize_t", q="long", server_id="long")
cdef Py_ssize_t _read(Contact contact, bytes value, Py_ssize_t at) except -1
