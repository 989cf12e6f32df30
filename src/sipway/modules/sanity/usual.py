"""What nearly all requests are, told from their bytes.

Compiled (see `usual.pxd`); the same file runs uncompiled.
"""

from __future__ import annotations

from sipway.core.context import Context
from sipway.modules.sanity._module import MAX_NUMBER_DIGITS
from sipway.sip import headers
from sipway.sip._bytes import bracket, plain_host

_MAX_NUMBER_DIGITS = MAX_NUMBER_DIGITS
_FROM = headers.FROM
_TO = headers.TO
_CSEQ = headers.CSEQ
_EXPIRES = headers.EXPIRES

# Checks that hold for what reaches a script, or that `is_usual` knows.
_USUAL_CHECKS = 1 | 2 | 4 | 8 | 16 | 32 | 64 | 128 | 256 | 1024 | 16384
_USUAL_URIS = 7


def is_usual(ctx: Context, checks: int, uris: int) -> bool:
    """Whether a request passes these checks, found without making text of it.

    It says so of nearly all that do; of the others the checks themselves decide.
    """
    message = ctx.message
    if checks & ~_USUAL_CHECKS or uris & ~_USUAL_URIS or not message.is_request:
        return False
    data = message.data
    p = data
    if checks & 128 and 0 <= message.content_length != len(data) - message.body_offset:
        return False
    via = message._read_via()
    if checks & 16384 and via.branch_end <= via.branch_start:
        return False
    if not plain_host(data, message.uri_start, message.uri_end):
        return False
    for index in range(message.header_count):
        kind = message._kinds[index]
        if kind in (_FROM, _TO):
            end = message._starts[index + 1]
            start = bracket(data, message.value_start(index), end) + 1
            last = start
            while last < end and p[last] != 62:
                last += 1
            if last >= end or not plain_host(data, start, last):
                return False
        elif kind in (_CSEQ, _EXPIRES):
            end = message._starts[index + 1]
            start = message.value_start(index)
            last = start
            while last < end and 48 <= p[last] <= 57:
                last += 1
            if not 0 < last - start <= _MAX_NUMBER_DIGITS or last >= end or p[last] > 32:
                return False
            if kind == _EXPIRES and last != message.value_end(index):
                return False
    return True
