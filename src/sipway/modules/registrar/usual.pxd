cimport cython

from sipway.core.context cimport Context
from sipway.core cimport replies
from sipway.core.sockets cimport ListenSocket
from sipway.modules.registrar.reading cimport allowed_methods
from sipway.modules.registrar.settings cimport Settings
from sipway.modules.usrloc.encoding cimport encoded_again, encoded_new
from sipway.modules.usrloc.locations cimport Location
from sipway.sip._bytes cimport Writer, bracket, plain_host, same
from sipway.sip.message cimport Message

cdef int _CONTACT
cdef int _EXPIRES
cdef int _USER_AGENT
cdef int _ALLOW
cdef int _TO
cdef int _CALL_ID
cdef int _REQUIRE
cdef long _NOT_USUAL
cdef long _NOT_SAID
cdef long _LATEST
cdef long _LONGEST
cdef long _LONGEST_KEY
cdef bytes _PARAMETER
cdef bytes _NO_AGENT
cdef Writer _writer


@cython.locals(message=Message, contact="int", expires="int", agent="int", allow="int", to="int",
               call_id="int", index="unsigned int", kind="int", key=bytes, data=bytes,
               p="const unsigned char *", start="unsigned int", last="unsigned int",
               end="unsigned int", seconds="long", now="long", until="long",
               call_start="unsigned int", call_end="unsigned int", by=bytes,
               by_start="unsigned int", by_end="unsigned int", methods="unsigned long",
               socket=ListenSocket, connection="unsigned long", value=bytes, made=bytes)
cpdef int save_usual(Context ctx, Settings of, Location location) except -9999

@cython.locals(data=bytes, p="const unsigned char *", start="unsigned int", last="unsigned int",
               end="unsigned int", host="unsigned int", length="unsigned int", writer=Writer)
cdef bytes _key_of(Message message, int to, Settings of)

@cython.locals(data=bytes, p="const unsigned char *", wanted="long", seconds="long")
cdef long _seconds_of(Message message, unsigned int i, unsigned int last, int header,
                      Settings of) except -9999

@cython.locals(p="const unsigned char *", number="long")
cdef long _digits(bytes data, unsigned int i, unsigned int end)

@cython.locals(writer=Writer)
cdef _answer(Context ctx, bytes data, unsigned int start, unsigned int end, long seconds)
