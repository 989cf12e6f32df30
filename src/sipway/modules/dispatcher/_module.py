"""The Module object of dispatcher, its parameters, and what they come to for a Program."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Final

from sipway.core.adjustable import Value, declare
from sipway.core.module import Module, Param
from sipway.core.parameters.conversions import between, method
from sipway.core.program import Program
from sipway.core.send_socket import find_socket, named_socket
from sipway.core.sockets import ListenSocket
from sipway.errors import ModuleError
from sipway.language.record import Record
from sipway.language.signatures import FormatText, Meaning, Reader, VariableReference
from sipway.sip.uri import routable_uri

mod: Final = Module("dispatcher", after=("tm",))

USER_ONLY: Final = 1
FAILOVER: Final = 2

_SECONDS_BELOW: Final = 100
_PROBES_ALONE: Final = 1
_FIRST_TOO: Final = 2
_NAME: Final = re.compile(r"[^\[\]=>\s]+")
_UNFIT: Final = re.compile(r"[\s<>]")


def _to_name(text: str) -> str:
    if not _NAME.fullmatch(text):
        raise ValueError(f'"{text}" is no name of an $xavp')
    return text


def _to_uri(text: str) -> str:
    if routable_uri(text) is None or _UNFIT.search(text):
        raise ValueError(f'"{text}" is no URI')
    return text


def _to_sender(text: str) -> str:
    """A URI, which need not lead anywhere."""
    if not text or re.search(r"[\r\n\0]", text):
        raise ValueError(f'"{text}" is no URI')
    return text


def _to_socket(text: str) -> str:
    find_socket((), text)  # raises for what is none
    return text


def _to_duration(number: int) -> float:
    """Seconds. The README gives 10 as an example, and the name of a parameter in milliseconds."""
    number = between(0)(number)
    return float(number) if number < _SECONDS_BELOW else number / 1000


class Codes(Record):
    """Which answers to probes are good: single codes, and classes of them; `text`: as written."""

    text: str = ""
    codes: frozenset[int] = frozenset()
    classes: frozenset[int] = frozenset()

    def has(self, status: int) -> bool:
        return status in self.codes or status // 100 in self.classes


def _to_codes(text: str) -> Codes:
    """`class=2;code=404`."""
    found: dict[str, set[int]] = {"code": set(), "class": set()}
    for part in filter(None, (each.strip() for each in text.split(";"))):
        name, _, value = (each.strip() for each in part.partition("="))
        most = {"code": 3, "class": 1}.get(name.lower())
        number = int(value) if value.isascii() and value.isdecimal() else 0
        if most is None or len(value) != most or not 1 <= number // 10 ** (most - 1) <= 6:
            raise ValueError(f'answers are given as class=2 or code=404, not "{part}"')
        found[name.lower()].add(number)
    return Codes(text, frozenset(found["code"]), frozenset(found["class"]))


def _to_columns(text: str) -> tuple[tuple[str, str], ...]:
    """`attribute=column;...`."""
    found = []
    for part in filter(None, (each.strip() for each in text.split(";"))):
        name, equals, column = (each.strip() for each in part.partition("="))
        if not equals or not name or not column:
            raise ValueError(f'columns are given as attribute=column, not "{part}"')
        found.append((name, column))
    return tuple(found)


def _to_variable(text: str, read: Reader) -> VariableReference:
    """One that can be assigned to."""
    reference, rest = read(text)
    if rest:
        raise ValueError(f'a variable such as $var(name) is wanted, not "{text}"')
    if reference.set is None:
        raise ValueError(f"{text} cannot be assigned to")
    return reference


_UNSET: Final[str | None] = None
_NO_TEXT: Final[FormatText | None] = None
_NO_VARIABLE: Final[VariableReference | None] = None
_NO_COLUMNS: Final[tuple[tuple[str, str], ...]] = ()

# --- where destinations come from --------------------------------------------------------------

list_file = mod.param(
    "list_file",
    str,
    "/etc/kamailio/dispatcher.list",
    doc="the file with the sets of destinations",
)
db_url = mod.param("db_url", str, _UNSET, doc="the database with the sets, in place of the file")
table_name = mod.param("table_name", str, "dispatcher", doc="the table with the sets")
setid_col = mod.param("setid_col", str, "setid", doc="column with the number of the set")
destination_col = mod.param("destination_col", str, "destination", doc="column with the URI")
flags_col = mod.param("flags_col", str, "flags", doc="column with the flags")
priority_col = mod.param("priority_col", str, "priority", doc="column with the priority")
attrs_col = mod.param("attrs_col", str, "attrs", doc="column with the attributes")
extra_attrs = mod.param(
    "ds_db_extra_attrs",
    str,
    _NO_COLUMNS,
    convert=_to_columns,
    doc="more columns, attribute=column;..., which are added to the attributes",
)
attrs_none = mod.param("ds_attrs_none", int, 0, doc="who has no attributes gets none=yes")
load_mode = mod.param(
    "ds_load_mode", int, 0, doc="1: one wrong destination is a mistake, and nothing is loaded"
)
reload_delta = mod.param(
    "reload_delta", int, 5, convert=between(0), doc="seconds from one reload to the next"
)

# --- how one is chosen -------------------------------------------------------------------------

force_dst = mod.param("force_dst", int, 1, doc="0: a $du that is set already is left alone")
flags = mod.param("flags", int, 0, doc="1: URIs are hashed by their user alone; 2: failover")
use_default = mod.param(
    "use_default", int, 0, doc="the last destination of a set is for when all others fail"
)
xavp_dst = mod.param(
    "xavp_dst", str, "_dsdst_", convert=_to_name, doc="the $xavp of what was chosen"
)
xavp_dst_mode = mod.param(
    "xavp_dst_mode", int, 0, doc="1: without attrs; 2: with socket; 4: with sockname; as a sum"
)
xavp_ctx = mod.param("xavp_ctx", str, "_dsctx_", convert=_to_name, doc="the $xavp with cnt")
xavp_ctx_mode = mod.param("xavp_ctx_mode", int, 0, doc="1: without cnt")
hash_pvar = mod.param("hash_pvar", str, _NO_TEXT, format=True, doc="what algorithm 7 hashes")
setid_pvname = mod.param(
    "setid_pvname",
    str,
    _NO_VARIABLE,
    read=_to_variable,
    doc="gets the set that ds_is_from_list() found",
)
attrs_pvname = mod.param(
    "attrs_pvname", str, _NO_VARIABLE, read=_to_variable, doc="gets the attributes of what it found"
)

# --- calls that are counted --------------------------------------------------------------------

hash_size = mod.param(
    "ds_hash_size", int, 0, convert=between(0, 31), doc="above 0: calls are counted (algorithm 10)"
)
hash_expire = mod.param(
    "ds_hash_expire", int, 7200, convert=between(1), doc="seconds until a call is over anyway"
)
hash_initexpire = mod.param(
    "ds_hash_initexpire", int, 7200, convert=between(1), doc="the same before it was answered"
)
hash_check_interval = mod.param(
    "ds_hash_check_interval",
    int,
    30,
    convert=between(1),
    doc="seconds between looks for such calls",
)

# --- probes ------------------------------------------------------------------------------------

ping_method = mod.param(
    "ds_ping_method", str, "OPTIONS", convert=method, doc="the method of probes"
)
ping_from = mod.param(
    "ds_ping_from", str, "sip:dispatcher@localhost", convert=_to_sender, doc="the From of probes"
)
ping_interval = mod.param(
    "ds_ping_interval", int, 0, convert=between(0), doc="seconds between probes, 0 for none"
)
ping_fr_timer = mod.param(
    "ds_ping_fr_timer",
    int,
    0.0,
    convert=_to_duration,
    doc="how long to wait for an answer to a probe: seconds below 100, else milliseconds as"
    " fr_timer of tm has them; 0: as tm says",
)
probing_threshold = mod.param(
    "ds_probing_threshold",
    int,
    1,
    convert=between(1),
    doc="failures in a row that make a destination inactive",
)
inactive_threshold = mod.param(
    "ds_inactive_threshold",
    int,
    1,
    convert=between(1),
    doc="answers in a row that make it active again",
)
ping_reply_codes = mod.param(
    "ds_ping_reply_codes",
    str,
    Codes(),
    convert=_to_codes,
    doc="good answers besides 200: class=2;code=404",
)
probing_mode = mod.param(
    "ds_probing_mode",
    int,
    0,
    convert=between(0, 3),
    doc="who is probed: 0 who is marked so, once; 1 all; 2 who is inactive besides; 3 who is"
    " marked so, for ever",
)
latency_stats = mod.param("ds_ping_latency_stats", int, 0, doc="how long answers take is kept")
latency_alpha = mod.param(
    "ds_latency_estimator_alpha",
    int,
    900,
    convert=between(1, 999),
    doc="thousandths: how much the estimate of before counts in that of now",
)
ping_socket = mod.param(
    "ds_ping_socket", str, _UNSET, convert=_to_socket, doc="where probes are sent from"
)
retain_latency = mod.param(
    "ds_retain_latency_stats", int, 0, doc="what is known of latencies outlives a reload"
)
event_callback_mode = mod.param(
    "event_callback_mode",
    int,
    0,
    convert=between(0, 2),
    doc="1: only probes run events, and no states that the script sets; 2: the first answer after"
    " a load runs one too",
)
outbound_proxy = mod.param(
    "outbound_proxy", str, _UNSET, convert=_to_uri, doc="where probes are sent first"
)
default_socket = mod.param(
    "ds_default_socket", str, _UNSET, convert=_to_socket, doc="for destinations without a socket"
)
default_sockname = mod.param(
    "ds_default_sockname", str, _UNSET, doc="the same by its name, which goes first"
)

# --- names of hosts ----------------------------------------------------------------------------

dns_mode = mod.param(
    "ds_dns_mode",
    int,
    1,
    convert=between(0, 15),
    doc="when addresses of names are asked for: 1 with a load, 2 with each match, 4 from time to"
    " time; 8: by SRV",
)
dns_interval = mod.param(
    "ds_dns_interval", int, 600, convert=between(1), doc="seconds, for mode 4 of ds_dns_mode"
)

mod.param("ds_dns_match_all", int, 0, meaning=Meaning.IGNORED, doc="all addresses always match")
mod.param("ds_dns_ttl", int, 0, meaning=Meaning.IGNORED, doc="answers hold as DNS says")
mod.param("ds_timer_mode", int, 0, meaning=Meaning.IGNORED, doc="there are no timer processes")
mod.param(
    "event_callback",
    str,
    "",
    meaning=Meaning.IGNORED,
    doc="it names a function of another language",
)


class Settings(Record):
    """What the parameters say, for each message."""

    user_only: bool
    failover: bool
    force_dst: bool
    use_default: bool
    dst_name: str
    dst_mode: int
    ctx_name: str
    ctx_mode: int
    counts_calls: bool
    default_socket: ListenSocket | None
    ping_socket: ListenSocket | None
    marks_run_events: bool
    first_runs_event: bool


def read_settings(program: Program) -> Settings:
    """Read when the module starts. Raises ModuleError."""
    return Settings(
        bool(flags(program) & USER_ONLY),
        bool(flags(program) & FAILOVER),
        bool(force_dst(program)),
        bool(use_default(program)),
        xavp_dst(program),
        xavp_dst_mode(program),
        xavp_ctx(program),
        xavp_ctx_mode(program),
        hash_size(program) > 0,
        _default_socket(program),
        _own(program, "ds_ping_socket", ping_socket(program)),
        event_callback_mode(program) != _PROBES_ALONE,
        event_callback_mode(program) == _FIRST_TOO,
    )


def _take_threshold(program: Program, param: Param[int]) -> Callable[[Value], None]:
    def take(value: Value) -> None:
        program.parameters[param.key] = between(1)(int(value))

    return take


@mod.on_start
def _start(program: Program) -> None:
    """What operators may change."""
    for name, param in (
        ("probing_threshold", probing_threshold),
        ("inactive_threshold", inactive_threshold),
    ):
        declare(program, mod.name, name, param(program), _take_threshold(program, param))

    def take_codes(value: Value) -> None:
        program.parameters[ping_reply_codes.key] = _to_codes(str(value))

    declare(program, mod.name, "ping_reply_codes", ping_reply_codes(program).text, take_codes)


def _own(program: Program, parameter: str, text: str | None) -> ListenSocket | None:
    """The socket of ours that a parameter names. Raises ModuleError if it is none."""
    found = None if text is None else find_socket(program.sockets, text)
    if text is not None and found is None:
        raise ModuleError(f"dispatcher: {parameter}: none of our sockets is {text}")
    return found


def _default_socket(program: Program) -> ListenSocket | None:
    name = default_sockname(program)
    if name is not None:
        found = named_socket(program.sockets, name)
        if found is None:
            raise ModuleError(
                f"dispatcher: ds_default_sockname: no socket of ours is called {name}"
            )
        return found
    return _own(program, "ds_default_socket", default_socket(program))
