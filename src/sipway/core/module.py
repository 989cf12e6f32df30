"""The face of a module: what a file in `modules/` says of itself.

    mod = Module("sl")
    default_code = mod.param("default_code", int, 500)

    @mod.function("sl_send_reply", routes=REQUEST, replies=True)
    def send_reply(ctx: Context, code: int, reason: str) -> int:
        \"\"\"Reply without a transaction. ...\"\"\"

Annotations give number, kind and conversion of the arguments (`core.arguments`); a
default makes an argument optional; the docstring feeds the reference. A module keeps
nothing in globals: what its parameters are set to belongs to the Program.
"""

from __future__ import annotations

import typing
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from sipway.core.annotations import parameters
from sipway.core.arguments import BY_TYPE
from sipway.core.commands import Command
from sipway.core.waiting import at_once
from sipway.language.catalog import ModuleSignature
from sipway.language.record import replace
from sipway.language.signatures import (
    ArgumentKind,
    ArgumentSignature,
    FunctionSignature,
    Inner,
    Meaning,
    ParameterSignature,
    Reader,
    Routes,
    TransformationSignature,
    VariableSignature,
    WaitingForm,
)

if TYPE_CHECKING:
    from sipway.core.context import Context
    from sipway.core.program import Program

T = TypeVar("T")
Function = TypeVar("Function", bound=Callable[..., Any])


if TYPE_CHECKING:

    class Param(Generic[T]):
        """As in `core.params`, with the type of its value, which a compiled class cannot have."""

        key: tuple[str, str]
        default: T

        def __init__(self, module: str, name: str, default: T) -> None: ...

        def __call__(self, program: Program) -> T: ...

        def of(self, program: Program) -> T: ...

else:
    from sipway.core.params import Param


class Event:
    """An event route that a module runs, such as `event_route[sl:filtered-ack]`."""

    __slots__ = ("name",)

    def __init__(self, name: str) -> None:
        self.name = name

    def run(self, ctx: Context) -> int | None:
        """Run the script's block for this event, if it has one; None if it has not."""
        block = ctx.program.events.get(self.name)
        if block is None:
            return None
        if block in ctx.program.waiting:
            return at_once(block(ctx), ctx.program.log, f"event_route[{self.name}]")
        code: int = block(ctx)
        return code


class Module:
    """One module of Kamailio's, under Kamailio's name.

    `after` names the modules that must start earlier, when they are loaded at all.
    """

    def __init__(self, name: str, *, after: tuple[str, ...] = ()) -> None:
        self.name = name
        self.after = after
        self._functions: dict[str, FunctionSignature] = {}
        self._variables: dict[str, VariableSignature] = {}
        self._parameters: dict[str, ParameterSignature] = {}
        self._transformations: dict[str, TransformationSignature] = {}
        self._events: set[str] = set()
        self._later: dict[str, str] = {}
        self.filters: list[tuple[int, Callable[[Context], bool]]] = []
        self.starters: list[Callable[[Program], None]] = []
        self.commands: list[Command] = []
        self.selects: dict[str, Any] = {}  # first name of a path -> `core.selects.parts.Part`

    @property
    def signature(self) -> ModuleSignature:
        """What the compiler must know of this module."""
        return ModuleSignature(
            name=self.name,
            functions=self._functions,
            variables=self._variables,
            parameters=self._parameters,
            transformations=self._transformations,
            events=frozenset(self._events),
            later=self._later,
        )

    def param(
        self,
        name: str,
        type: type[int | str],
        default: T,
        *,
        convert: Callable[[Any], Any] | None = None,
        repeatable: bool = False,
        meaning: Meaning = Meaning.EFFECTIVE,
        doc: str = "",
        format: bool = False,
        read: Callable[[str, Reader], object] | None = None,
    ) -> Param[T]:
        """Declare a parameter; `repeatable`: each modparam adds one, the value is a list.

        `format`: a text that may hold variables, the value is a `FormatText`. `read`: the value is
        what this makes of the text, with variables in it.
        """
        self._parameters[name] = ParameterSignature(
            name, type, default, meaning, convert, repeatable, doc, format, read
        )
        return Param(self.name, name, default)

    def function(
        self,
        *names: str,
        routes: Routes = Routes.ANY,
        replies: bool = False,
        may_wait: bool = False,
        located: bool = False,
        arities: tuple[int, ...] | None = None,
        test: str | None = None,
    ) -> Callable[[Function], Function]:
        """Make a function callable from scripts, under one name or several.

        A name that is there already gets one more form, for other numbers of arguments.
        """

        def register(target: Function) -> Function:
            arguments, variadic = _arguments(target, skip=2 if located else 1)
            for name in names:
                signature = FunctionSignature(
                    name=name,
                    module=self.name,
                    target=target,
                    arguments=arguments,
                    routes=routes,
                    variadic=variadic,
                    may_wait=may_wait,
                    replies=replies,
                    located=located,
                    doc=target.__doc__ or "",
                    arities=arities,
                    test=test,
                )
                known = self._functions.get(name)
                self._functions[name] = known.with_variant(signature) if known else signature
            return target

        return register

    def waiting(
        self, name: str, *, parameter: tuple[str, str], value: object
    ) -> Callable[[Function], Function]:
        """Make a coroutine function what `name` is where a parameter of a module has this value.

        It takes the arguments of the function that is registered under the name already.
        """

        def register(target: Function) -> Function:
            known = self._functions[name]
            if _arguments(target, skip=2 if known.located else 1)[0] != known.arguments:
                raise TypeError(f"{name}() takes other arguments where it waits")
            waits = WaitingForm(parameter, value, target)
            self._functions[name] = replace(known, waits=waits)
            return target

        return register

    def variable(
        self,
        *names: str,
        set: Callable[..., None] | None = None,
        inner: Inner = Inner.NONE,
        indexed: bool = False,
        values: tuple[type[int | str], ...] = (int, str),
        nullable: bool = True,
        prepare: Callable[[str], object] | None = None,
        prepare_value: Callable[[int | str | None], object] | None = None,
        holes: bool = False,
        attribute: str | None = None,
        count: Callable[..., int] | None = None,
        aliases: tuple[str, str] | None = None,
        keyed: tuple[str, str] | None = None,
        located: bool = False,
        elsewhere: bool = False,
    ) -> Callable[[Function], Function]:
        """Make a getter a variable of scripts, under one name or several (without `$`)."""

        def register(get: Function) -> Function:
            for name in names:
                self._variables[name] = VariableSignature(
                    name=name,
                    module=self.name,
                    get=get,
                    set=set,
                    inner=inner,
                    indexed=indexed,
                    values=values,
                    nullable=nullable,
                    prepare=prepare,
                    prepare_value=prepare_value,
                    holes=holes,
                    attribute=attribute,
                    count=count,
                    aliases=aliases,
                    keyed=keyed,
                    located=located,
                    elsewhere=elsewhere,
                    doc=get.__doc__ or "",
                )
            return get

        return register

    def add_variable(self, signature: VariableSignature) -> None:
        """Add a variable described in full, for kinds that the compiler treats specially."""
        self._variables[signature.name] = signature

    def add_parameter(self, signature: ParameterSignature) -> None:
        """Add a parameter described in full, read from elsewhere than a Program's `parameters`."""
        self._parameters[signature.name] = signature

    def add_transformation(self, signature: TransformationSignature) -> None:
        """Add a transformation (see `core.transformations.kinds`)."""
        self._transformations[signature.name] = signature

    def event(self, name: str) -> Event:
        """Declare an event route, by its full name (`sl:filtered-ack`)."""
        self._events.add(name)
        return Event(name)

    def later(self, *functions: str, reason: str) -> None:
        """Say of functions that are not there yet what they wait for."""
        self._later.update(dict.fromkeys(functions, reason))

    def rpc(
        self,
        *names: str,
        lists: bool = False,
        large: bool = False,
        usage: tuple[int, str] | None = None,
    ) -> Callable[[Function], Function]:
        """Make a function a command for operators (see `core.commands.command`)."""

        def register(target: Function) -> Function:
            for name in names:
                self.commands.append(Command(name, target, lists=lists, large=large, usage=usage))
            return target

        return register

    def filter(self, methods: int) -> Callable[[Function], Function]:
        """Look at requests with these methods (bits) before the script; False drops them."""

        def register(target: Function) -> Function:
            self.filters.append((methods, target))
            return target

        return register

    def on_start(self, target: Function) -> Function:
        """Run when a Program that loads this module has been made."""
        self.starters.append(target)
        return target


def _arguments(target: Callable[..., Any], skip: int) -> tuple[tuple[ArgumentSignature, ...], bool]:
    """What a function takes after `ctx` (and the location), from its annotations."""
    found: list[ArgumentSignature] = []
    variadic = False
    for each in parameters(target, skip):  # the type of `ctx` is there for type checkers only
        found.append(ArgumentSignature(each.name, _kind(each.annotation), each.optional))
        variadic = each.variadic
    return tuple(found), variadic


def _kind(hint: Any) -> ArgumentKind:
    """The kind of an annotation: `int`, `Annotated[..., kind]`, or either `| None`."""
    for member in (hint, *typing.get_args(hint)):
        for extra in getattr(member, "__metadata__", ()):
            if isinstance(extra, ArgumentKind):
                return extra
    for member in (hint, *typing.get_args(hint)):
        if member in BY_TYPE:
            return BY_TYPE[member]
    raise TypeError(f"no kind of argument for the annotation {hint!r}")
