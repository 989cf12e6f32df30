"""The Module object of rr, its parameters, and what it keeps of a message."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from sipway.core import log as levels
from sipway.core.avps import avp_parameter
from sipway.core.context import Context
from sipway.core.extras import extras
from sipway.core.module import Module
from sipway.sip.uri import Uri

mod: Final = Module("rr")

full_lr = mod.param("enable_full_lr", int, 0, doc="write lr=on instead of lr")
append_fromtag = mod.param("append_fromtag", int, 1, doc="add the From-tag as ftag")
double_rr = mod.param(
    "enable_double_rr",
    int,
    1,
    doc="two Record-Routes where a request leaves by another socket; 2: always",
)
add_username = mod.param("add_username", int, 0, doc="add the user of the Request-URI")
mismatch_warning = mod.param(
    "enable_socket_mismatch_warning", int, 1, doc="warn of presets that are not our address"
)
custom_user = mod.param(
    "custom_user_avp",
    str,
    None,
    convert=avp_parameter,
    doc="the AVP whose value add_username takes instead",
)
force_send_socket = mod.param(
    "force_send_socket", int, 0, doc="send by the socket that a single Route names"
)
ignore_sips = mod.param("ignore_sips", int, 0, doc="write sip also for a sips Request-URI")
sockname_mode = mod.param(
    "sockname_mode", int, 0, doc="write the name of the socket as sn and look it up"
)
route_mode = mod.param("loose_route_mode", int, 0, doc="the mode of loose_route()")

RouteHook = Callable[[Context, str], None]
_hooks: Final[list[tuple[str, RouteHook]]] = []


def on_own_route(module: str) -> Callable[[RouteHook], RouteHook]:
    """For other modules: call with the parameters of our Route (`;lr;ftag=...`) that was taken out.

    `module` is the name of the module that wants it: only in scripts that load it.
    """

    def register(hook: RouteHook) -> RouteHook:
        _hooks.append((module, hook))
        return hook

    return register


def run_hooks(ctx: Context, params: str) -> None:
    for module, hook in _hooks:
        if module in ctx.program.modules:
            hook(ctx, params)


class State:
    """What rr keeps of a message; not to be changed.

    params         those of our Route, `;lr;ftag=...`; None before loose_route() has found it
    next_is_route  the next hop comes from a Route below ours
    pending        what add_rr_param() has for a record_route() to come
    """

    def __init__(
        self, params: str | None = None, next_is_route: bool = False, pending: str = ""
    ) -> None:
        self.params = params
        self.next_is_route = next_is_route
        self.pending = pending


_NOTHING: Final = State()


def state(ctx: Context) -> State:
    kept = ctx.extras
    if kept is None:
        return _NOTHING
    found: State | None = kept.of_modules.get("rr")
    return _NOTHING if found is None else found


def change_state(ctx: Context, changed: State) -> None:
    extras(ctx).of_modules["rr"] = changed


def is_ours(ctx: Context, uri: Uri) -> bool:
    """Whether host and port of a URI are ours; without a port it means the default one."""
    return ctx.program.is_myself(uri.host, uri.port or (5061 if uri.scheme == "sips" else 5060))


def failed(ctx: Context, function: str, reason: object) -> int:
    """Log what went wrong; the code of the call."""
    ctx.program.log.line(levels.ERR, f"{function}(): {reason}")
    return -1


def uri_params(uri: Uri) -> str:
    """The parameters of a URI as text that begins with a semicolon; empty without any."""
    return f";{uri.params}" if uri.params else ""


def own_route_params(ctx: Context) -> str:
    """The parameters of our Route that loose_route() took out; empty without one."""
    return state(ctx).params or ""


def route_param(params: str, name: str) -> str | None:
    """A parameter of a Route by its name, any case; "" for one without a value."""
    if f";{name.lower()}" not in params.lower():  # as mostly: the rest costs more
        return None
    return Uri("sip", params=params.removeprefix(";")).param(name)


def is_upstream(ctx: Context, params: str) -> bool:
    """Whether the callee of the dialog has sent the request: `ftag` is not its From-tag."""
    if not params:
        return False
    ftag = route_param(params, "ftag")
    tag = ctx.message.from_.tag
    return bool(ftag) and bool(tag) and ftag != tag
