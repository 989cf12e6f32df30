"""From the syntax tree of a script to Python functions, one for each routing block.

Blocks carry their script's file name, and each statement its line and column: tracebacks,
profiles and debuggers show the script. A statement that an `include_file` brought into the
middle of a block of another file shows the line of the block's head.

What becomes of what: values (`compile_values`), variables (`compile_variables`), calls
(`compile_calls`), bare words compared (`compile_operands`), operators and conditions
(`compile_expressions`), the cases of a switch (`compile_switch`), statements
(`compile_blocks`); here the script as a whole.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Mapping
from types import CodeType
from typing import Any, Final, TypeAlias

from sipway.language.catalog import Catalog
from sipway.language.compile_blocks import BlockCompiler, function_name, route_target
from sipway.language.compile_values import GlobalNames
from sipway.language.compiled import BlockKey, CompiledScript
from sipway.language.custom import CustomParameters
from sipway.language.diagnostics import Diagnostics
from sipway.language.latency import LOG_LEVEL, Latency
from sipway.language.lint import lint
from sipway.language.nodes import (
    BlockKind,
    Call,
    CustomParameter,
    FlagsDeclaration,
    Listen,
    LoadModule,
    ModParam,
    Parameter,
    RouteCall,
    RoutingBlock,
    Script,
)
from sipway.language.parser import ParseResult
from sipway.language.record import replace
from sipway.language.resolve import Scope
from sipway.language.signatures import (
    COUNTED,
    CUSTOM_GROUPS,
    FormatText,
    Reader,
    Routes,
)
from sipway.language.source import Span
from sipway.language.visitor import walk

_KIND_ROUTES: Final = {
    BlockKind.REQUEST: Routes.REQUEST,
    BlockKind.ROUTE: Routes.REQUEST,
    BlockKind.REPLY: Routes.REPLY,
    BlockKind.ONREPLY: Routes.REPLY,
    BlockKind.FAILURE: Routes.FAILURE,
    BlockKind.BRANCH: Routes.BRANCH,
    BlockKind.ONSEND: Routes.ONSEND,
    BlockKind.EVENT: Routes.EVENT | Routes.REQUEST,
}
_RETCODE: Final = re.compile(r"\$\(?(?:rc|retcode|\?)(?![A-Za-z0-9_])")
_STATISTIC: Final = re.compile(r"\$\(?stat\(")
_MCAST: Final = "mcast"
_MAX_WHILE_LOOPS: Final = 100
_MAX_RECURSION: Final = 256
_Format: TypeAlias = tuple[str, Span, Callable[[str, Reader], object] | None]
"""The text of a parameter, its place, and what reads it, if it is no format."""


def compile_script(
    parsed: ParseResult, catalog: Catalog, diagnostics: Diagnostics
) -> CompiledScript | None:
    """Check and compile; None when there are errors, which are then in `diagnostics`."""
    return _ScriptCompiler(parsed, catalog, diagnostics).compile()


class _ScriptCompiler:
    def __init__(self, parsed: ParseResult, catalog: Catalog, diagnostics: Diagnostics) -> None:
        self._script: Script = parsed.script
        self._catalog = catalog
        self._diagnostics = diagnostics
        self._scope = Scope(catalog, diagnostics)
        self._bindings: dict[str, object] = {}
        self._names = GlobalNames()
        self._blocks: dict[BlockKey, RoutingBlock] = {}
        self._parameters: list[tuple[str, Any]] = []
        self._module_parameters: dict[tuple[str, str], Any] = {}
        self._formats: dict[tuple[str, str], _Format] = {}
        self._listen: list[Listen] = []
        self._custom = CustomParameters(diagnostics)
        self._uses_retcode = any(_RETCODE.search(file.text) for file in parsed.files)
        if any(_STATISTIC.search(file.text) for file in parsed.files):
            self._module_parameters[COUNTED] = True
        self._defines = parsed.defines
        self._path = parsed.files[0].path if parsed.files else ""

    def compile(self) -> CompiledScript | None:
        slots: dict[str, int] = {}
        self._settings()
        self._collect_blocks()
        self._make_formats(slots)
        calls = {key: _calls(block) for key, block in self._blocks.items()}
        waiting = self._waiting(calls)
        waiting_names = frozenset(str(name) for kind, name in waiting if kind is BlockKind.ROUTE)
        recursive = _recursive(calls)
        reached_by = self._reached_by(calls)
        max_loops = self._limit("max_while_loops", _MAX_WHILE_LOOPS)
        max_recursion = self._limit("max_recursive_level", _MAX_RECURSION)
        codes = []
        for key, block in self._blocks.items():
            maker = self._maker(slots, waiting_names)
            maker.blocks = self._blocks
            maker.recursive = recursive
            maker.max_loops = max_loops
            maker.max_recursion = max_recursion
            maker.reached_by = reached_by[key]
            module = maker.block(key, block, key in waiting)
            if not self._diagnostics.errors:
                codes.append(self._code(module, block))
        if self._diagnostics.errors:
            return None
        self._diagnostics.extend(lint(self._script, self._scope))
        return CompiledScript(
            path=self._path,
            codes=tuple(codes),
            bindings=self._bindings,
            names={key: function_name(key) for key in self._blocks},
            parameters=tuple(self._parameters),
            modules=tuple(name for name in self._scope.modules if name != "core"),
            module_parameters=self._module_parameters,
            listen=tuple(self._listen),
            variable_slots=tuple(slots),
            waiting=frozenset(waiting),
            uses_retcode=self._uses_retcode,
            custom=self._custom.values,
        )

    def _limit(self, name: str, default: int) -> int:
        value: int = dict(self._parameters).get(name, default)
        return value

    def _code(self, module: ast.Module, block: RoutingBlock) -> CodeType:
        try:
            return compile(module, block.span.file.path, "exec")
        except RecursionError:
            self._diagnostics.error(
                "too-deep",
                "this block is nested too deeply",
                block.head,
                hint="move the inner parts into routes of their own",
            )
            return compile("", block.span.file.path, "exec")

    # --- the top level ----------------------------------------------------------

    def _settings(self) -> None:
        mcast: str | None = None
        for item in self._script.items:
            if isinstance(item, LoadModule):
                self._scope.load(item)
            elif isinstance(item, ModParam):
                for module, signature, value in self._scope.module_parameter(item):
                    key = (module, signature.name)
                    if signature.format or signature.read is not None:
                        if value is not None:  # what is wrong has been reported
                            self._formats[key] = (value, item.value_span, signature.read)
                    elif signature.repeatable:
                        self._module_parameters.setdefault(key, []).append(value)
                    else:
                        self._module_parameters[key] = value
            elif isinstance(item, Parameter):
                found = self._scope.parameter(item)
                if found is None:
                    continue
                if found[0].name == _MCAST:
                    mcast = str(found[1])  # of the next socket alone
                elif found[0].format:
                    self._formats["core", found[0].name] = (found[1], item.value_span, None)
                else:
                    self._parameters.append((item.name, found[1]))
            elif isinstance(item, FlagsDeclaration):
                self._scope.declare_flags(item)
            elif isinstance(item, Listen):
                self._scope.socket(item)
                self._listen.append(item if mcast is None else replace(item, mcast=mcast))
                mcast = None
            elif isinstance(item, CustomParameter):
                self._custom.add(item)
        self._custom.finish(self._scope.modules)
        self._module_parameters[CUSTOM_GROUPS] = self._custom.groups
        self._scope.set_parameters(self._module_parameters)

    def _make_formats(self, slots: dict[str, int]) -> None:
        """Compile the parameters that hold variables, now that all modules are known."""
        for (module, name), (text, span, read) in self._formats.items():
            maker = self._maker(slots, frozenset())
            if read is not None:
                self._read_parameter((module, name), read, text, span, maker.reader(span))
                continue
            made = FormatText(text, maker.format(text, span))
            if module == "core":
                self._parameters.append((name, made))
            else:
                self._module_parameters[module, name] = made

    def _read_parameter(
        self,
        key: tuple[str, str],
        read: Callable[[str, Reader], object],
        text: str,
        span: Span,
        reader: Reader,
    ) -> None:
        before = len(self._diagnostics.errors)
        try:
            self._module_parameters[key] = read(text, reader)
        except ValueError as error:
            if len(self._diagnostics.errors) == before:  # else that has been told
                self._diagnostics.error("wrong-value", str(error), span)

    def _maker(self, slots: dict[str, int], waiting: frozenset[str]) -> BlockCompiler:
        maker = BlockCompiler(
            self._scope,
            self._catalog,
            self._diagnostics,
            self._bindings,
            slots,
            waiting,
            self._uses_retcode,
        )
        maker.defines = self._defines
        maker.module_parameters = self._module_parameters
        maker.names = self._names
        maker.custom = self._custom.values
        limit = self._limit("latency_limit_action", 0)
        if limit > 0:
            maker.latency = Latency(limit, self._limit("latency_log", LOG_LEVEL))
        maker.codes_are_values = self._limit("return_mode", 0) == 1
        return maker

    def _collect_blocks(self) -> None:
        for item in self._script.items:
            if not isinstance(item, RoutingBlock):
                continue
            key = (item.kind, item.name)
            first = self._blocks.get(key)
            if first is None:
                self._blocks[key] = item
                continue
            if item.name is None and item.head.text[-1:] != "]":
                self._join(first, item, key)
                continue
            name = f"{item.kind.value}[{item.name}]" if item.name else item.kind.value
            self._diagnostics.error(
                "duplicate-block",
                f"there is a {name} already",
                item.head,
                related=((first.head, "here is the first one"),),
            )

    def _join(self, first: RoutingBlock, item: RoutingBlock, key: BlockKey) -> None:
        """Put the statements of a second block without a name behind those of the first."""
        body = replace(first.body, statements=first.body.statements + item.body.statements)
        self._blocks[key] = replace(first, body=body)
        self._diagnostics.warning(
            "joined-block",
            f"this {item.kind.value} goes on where the one before ends",
            item.head,
            related=((first.head, "here is the first one"),),
        )

    def _reached_by(self, calls: Mapping[BlockKey, set[str]]) -> dict[BlockKey, Routes]:
        """For each block the kinds of blocks from which it can be reached by route()."""
        found = {key: _KIND_ROUTES[key[0]] for key in self._blocks}
        pending = list(self._blocks)
        while pending:  # a block that can be reached from more hands that on to those it calls
            caller = pending.pop()
            for name in calls[caller]:
                called = (BlockKind.ROUTE, name)
                if called in found and found[caller] & ~found[called]:
                    found[called] |= found[caller]
                    pending.append(called)
        return found

    def _waiting(self, calls: Mapping[BlockKey, set[str]]) -> set[BlockKey]:
        """The blocks that can reach a function which waits."""
        functions = self._waiting_functions()
        waiting = {key for key, block in self._blocks.items() if self._waits(block, functions)}
        grown = True
        while grown:
            names = {name for kind, name in waiting if kind is BlockKind.ROUTE}
            more = {key for key, called in calls.items() if called & names} - waiting
            waiting |= more
            grown = bool(more)
        return waiting

    def _waits(self, block: RoutingBlock, functions: frozenset[str]) -> bool:
        """Whether a block calls one of these functions."""
        if not functions:
            return False
        return any(isinstance(node, Call) and node.name in functions for node in walk(block))

    def _waiting_functions(self) -> frozenset[str]:
        """The functions that may wait, by name."""
        modules = self._scope.modules.values()
        signatures = (each for module in modules for each in module.functions.values())
        return frozenset(each.name for each in signatures if each.may_wait)


def _calls(block: RoutingBlock) -> set[str]:
    """The names in all route() calls of a block."""
    found = set()
    for node in walk(block):
        if isinstance(node, RouteCall):
            name = route_target(node)
            if name is not None:
                found.add(name)
    return found


def _recursive(calls: Mapping[BlockKey, set[str]]) -> frozenset[str]:
    """The names of routes that can reach themselves: Tarjan's algorithm, without recursion."""
    called = {str(name): names for (kind, name), names in calls.items() if kind is BlockKind.ROUTE}
    found = {name for name, names in called.items() if name in names}
    number: dict[str, int] = {}  # in the order of the visits
    lowest: dict[str, int] = {}  # the earliest route that is known to be reached
    open_routes: list[str] = []
    for start, names in called.items():
        if start in number:
            continue
        path = [(start, iter(names))]
        number[start] = lowest[start] = len(number)
        open_routes.append(start)
        while path:
            name, rest = path[-1]
            for other in rest:
                if other not in called:
                    continue
                if other not in number:
                    number[other] = lowest[other] = len(number)
                    open_routes.append(other)
                    path.append((other, iter(called[other])))
                    break
                lowest[name] = min(lowest[name], lowest[other])
            else:
                path.pop()
                if path:
                    caller = path[-1][0]
                    lowest[caller] = min(lowest[caller], lowest[name])
                if lowest[name] == number[name]:
                    at = open_routes.index(name)
                    together = open_routes[at:]
                    del open_routes[at:]
                    if len(together) > 1:
                        found.update(together)
                    lowest.update(dict.fromkeys(together, len(called)))  # closed
    return frozenset(found)
