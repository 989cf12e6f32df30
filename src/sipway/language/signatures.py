"""What the language must know of the world outside a script.

The language room imports nothing else of sipway. Whoever compiles a script hands it a
`Catalog`: the modules that can be loaded, with their functions, variables and
parameters, described by the plain data below. The Python callables in it are opaque
here: they are bound into the generated code and called by it.

Calling convention of the generated code (`ctx` is the message being processed):

- a function of a module: `target(ctx, *arguments) -> int`, Kamailio's return codes;
- a variable: `get(ctx[, inner][, index]) -> int | str | None`,
  `set(ctx, value[, inner][, index])`: `inner` is there if the variable takes a name in
  parentheses (None when it is left out), `index` if it takes an index (None: left out,
  "*": all);
- of `ctx` itself the generated code uses only: `vars` (list, a slot for each `$var`),
  `retcode` (int), `dropped` (bool), `depth` (int, nesting of routes).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from enum import Enum, Flag, auto
from typing import Any, Final, NamedTuple, Protocol

from sipway.language.record import Record, replace

CUSTOM_GROUPS: Final = ("core", "groups")
"""Among the modules' parameters: the script's own ones, group -> number -> name -> value."""

COUNTED: Final = ("core", "counted")
"""Likewise: whether the script reads what the server counts, `$stat(name)`."""

HOLE: Final = "\0"
"""Stands for a variable in an inner name whose variable has `holes`."""


class Location(NamedTuple):
    """A place in a script: the file as the user named it, and the line from 1."""

    path: str
    line: int
    block: str


class Routes(Flag):
    """The kinds of routing blocks that a function may be called in."""

    REQUEST = auto()
    REPLY = auto()
    FAILURE = auto()
    BRANCH = auto()
    ONSEND = auto()
    EVENT = auto()
    ANY = REQUEST | REPLY | FAILURE | BRANCH | ONSEND | EVENT


class Form(Enum):
    """How an argument reaches the function."""

    VALUE = auto()  # computed before the call: int or str, then `convert`
    LAZY = auto()  # a callable `(ctx) -> int | str`, evaluated when the function wants it
    VARIABLE = auto()  # the variable itself, as a `VariableReference`
    SUBSTITUTION = auto()  # a constant `/expression/replacement/flags`, as a `Substitution`
    READ = auto()  # a constant text, which `convert` reads with a `Reader` for variables in it
    FLAG = auto()  # a constant number, or a name that `flags` declares: its number, then `convert`


class ArgumentKind(Record):
    """A kind of argument, such as a number or a list of methods.

    `name` is how a message to the user calls it ("a number"). `base` is what the script
    must give: int, str, or None for either. `dynamic` says whether variables are allowed
    (bare, or inside a string); `computed` that a bare one or an expression is, while a string
    is what is written. `convert` makes the value that the function gets; for a
    constant that happens once, when the script is compiled; with `Form.READ` it gets a `Reader`
    besides. It raises ValueError with a
    sentence for the user; at run time such a call is logged and counts as -1. `writable`: of a
    variable, that it can be assigned to. `check` gets what a constant was converted to, and the
    parameters of all modules by (module, name); it raises ValueError as `convert` does. `declared`:
    the argument, or what of it stands before `=>`, is the name of a table; the (module, parameter)
    holds what declares tables, each with a `name`.
    """

    name: str
    base: type[int | str] | None = str
    form: Form = Form.VALUE
    dynamic: bool = True
    computed: bool = False
    writable: bool = False
    convert: Callable[..., object] | None = None
    check: Callable[[Any, Mapping[tuple[str, str], Any]], None] | None = None
    declared: tuple[str, str] | None = None


class ArgumentSignature(Record):
    name: str
    kind: ArgumentKind
    optional: bool = False


class WaitingForm(Record):
    """What a function is where a parameter of a module has a certain value: a coroutine function.

    `parameter` is (module, name).
    """

    parameter: tuple[str, str]
    value: object
    target: Callable[..., Any]


class FunctionSignature(Record):
    """A function that scripts can call.

    `arities`: the numbers of arguments that are accepted where not every number between
    the least and the most is. `variants`: other forms of the function, which take other
    numbers of arguments, or of another kind. `may_wait`: `target` is a coroutine function,
    so routes that can reach it become coroutines. `waits`: it may wait where a parameter says so,
    and then has another target (`given`). `replies`: it sends a final reply (for the
    warning about two of them). `located`: `target` gets a `Location` after `ctx`, the place
    of the call in the script (for messages that name it). `test`: for a function that asks and
    never ends the script, a Python expression of `ctx` and its arguments that is true where
    the function returns more than 0; conditions use it instead of a call.
    """

    name: str
    module: str
    target: Callable[..., Any]
    arguments: tuple[ArgumentSignature, ...] = ()
    routes: Routes = Routes.ANY
    variadic: bool = False
    may_wait: bool = False
    replies: bool = False
    located: bool = False
    doc: str = ""
    arities: tuple[int, ...] | None = None
    variants: tuple[FunctionSignature, ...] = ()
    test: str | None = None
    waits: WaitingForm | None = None

    @property
    def least(self) -> int:
        return sum(1 for argument in self.arguments if not argument.optional)

    @property
    def most(self) -> int | None:
        return None if self.variadic else len(self.arguments)

    def accepts(self, count: int) -> bool:
        """Whether it can be called with so many arguments."""
        if self.arities is not None:
            return count in self.arities
        return self.least <= count and (self.most is None or count <= self.most)

    def with_variant(self, other: FunctionSignature) -> FunctionSignature:
        """Join a function of the same name to this one, told apart by the number of arguments."""
        known = (self, *self.variants, other)
        counts = {n for each in known for n in range(each.least, (each.most or 0) + 1)}
        return replace(self, arities=tuple(sorted(counts)), variants=(*self.variants, other))

    def given(self, parameters: Mapping[tuple[str, str], Any]) -> FunctionSignature:
        """The function as it is with these parameters of modules."""
        waits = self.waits
        if waits is None or parameters.get(waits.parameter) != waits.value:
            return self
        return replace(self, target=waits.target, may_wait=True, test=None, waits=None)

    def taking(self, count: int) -> FunctionSignature:
        """The form of this function that takes so many arguments."""
        for variant in self.variants:
            if variant.accepts(count):
                return variant
        return self


class Inner(Enum):
    """Whether a variable takes a name in parentheses, `$hdr(X-A)`."""

    NONE = auto()
    OPTIONAL = auto()
    REQUIRED = auto()


class VariableSignature(Record):
    """A variable `$name`, `$name(inner)`, `$(name(inner)[index])`.

    `values`: the Python types that `get` can return besides None (`nullable` false: never
    None), which lets the compiler choose a direct comparison. `prepare` checks and
    converts a constant inner name once, when the script is compiled; a name known only at
    run time goes through it too. `prepare_value` takes its place for a name that is one variable
    and nothing else: it gets the value, so that a number stays one. `holes`: `prepare` gets the
    name with a `HOLE` for each variable in it, when the script is compiled, and what it makes has
    a method `fill(*values)`, so that no value can change how the name is read. `attribute`:
    `ctx.<attribute>`, which may have dots in it, gives the same as `get(ctx)`, faster. `count`:
    for `$cnt(...)`, called as `get`. `located`: `get` has a `Location` after `ctx`, the place
    where the variable stands in the script; it cannot be set. `elsewhere`: the inner name is a
    variable, which `get` reads of some other message: it gets a function of a Context. `keyed`: the
    inner name is `table=>key`: `get` has a `TableName` or `TablePlace`, and behind it the key, a
    text in which variables are replaced; the (module, parameter) holds what declares tables, each
    with a `name`. `aliases`:
    the (module, parameter) that holds dicts of other words for inner names. `flag`: the inner name
    is the number of a flag, or a name of one that the script declares. `slot`: a `$var`, kept in
    `ctx.vars`.
    """

    name: str
    module: str
    get: Callable[..., int | str | None]
    set: Callable[..., None] | None = None
    inner: Inner = Inner.NONE
    indexed: bool = False
    values: tuple[type[int | str], ...] = (int, str)
    nullable: bool = True
    prepare: Callable[[str], object] | None = None
    prepare_value: Callable[[int | str | None], object] | None = None
    holes: bool = False
    attribute: str | None = None
    count: Callable[..., int] | None = None
    aliases: tuple[str, str] | None = None
    keyed: tuple[str, str] | None = None
    flag: bool = False
    slot: bool = False
    located: bool = False
    elsewhere: bool = False
    doc: str = ""


class TableName(Record):
    """A table by its name, which a variable is in (`keyed`)."""

    name: str
    found: None = None


class TablePlace:
    """The same in the code of one Program: whoever has looked the table up leaves it in `found`."""

    __slots__ = ("found", "name")

    def __init__(self, name: str) -> None:
        self.name = name
        self.found: Any = None


class VariableReference(Record):
    """A variable handed to a function that reads or writes it (`Form.VARIABLE`, `Form.READ`).

    `variable` is its name without `$`, empty where a transformation changes it; `name` makes of
    the Context what stands in its parentheses, as `prepare` leaves it (ValueError for a wrong one
    made when the script runs). Only references of `Form.READ` have these.
    """

    text: str
    get: Callable[[Any], int | str | None]
    set: Callable[[Any, int | str | None], None] | None
    variable: str = ""
    name: Callable[[Any], Any] | None = None


class Reader(Protocol):
    """Reads the variable that a text begins with: what refers to it, and the rest of the text.

    Raises ValueError for a text that begins with none.
    """

    def __call__(self, text: str) -> tuple[VariableReference, str]: ...


def slot_reference(text: str, slot: int) -> VariableReference:
    """The `$var` in this slot of `ctx.vars`, handed to a function."""

    def get(ctx: Any) -> Any:
        return ctx.vars[slot]

    def assign(ctx: Any, value: Any) -> None:
        ctx.vars[slot] = 0 if value is None else value

    return VariableReference(text, get, assign)


class TransformationArgument(Record):
    """An argument of a transformation.

    `name` is how a message to the user calls it ("a number"). `convert` makes what `apply` gets
    of the text, or of the value of a variable; ValueError of it refuses the script, or makes the
    result null. `dynamic` says whether it can be a variable. `substitution`: the argument is a
    `/expression/replacement/flags`; what `apply` gets is a function of a text, which gives the
    changed text, or None where nothing matched.
    """

    name: str
    convert: Callable[[Any], object]
    optional: bool = False
    dynamic: bool = True
    substitution: bool = False


class TransformationSignature(Record):
    """`{class.name,arg,...}`: `apply(value, *arguments) -> int | str | None`.

    The value is int, str or None; null as the result says that it cannot be done. `text` makes
    what a text or another transformation gets, where that is not the result itself.
    """

    name: str
    apply: Callable[..., int | str | None]
    arguments: tuple[TransformationArgument, ...] = ()
    doc: str = ""
    text: Callable[..., int | str | None] | None = None

    @property
    def least(self) -> int:
        return sum(1 for argument in self.arguments if not argument.optional)

    @property
    def most(self) -> int:
        return len(self.arguments)


class SelectSignature(Record):
    """What reads a select: `get(ctx)`, a text or None; `module` brings it, empty for the core."""

    get: Callable[[Any], str | None]
    module: str = ""


class UnknownSelect(Exception):  # noqa: N818 - a mistake in a script
    """There is no such select; the text is a sentence for the user, `hint` goes with it."""

    def __init__(self, message: str, hint: str | None = None) -> None:
        super().__init__(message)
        self.hint = hint


class OperandType(Enum):
    """What a keyword operand (`method`, `src_ip` ...) is compared as."""

    TEXT = auto()
    URI = auto()
    NUMBER = auto()
    ADDRESS = auto()
    PORT = auto()
    PROTOCOL = auto()
    FAMILY = auto()


class OperandSignature(Record):
    """A bare word that stands for something of the message, such as `from_uri`."""

    name: str
    type: OperandType
    get: Callable[[Any], int | str | None]
    routes: Routes = Routes.ANY


class Meaning(Enum):
    """Whether a parameter does something here."""

    EFFECTIVE = auto()
    LATER = auto()  # accepted: of something that sipway does not do yet
    IGNORED = auto()  # accepted: of Kamailio's memory, locks, process model ...


class ParameterSignature(Record):
    """A core parameter or a module's parameter.

    `type` is int or str; `convert` raises ValueError with a sentence for the user. `format`:
    a text that may hold variables; its value is a `FormatText`. `read` makes the value of a text
    and what reads variables in it; it raises ValueError as `convert` does.
    """

    name: str
    type: type[int | str] | None
    default: object = None
    meaning: Meaning = Meaning.EFFECTIVE
    convert: Callable[[Any], object] | None = None
    repeatable: bool = False
    doc: str = ""
    format: bool = False
    read: Callable[[str, Reader], object] | None = None


class FormatText(Record):
    """A parameter's text as written, and what makes the text that its variables give."""

    text: str
    make: Callable[[Any], str]
