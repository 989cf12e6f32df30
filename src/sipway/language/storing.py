"""A compiled script as bytes, and back.

Code is stored by `marshal`. What the code is bound to consists of objects of this process, so each
is stored as what makes it again, which is read off the object itself:

- functions, variables and transformations of modules, operands: by their place in the catalog;
- other functions and classes: by the name of their module and their own;
- functions made for the script: by their code, and the globals of the script;
- regular expressions: by pattern and flags; bound methods: by the object and the name;
- what a `remakable` function returned: by that function and its arguments;
- plain data and objects of sipway's classes: by their values;
- the text of a script: by the file that it was read from.

What is none of these cannot be stored (`NotStorable`). The bytes hold code, so they may only be
loaded from where nobody else can write (see `cache`).
"""

from __future__ import annotations

import io
import marshal
import pickle
import re
import sys
import types
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, Final, NamedTuple, TypeAlias

from sipway.language.catalog import Catalog
from sipway.language.compiled import CompiledScript
from sipway.language.diagnostics import Diagnostic
from sipway.language.inputs import Inputs
from sipway.language.record import fields
from sipway.language.remakable import call_for
from sipway.language.source import SourceFile, decode

_Place: TypeAlias = tuple[Any, ...]
"""Where something is found when a script is loaded: a kind, and names."""

# What may be named besides sipway's own functions and classes.
_NAMED: Final = frozenset(
    {
        ("builtins", "frozenset"),
        ("builtins", "getattr"),
        ("builtins", "set"),
        ("functools", "partial"),
        ("ipaddress", "IPv4Network"),
        ("ipaddress", "IPv6Network"),
        ("marshal", "loads"),
        ("re", "compile"),
    }
)


class NotStorable(Exception):  # noqa: N818 - nothing went wrong
    """Something in a compiled script is not known how to make again; the message says what."""


class Outcome(NamedTuple):
    """What compiling a script gave; no code when there are errors."""

    compiled: CompiledScript | None
    diagnostics: list[Diagnostic]


def store(outcome: Outcome, catalog: Catalog, inputs: Inputs) -> bytes:
    """`outcome` as bytes; `inputs` is what the script was read from."""
    stream = io.BytesIO()
    writer = _Writer(stream, outcome.compiled, catalog, inputs)
    try:
        writer.dump((_fields(outcome.compiled), outcome.diagnostics))
    except (pickle.PicklingError, TypeError, AttributeError, ValueError, RecursionError) as error:
        raise NotStorable(str(error)) from error
    return stream.getvalue()


def load(data: bytes, catalog: Catalog, inputs: Inputs) -> Outcome:
    """What `store` made bytes of. Raises LookupError and the like for what is not there now."""
    reader = _Reader(io.BytesIO(data), catalog, inputs)
    values, diagnostics = reader.load()
    if values is None:
        return Outcome(None, diagnostics)
    values["codes"] = marshal.loads(values["codes"])
    reader.space.update(values["bindings"])
    values["bindings"] = reader.space
    return Outcome(CompiledScript(**values), diagnostics)


def _fields(compiled: CompiledScript | None) -> dict[str, Any] | None:
    if compiled is None:
        return None
    values = {name: getattr(compiled, name) for name in fields(CompiledScript)}
    values["codes"] = marshal.dumps(compiled.codes)
    # A copy, since the dictionary itself stands for the globals of functions in it.
    bindings = compiled.bindings.items()
    values["bindings"] = {name: value for name, value in bindings if name != "__builtins__"}
    return values


class _Writer(pickle.Pickler):
    def __init__(
        self,
        stream: io.BytesIO,
        compiled: CompiledScript | None,
        catalog: Catalog,
        inputs: Inputs,
    ) -> None:
        super().__init__(stream, protocol=5)
        self._inputs = inputs
        # By identity: what is told by its place, and not by what it consists of.
        self._places: dict[int, _Place] = {id(catalog): ("catalog",)}
        self._kept: list[object] = [catalog]
        self._globals: object = None
        if compiled is not None:
            self._globals = compiled.bindings
            self._set_place(compiled.bindings, ("globals",))
            for place, value in _exports(catalog, ("core", *compiled.modules)):
                if value is not None:
                    self._set_place(value, place)

    def _set_place(self, thing: object, place: _Place) -> None:
        self._places[id(thing)] = place
        self._kept.append(thing)  # so that its identity stays its own

    def persistent_id(self, thing: Any) -> _Place | None:
        return self._places.get(id(thing))

    def reducer_override(self, thing: Any) -> Any:
        if isinstance(thing, types.FunctionType):
            return NotImplemented if _is_named(thing) else self._function(thing)
        if isinstance(thing, re.Pattern):
            return re.compile, (thing.pattern, thing.flags)
        if isinstance(thing, types.MethodType):
            return getattr, (thing.__self__, thing.__name__)
        if isinstance(thing, types.BuiltinMethodType):
            owner = thing.__self__
            is_global = owner is None or isinstance(owner, types.ModuleType)
            return NotImplemented if is_global else (getattr, (owner, thing.__name__))
        if isinstance(thing, SourceFile):
            return self._source(thing)
        call = call_for(thing)
        if call is not None:
            function, arguments, named = call
            return _called, (function, arguments, named)
        return NotImplemented

    def _function(self, function: types.FunctionType) -> Any:
        """A function without a name of its own: its code, globals and closure."""
        call = call_for(function)
        if call is not None:
            return _called, call
        space: object = function.__globals__
        if space is not self._globals:
            space = function.__module__
            if getattr(sys.modules.get(space), "__dict__", None) is not function.__globals__:
                raise NotStorable(f"{function.__qualname__}() is of no module")
        cells = function.__closure__
        contents = None if cells is None else tuple(cell.cell_contents for cell in cells)
        code = marshal.dumps(function.__code__)
        return _made_function, (code, space, function.__defaults__, contents)

    def _source(self, file: SourceFile) -> Any:
        try:
            if decode(self._inputs.read(Path(file.path))) == file.text:
                self._set_place(file.text, ("text", file.path))
        except (OSError, ValueError):
            pass  # made up for what is no file, such as a define; its text is stored
        return SourceFile, (file.path, file.text, file.included_from)


class _Reader(pickle.Unpickler):
    def __init__(self, stream: io.BytesIO, catalog: Catalog, inputs: Inputs) -> None:
        super().__init__(stream)
        self.space: dict[str, object] = {}
        self._catalog = catalog
        self._inputs = inputs

    def find_class(self, module: str, name: str) -> Any:
        if module.partition(".")[0] != "sipway" and (module, name) not in _NAMED:
            raise pickle.UnpicklingError(f"{module}.{name} is not expected here")
        return super().find_class(module, name)

    def persistent_load(self, place: _Place) -> Any:
        kind = place[0]
        if kind == "globals":
            return self.space
        if kind == "catalog":
            return self._catalog
        if kind == "text":
            return decode(self._inputs.read(Path(place[1])))
        if kind == "operand":
            return self._catalog.operands[place[1]].get
        core = place[1] == "core"
        module = self._catalog.core if core else self._catalog.module(place[1])
        if module is None:
            raise LookupError(place[1])
        if kind == "variable":
            return getattr(module.variables[place[2]], place[3])
        if kind == "transformation":
            return getattr(module.transformations[place[2]], place[3])
        if kind == "transformation argument":
            return module.transformations[place[2]].arguments[place[3]].convert
        first = module.functions[place[2]]
        signature = (first, *first.variants)[place[3]]
        if kind == "function":
            return signature.target
        if kind == "waiting function" and signature.waits is not None:
            return signature.waits.target
        return signature.arguments[place[4]].kind.convert


def _exports(catalog: Catalog, modules: Iterable[str]) -> Iterator[tuple[_Place, object]]:
    """What code can be bound to of the catalog, with the place that `persistent_load` reads."""
    for name, operand in catalog.operands.items():
        yield ("operand", name), operand.get
    for module_name in modules:
        module = catalog.core if module_name == "core" else catalog.module(module_name)
        if module is None:
            continue
        for name, variable in module.variables.items():
            for part in ("get", "set", "prepare"):
                yield ("variable", module_name, name, part), getattr(variable, part)
        for name, transformation in module.transformations.items():
            for part in ("apply", "text"):
                yield ("transformation", module_name, name, part), getattr(transformation, part)
            for at, wanted in enumerate(transformation.arguments):
                yield ("transformation argument", module_name, name, at), wanted.convert
        for name, first in module.functions.items():
            for number, signature in enumerate((first, *first.variants)):
                yield ("function", module_name, name, number), signature.target
                if signature.waits is not None:
                    waits = signature.waits.target
                    yield ("waiting function", module_name, name, number), waits
                for at, argument in enumerate(signature.arguments):
                    yield ("convert", module_name, name, number, at), argument.kind.convert


def _is_named(function: types.FunctionType) -> bool:
    """Whether a function is found under its name in its module."""
    found: Any = sys.modules.get(function.__module__)
    for name in function.__qualname__.split("."):
        found = getattr(found, name, None)
    return found is function


def _called(function: Any, arguments: tuple[Any, ...], named: dict[str, Any]) -> Any:
    return function(*arguments, **named)


def _made_function(
    code: bytes,
    space: dict[str, Any] | str,
    defaults: tuple[Any, ...] | None,
    contents: tuple[Any, ...] | None,
) -> types.FunctionType:
    if isinstance(space, str):
        __import__(space)
        space = sys.modules[space].__dict__
    cells = None if contents is None else tuple(types.CellType(each) for each in contents)
    made: types.CodeType = marshal.loads(code)
    return types.FunctionType(made, space, None, defaults, cells)
