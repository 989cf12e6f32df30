"""The statements of a routing block as the body of a Python function.

Each routing block becomes a function `route_NAME(ctx) -> int` (a coroutine function if it can
reach a function that waits). It returns the block's code; 0 means that the script ends, and
whoever called it returns 0 too. The code of a block is that of the last command that ran, so
only commands in last position keep theirs.
"""

from __future__ import annotations

import ast
from collections.abc import Mapping
from typing import Final

from sipway.language import runtime
from sipway.language.compile_dispatch import dispatch
from sipway.language.compile_pieces import assign, assign_to, end_if, load, word, zero
from sipway.language.compile_places import fill_places, locate, read_variables_once
from sipway.language.compile_switch import SwitchCompiler
from sipway.language.compile_values import Value
from sipway.language.compiled import BlockKey
from sipway.language.latency import Latency, clock, described, report
from sipway.language.near import nearest
from sipway.language.nodes import (
    Assign,
    Block,
    BlockKind,
    Break,
    Call,
    Drop,
    Exit,
    Expression,
    ExpressionStatement,
    If,
    Name,
    Number,
    Return,
    RouteCall,
    RoutingBlock,
    Statement,
    String,
    Switch,
    Variable,
    While,
)
from sipway.language.signatures import Routes
from sipway.language.source import Span

_NOT_TIMED: Final = (Block, Break, Drop, Exit, Return)
# Longer chains of else-ifs are not nested in each other: that is deep for Python's compiler.
_MAX_NESTED: Final = 20


def function_name(key: BlockKey) -> str:
    """The name of a block's function in the generated module."""
    kind, name = key
    if name is None:
        return kind.value
    stem = "route" if kind is BlockKind.ROUTE else kind.value
    plain = word(name)
    return f"{stem}_{plain}" if plain == name else f"{stem}_{plain}_{name.encode().hex()}"


def route_target(node: RouteCall) -> str | None:
    """The constant name in route(NAME), None for one made at run time."""
    target = node.target
    if isinstance(target, Name):
        return target.name
    if isinstance(target, Number):
        return str(target.value)
    if isinstance(target, String):
        return target.value
    return None


class BlockCompiler(SwitchCompiler):
    """Compiles the statements of one block; `_out` is the list that they go to."""

    blocks: Mapping[BlockKey, RoutingBlock]
    recursive: frozenset[str]
    max_loops: int
    max_recursion: int
    reached_by: Routes
    latency: Latency | None = None

    def block(self, key: BlockKey, block: RoutingBlock, waits: bool) -> ast.Module:
        self._prelude: list[ast.stmt] = []
        self._out: list[ast.stmt] = []
        self._file = block.span.file
        self._fallback = block.head
        self._block = block.name or block.kind.value
        self._function_name = function_name(key)
        self._loops = 0
        self._statements(block.body.statements, tail=True)
        body = [assign("code", ast.Constant(1)), *self._out, ast.Return(load("code"))]
        parameters = ast.arguments([], [ast.arg("ctx")], None, [], [], None, [])
        kind = ast.AsyncFunctionDef if waits else ast.FunctionDef
        function = kind(function_name(key), parameters, body, [], None, None)
        locate(function, block.head)
        read_variables_once(function)
        for made in self._prelude:
            fill_places(made)
        return ast.Module([*self._prelude, function], [])

    def prelude(self, function: ast.expr) -> str:
        name = f"{self._function_name}_format_{len(self._prelude) + 1}"
        self._prelude.append(assign(name, function))
        return name

    # --- statements -------------------------------------------------------------

    def _statements(self, statements: tuple[Statement, ...], tail: bool) -> None:
        for number, statement in enumerate(statements):
            self._statement(statement, tail and number == len(statements) - 1)

    def _statement(self, node: Statement, tail: bool) -> None:
        first = len(self._out)
        self.codes, self.before = [], []
        self.risky = False
        method = getattr(self, f"_do_{type(node).__name__.lower()}")
        method(node, tail)
        if self.latency is not None and not isinstance(node, _NOT_TIMED):
            self._time(node, self.latency, first)
        span = node.span if node.span.file is self._file else self._fallback
        for made in self._out[first:]:
            if not hasattr(made, "lineno"):
                locate(made, span)

    def _time(self, node: Statement, latency: Latency, first: int) -> None:
        """Have the code of a statement, `_out[first:]`, tell when it was slow."""
        start = self.temporary()
        reading = ast.Call(self.bind("_clock", clock), [], [])
        self._out.insert(first, assign(start, reading))
        arguments: list[ast.expr] = [
            load("ctx"),
            load(start),
            self.bind("_latency", latency),
            ast.Constant(described(node)),
            ast.Constant(f"{node.span.file.path}:{node.span.line}"),
        ]
        self._emit(ast.Expr(ast.Call(self.bind("_report", report), arguments, [])))

    def _do_block(self, node: Block, tail: bool) -> None:
        self._statements(node.statements, tail)

    def _do_expressionstatement(self, node: ExpressionStatement, tail: bool) -> None:
        expression = node.expression
        if isinstance(expression, Call | RouteCall):
            self._guarded([assign("code", self.call(expression))], node.span, sets_code=True)
            if self.sets_retcode(expression):
                self._emit(ast.Expr(self.helper("noted", load("ctx"), load("code"))))
            self.codes.append("code")
            self._end_if_ended()
            return
        value = self.value(expression)
        self._guarded([ast.Expr(value.code)], node.span)
        self._end_if_ended()
        if tail:
            self._emit(assign("code", ast.Constant(1)))

    def _do_assign(self, node: Assign, tail: bool) -> None:
        target = node.target
        if not isinstance(target, Variable):
            self.error("wrong-target", "only a variable can be assigned to", target.span)
            return
        if node.operator != "=":
            self.error(
                "unknown-operator",
                f"there is no assignment with {node.operator}",
                node.span,
                "write $x = $x + value",
            )
            return
        spec = target.spec
        if spec.transformations:
            self.error("wrong-target", "a transformed variable cannot be assigned to", target.span)
            return
        value = self.value(node.value)
        signature = self._scope.variable(spec)
        if signature is None:
            return
        if signature.slot:
            self._assign_slot(node, value)
        elif signature.set is None:
            self.error("read-only", f"${spec.name} cannot be assigned to", target.span)
        else:
            arguments = [load("ctx"), value.code, *self._access(spec, signature)]
            setter = ast.Call(self.bind(f"s_{word(spec.name)}", signature.set), arguments, [])
            self.risky = True
            self._guarded([ast.Expr(setter)], node.span)
        self._end_if_ended()
        if tail and not self.risky:
            self._emit(assign("code", ast.Constant(1)))

    def _assign_slot(self, node: Assign, value: Value) -> None:
        assert isinstance(node.target, Variable)
        code = value.code
        if isinstance(code, ast.Constant) and code.value is None:
            code = ast.Constant(0)
        elif type(None) in value.types:
            name = self.temporary()
            named = ast.NamedExpr(ast.Name(name, ast.Store()), code)
            test = ast.Compare(named, [ast.Is()], [ast.Constant(None)])
            code = ast.IfExp(test, ast.Constant(0), load(name))
        slot = self._slot(node.target.spec, store=True)
        self._guarded([assign_to(slot, code)], node.span)

    def _do_if(self, node: If, tail: bool) -> None:
        if tail:
            self._emit(assign("code", ast.Constant(1)))
        branches, last = _chain(node)
        if len(branches) > _MAX_NESTED:
            self._long_chain(branches, last, tail)
            return
        outermost = self._out
        for number, branch in enumerate(branches):
            test = self._test(branch.condition, branch.span)
            statement = ast.If(test, self._inside(branch.then.statements, tail), [])
            locate(statement, branch.span)
            self._emit(statement)
            if number + 1 < len(branches):
                self._out = statement.orelse
            elif last is not None:
                statement.orelse = self._inside(last.statements, tail)
        self._out = outermost

    def _long_chain(self, branches: list[If], last: Block | None, tail: bool) -> None:
        """A long chain of else-ifs: as nested statements Python could not compile it."""
        choice = self.temporary()
        outer, self._out = self._out, []
        for number, branch in enumerate(branches):
            test = self._test(branch.condition, branch.span)
            found = ast.If(test, [assign(choice, ast.Constant(number)), ast.Break()], [])
            locate(found, branch.span)
            self._emit(found)
        self._out += (assign(choice, ast.Constant(len(branches))), ast.Break())
        tests, self._out = self._out, outer
        self._emit(ast.While(ast.Constant(True), tests, []))
        bodies = [branch.then for branch in branches]
        if last is not None:
            bodies.append(last)
        self._out += dispatch(
            choice, [[(number, self._inside(body.statements, tail))]
                     for number, body in enumerate(bodies)]
        )  # fmt: skip

    def _inside(self, statements: tuple[Statement, ...], tail: bool) -> list[ast.stmt]:
        """The code of statements in a list of its own; never empty."""
        outer, self._out = self._out, []
        codes, risky = self.codes, self.risky
        self._statements(statements, tail)
        made, self._out = self._out, outer
        self.codes, self.risky = codes, risky
        return made or [ast.Pass()]

    def _test(self, condition: Expression, span: Span) -> ast.expr:
        """Code for a condition; statements that it needs first are emitted."""
        self.codes, self.before, self.risky = [], [], False
        code = self.condition(condition)
        if not self.codes and not self.risky:
            return code
        result = self.temporary()
        if self.risky:
            self._emit(assign(result, ast.Constant(False)))
        self._guarded([assign(result, code)], span)
        self._end_if_ended()
        return load(result)

    def _do_while(self, node: While, tail: bool) -> None:
        count = self.temporary()
        self._emit(assign(count, ast.Constant(0)))
        if tail:
            self._emit(assign("code", ast.Constant(1)))
        outer, self._out = self._out, []
        test = self._test(node.condition, node.span)
        self._emit(ast.If(ast.UnaryOp(ast.Not(), test), [ast.Break()], []))
        self._emit(ast.AugAssign(ast.Name(count, ast.Store()), ast.Add(), ast.Constant(1)))
        too_many = ast.Compare(load(count), [ast.Gt()], [ast.Constant(self.max_loops)])
        where = f"{node.span.file.path}:{node.span.line}"
        report = self.helper("runaway", ast.Constant(where), ast.Constant(self.max_loops))
        self._emit(ast.If(too_many, [assign("code", report), ast.Break()], []))
        self._loops += 1
        body = self._inside(node.body.statements, tail)
        self._loops -= 1
        self._out.extend(body)
        made, self._out = self._out, outer
        self._emit(ast.While(ast.Constant(True), made, []))

    def _do_switch(self, node: Switch, tail: bool) -> None:
        subject, choice = self.temporary(), self.temporary()
        value = self._logical(node.subject)
        if self.risky:
            self._emit(assign(subject, ast.Constant(None)))
        self._guarded([assign(subject, value.code)], node.subject.span)
        self._end_if_ended()
        self.risky = False
        if tail:
            self._emit(assign("code", ast.Constant(1)))
        self._check_labels(node)
        self._out += self._choose(node, Value(load(subject), value.types), choice)
        self._loops += 1
        runs: list[list[tuple[int, list[ast.stmt]]]] = [[]]
        for number, case in enumerate(node.cases):
            runs[-1].append((number, self._inside(case.body.statements, tail)))
            statements = case.body.statements
            if statements and isinstance(statements[-1], Break | Return | Exit | Drop):
                runs.append([])
        self._loops -= 1
        body = dispatch(choice, [run for run in runs if run])
        self._emit(ast.While(ast.Constant(True), [*body, ast.Break()], []))

    def _do_break(self, node: Break, tail: bool) -> None:
        if tail or not self._loops:
            self._emit(assign("code", ast.Constant(runtime.BROKEN_OFF)))
        self._emit(ast.Break() if self._loops else ast.Return(load("code")))

    def _do_return(self, node: Return, tail: bool) -> None:
        if node.value is None:
            self._emit(ast.Return(ast.Constant(1)))
            return
        if isinstance(node.value, String):
            self.error("wrong-type", "return gives a number, not a text", node.value.span)
            return
        value = self._logical(node.value)
        code = self.as_int(value)
        if self.codes or self.risky:
            self._emit(assign("code", ast.Constant(0)))
            self._guarded([assign("code", code)], node.span)
            self._end_if_ended()
            code = load("code")
        self._emit(ast.Return(code))

    def _do_exit(self, node: Exit, tail: bool) -> None:
        self._emit(ast.Return(ast.Constant(0)))

    def _do_drop(self, node: Drop, tail: bool) -> None:
        dropped = ast.Attribute(load("ctx"), "dropped", ast.Store())
        self._emit(assign_to(dropped, ast.Constant(True)))
        self._emit(ast.Return(ast.Constant(0)))

    # --- routes -----------------------------------------------------------------

    def route(self, node: RouteCall) -> ast.expr:
        name = route_target(node)
        if name is None:
            return self._computed_route(node)
        key: BlockKey = (BlockKind.ROUTE, name)
        if key not in self.blocks:
            names = [str(other) for kind, other in self.blocks if kind is BlockKind.ROUTE]
            self.error(
                "unknown-route",
                f"there is no route[{name}]",
                node.target.span,
                nearest(name, names),
            )
            return ast.Constant(1)
        function = load(function_name(key))
        waits = name in self._waiting
        called: ast.expr = ast.Call(function, [load("ctx")], [])
        if name in self.recursive:
            helper = "nested_waiting" if waits else "nested"
            called = self.helper(helper, load("ctx"), function, ast.Constant(self.max_recursion))
        return ast.Await(called) if waits else called

    def _computed_route(self, node: RouteCall) -> ast.expr:
        if self._waiting:
            self.error(
                "dynamic-route",
                "a route whose name is made at run time cannot be called in a script "
                "with functions that wait",
                node.span,
            )
        table = {
            str(name): load(function_name((kind, name)))
            for kind, name in self.blocks
            if kind is BlockKind.ROUTE
        }
        keys: list[ast.expr | None] = [ast.Constant(name) for name in table]
        routes = ast.Dict(keys, list(table.values()))
        value = self.value(node.target)
        return self.helper(
            "computed_route",
            load("ctx"),
            routes,
            self.as_text(value),
            ast.Constant(self.max_recursion),
        )

    def _value_name(self, node: Name) -> Value:
        signature = self._catalog.operands.get(node.name)
        if signature is not None and not signature.routes & self.reached_by:
            allowed = ", ".join(str(each.name).lower() for each in signature.routes)
            return self.error(
                "wrong-block",
                f"{node.name} is known only in blocks for: {allowed}",
                node.span,
            )
        return super()._value_name(node)

    def _function(self, node: Call) -> ast.expr:
        signature = self._scope.function(node.name, node.name_span)
        if signature is not None and not signature.routes & self.reached_by:
            allowed = ", ".join(str(each.name).lower() for each in signature.routes)
            self.error(
                "wrong-block",
                f"{node.name}() cannot be called here, only in blocks for: {allowed}",
                node.name_span,
            )
            return ast.Constant(1)
        return super()._function(node)

    # --- pieces -----------------------------------------------------------------

    def _emit(self, statement: ast.stmt) -> None:
        self._out.append(statement)

    def _guarded(self, statements: list[ast.stmt], span: Span, *, sets_code: bool = False) -> None:
        """Statements that may raise a fault of the script: logged, the code is then -1.

        `sets_code`: they set the code of the block themselves.
        """
        for name in self.codes if self.risky else _maybe_skipped(statements, self.codes):
            self._emit(assign(name, ast.Constant(1)))
        if not self.risky:
            self._out.extend(statements)
            return
        where = f"{span.file.path}:{span.line}"
        report = self.helper("fault", ast.Constant(where), load("error"))
        faults = ast.Tuple(
            [self.bind("ScriptFault", runtime.ScriptFault), load("ValueError")], ast.Load()
        )
        handler = ast.ExceptHandler(faults, "error", [assign("code", report)])
        done: list[ast.stmt] = [] if sets_code else [assign("code", ast.Constant(1))]
        self._emit(ast.Try(statements, [handler], done, []))

    def _end_if_ended(self) -> None:
        """End the script if a call in the expression before did."""
        if not self.codes:
            return
        tests: list[ast.expr] = [zero(name) for name in self.codes]
        test = tests[0] if len(tests) == 1 else ast.BoolOp(ast.Or(), tests)
        self._emit(end_if(test))
        self.codes, self.before = [], []


def _maybe_skipped(statements: list[ast.stmt], names: list[str]) -> list[str]:
    """Those of these names that are set in a part of an expression that may not be evaluated."""
    if not names:
        return []
    parts: list[ast.expr] = []
    for statement in statements:
        for node in ast.walk(statement):
            if isinstance(node, ast.BoolOp):
                parts += node.values[1:]
            elif isinstance(node, ast.IfExp):
                parts += (node.body, node.orelse)
    inner = (node for part in parts for node in ast.walk(part))
    skipped = {node.target.id for node in inner if isinstance(node, ast.NamedExpr)}
    return [name for name in names if name in skipped]


def _chain(node: If) -> tuple[list[If], Block | None]:
    """An if with its else-ifs, and what the else at the end has."""
    branches = [node]
    while (orelse := branches[-1].orelse) is not None:
        following = orelse.statements
        if orelse.braces or len(following) != 1 or not isinstance(following[0], If):
            return branches, orelse
        branches.append(following[0])
    return branches, None
