"""Pieces of messages, read and written: the compiled twin of ``_bytes.py``, which says the rules."""

from cpython.bytes cimport PyBytes_AS_STRING, PyBytes_FromStringAndSize, PyBytes_GET_SIZE
from cpython.mem cimport PyMem_RawFree, PyMem_RawRealloc
from cpython.unicode cimport PyUnicode_DecodeUTF8
from libc.stdint cimport uint64_t
from libc.string cimport memchr, memcmp, memcpy

from sipway.sip.headers import SLOT_KINDS, SLOT_NAMES

__all__ = [
    "Writer", "bracket", "field_kind", "fingerprint", "line_feed", "little", "piece", "plain_host",
    "plain_parameters", "same", "text_of",
]

# The table of `headers.slot` as C has it at hand, and small letters for all bytes.
cdef const char *_names[256]
cdef unsigned char _lengths[256]
cdef unsigned char _kinds[256]
cdef unsigned char _small[256]
# 2: may stand in the host of a plain URI and in its user; 1: in its user.
cdef unsigned char _plain[256]

# What may stand in the name of a parameter, in quotes without escapes, and without quotes.
cdef unsigned char _parameter[256]

cdef enum:
    _ROOM = 4096
    _IN_NAME = 1
    _IN_QUOTES = 2
    _BARE = 4
    _MOST_PARAMETERS = 64
    _NAMES = 10

# The names that are usual in credentials.
cdef list _name_texts = [
    "username", "realm", "nonce", "uri", "response", "algorithm", "qop", "nc", "cnonce", "opaque",
]
cdef list _name_bytes = [each.encode() for each in _name_texts]
cdef const char *_name_starts[_NAMES]
cdef Py_ssize_t _name_sizes[_NAMES]


cpdef unsigned int line_feed(bytes data, unsigned int start, unsigned int end):
    cdef const char *begin = PyBytes_AS_STRING(data)
    if start >= end:
        return end
    cdef const char *found = <const char *>memchr(begin + start, 10, end - start)
    return end if found == NULL else <unsigned int>(found - begin)


cpdef str text_of(bytes data, Py_ssize_t start, Py_ssize_t end):
    if start >= end:
        return ""
    return PyUnicode_DecodeUTF8(PyBytes_AS_STRING(data) + start, end - start, "surrogateescape")


cpdef bytes piece(bytes data, Py_ssize_t start, Py_ssize_t end):
    cdef Py_ssize_t size = PyBytes_GET_SIZE(data)
    if end > size:
        end = size
    if start < 0 or start >= end:
        return b""
    return PyBytes_FromStringAndSize(PyBytes_AS_STRING(data) + start, end - start)


cpdef bint same(bytes data, Py_ssize_t start, Py_ssize_t end, bytes other, Py_ssize_t at):
    cdef Py_ssize_t size = end - start
    if size < 0 or at < 0 or size > PyBytes_GET_SIZE(other) - at:
        return False
    return memcmp(PyBytes_AS_STRING(data) + start, PyBytes_AS_STRING(other) + at, size) == 0


cpdef unsigned long little(bytes data, Py_ssize_t at, int size) except? 0:
    if at < 0 or at + size > PyBytes_GET_SIZE(data):
        raise IndexError("a number ends behind the bytes")
    cdef const unsigned char *p = <const unsigned char *>PyBytes_AS_STRING(data) + at
    cdef unsigned long number = 0
    while size > 0:
        size -= 1
        number = number << 8 | p[size]
    return number


cpdef unsigned int plain_host(bytes data, unsigned int start, unsigned int end):
    cdef const unsigned char *p = <const unsigned char *>PyBytes_AS_STRING(data)
    cdef unsigned int i = start + 4, host, number, digits
    if end > PyBytes_GET_SIZE(data) or end < i or memcmp(p + start, b"sip:", 4) != 0:
        return 0
    host = i
    while i < end and _plain[p[i]]:
        i += 1
    if i < end and p[i] == 64:  # @
        if i == host:
            return 0
        i += 1
        host = i
    else:
        i = host
    while i < end and _plain[p[i]] == 2:
        i += 1
    if i == host:
        return 0
    if i < end and p[i] == 58:  # :
        i += 1
        number = digits = 0
        while i < end and 48 <= p[i] <= 57 and digits < 6:
            number = number * 10 + p[i] - 48
            digits += 1
            i += 1
        if not 0 < digits < 6 or number > 65535:
            return 0
    if i < end and p[i] != 59:  # ;
        return 0
    while i < end:
        # An @ would make all before it the user.
        if not 33 <= p[i] <= 126 or p[i] == 64:
            return 0
        i += 1
    return host


cpdef dict plain_parameters(bytes data, Py_ssize_t start, Py_ssize_t end):
    cdef const unsigned char *p = <const unsigned char *>PyBytes_AS_STRING(data)
    cdef Py_ssize_t i = start, name, name_end, value, value_end
    cdef dict found = {}
    cdef str key
    if start < 0 or end > PyBytes_GET_SIZE(data):
        return None
    while True:
        while i < end and (p[i] == 32 or p[i] == 9):
            i += 1
        name = i
        while i < end and _parameter[p[i]] & _IN_NAME:
            i += 1
        if i == name or i >= end or p[i] != 61:  # =
            return None
        name_end = i
        i += 1
        if i < end and p[i] == 34:  # "
            i += 1
            value = i
            while i < end and _parameter[p[i]] & _IN_QUOTES:
                i += 1
            if i >= end or p[i] != 34:
                return None
            value_end = i
            i += 1
        else:
            value = i
            while i < end and _parameter[p[i]] & _BARE:
                i += 1
            if i == value:
                return None
            value_end = i
        key = _name_of(p + name, name_end - name)
        if key in found:
            return None
        found[key] = text_of(data, value, value_end)
        while i < end and (p[i] == 32 or p[i] == 9):
            i += 1
        if i == end:
            return found
        if p[i] != 44 or len(found) == _MOST_PARAMETERS:  # ,
            return None
        i += 1


cdef str _name_of(const unsigned char *start, Py_ssize_t size):
    """The name in small letters; a usual one is not made anew."""
    cdef Py_ssize_t at
    for at in range(_NAMES):
        if _name_sizes[at] == size and memcmp(_name_starts[at], start, size) == 0:
            return <str>_name_texts[at]
    return start[:size].decode("ascii").lower()


cpdef unsigned int bracket(bytes data, unsigned int start, unsigned int end):
    cdef const unsigned char *p = <const unsigned char *>PyBytes_AS_STRING(data)
    cdef unsigned int i = start
    if end > PyBytes_GET_SIZE(data):
        return end
    if i < end and p[i] == 34:  # "
        i += 1
        while i < end and p[i] != 34:
            if p[i] == 92:
                return end
            i += 1
        i += 1
    while i < end and p[i] != 60:  # <
        if p[i] == 44 or p[i] == 59 or p[i] == 34:
            return end
        i += 1
    return i if i < end else end


cdef void _fill_tables() except *:
    cdef int i
    for i in range(256):
        if 48 <= i <= 57 or 65 <= i <= 90 or 97 <= i <= 122 or i == 45 or i == 46:
            _plain[i] = 2
        elif i in b"_!~*'+&=$":
            _plain[i] = 1
        else:
            _plain[i] = 0
        _names[i] = PyBytes_AS_STRING(SLOT_NAMES[i])
        _lengths[i] = len(SLOT_NAMES[i])
        _kinds[i] = SLOT_KINDS[i]
        _small[i] = i + 32 if 65 <= i <= 90 else i
        _parameter[i] = 0
        if _plain[i] == 2 or i in b"!#$%&'*+.^_`|~-":
            _parameter[i] = _IN_NAME
        if i not in b'\0\r\n"\\':
            _parameter[i] |= _IN_QUOTES
        if i not in b'\0\t\r\n ",;':
            _parameter[i] |= _BARE
    for i in range(_NAMES):
        _name_starts[i] = PyBytes_AS_STRING(_name_bytes[i])
        _name_sizes[i] = len(_name_bytes[i])


_fill_tables()


cpdef int field_kind(bytes data, unsigned int start, unsigned int end):
    cdef const unsigned char *name = <const unsigned char *>PyBytes_AS_STRING(data) + start
    cdef unsigned int length = end - start
    cdef unsigned char place = (
        length * 2 + _small[name[0]] * 21 + _small[name[length - 1]] * 34
    ) & 255
    if _lengths[place] != length:
        return 0
    cdef const unsigned char *known = <const unsigned char *>_names[place]
    cdef unsigned int i
    for i in range(length):
        if _small[name[i]] != known[i]:
            return 0
    return _kinds[place]


cpdef unsigned int fingerprint(bytes data, Py_ssize_t start, Py_ssize_t end, unsigned int seed):
    cdef const char *p = PyBytes_AS_STRING(data)
    cdef uint64_t word, mixed = seed
    while start < end:
        word = 0
        memcpy(&word, p + start, min(8, end - start))
        mixed = (mixed ^ word) * <uint64_t>0x9E3779B97F4A7C15
        mixed ^= mixed >> 32
        start += 8
    return <unsigned int>mixed


cdef class Writer:

    def __dealloc__(self):
        PyMem_RawFree(self._bytes)

    cdef int _grow(self, Py_ssize_t size) except -1:
        cdef Py_ssize_t room = max(2 * self._room, self._size + size, _ROOM)
        cdef char *moved = <char *>PyMem_RawRealloc(self._bytes, room)
        if moved == NULL:
            raise MemoryError
        self._bytes = moved
        self._room = room
        return 0

    cpdef void clear(self):
        self._size = 0

    cpdef int add(self, bytes data) except -1:
        cdef Py_ssize_t size = PyBytes_GET_SIZE(data)
        if size > self._room - self._size:
            self._grow(size)
        memcpy(self._bytes + self._size, PyBytes_AS_STRING(data), size)
        self._size += size
        return 0

    cpdef int add_slice(self, bytes data, Py_ssize_t start, Py_ssize_t end) except -1:
        cdef Py_ssize_t size = end - start
        if size <= 0:
            return 0
        if size > self._room - self._size:
            self._grow(size)
        memcpy(self._bytes + self._size, PyBytes_AS_STRING(data) + start, size)
        self._size += size
        return 0

    cpdef int add_lower(self, bytes data, Py_ssize_t start, Py_ssize_t end) except -1:
        cdef Py_ssize_t size = end - start
        if size <= 0:
            return 0
        if size > self._room - self._size:
            self._grow(size)
        cdef const unsigned char *from_ = <const unsigned char *>PyBytes_AS_STRING(data) + start
        cdef Py_ssize_t i
        for i in range(size):
            self._bytes[self._size + i] = <char>_small[from_[i]]
        self._size += size
        return 0

    cpdef int add_hex(self, unsigned int number) except -1:
        if self._room - self._size < 8:
            self._grow(8)
        cdef int shift
        for shift in range(28, -4, -4):
            self._bytes[self._size] = b"0123456789abcdef"[(number >> shift) & 15]
            self._size += 1
        return 0

    cpdef int add_number(self, unsigned long number) except -1:
        cdef char digits[20]
        cdef int i = 20
        while True:
            i -= 1
            digits[i] = <char>(48 + number % 10)
            number //= 10
            if not number:
                break
        if 20 - i > self._room - self._size:
            self._grow(20)
        memcpy(self._bytes + self._size, digits + i, 20 - i)
        self._size += 20 - i
        return 0

    cpdef int add_little(self, unsigned long number, int size) except -1:
        if size > self._room - self._size:
            self._grow(size)
        cdef int i
        for i in range(size):
            self._bytes[self._size + i] = <char>(number & 255)
            number >>= 8
        self._size += size
        return 0

    cpdef bytes take(self):
        return PyBytes_FromStringAndSize(self._bytes, self._size)
