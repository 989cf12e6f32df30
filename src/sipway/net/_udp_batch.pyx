"""Datagrams by the batch: one recvmmsg or sendmmsg for up to 64 of them. Linux only.

The rules are stated in the twin, ``_udp_batch.py``; only what concerns the system calls
is said here. The arrays which the kernel reads and fills are allocated and linked to each
other once, so that a call sets no more than pointers and lengths.

Replies to one peer are often of one size. Such a run is handed to the kernel as a whole, with
the size at which to cut it (UDP_SEGMENT, Linux 4.18): it goes through the network stack once,
and arrives as the same datagrams. Where that is refused, each is sent by itself.
"""

from cpython.bytes cimport PyBytes_AS_STRING, PyBytes_FromStringAndSize, PyBytes_GET_SIZE
from cpython.mem cimport PyMem_RawCalloc, PyMem_RawFree, PyMem_RawMalloc
from libc.errno cimport EAGAIN, EINTR, errno
from libc.stdint cimport uint16_t
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
        void *msg_control
        size_t msg_controllen
        int msg_flags
    struct mmsghdr:
        msghdr msg_hdr
        unsigned int msg_len
    struct sockaddr_storage:
        pass
    struct timespec:
        pass
    struct cmsghdr:
        size_t cmsg_len
        int cmsg_level
        int cmsg_type
    size_t CMSG_LEN(size_t size)
    size_t CMSG_SPACE(size_t size)
    unsigned char *CMSG_DATA(cmsghdr *control)
    int getsockopt(int fd, int level, int option, void *value, socklen_t *size)
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

# As in <netinet/udp.h>; and what a run may be: the kernel takes 64 pieces and what fits into
# one IP packet, and pieces that would be fragmented anyway gain nothing.
cdef enum:
    _SOL_UDP = 17
    _UDP_SEGMENT = 103
    _MAX_RUN = 64
    _MAX_RUN_BYTES = 65_000
    _MAX_PIECE = 1_452
    _MAX_REFUSED_RUNS = 8


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
    cdef char *_controls
    cdef unsigned int *_runs
    cdef unsigned int _refused_runs
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
        self._controls = <char *>PyMem_RawCalloc(batch, CMSG_SPACE(sizeof(uint16_t)))
        self._runs = <unsigned int *>PyMem_RawCalloc(batch, sizeof(unsigned int))
        if not (self._messages and self._vectors and self._controls and self._runs):
            raise MemoryError
        cdef int i
        cdef cmsghdr *control
        for i in range(batch):
            control = self._control(i)
            control.cmsg_len = CMSG_LEN(sizeof(uint16_t))
            control.cmsg_level = _SOL_UDP
            control.cmsg_type = _UDP_SEGMENT
        # An older kernel would send a run as one datagram: it does not know the option.
        cdef int size
        cdef socklen_t room = sizeof(int)
        if getsockopt(self._fd, _SOL_UDP, _UDP_SEGMENT, &size, &room) != 0:
            self._refused_runs = _MAX_REFUSED_RUNS

    def __dealloc__(self):
        PyMem_RawFree(self._messages)
        PyMem_RawFree(self._vectors)
        PyMem_RawFree(self._controls)
        PyMem_RawFree(self._runs)

    cdef inline cmsghdr *_control(self, unsigned int index):
        return <cmsghdr *>(self._controls + index * CMSG_SPACE(sizeof(uint16_t)))

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
        cdef Py_ssize_t sent = 0, done = 0, total = len(outgoing), alone = 0
        cdef int count, reason = 0, i
        cdef unsigned int filled
        while done < total:
            filled = self._fill(outgoing, done, alone)
            with nogil:
                count = sendmmsg(self._fd, self._messages, filled, MSG_DONTWAIT)
                if count < 0:
                    reason = errno
            if count >= 0:
                # Fewer than asked: the next round begins at the refused one and learns why.
                for i in range(count):
                    sent += self._runs[i]
                    done += self._runs[i]
            elif reason == EAGAIN:
                break
            elif reason != EINTR and self._runs[0] > 1:
                self._refused_runs += 1
                alone = done + self._runs[0]
            elif reason != EINTR:
                self.errors[reason] = self.errors.get(reason, 0) + 1
                done += 1
        handled[0] = done
        return sent

    cdef inline unsigned int _fill(
        self, list outgoing, Py_ssize_t start, Py_ssize_t alone
    ) except 0:
        """Point the kernel's arrays at the datagrams from ``start`` on; return how many messages.

        Those before ``alone`` are not put into runs; ``_runs`` says how many are in each.
        """
        cdef Py_ssize_t count = min(len(outgoing) - start, <Py_ssize_t>self._batch), i
        cdef Py_ssize_t size, piece = 0, room = 0
        cdef unsigned int filled = 0
        cdef bint runs = self._refused_runs < _MAX_REFUSED_RUNS
        cdef tuple item
        cdef bytes data, destination, before = None
        cdef msghdr *header = NULL
        for i in range(count):
            item = <tuple?>outgoing[start + i]
            data, destination = item
            if data is None or destination is None:
                raise TypeError("data and destination must be bytes")
            size = PyBytes_GET_SIZE(data)
            self._vectors[i].iov_base = PyBytes_AS_STRING(data)
            self._vectors[i].iov_len = size
            if 0 < size <= piece and size <= room and (
                destination is before or destination == before
            ):
                if header.msg_iovlen == 1:
                    header.msg_control = self._control(filled - 1)
                    header.msg_controllen = CMSG_SPACE(sizeof(uint16_t))
                    (<uint16_t *>CMSG_DATA(self._control(filled - 1)))[0] = <uint16_t>piece
                header.msg_iovlen += 1
                self._runs[filled - 1] += 1
                # Only the last piece of a run may be shorter than the others.
                room = 0 if size < piece or header.msg_iovlen == _MAX_RUN else room - size
                continue
            header = &self._messages[filled].msg_hdr
            header.msg_iov = &self._vectors[i]
            header.msg_iovlen = 1
            header.msg_control = NULL
            header.msg_controllen = 0
            header.msg_namelen = <socklen_t>PyBytes_GET_SIZE(destination)
            header.msg_name = PyBytes_AS_STRING(destination) if header.msg_namelen else NULL
            self._runs[filled] = 1
            filled += 1
            before = destination
            piece = size if runs and size <= _MAX_PIECE and start + i >= alone else 0
            room = _MAX_RUN_BYTES - size
        return filled
