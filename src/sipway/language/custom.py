"""The parameters of a script's own: `group.name = value`, and for a number `group[2].name`."""

from __future__ import annotations

from collections.abc import Collection

from sipway.language import runtime
from sipway.language.diagnostics import Diagnostics
from sipway.language.near import nearest
from sipway.language.nodes import CustomParameter

_MASK = 0xFFFFFFFF


class CustomParameters:
    """What a script has made, each once; what is wrong with it is reported.

    values   (group, name) -> value
    groups   group -> number in brackets -> name -> value; filled by `finish`
    """

    def __init__(self, diagnostics: Diagnostics) -> None:
        self._diagnostics = diagnostics
        self._items: dict[tuple[str, str], CustomParameter] = {}
        self._numbered: list[CustomParameter] = []
        self.values: dict[tuple[str, str], int | str] = {}
        self.groups: dict[str, dict[int, dict[str, int | str]]] = {}

    def add(self, item: CustomParameter) -> None:
        """Take one in; the order does not matter for those with a number."""
        if item.group == "core":
            self._diagnostics.error(
                "wrong-group",
                "the group core is Kamailio's own",
                item.span,
                hint=f"take another name for the group, such as my.{item.name}",
            )
            return
        if item.instance is not None:
            self._numbered.append(item)
            return
        key = (item.group, item.name)
        first = self._items.setdefault(key, item)
        if first is not item:
            self._diagnostics.error(
                "duplicate-parameter",
                f"there is a parameter {'.'.join(key)} already",
                item.span,
                related=((first.span, "here is the first one"),),
            )
        value = item.value
        self.values[key] = runtime.wrap(value) if isinstance(value, int) else value

    def finish(self, modules: Collection[str]) -> None:
        """Take in those with a number, now that all others are known, and the modules' names."""
        self.groups.update((group, {}) for group, _ in self.values)
        for item in self._numbered:
            if item.instance is None:
                continue
            if item.group not in self.groups and item.group in modules:
                self._diagnostics.error(
                    "not-here",
                    f"parameters of a module, {item.group}[{item.instance}], have one value here",
                    item.span,
                    hint=f'modparam("{item.group}", "{item.name}", VALUE) sets it',
                )
                continue
            value = self._numbered_value(item)
            if value is not None:
                number = item.instance & _MASK
                self.groups[item.group].setdefault(number, {})[item.name] = value

    def _numbered_value(self, item: CustomParameter) -> int | str | None:
        """The value in the type of the parameter that it is a value of; None if there is none."""
        name = f"{item.group}.{item.name}"
        usual = self.values.get((item.group, item.name))
        if usual is None:
            self._diagnostics.error(
                "unknown-parameter",
                f"there is no parameter {name} that this could be another value of",
                item.span,
                hint=nearest(name, map(".".join, self.values)) or f"{name} = VALUE makes one",
            )
            return None
        value = item.value
        if isinstance(usual, str):
            return str(value)
        if isinstance(value, int):
            return runtime.wrap(value)
        try:
            return runtime.wrap(int(value))
        except ValueError:
            self._diagnostics.error(
                "wrong-value", f"{name} is a number, and this is none", item.span
            )
            return None
