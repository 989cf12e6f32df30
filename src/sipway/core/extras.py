"""What belongs to one message and few scripts use, made when the first of it is used.

So that a message costs nothing for it: `ctx.extras` is None until then.

Compiled (see `extras.pxd`); the same file runs uncompiled.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeAlias

from sipway.core.branches import Branch
from sipway.sip.outgoing import SendOption

if TYPE_CHECKING:
    from sipway.core.context import Context
    from sipway.core.xavps import Xavps, XavuTree

__all__ = ["Extras", "SendOption", "Value", "extras", "main_branch"]

Value: TypeAlias = int | str | None


class Extras:
    """The rarely used rest of a Context.

    xavps, xavis     `$xavp`, `$xavi`: values with a name, the newest first
    xavus            `$xavu`: a value for each name, or a table of them
    nullables        `$vn`
    static_branch    `$sbranch`
    main             of the branch of the Request-URI what is no field of the Context:
                     q, path, ruid, instance, reg_id, user_agent, connection
    number           `$mi`, 0 until it is asked for
    advertised_host, advertised_port
                     what our Via says of us instead of the socket (`set_advertised_address()`)
    local_rport      our Via asks for `rport` (`add_local_rport()`); None: as the parameter says
    via_server_id    our Via says `srvid` (`via_add_srvid()`)
    via_xavp_params, via_xavp_fields
                     our Via says what an `$xavp` does (`core.via_xavps`)
    via_reply_xavp_params
                     the topmost Via of a reply that leaves says so too
    forward_options, reply_options
                     `SendOption`s for connections, as bits: of the request sent on, of replies
    xflags, internal_flags, via_flags
                     of corex, as bits
    charging_vector  P-Charging-Vector as the script has left it, or None if it removed it
    charging_status  how that came: 0 untouched, 3 made here, 4 removed (as `$pcv(status)`)
    sanity_fault     (code, reason, header lines) of what sanity_check() found last, or None
    header_iterators, line_iterators
                     of textopsx, by name
    mtu_protocol     what to use for a request too long for UDP (`udp_mtu_try_proto()`)
    has_late_edits   there are `LateEdit`s among the edits of the message
    on_response      called with the Context of each response to the request, before its
                     onreply_route; what it changes goes back to the caller
    on_end           of a request of our own: called once, when it has a final response, or fails
                     without one, with the Context of the response, or of the request, the status
                     and whether it was received
    of_modules       what modules keep of the message, by the module's name; values are replaced,
                     never changed, so that a branch of its own gets along with a copy of the table
    """

    def __init__(self) -> None:
        self._xavps: Xavps | None = None
        self._xavis: Xavps | None = None
        self._xavus: XavuTree | None = None
        self._nullables: dict[str, Value] | None = None
        self.static_branch: Branch | None = None
        self.main: Branch | None = None
        self.number = 0
        self.advertised_host: str | None = None
        self.advertised_port = 0
        self.local_rport: bool | None = None
        self.via_server_id = False
        self.via_xavp_params = False
        self.via_xavp_fields = False
        self.via_reply_xavp_params = False
        self.forward_options = 0
        self.reply_options = 0
        self.mtu_protocol: str | None = None
        self.charging_vector: str | None = None
        self.charging_status = 0
        self.sanity_fault: tuple[int, str, bytes] | None = None
        self._header_iterators: dict[str, Any] | None = None
        self._line_iterators: dict[str, Any] | None = None
        self.xflags = 0
        self.internal_flags = 0
        self.via_flags = 0
        self.has_late_edits = False
        self.on_response: Callable[[Context], None] | None = None
        self.on_end: Callable[[Context, int, bool], None] | None = None
        self.of_modules: dict[str, Any] = {}

    # Tables that hardly any message needs are made when the first asks for them.

    @property
    def xavps(self) -> Xavps:
        if self._xavps is None:
            self._xavps = []
        return self._xavps

    @xavps.setter
    def xavps(self, table: Xavps) -> None:
        self._xavps = table

    @property
    def xavis(self) -> Xavps:
        if self._xavis is None:
            self._xavis = []
        return self._xavis

    @xavis.setter
    def xavis(self, table: Xavps) -> None:
        self._xavis = table

    @property
    def xavus(self) -> XavuTree:
        if self._xavus is None:
            self._xavus = {}
        return self._xavus

    @xavus.setter
    def xavus(self, table: XavuTree) -> None:
        self._xavus = table

    @property
    def nullables(self) -> dict[str, Value]:
        if self._nullables is None:
            self._nullables = {}
        return self._nullables

    @nullables.setter
    def nullables(self, table: dict[str, Value]) -> None:
        self._nullables = table

    @property
    def header_iterators(self) -> dict[str, Any]:
        if self._header_iterators is None:
            self._header_iterators = {}
        return self._header_iterators

    @header_iterators.setter
    def header_iterators(self, table: dict[str, Any]) -> None:
        self._header_iterators = table

    @property
    def line_iterators(self) -> dict[str, Any]:
        if self._line_iterators is None:
            self._line_iterators = {}
        return self._line_iterators

    @line_iterators.setter
    def line_iterators(self, table: dict[str, Any]) -> None:
        self._line_iterators = table

    def copy(self) -> Extras:
        """Another one with the same values, tables shared."""
        other = Extras()
        other.xavps = self.xavps
        other.xavis = self.xavis
        other.xavus = self.xavus
        other.nullables = self.nullables
        other.static_branch = self.static_branch
        other.main = self.main
        other.number = self.number
        other.advertised_host = self.advertised_host
        other.advertised_port = self.advertised_port
        other.local_rport = self.local_rport
        other.via_server_id = self.via_server_id
        other.via_xavp_params = self.via_xavp_params
        other.via_xavp_fields = self.via_xavp_fields
        other.via_reply_xavp_params = self.via_reply_xavp_params
        other.forward_options = self.forward_options
        other.reply_options = self.reply_options
        other.mtu_protocol = self.mtu_protocol
        other.charging_vector = self.charging_vector
        other.charging_status = self.charging_status
        other.sanity_fault = self.sanity_fault
        other.header_iterators = self.header_iterators
        other.line_iterators = self.line_iterators
        other.xflags = self.xflags
        other.internal_flags = self.internal_flags
        other.via_flags = self.via_flags
        other.has_late_edits = self.has_late_edits
        other.on_response = self.on_response
        other.on_end = self.on_end
        other.of_modules = self.of_modules
        return other

    def changes_via(self) -> bool:
        """Whether our Via is to say something else than the socket's."""
        return (
            self.advertised_host is not None
            or self.advertised_port != 0
            or self.local_rport is not None
            or self.via_server_id
            or self.via_xavp_params
            or self.via_xavp_fields
        )


def extras(ctx: Context) -> Extras:
    """The Extras of a message, made if there are none yet."""
    found = ctx.extras
    if found is None:
        found = ctx.extras = Extras()
    return found


def main_branch(ctx: Context) -> Branch:
    """What `extras.main` says, made if there is none yet; its `uri` means nothing."""
    kept = extras(ctx)
    if kept.main is None:
        kept.main = Branch("")
    return kept.main
