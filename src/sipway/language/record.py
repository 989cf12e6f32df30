"""Classes that are a list of fields, cheap to define and cheap to make.

    class Call(Record):
        name: str
        arguments: tuple[Expression, ...] = ()

is what `@dataclass(frozen=True, slots=True)` would make of it: `Call("sl_reply")` compares, hashes,
pickles and shows itself by its fields, which cannot be changed. `class Call(Record, frozen=False)`
is one whose fields can; it has no hash.

Why not `dataclasses`: for each class they write and compile six functions when the module is
imported, half a millisecond in all, and sipway has a hundred such classes: that was a third of
its start. Here all but `__init__` are methods of `Record`, and the `__init__` of a class is
written when its first object is made. Most classes of a run with a script from the cache never
get that far.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple, NoReturn, TypeVar, cast, dataclass_transform

T = TypeVar("T")
R = TypeVar("R", bound="Record")


class _Factory(NamedTuple):
    make: Callable[[], Any]


def field(*, default_factory: Callable[[], T]) -> T:
    """A field whose default is made anew for each object, such as a list."""
    return cast(T, _Factory(default_factory))


@dataclass_transform(frozen_default=True, field_specifiers=(field,))
class _RecordType(type):
    """Makes slots of the annotations of a class; defaults move out of the way of the slots."""

    _frozen: bool
    _fields: dict[str, str]
    _defaults: dict[str, Any]

    def __new__(
        cls, name: str, bases: tuple[type, ...], space: dict[str, Any], *, frozen: bool = True
    ) -> _RecordType:
        own: dict[str, str] = space.get("__annotations__", {})
        defaults = {name: space.pop(name) for name in own if name in space}
        for base in bases:
            if isinstance(base, _RecordType):
                own, defaults = base._fields | own, base._defaults | defaults
        space["__slots__"] = tuple(space.get("__annotations__", ()))
        space["__match_args__"] = tuple(own)
        space["__init__"] = _first_init
        space["__setattr__"] = _refuse if frozen else object.__setattr__
        space["__delattr__"] = _refuse if frozen else object.__delattr__
        if not frozen:
            space["__hash__"] = None
        made = super().__new__(cls, name, bases, space)
        made._frozen, made._fields, made._defaults = frozen, own, defaults
        return made


def _first_init(self: Record, *args: Any, **kwargs: Any) -> None:
    """The `__init__` of a class without objects: writes the real one, and goes on with that."""
    kind = type(self)
    init = kind.__init__ = _written_init(kind)  # type: ignore[method-assign]
    init(self, *args, **kwargs)


def _written_init(kind: _RecordType) -> Callable[..., None]:
    """`def __init__(self, name, arguments=...)`, each field an argument."""
    space: dict[str, Any] = {}
    head, body = ["self"], ["pass"]
    for name in kind._fields:
        value = name
        head.append(name)
        if name in kind._defaults:
            default = space[f"_{name}_default"] = kind._defaults[name]
            head[-1] += f"=_{name}_default"
            if isinstance(default, _Factory):
                value = f"_{name}_default.make() if {name} is _{name}_default else {name}"
        if kind._frozen:
            # The slot itself, as `__setattr__` refuses.
            space[f"_set_{name}"] = getattr(kind, name).__set__
            body.append(f"_set_{name}(self, {value})")
        else:
            body.append(f"self.{name} = {value}")
    exec(f"def __init__({', '.join(head)}):\n  " + "\n  ".join(body), space)
    init: Callable[..., None] = space["__init__"]
    init.__qualname__ = f"{kind.__qualname__}.__init__"
    return init


def _refuse(self: Record, name: str, *_: object) -> NoReturn:
    raise AttributeError(f"{type(self).__name__}.{name} cannot be changed")


class Record(metaclass=_RecordType):
    """What all records have in common."""

    def __repr__(self) -> str:
        shown = (f"{name}={getattr(self, name)!r}" for name in type(self)._fields)
        return f"{type(self).__qualname__}({', '.join(shown)})"

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Record) or type(self) is not type(other):
            return NotImplemented
        return _values(self) == _values(other)

    def __hash__(self) -> int:
        return hash(_values(self))

    def __reduce__(self) -> tuple[type[Record], tuple[Any, ...]]:
        return type(self), _values(self)


def _values(record: Record) -> tuple[Any, ...]:
    return tuple([getattr(record, name) for name in type(record)._fields])


def fields(kind: type[Record]) -> Mapping[str, str]:
    """The names of the fields in their order, each with its annotation as it is written."""
    return kind._fields


def replace(record: R, **changes: Any) -> R:
    """Another record of the same kind, with these fields changed. TypeError for an unknown one."""
    kind = type(record)
    values = {name: getattr(record, name) for name in kind._fields}
    return kind(**values | changes)
