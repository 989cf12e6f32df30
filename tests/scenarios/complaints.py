"""What a server's log has of errors, warnings and faults."""

from __future__ import annotations

import re
from typing import Final

_TROUBLE: Final = re.compile(r"(?i)\b(warning|error|critical|bug|alert|traceback|fault)\b")
# What Kamailio says of the machine, not of the calls.
_OF_THE_MACHINE: Final = re.compile(r"could not rev\. resolve|getaddrinfo")


def complaints(log: str) -> list[str]:
    """The lines of a log, of sipway or Kamailio, that tell of something that went wrong."""
    return [
        line
        for line in log.splitlines()
        if _TROUBLE.search(line) and not _OF_THE_MACHINE.search(line)
    ]
