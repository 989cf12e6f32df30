"""From a compiled script to a Program: modules found, parameters set, sockets described."""

from __future__ import annotations

import importlib
import importlib.util
import pkgutil
import secrets
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import cached_property
from typing import TYPE_CHECKING, Any

from sipway.core import streams
from sipway.core.commands import GIVEN_BY, Commands
from sipway.core.core_events import before_modules, run_before_routes
from sipway.core.counting import COUNTING, count, know_of_the_rest, uncounted
from sipway.core.functions import core
from sipway.core.interception import before_parsing
from sipway.core.kamailio_modules import kamailio_modules
from sipway.core.made_up import made_up_context
from sipway.core.made_up import run as run_block
from sipway.core.module import Module
from sipway.core.myself import is_myself_address, is_myself_uri
from sipway.core.operands import OPERANDS
from sipway.core.prepared import prepare_all
from sipway.core.program import Program
from sipway.core.selects import find_select, find_select_of
from sipway.core.shared import SharedVariables
from sipway.core.statistics import statistics_of
from sipway.core.timing import timed
from sipway.core.waiting import with_prefix
from sipway.errors import ModuleError
from sipway.language.catalog import ForeignModule, ModuleSignature
from sipway.language.nodes import BlockKind
from sipway.language.signatures import COUNTED, OperandSignature, SelectSignature

if TYPE_CHECKING:
    from sipway.core.commands.process import ServerProcess
    from sipway.core.context import Context
    from sipway.core.log import Log
    from sipway.core.program import Block
    from sipway.core.resolving import Names
    from sipway.core.settings import Settings
    from sipway.core.sockets import ListenSocket
    from sipway.language.compiled import BlockKey, CompiledScript
    from sipway.stores.interface import Store
    from sipway.tx.layer import Layer

MODULES_PACKAGE = "sipway.modules"


_AT_THE_START = core.event("core:worker-one-init")


class ModuleCatalog:
    """The modules that scripts can load: one Python module each, in one package.

    The `Catalog` of the language. A module is imported when a script asks for it.
    """

    def __init__(self, package: str = MODULES_PACKAGE) -> None:
        self._package = package
        self._loaded: dict[str, Module | None] = {}

    @property
    def core(self) -> ModuleSignature:
        return self._core

    @cached_property
    def _core(self) -> ModuleSignature:
        return core.signature

    @property
    def operands(self) -> Mapping[str, OperandSignature]:
        return OPERANDS

    def load(self, name: str) -> Module | None:
        """The Module of this name, or None if there is none."""
        if name not in self._loaded:
            self._loaded[name] = self._import(name)
        return self._loaded[name]

    def module(self, name: str) -> ModuleSignature | None:
        found = self.load(name)
        return found.signature if found is not None else None

    def module_names(self) -> Iterable[str]:
        return sorted(self._names())

    @property
    def foreign(self) -> Mapping[str, ForeignModule]:
        return kamailio_modules()

    def select(self, path: str) -> SelectSignature | str:
        found = find_select(path)
        if isinstance(found, str):
            module = self.load(found)
            if module is not None and any(path.lower().startswith(root) for root in module.selects):
                return find_select_of(module.name, path)
        return found

    def is_myself_uri(self, ctx: Any, uri: str) -> bool:
        return is_myself_uri(ctx, uri)

    def is_myself_address(self, ctx: Any, address: str) -> bool:
        return is_myself_address(ctx, address)

    def _names(self) -> Iterator[str]:
        package = importlib.import_module(self._package)
        for info in pkgutil.iter_modules(package.__path__):
            if not info.name.startswith("_"):
                yield info.name

    def _import(self, name: str) -> Module | None:
        full = f"{self._package}.{name}"
        if not name.isidentifier() or importlib.util.find_spec(full) is None:
            return None
        module: Module = importlib.import_module(full).mod
        return module


def load_program(
    compiled: CompiledScript,
    catalog: ModuleCatalog,
    settings: Settings,
    log: Log,
    sockets: tuple[ListenSocket, ...],
    layer: Layer | None = None,
    names: Names | None = None,
    open_store: Callable[[], Store] | None = None,
    process: ServerProcess | None = None,
) -> Program:
    """Make a Program of a compiled script: bind its code, set parameters, start modules.

    `layer` holds the transactions of the worker, which outlive a Program. Without `names` no
    name has an address.

    `open_store` opens what outlives the process, for modules that ask for it.

    Raises ModuleError when a module cannot be set up, StoreError when its store cannot.
    """
    modules = _in_order([_required(catalog, name) for name in compiled.modules])
    prefixed = _prefixing(settings, log)
    blocks = compiled.load()
    for key in ((BlockKind.REQUEST, None), (BlockKind.REPLY, None), (BlockKind.ONSEND, None)):
        if key in blocks:
            blocks[key] = prefixed(blocks[key], key in compiled.waiting)
    run_before_routes(blocks, compiled.waiting)
    shared = SharedVariables(open_store=open_store)
    events = _named(blocks, BlockKind.EVENT)
    if compiled.module_parameters.get(COUNTED) or GIVEN_BY.intersection(compiled.modules):
        shared.count_reply = count(blocks, compiled.waiting, statistics_of(shared))
        events[COUNTING] = uncounted  # whoever has something to tell looks for any event first
    if settings.latency_cfg_log is not None:
        for kind, shown in ((BlockKind.REQUEST, "request-route"), (BlockKind.REPLY, "reply-route")):
            if (kind, None) in blocks:
                waits = (kind, None) in compiled.waiting
                block = blocks[kind, None]
                blocks[kind, None] = timed(block, waits, shown, log, settings.latency_cfg_log)
    program = Program(
        path=compiled.path,
        settings=settings,
        log=log,
        sockets=sockets,
        request_route=blocks.get((BlockKind.REQUEST, None)),
        reply_route=blocks.get((BlockKind.REPLY, None)),
        onsend_route=blocks.get((BlockKind.ONSEND, None)),
        events=events,
        modules=tuple(module.name for module in modules),
        parameters=compiled.module_parameters,
        filters=(
            *streams.filters(settings, sockets),
            *(entry for module in modules for entry in module.filters),
        ),
        fresh_vars=[0] * len(compiled.variable_slots),
        variable_names=compiled.variable_slots,
        server_line=settings.server_line,
        tag_prefix=f"{secrets.token_hex(8)}.".encode(),
        aliases=frozenset(settings.aliases),
        waiting=frozenset(blocks[key] for key in compiled.waiting),
        custom=dict(compiled.custom),
        shared=shared,
        layer=layer,
        failure_routes=_named(blocks, BlockKind.FAILURE),
        reply_routes=_named(blocks, BlockKind.ONREPLY),
        branch_routes=_named(blocks, BlockKind.BRANCH),
        routes=_named(blocks, BlockKind.ROUTE),
        names=names,
        commands=Commands(each for module in modules for each in module.commands),
        process=process,
    )
    first = events.get(_AT_THE_START.name)
    if first is not None:
        # As a service, it may wait, and what it sends goes out.
        program.services.append(
            lambda: run_block(made_up_context(program), _AT_THE_START.name, first)
        )
    before_modules(program)
    know_of_the_rest(shared, program.names, statistics_of(shared))
    program.incoming = before_parsing(program)
    for module in modules:
        for start in module.starters:
            start(program)
    prepare_all(program, compiled.bindings.values())
    return program


def _named(blocks: Mapping[BlockKey, Block], kind: BlockKind) -> dict[str, Block]:
    return {
        name: block for (each, name), block in blocks.items() if each is kind and name is not None
    }


def _prefixing(settings: Settings, log: Log) -> Callable[[Block, bool], Block]:
    """What makes a block, which may wait or not, put `log_prefix` before each line it logs."""
    prefix = settings.log_prefix
    if prefix is None:
        return lambda block, _: block
    make, each_line = prefix.make, settings.log_prefix_mode == 1

    def for_message(ctx: Context) -> Callable[[], str]:
        if each_line:
            return lambda: make(ctx)
        text = make(ctx)
        return lambda: text

    def prefixed(block: Block, waits: bool) -> Block:
        if waits:

            async def run_waiting(ctx: Context) -> Any:
                return await with_prefix(block(ctx), log, for_message(ctx))

            return run_waiting

        def run(ctx: Context) -> Any:
            before = log.prefix
            log.prefix = for_message(ctx)
            try:
                return block(ctx)
            finally:
                log.prefix = before

        return run

    return prefixed


def _required(catalog: ModuleCatalog, name: str) -> Module:
    module = catalog.load(name)
    if module is None:
        raise ModuleError(f"there is no module {name}")
    return module


def _in_order(modules: list[Module]) -> list[Module]:
    """The modules in the script's order, each behind those that it names in `after`."""
    by_name = {module.name: module for module in modules}
    ordered: dict[str, Module] = {}

    def place(module: Module, path: tuple[str, ...]) -> None:
        if module.name in ordered:
            return
        if module.name in path:
            raise ModuleError(f"modules wait for each other: {' -> '.join(path)}")
        for earlier in module.after:
            if earlier in by_name:
                place(by_name[earlier], (*path, module.name))
        ordered[module.name] = module

    for module in sorted(modules, key=lambda each: not each.name.startswith("db_")):
        place(module, ())  # others open databases when they start
    return list(ordered.values())
