"""Values with their checksums, and frames of the journal: the compiled twin of ``_frame.py``.

The checksum is computed with carry-less multiplication where the processor has it (V. Gopal and
others, "Fast CRC Computation for Generic Polynomials Using PCLMULQDQ Instruction", Intel 2009),
else zlib does it.
"""

import zlib

from cpython.bytes cimport PyBytes_AS_STRING, PyBytes_FromStringAndSize, PyBytes_GET_SIZE
from cpython.mem cimport PyMem_RawFree, PyMem_RawRealloc
from libc.stdint cimport uint16_t, uint32_t
from libc.string cimport memcpy

cdef extern from *:
    """
    #include <stddef.h>
    #include <stdint.h>

    #if defined(__x86_64__) && defined(__GNUC__)
    #include <immintrin.h>

    static int sipway_has_clmul(void)
    {
        return __builtin_cpu_supports("pclmul") && __builtin_cpu_supports("sse4.1");
    }

    /* 64 bytes or more, a multiple of 16; `crc` and the result are inverted by whoever calls. */
    __attribute__((target("pclmul,sse4.1")))
    static uint32_t sipway_clmul(uint32_t crc, const unsigned char *p, size_t size)
    {
        const __m128i by_64 = _mm_set_epi64x(0x01c6e41596, 0x0154442bd4);
        const __m128i by_16 = _mm_set_epi64x(0x00ccaa009e, 0x01751997d0);
        const __m128i to_64 = _mm_set_epi64x(0, 0x0163cd6124);
        const __m128i barrett = _mm_set_epi64x(0x01f7011641, 0x01db710641);
        const __m128i halves = _mm_setr_epi32(~0, 0, ~0, 0);
        const __m128i *from = (const __m128i *)p;
        __m128i a = _mm_loadu_si128(from), b = _mm_loadu_si128(from + 1);
        __m128i c = _mm_loadu_si128(from + 2), d = _mm_loadu_si128(from + 3);
        __m128i low;

    #define FOLD(x, by, next) \\
        (low = _mm_clmulepi64_si128(x, by, 0x00), \\
         _mm_xor_si128(_mm_xor_si128(_mm_clmulepi64_si128(x, by, 0x11), low), next))

        a = _mm_xor_si128(a, _mm_cvtsi32_si128((int)crc));
        for (from += 4, size -= 64; size >= 64; from += 4, size -= 64) {
            a = FOLD(a, by_64, _mm_loadu_si128(from));
            b = FOLD(b, by_64, _mm_loadu_si128(from + 1));
            c = FOLD(c, by_64, _mm_loadu_si128(from + 2));
            d = FOLD(d, by_64, _mm_loadu_si128(from + 3));
        }
        a = FOLD(a, by_16, b);
        a = FOLD(a, by_16, c);
        a = FOLD(a, by_16, d);
        for (; size >= 16; from++, size -= 16)
            a = FOLD(a, by_16, _mm_loadu_si128(from));
    #undef FOLD
        b = _mm_clmulepi64_si128(a, by_16, 0x10);
        a = _mm_xor_si128(_mm_srli_si128(a, 8), b);
        b = _mm_srli_si128(a, 4);
        a = _mm_xor_si128(_mm_clmulepi64_si128(_mm_and_si128(a, halves), to_64, 0x00), b);
        b = _mm_clmulepi64_si128(_mm_and_si128(a, halves), barrett, 0x10);
        b = _mm_clmulepi64_si128(_mm_and_si128(b, halves), barrett, 0x00);
        return (uint32_t)_mm_extract_epi32(_mm_xor_si128(a, b), 1);
    }
    #else
    static int sipway_has_clmul(void) { return 0; }
    static uint32_t sipway_clmul(uint32_t crc, const unsigned char *p, size_t size)
    {
        (void)p, (void)size;
        return crc;
    }
    #endif
    """
    bint sipway_has_clmul()
    uint32_t sipway_clmul(uint32_t crc, const unsigned char *p, size_t size) nogil

__all__ = ["Frame", "opened", "sealed"]

cdef enum:
    _CRC = 4
    _HEAD = 8
    _OPERATION = 7
    _ROOM = 65_536

cdef bint _has_clmul = sipway_has_clmul()
cdef uint32_t _bytewise[256]
cdef uint32_t _DELETED = 0xFFFFFFFF


cdef void _fill_table():
    cdef uint32_t number, crc
    cdef int bit
    for number in range(256):
        crc = number
        for bit in range(8):
            crc = crc >> 1 ^ (0xEDB88320 if crc & 1 else 0)
        _bytewise[number] = crc


_fill_table()


cdef uint32_t _crc32(const char *data, Py_ssize_t size) except? 0:
    cdef const unsigned char *p = <const unsigned char *>data
    cdef uint32_t crc = 0xFFFFFFFF
    cdef Py_ssize_t whole
    if size >= 64:
        if not _has_clmul:
            return zlib.crc32(PyBytes_FromStringAndSize(data, size))
        whole = size & ~15
        crc = sipway_clmul(crc, p, whole)
        p += whole
        size -= whole
    while size > 0:
        crc = crc >> 8 ^ _bytewise[(crc ^ p[0]) & 255]
        p += 1
        size -= 1
    return crc ^ 0xFFFFFFFF


cdef inline void _put_little(char *at, uint32_t number, int size):
    cdef int i
    for i in range(size):
        at[i] = <char>(number & 255)
        number >>= 8


cpdef bytes sealed(bytes value):
    cdef Py_ssize_t size = PyBytes_GET_SIZE(value)
    cdef bytes made = PyBytes_FromStringAndSize(NULL, size + _CRC)
    cdef char *to = PyBytes_AS_STRING(made)
    memcpy(to, PyBytes_AS_STRING(value), size)
    _put_little(to + size, _crc32(to, size), _CRC)
    return made


cpdef bytes opened(bytes stored):
    cdef Py_ssize_t size = PyBytes_GET_SIZE(stored) - _CRC
    cdef char found[_CRC]
    if size < 0:
        return None
    cdef const char *data = PyBytes_AS_STRING(stored)
    cdef int i
    _put_little(found, _crc32(data, size), _CRC)
    for i in range(_CRC):
        if found[i] != data[size + i]:
            return None
    return PyBytes_FromStringAndSize(data, size)


cdef class Frame:

    def __cinit__(self):
        self._size = _HEAD

    def __dealloc__(self):
        PyMem_RawFree(self._bytes)

    def __len__(self):
        return self._size - _HEAD

    cdef int _make_room(self, Py_ssize_t size) except -1:
        cdef Py_ssize_t room = max(2 * self._room, self._size + size, _ROOM)
        cdef char *moved = <char *>PyMem_RawRealloc(self._bytes, room)
        if moved == NULL:
            raise MemoryError
        self._bytes = moved
        self._room = room
        return 0

    cpdef int add(self, bytes name, bytes key, bytes value) except -1:
        cdef Py_ssize_t of_name = PyBytes_GET_SIZE(name), of_key = PyBytes_GET_SIZE(key)
        cdef Py_ssize_t of_value = 0 if value is None else PyBytes_GET_SIZE(value)
        cdef Py_ssize_t size = _OPERATION + of_name + of_key + of_value
        if of_name > 0xFF or of_key > 0xFFFF or of_value >= _DELETED:
            raise ValueError("an operation is too long for the journal")
        if size > self._room - self._size:
            self._make_room(size)
        cdef char *at = self._bytes + self._size
        _put_little(at, of_name, 1)
        _put_little(at + 1, of_key, 2)
        _put_little(at + 3, _DELETED if value is None else of_value, 4)
        at += _OPERATION
        memcpy(at, PyBytes_AS_STRING(name), of_name)
        memcpy(at + of_name, PyBytes_AS_STRING(key), of_key)
        if value is not None:
            memcpy(at + of_name + of_key, PyBytes_AS_STRING(value), of_value)
        self._size += size
        return 0

    cpdef void clear(self):
        self._size = _HEAD

    cpdef bytes operations(self):
        if self._size == _HEAD:
            return b""
        return PyBytes_FromStringAndSize(self._bytes + _HEAD, self._size - _HEAD)

    cpdef bytes take(self):
        cdef Py_ssize_t size = self._size - _HEAD
        if size == 0:
            self._make_room(0)
        _put_little(self._bytes, <uint32_t>size, 4)
        _put_little(self._bytes + 4, _crc32(self._bytes + _HEAD, size), 4)
        self._size = _HEAD
        return PyBytes_FromStringAndSize(self._bytes, size + _HEAD)
