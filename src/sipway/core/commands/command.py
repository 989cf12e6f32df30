"""A command that operators give to the running server, and what it answers.

    @mod.rpc("tm.stats")
    def stats(program: Program) -> dict[str, Value]:
        \"\"\"Numbers of the transactions.\"\"\"

Its parameters are those of the function after the program: `int`, `str`, `float` (an `int` too), or
`str | float` for whatever comes; a default makes one optional, `*names` takes the rest. The names
of commands and of what they answer are Kamailio's, so that kamcmd and what others have written for
it work.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final, TypeAlias

from sipway.core.annotations import Parameter, parameters
from sipway.errors import SipwayError

Scalar: TypeAlias = "int | str | float"
Value: TypeAlias = "Scalar | Mapping[str, Value] | Named | Sequence[Value] | None"

_NUMBER: Final = re.compile(r"\s*[+-]?[0-9]{1,18}\s*", re.ASCII)
_FRACTION: Final = re.compile(r"\s*[+-]?(?:[0-9]{1,18}\.?[0-9]{0,18}|\.[0-9]{1,18})\s*", re.ASCII)
_SHOWN: Final = 40


class Named(list[tuple[str, Any]]):
    """Values with names, of which one may come more than once.

    A struct of binrpc takes that as it is; in JSON it is a list of objects with one member each.
    """


class CommandError(SipwayError):
    """A command that was not carried out: `code` and `reason` go to whoever has given it."""

    def __init__(self, code: int, reason: str) -> None:
        super().__init__(reason)
        self.code = code
        self.reason = reason


class Command:
    """One command.

    name     as it is given, such as `tm.stats`
    run      called with the program and the parameters; it may be a coroutine function. It answers
             with a value, with a list of values, or with None. Raises CommandError.
    doc      what it does
    lists    it answers with a list, also if that is empty
    large    what it answers may be very long
    usage    code and reason for when a parameter is missing or wrong; None for what is wrong
    """

    __slots__ = ("_parameters", "doc", "large", "lists", "name", "run", "usage")

    def __init__(
        self,
        name: str,
        run: Callable[..., Any],
        *,
        lists: bool = False,
        large: bool = False,
        usage: tuple[int, str] | None = None,
    ) -> None:
        self.name = name
        self.run = run
        self.doc = " ".join((run.__doc__ or "").split())
        self.lists = lists
        self.large = large
        self.usage = usage
        self._parameters: tuple[Parameter, ...] | None = None

    @property
    def parameters(self) -> tuple[Parameter, ...]:
        """What it takes; found out when it is first given, for a start has no time for it."""
        if self._parameters is None:
            self._parameters = tuple(parameters(self.run, 1))
        return self._parameters

    def arguments(self, given: Sequence[Scalar]) -> list[Scalar]:
        """The parameters as `run` takes them; more than it takes are left out.

        Raises CommandError.
        """
        found: list[Scalar] = []
        for number, wanted in enumerate(self.parameters):
            if wanted.variadic:
                found.extend(self._convert(wanted, each, number) for each in given[number:])
            elif number < len(given):
                found.append(self._convert(wanted, given[number], number))
            elif not wanted.optional:
                raise self._wrong(f"parameter {number + 1} ({wanted.name}) is missing")
        return found

    def _convert(self, wanted: Parameter, given: Scalar, number: int) -> Scalar:
        kinds = _kinds(wanted.annotation)
        if type(given) in kinds or (float in kinds and type(given) is int):
            return given
        if str in kinds:
            return str(given)
        text = str(given)
        if int in kinds and _NUMBER.fullmatch(text):
            return int(text)
        if float in kinds and _FRACTION.fullmatch(text):
            return float(text)
        raise self._wrong(
            f'parameter {number + 1} ({wanted.name}) is a number, not "{text[:_SHOWN]}"'
        )

    def _wrong(self, what: str) -> CommandError:
        code, reason = self.usage or (400, what)
        return CommandError(code, reason)


def _kinds(annotation: Any) -> tuple[Any, ...]:
    return getattr(annotation, "__args__", None) or (annotation,)
