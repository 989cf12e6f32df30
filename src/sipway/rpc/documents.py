"""JSON documents one behind the other in a stream of bytes. No sockets in here."""

from __future__ import annotations

import json
from typing import Final

from sipway.core.commands.jsonrpc import LONGEST

_DECODER: Final = json.JSONDecoder()
_SPACE: Final = " \t\r\n"


class Documents:
    """Takes bytes as they come, gives documents as soon as they are whole.

    What is no JSON is given once, up to where it is known to be wrong, so that it is answered;
    all behind it is lost, for nobody knows where the next one begins.
    """

    def __init__(self) -> None:
        self._waiting = b""

    def feed(self, data: bytes) -> list[bytes]:
        """The documents that are whole now."""
        self._waiting += data
        found: list[bytes] = []
        try:
            text = self._waiting.decode()
        except UnicodeDecodeError as error:
            if error.reason == "unexpected end of data" and len(self._waiting) <= LONGEST:
                return found
            text = self._waiting.decode("utf-8", "replace")
        at = 0
        while True:
            while at < len(text) and text[at] in _SPACE:
                at += 1
            if at == len(text):
                break
            try:
                _, end = _DECODER.raw_decode(text, at)
            except RecursionError:
                end = len(text)
            except ValueError as error:
                if _may_go_on(text, error) and len(text) - at <= LONGEST:
                    break
                end = len(text)
            found.append(text[at:end].encode())
            at = end
        self._waiting = text[at:].encode()
        return found

    def drop(self) -> None:
        """Forget what has come of a document that is not whole."""
        self._waiting = b""

    @property
    def waits(self) -> bool:
        """Whether the beginning of a document is there."""
        return bool(self._waiting)


def _may_go_on(text: str, error: ValueError) -> bool:
    """Whether more text could mend it."""
    if not isinstance(error, json.JSONDecodeError):
        return False
    if text[error.pos :].strip(_SPACE) == "" or error.msg.startswith("Unterminated string"):
        return True
    # The beginning of `true`, `null`, `\u00e4` ...
    rest = text[error.pos :]
    return any(each.startswith(rest) for each in ("true", "false", "null", "-")) or (
        error.msg.startswith("Invalid \\") and len(rest) < 6
    )
