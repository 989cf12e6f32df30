"""Why a REGISTER is refused: the answer, and what it says in P-Registrar-Error."""

from __future__ import annotations

from typing import ClassVar, Final


class Refused(Exception):  # noqa: N818 - it is no error of ours
    """A REGISTER is not taken; nothing of it is kept.

    code, reason  of the answer
    why           for people, as Kamailio says it in P-Registrar-Error
    lines         more header lines for the answer
    result        what save() returns
    """

    # Whether the answer has the contacts that there are.
    lists: ClassVar[bool] = True

    def __init__(self, code: int, why: str, lines: bytes = b"", *, result: int = -1) -> None:
        super().__init__(why)
        self.code = code
        self.reason = _REASONS[code]
        self.why = why
        self.lines = lines
        self.result = result


class Malformed(Refused):
    """It was not even looked whose contacts they are."""

    lists = False


_REASONS: Final = {
    400: "Bad Request",
    420: "Bad Extension",
    421: "Extension Required",
    423: "Interval Too Brief",
    439: "First Hop Lacks Outbound Support",
    500: "Server Internal Error",
    503: "Service Unavailable",
}
