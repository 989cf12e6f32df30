"""Values that have a name and may be tables of such values: `$xavp`, `$xavi`, `$xavu`.

Source: pseudo-variables cookbook; what assignments do with indexes as Kamailio 5.6.3 was seen
to do it (docs/kamailio-observed.md).

Names of `$xavp` and `$xavi` stack: a new value goes in front of those of its name, the index
counts from the newest, -1 is the oldest. There are two levels: `$xavp(root=>child)`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from itertools import dropwhile
from typing import Final, TypeAlias, Union

from sipway.language.record import Record, replace
from sipway.language.runtime import to_int, to_str
from sipway.language.signatures import HOLE

Value: TypeAlias = int | str | None
Index: TypeAlias = int | str | None
Xavps: TypeAlias = "list[Xavp]"
XavuTree: TypeAlias = dict[str, Union[int, str, "XavuTree"]]

ALL: Final = "*"
_ARROW: Final = "=>"
_PART: Final = re.compile(r"([^\[\]=>]+)(?:\[(\*|-?\d{1,9}|\0)\])?")


class Xavp(Record, frozen=False):
    """One value under a name; a list is the table of its children, the newest first."""

    name: str
    value: int | str | Xavps


class XavpPath(Record):
    """`root[index]=>child[index]` taken apart; `folds` makes names small letters (`$xavi`).

    An index is None where none is written. A name may hold `HOLE`s and an index be one:
    places of variables, see `fill`.
    """

    root: str
    root_index: Index
    child: str | None
    child_index: Index
    folds: bool

    def fill(self, *values: Value) -> XavpPath:
        """The path with the values of variables in its holes, in their order."""
        rest = iter(values)
        root = self._name(self.root, rest)
        root_index = _index(self.root_index, rest)
        if self.child is None:
            return replace(self, root=root, root_index=root_index)
        child = self._name(self.child, rest)
        return replace(
            self,
            root=root,
            root_index=root_index,
            child=child,
            child_index=_index(self.child_index, rest),
        )

    def _name(self, name: str, values: Iterator[Value]) -> str:
        if HOLE not in name:
            return name
        pieces = name.split(HOLE)
        made = pieces[0] + "".join(to_str(next(values)) + piece for piece in pieces[1:])
        return made.lower() if self.folds else made


def _index(index: Index, values: Iterator[Value]) -> Index:
    return to_int(next(values)) if index == HOLE else index


def xavp_path(text: str) -> XavpPath:
    """The path of an `$xavp`. Raises ValueError with a sentence for the user."""
    return _path(text, folds=False)


def xavi_path(text: str) -> XavpPath:
    """The path of an `$xavi`, whose names are the same in capital and small letters."""
    return _path(text.lower(), folds=True)


def _path(text: str, folds: bool) -> XavpPath:
    parts = [_part(part, text) for part in text.strip().split(_ARROW)]
    if len(parts) == 1:
        return XavpPath(*parts[0], None, None, folds)
    # A third level is taken and left aside, as Kamailio does.
    return XavpPath(*parts[0], *parts[1], folds)


def _part(part: str, whole: str) -> tuple[str, Index]:
    match = _PART.fullmatch(part.strip())
    if match is None:
        shown = whole.replace(HOLE, "...")
        raise ValueError(f'"{shown}" is not name=>name, each with an [index] or without')
    name, index = match.groups()
    if index is None or index in (ALL, HOLE):
        return name, index
    return name, int(index)


def xavu_path(text: str) -> XavuPath:
    """The names in an `$xavu`. Raises ValueError with a sentence for the user."""
    names = tuple(name.strip() for name in text.split(_ARROW))
    if not all(names) or any("[" in name or "]" in name for name in names):
        shown = text.replace(HOLE, "...")
        raise ValueError(f'"{shown}" is not name=>name; a $xavu has no index')
    if len(names) > _DEEPEST:
        raise ValueError(f"a $xavu has at most {_DEEPEST} names")
    return XavuPath(names)


_DEEPEST: Final = 16


class XavuPath(Record):
    """`name=>name=>...` taken apart; a name may hold `HOLE`s."""

    names: tuple[str, ...]

    def fill(self, *values: Value) -> XavuPath:
        """The path with the values of variables in its holes, in their order."""
        rest = iter(values)
        made = []
        for name in self.names:
            first, *others = name.split(HOLE)
            made.append(first + "".join(to_str(next(rest)) + piece for piece in others))
        return XavuPath(tuple(made))


# --- a list of values ----------------------------------------------------------------------


def positions(values: Xavps, name: str) -> list[int]:
    """Where the values of a name stand in the list."""
    return [at for at, each in enumerate(values) if each.name == name]


def find(values: Xavps, name: str, index: Index) -> Xavp | None:
    """One value of a name; without an index and with `*` the newest."""
    if index is None or index == ALL or index == 0:
        return next((each for each in values if each.name == name), None)
    found = positions(values, name)
    try:
        return values[found[int(index)]]
    except IndexError:
        return None


def table(values: Xavps, name: str, index: Index = None) -> Xavps | None:
    """The children of a value; None where there is no such value, or it has none."""
    found = find(values, name, index)
    return found.value if found is not None and isinstance(found.value, list) else None


def remove(values: Xavps, name: str, index: Index = None) -> int:
    """Take out one value of a name, the newest without an index, or all; how many it were."""
    if index == ALL:
        before = len(values)
        values[:] = [each for each in values if each.name != name]
        return before - len(values)
    found = positions(values, name)
    try:
        del values[found[int(index or 0)]]
    except IndexError:
        return 0
    return 1


def set_child(values: Xavps, root: str, name: str, value: int | str) -> None:
    """Give the newest child another value; a new one comes last, with its root if need be."""
    found = find(values, root, None)
    if found is None:
        found = Xavp(root, [])
        values.insert(0, found)
    if not isinstance(found.value, list):
        found.value = []
    child = find(found.value, name, None)
    if child is None:
        found.value.append(Xavp(name, value))
    else:
        child.value = value


def copied(value: int | str | Xavps) -> int | str | Xavps:
    """A value that shares nothing with the one it is made from."""
    if isinstance(value, list):
        return [Xavp(each.name, copied(each.value)) for each in value]
    return value


def shown(found: Xavp | None) -> Value:
    """The value as scripts read it; a table is no more than a mark."""
    if found is None:
        return None
    return f"<<xavp:{found.name}>>" if isinstance(found.value, list) else found.value


# --- read, written and counted by path -------------------------------------------------------


def read(values: Xavps, path: XavpPath) -> Value:
    if path.child is None:
        return shown(find(values, path.root, path.root_index))
    children = table(values, path.root, path.root_index)
    if children is None:
        return None
    newest = find(children, path.child, path.child_index)
    if path.child_index != ALL or newest is None or isinstance(newest.value, list):
        return shown(newest)
    found = [each.value for each in children if each.name == path.child]
    return newest.value if len(found) == 1 else joined(found)


def joined(values: Iterable[object]) -> str:
    """What `[*]` shows of several values: those that are empty at the head leave no comma."""
    return ", ".join(dropwhile(lambda text: not text, map(str, values)))


def write(values: Xavps, path: XavpPath, value: Value) -> None:
    """Assign; null takes a value out. Raises ValueError for what has no such place."""
    if path.child is not None:
        _write_child(values, path, value)
    elif value is None:
        remove(values, path.root, path.root_index)
    elif path.root_index is None:
        values.insert(0, Xavp(path.root, value))
    else:
        found = _existing(values, path.root, path.root_index)
        if found is None:
            raise ValueError(f"there is no value {path.root}[{path.root_index}] to replace")
        found.value = value


def _existing(values: Xavps, name: str, index: Index) -> Xavp | None:
    """What an index that is a number from 0 says; other ones only read."""
    return find(values, name, index) if isinstance(index, int) and index >= 0 else None


def _write_child(values: Xavps, path: XavpPath, value: Value) -> None:
    assert path.child is not None
    if value is None:
        children = table(values, path.root, path.root_index)
        if children is not None:
            remove(children, path.child, path.child_index)
        return
    if path.root_index is None:
        if path.child_index is None:
            values.insert(0, Xavp(path.root, [Xavp(path.child, value)]))
        return
    root = _existing(values, path.root, path.root_index)
    if root is None:
        return
    if not isinstance(root.value, list):
        raise ValueError(f"{path.root} holds a value, so it has no {path.child}")
    if path.child_index is None:
        root.value.insert(0, Xavp(path.child, value))
        return
    child = _existing(root.value, path.child, path.child_index)
    if child is not None:
        child.value = value


def count(values: Xavps, path: XavpPath) -> int:
    """How many values a path means; a missing index stands for all."""
    roots = _matching(values, path.root, path.root_index)
    if path.child is None:
        return len(roots)
    return sum(
        len(_matching(root.value, path.child, path.child_index))
        for root in roots
        if isinstance(root.value, list)
    )


def _matching(values: Xavps, name: str, index: Index) -> Xavps:
    if index is None or index == ALL:
        return [each for each in values if each.name == name]
    found = find(values, name, index)
    return [] if found is None else [found]


# --- $xavu ----------------------------------------------------------------------------------


def read_xavu(tree: XavuTree, names: Iterable[str]) -> Value:
    value: int | str | XavuTree | None = tree
    first = ""
    depth = 0
    for name in names:
        if not isinstance(value, dict):
            return None
        first = first or name
        depth += 1
        value = value.get(name)
    if isinstance(value, dict):
        return f"<<xavp:{first}>>" if depth == 1 else None
    return value


def write_xavu(tree: XavuTree, names: tuple[str, ...], value: Value) -> None:
    """Assign, making tables on the way; null takes the value or table out."""
    for name in names[:-1]:
        below = tree.get(name)
        if not isinstance(below, dict):
            if value is None:
                return
            below = tree[name] = {}
        tree = below
    if value is None:
        tree.pop(names[-1], None)
    else:
        tree[names[-1]] = value
