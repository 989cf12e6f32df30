"""Datagrams by the batch: one recvmmsg or sendmmsg for up to 64 of them. Linux only.

The rules are stated in the twin, ``_udp_batch.py``; only what concerns the system calls
is said here. The arrays which the kernel reads and fills are allocated and linked to each
other once, so that a call sets no more than pointers and lengths.
"""

from cpython.bytes cimport PyBytes_AS_STRING, PyBytes_FromStringAndSize, PyBytes_GET_SIZE
from cpython.mem cimport PyMem_RawCalloc, PyMem_RawFree, PyMem_RawMalloc
from libc.errno cimport EAGAIN, EINTR, errno
from libc.string cimport memcmp

cdef extern from *:
    """
    #ifndef _GNU_SOURCE
    #define _GNU_SOURCE
    #endif
    """

cdef extern from "<sys/socket.h>" nogil:
    ctypedef unsigned int socklen_t
    struct iovec:
        void *iov_base
        size_t iov_len
    struct msghdr:
        void *msg_name
        socklen_t msg_namelen
        iovec *msg_iov
        size_t msg_iovlen
        int msg_flags
    struct mmsghdr:
        msghdr msg_hdr
        unsigned int msg_len
    struct sockaddr_storage:
        pass
    struct timespec:
        pass
    int MSG_DONTWAIT
    int MSG_TRUNC
    int recvmmsg(int fd, mmsghdr *messages, unsigned int count, int flags, timespec *timeout)
    int sendmmsg(int fd, mmsghdr *messages, unsigned int count, int flags)

__all__ = ["BUFFER_SIZE", "COMPILED", "Receiver", "Sender"]

COMPILED = True
BUFFER_SIZE = 65_536

# Buffers at multiples of 64 KiB would all fall into the same few lines of the CPU's caches;
# this distance spreads the beginnings of 64 datagrams over all of them.
cdef enum:
    _STAGGER = 1_088


cdef class Receiver:
    """Takes what has arrived on a socket, up to ``batch`` datagrams a call."""

    cdef int _fd
    cdef unsigned int _batch
    cdef char *_buffers
    cdef mmsghdr *_messages
    cdef iovec *_vectors
    cdef sockaddr_storage *_sources
    cdef bytes _last_source
    cdef readonly unsigned long long truncated
    cdef readonly dict errors

    def __cinit__(self, source, int batch=64, int buffer_size=BUFFER_SIZE):
        if batch < 1 or buffer_size < 1:
            raise ValueError("batch and buffer_size must be at least 1")
        cdef size_t distance = <size_t>buffer_size + _STAGGER
        self._fd = source.fileno()
        self._batch = batch
        self._last_source = b""
        self.errors = {}
        self._buffers = <char *>PyMem_RawMalloc(batch * distance)
        self._messages = <mmsghdr *>PyMem_RawCalloc(batch, sizeof(mmsghdr))
        self._vectors = <iovec *>PyMem_RawCalloc(batch, sizeof(iovec))
        self._sources = <sockaddr_storage *>PyMem_RawCalloc(batch, sizeof(sockaddr_storage))
        if not (self._buffers and self._messages and self._vectors and self._sources):
            raise MemoryError
        cdef int i
        cdef msghdr *header
        for i in range(batch):
            self._vectors[i].iov_base = self._buffers + i * distance
            self._vectors[i].iov_len = buffer_size
            header = &self._messages[i].msg_hdr
            header.msg_iov = &self._vectors[i]
            header.msg_iovlen = 1
            header.msg_name = &self._sources[i]
            header.msg_namelen = sizeof(sockaddr_storage)

    def __dealloc__(self):
        PyMem_RawFree(self._buffers)
        PyMem_RawFree(self._messages)
        PyMem_RawFree(self._vectors)
        PyMem_RawFree(self._sources)

    def receive(self):
        """``(data, source)`` of each datagram, oldest first; an empty list when none is there.

        A datagram larger than the buffer is dropped and counted in ``truncated``.
        """
        cdef int count, reason = 0
        with nogil:
            count = recvmmsg(self._fd, self._messages, self._batch, MSG_DONTWAIT, NULL)
            if count < 0:
                reason = errno
        cdef list datagrams = []
        if count < 0:
            if reason != EAGAIN and reason != EINTR:
                self.errors[reason] = self.errors.get(reason, 0) + 1
            return datagrams
        cdef int i
        cdef msghdr *header
        for i in range(count):
            header = &self._messages[i].msg_hdr
            if header.msg_flags & MSG_TRUNC:
                self.truncated += 1
            else:
                datagrams.append((
                    PyBytes_FromStringAndSize(
                        <char *>self._vectors[i].iov_base, self._messages[i].msg_len
                    ),
                    self._source(<char *>header.msg_name, header.msg_namelen),
                ))
            # The kernel has written the length of this source over the room for the next.
            header.msg_namelen = sizeof(sockaddr_storage)
        return datagrams

    cdef inline bytes _source(self, char *name, socklen_t length):
        """The source as bytes: the same object again while the same peer goes on talking."""
        if (
            <Py_ssize_t>length != PyBytes_GET_SIZE(self._last_source)
            or memcmp(name, PyBytes_AS_STRING(self._last_source), length) != 0
        ):
            self._last_source = PyBytes_FromStringAndSize(name, length)
        return self._last_source


cdef class Sender:
    """Sends datagrams in order and keeps what the socket would not take yet."""

    cdef int _fd
    cdef unsigned int _batch
    cdef Py_ssize_t _max_pending
    cdef list _pending
    cdef mmsghdr *_messages
    cdef iovec *_vectors
    cdef readonly unsigned long long dropped
    cdef readonly dict errors

    def __cinit__(self, target, int batch=64, Py_ssize_t max_pending=4096):
        if batch < 1 or max_pending < 0:
            raise ValueError("batch must be at least 1 and max_pending at least 0")
        self._fd = target.fileno()
        self._batch = batch
        self._max_pending = max_pending
        self._pending = []
        self.errors = {}
        self._messages = <mmsghdr *>PyMem_RawCalloc(batch, sizeof(mmsghdr))
        self._vectors = <iovec *>PyMem_RawCalloc(batch, sizeof(iovec))
        if not (self._messages and self._vectors):
            raise MemoryError
        cdef int i
        for i in range(batch):
            self._messages[i].msg_hdr.msg_iov = &self._vectors[i]
            self._messages[i].msg_hdr.msg_iovlen = 1

    def __dealloc__(self):
        PyMem_RawFree(self._messages)
        PyMem_RawFree(self._vectors)

    @property
    def pending(self):
        """How many datagrams wait for ``flush()``."""
        return len(self._pending)

    def send(self, list outgoing not None):
        """Send each ``(data, destination)``; return how many went out.

        What the socket does not take is kept for ``flush()``, and what exceeds ``max_pending``
        is dropped and counted in ``dropped``.
        """
        cdef Py_ssize_t sent = 0, handled = 0, total = len(outgoing), room, kept
        if not self._pending:
            sent = self._transmit(outgoing, &handled)
        if handled < total:
            room = self._max_pending - len(self._pending)
            kept = min(room, total - handled)
            self._pending += outgoing[handled:handled + kept]
            self.dropped += total - handled - kept
        return sent

    def flush(self):
        """Go on with what is pending; return how many went out."""
        cdef Py_ssize_t handled = 0
        cdef Py_ssize_t sent = self._transmit(self._pending, &handled)
        del self._pending[:handled]
        return sent

    cdef Py_ssize_t _transmit(self, list outgoing, Py_ssize_t *handled) except -1:
        """How many were sent; ``handled`` counts those sent or refused before it was full.

        ``outgoing`` keeps the bytes alive that the kernel reads, so nobody may change it
        meanwhile.
        """
        cdef Py_ssize_t sent = 0, done = 0, total = len(outgoing)
        cdef int count, reason = 0
        cdef unsigned int filled
        while done < total:
            filled = self._fill(outgoing, done)
            with nogil:
                count = sendmmsg(self._fd, self._messages, filled, MSG_DONTWAIT)
                if count < 0:
                    reason = errno
            if count >= 0:
                # Fewer than asked: the next round begins at the refused one and learns why.
                sent += count
                done += count
            elif reason == EAGAIN:
                break
            elif reason != EINTR:
                self.errors[reason] = self.errors.get(reason, 0) + 1
                done += 1
        handled[0] = done
        return sent

    cdef inline unsigned int _fill(self, list outgoing, Py_ssize_t start) except 0:
        """Point the kernel's arrays at the datagrams from ``start`` on; return how many."""
        cdef Py_ssize_t count = min(len(outgoing) - start, <Py_ssize_t>self._batch), i
        cdef tuple item
        cdef bytes data, destination
        cdef msghdr *header
        for i in range(count):
            item = <tuple?>outgoing[start + i]
            data, destination = item
            if data is None or destination is None:
                raise TypeError("data and destination must be bytes")
            self._vectors[i].iov_base = PyBytes_AS_STRING(data)
            self._vectors[i].iov_len = PyBytes_GET_SIZE(data)
            header = &self._messages[i].msg_hdr
            header.msg_namelen = <socklen_t>PyBytes_GET_SIZE(destination)
            header.msg_name = PyBytes_AS_STRING(destination) if header.msg_namelen else NULL
        return <unsigned int>count
