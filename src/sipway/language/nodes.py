"""The syntax tree of a routing script.

Every node is immutable and carries the `Span` of the text that it was read from, so
that a message about it, and the code made from it, can show the user's own line.
A tree holds syntax only: names are not looked up here (see `resolve`).
"""

from __future__ import annotations

from enum import Enum
from typing import TYPE_CHECKING, TypeAlias

from sipway.language.record import Record

if TYPE_CHECKING:
    from sipway.language.source import Span
    from sipway.language.template import VariableSpec


class Node(Record):
    span: Span


# --- expressions ------------------------------------------------------------------


class Number(Node):
    value: int


class String(Node):
    """A string literal, escapes resolved, adjacent literals joined.

    `value` may hold variables (`"$rU@$rd"`): whether they are replaced depends on the
    place where the string stands, so that is decided by whoever reads the node.
    `raw` is true for single quotes (no escapes are processed there).
    """

    value: str
    raw: bool = False


class Regex(Node):
    """`/pattern/` as a label of a `switch`."""

    pattern: str


class Name(Node):
    """A bare word: a keyword operand (`method`, `myself`, `INVITE`), a flag, a route's name."""

    name: str


class MessageLength(Node):
    """`msg:len`, the size of the message in bytes."""


class Network(Node):
    """An IP address or network without quotes: `10.0.0.1`, `10.0.0.0/8`, `[2001:db8::]/32`."""

    text: str


class Variable(Node):
    """`$ru`, `$hdr(X-A)`, `$(avp(x)[1]{s.len})`."""

    spec: VariableSpec


class Select(Node):
    """`@to.tag`: the dotted path without the at sign."""

    path: str


class Unary(Node):
    """`operator` is one of `!`, `-`, `~`, `(int)`, `(str)`, `defined`, `strlen`, `strempty`."""

    operator: str
    operand: Expression


class Binary(Node):
    """`operator` in its symbol form: `and` is `&&`, `mod` is `%`; `eq ne ieq ine` are words."""

    operator: str
    left: Expression
    right: Expression
    operator_span: Span


class Call(Node):
    """A function of a module or of the core: `sl_send_reply("404", "Not Found")`.

    `route(X)` is a `RouteCall`. `name_span` is the name alone.
    """

    name: str
    arguments: tuple[Expression, ...]
    name_span: Span


class RouteCall(Node):
    """`route(X)`: `target` is a Name, a Number, a String (may hold variables) or a Variable."""

    target: Expression


Expression: TypeAlias = (
    Number
    | String
    | Regex
    | Name
    | MessageLength
    | Network
    | Variable
    | Select
    | Unary
    | Binary
    | Call
    | RouteCall
)


# --- statements -------------------------------------------------------------------


class Block(Node):
    """`{ ... }`, or the single statement of an `if` without braces (`braces` false)."""

    statements: tuple[Statement, ...]
    braces: bool = True


class ExpressionStatement(Node):
    """A call, or any expression, evaluated for what it does."""

    expression: Expression


class Assign(Node):
    """`target = value`; `operator` is `=` (or `+=`, `.=` ... of later releases)."""

    target: Variable | Select | Name
    operator: str
    value: Expression


class If(Node):
    """`orelse` of an `else if` is a brace-less Block that holds one If."""

    condition: Expression
    then: Block
    orelse: Block | None


class Case(Node):
    """`case a: case b: default: body`; a label of None is `default`.

    A `body` that does not end with `break`, `return`, `exit` or `drop` goes on with the
    next case's.
    """

    labels: tuple[Expression | None, ...]
    body: Block


class Switch(Node):
    subject: Expression
    cases: tuple[Case, ...]


class While(Node):
    condition: Expression
    body: Block


class Break(Node):
    pass


class Return(Node):
    value: Expression | None


class Exit(Node):
    value: Expression | None = None


class Drop(Node):
    value: Expression | None = None


Statement: TypeAlias = (
    Block | ExpressionStatement | Assign | If | Switch | While | Break | Return | Exit | Drop
)


# --- top level --------------------------------------------------------------------


class BlockKind(Enum):
    """The kinds of routing blocks, by their keyword in a script."""

    REQUEST = "request_route"
    ROUTE = "route"
    REPLY = "reply_route"
    ONREPLY = "onreply_route"
    FAILURE = "failure_route"
    BRANCH = "branch_route"
    ONSEND = "onsend_route"
    EVENT = "event_route"


class RoutingBlock(Node):
    """`route[NAME] { ... }`; a `route` without a name is a REQUEST block, an `onreply_route` REPLY.

    `name` is None for the unnamed blocks, and for those with the number 0, which are the same;
    `head` is the span of keyword and name.
    """

    kind: BlockKind
    name: str | None
    body: Block
    head: Span


class LoadModule(Node):
    """`loadmodule "tm.so"`: `name` is the module's name without folder and ending.

    `options` are the letters of `loadmodule("tm.so", "go")`.
    """

    name: str
    path: str
    options: str = ""


class ModParam(Node):
    """`modparam("a|b", "name", value)`: `modules` is a name or a regular expression."""

    modules: str
    name: str
    value: int | str
    modules_span: Span
    name_span: Span
    value_span: Span


class Parameter(Node):
    """A core parameter: `debug=2`, `alias="example.org"`.

    `value` is an int for numbers and for yes/no/on/off, else text. `word` is true when
    the text was a bare word (`log_facility=LOG_LOCAL0`), not a string.
    """

    name: str
    value: int | str
    name_span: Span
    value_span: Span
    word: bool = False


class CustomParameter(Node):
    """`group.name = value desc "text"`, read back by `$sel(cfg_get.group.name)`.

    `instance`: the number in `group[5].name = value`, None without one.
    """

    group: str
    name: str
    value: int | str
    description: str | None
    instance: int | None = None


class Listen(Node):
    """`listen=udp:10.0.0.1:5060 advertise 198.51.100.1:5060 name "pub"`.

    `protocol` is None where the script names none (then UDP, TCP and TLS as configured),
    `port` None for the default, `host` may be an address (IPv6 without brackets), a host
    name or an interface. `virtual`: the address is ours only while this machine has it.
    A `socket = { ... }` may also have a number of `workers`, the `group` of workers that
    gets its messages (`agname`), and a `vrf` device; one with a range of ports is a Listen
    for each. `mcast` is the interface that the parameter of that name gave before it.
    """

    protocol: str | None
    host: str
    port: int | None
    advertise: tuple[str, int | None] | None
    name: str | None
    virtual: bool = False
    workers: int | None = None
    group: str | None = None
    vrf: str | None = None
    mcast: str | None = None


class FlagsDeclaration(Node):
    """`flags FLAG_A:1, FLAG_B;`: names and numbers (None: the lowest free one).

    `of_avps`: declared with `avpflags`, for setavpflag() and its like. `spans` are the places
    of the names.
    """

    flags: tuple[tuple[str, int | None], ...]
    of_avps: bool = False
    spans: tuple[Span, ...] = ()


TopLevel: TypeAlias = (
    RoutingBlock | LoadModule | ModParam | Parameter | CustomParameter | Listen | FlagsDeclaration
)


class Script(Node):
    items: tuple[TopLevel, ...]
