"""Reads an LMDB environment from end to end: a program of its own, because damage may kill it.

    python _check.py DIRECTORY

LMDB trusts the pages that it walks over: a page of zeros in the wrong place ends the process.
Ends with 0 when all is whole, with 1 and a line that says what is not, or by a signal.
"""

from __future__ import annotations

import sys
import zlib
from typing import Final

import lmdb

_CRC_SIZE: Final = 4
_MOST_TABLES: Final = 256


def _damage(path: str) -> str | None:
    """What is damaged, or None."""
    environment = lmdb.open(path, readonly=True, lock=False, max_dbs=_MOST_TABLES)
    with environment.begin() as reading, reading.cursor() as cursor:
        names = [bytes(name) for name in cursor.iternext(values=False)]
    for name in names:
        handle = environment.open_db(name, create=False)
        with environment.begin(handle, buffers=True) as viewing:
            entries = 0
            crc32 = zlib.crc32
            for key, stored in viewing.cursor():
                if crc32(stored[:-_CRC_SIZE]).to_bytes(_CRC_SIZE, "little") != stored[-_CRC_SIZE:]:
                    return f"the entry {bytes(key[:60])!r} of {name.decode()} is damaged"
                entries += 1
            if entries != viewing.stat(handle)["entries"]:
                return f"{name.decode()} has lost entries"
    return None


if __name__ == "__main__":
    try:
        found = _damage(sys.argv[1])
    except lmdb.Error as error:
        found = str(error)
    if found is not None:
        print(found)
        sys.exit(1)
