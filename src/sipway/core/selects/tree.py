"""From the path of a select to the function that reads it."""

from __future__ import annotations

import difflib
import importlib
import re
from collections.abc import Callable, Iterator
from typing import Any, Final, TypeAlias

from sipway.core.parameters import PARAMETERS
from sipway.core.selects import addresses, message, server
from sipway.core.selects.parts import Part, Text, same
from sipway.language.remakable import remakable
from sipway.language.signatures import SelectSignature, UnknownSelect

Component: TypeAlias = int | str

_ROOTS: Final[dict[str, Part]] = {**addresses.PARTS, **message.PARTS, **server.PARTS}

_MODULES: Final = {
    "cnxcc": "cnxcc",
    "db": "db_ops",
    "eval": "eval",
    "hf_value": "textopsx",
    "hf_value2": "textopsx",
    "hf_value_exists": "textopsx",
    "nathelper": "nathelper",
    "rr.dialog_cookie": "rr",
    "rr.next_route": "rr",
    "timer": "timer",
    "tls": "tls",
    "tm": "tm",
    "xmlrpc": "xmlrpc",
}
"""The modules that bring selects of these beginnings (Kamailio's cookbook on selects)."""

_COMPONENT: Final = re.compile(
    r'\.?([A-Za-z_][\w-]*|[0-9][\w-]*)|\["([^"\]]*)"\]|\[(-?[0-9]{1,9})\]', re.ASCII
)


def find_select(path: str) -> SelectSignature | str:
    """What reads a select, or the module that it belongs to. Raises UnknownSelect."""
    names = [each.lower() for each in _components(path) if isinstance(each, str)]
    for known, module in _MODULES.items():
        if ".".join(names[: known.count(".") + 1]) == known:
            return module
    return SelectSignature(_reader(path))


def find_select_of(module: str, path: str) -> SelectSignature:
    """What reads a select of a module. Raises UnknownSelect."""
    return SelectSignature(_reader(path, module), module)


def _roots(module: str) -> dict[str, Part]:
    """The parts that a path can begin with: those of the core, or of a module."""
    if not module:
        return _ROOTS
    found: dict[str, Part] = importlib.import_module(f"sipway.modules.{module}").mod.selects
    return found


@remakable
def _reader(path: str, module: str = "") -> Callable[[Any], str | None]:
    """One function of the Context: the steps to a part, then the text of what they have found."""
    steps, text = _way(path, _roots(module))

    def read(ctx: Any) -> str | None:
        subject = ctx
        for step in steps:
            subject = step(subject)
            if subject is None:
                return None
        return text(subject)

    def read_here(ctx: Any) -> str | None:
        return text(ctx)

    def read_one(ctx: Any) -> str | None:
        subject = only(ctx)
        return None if subject is None else text(subject)

    if not steps:
        return read_here
    only = steps[0]
    return read_one if len(steps) == 1 else read


def _way(path: str, roots: dict[str, Part]) -> tuple[list[Callable[[Any], Any]], Text]:
    """The steps to the part that a path leads to, and what makes its text."""
    components = list(_components(path))
    if components and str(components[0]).lower() == "cfg_get":
        return [], _parameter(path, components)
    part = Part(parts=roots)
    steps: list[Callable[[Any], Any]] = []
    done = ""
    for component in components:
        part = _follow(part, component, done, path)
        done += f"[{component}]" if isinstance(component, int) else f".{component}"
        if part.step is not same:
            steps.append(part.step)
    if part.text is None:
        follow = sorted(part.parts) or ["NAME"]
        raise UnknownSelect(f"something has to follow @{path}", f"as in @{path}.{follow[0]}")
    return steps, part.text


def _components(path: str) -> Iterator[Component]:
    at = 0
    while at < len(path):
        match = _COMPONENT.match(path, at)
        if match is None or (at > 0) != path[at : match.end()].startswith((".", "[")):
            raise UnknownSelect(
                f"@{path} is no select", 'as in @via[1].host or @ruri.params["transport"]'
            )
        name, quoted, number = match.groups()
        yield int(number) if number is not None else name if quoted is None else quoted
        at = match.end()


def _follow(part: Part, component: Component, done: str, path: str) -> Part:
    """The part that a component leads to."""
    if isinstance(component, int):
        if part.numbered is not None:
            return part.numbered(component)
        raise UnknownSelect(f"@{done[1:]} takes no number in brackets")
    known = part.parts.get(component.lower())
    if known is not None:
        return known
    if part.named is not None:
        return part.named(component)
    near = difflib.get_close_matches(component.lower(), part.parts, n=1, cutoff=0.6)
    before = f"@{done[1:]}." if done else "@"
    hint = f"did you mean {before}{near[0]}?" if near else None
    if done == ".msg":
        hint = hint or f"write @msg.header.{component} for a header"
    raise UnknownSelect(
        f"there is no select @{path}" if not done else f"@{done[1:]} has no part {component}", hint
    )


def _parameter(path: str, components: list[Component]) -> Text:
    """`cfg_get.core.NAME`; those that the script has made are known to the compiler alone."""
    if len(components) != 3:
        raise UnknownSelect(f"@{path} is no parameter", "as in @cfg_get.GROUP.NAME")
    _, group, name = map(str, components)
    part = server.core_parameter(name) if group == "core" else None
    if part is None or part.text is None:
        if group == "core" and name in PARAMETERS:
            raise UnknownSelect(
                f"the core parameter {name} has no effect here, and so no value to read"
            )
        raise UnknownSelect(
            f"there is no parameter {group}.{name}",
            f'a script makes one with {group}.{name} = VALUE desc "what it is for"',
        )
    return part.text
