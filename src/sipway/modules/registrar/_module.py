"""The module registrar: its parameters, and what they come to when a script starts.

Source: README of Kamailio's module registrar.
"""

from __future__ import annotations

import os
import time
from itertools import count
from typing import Any, Final

from sipway.core.avps import avp_parameter
from sipway.core.module import Module
from sipway.core.parameters.conversions import between
from sipway.core.params import Param as _CompiledParam
from sipway.core.program import Program
from sipway.core.statistics import statistics
from sipway.errors import ModuleError
from sipway.language.signatures import Meaning
from sipway.modules import usrloc
from sipway.modules.registrar.settings import Settings

mod: Final = Module("registrar", after=("usrloc", "sl", "tm"))

_LONGEST: Final = 0x7FFFFFFF

BY_CONNECTION: Final = 2
"""Of `lookup_filter_mode`: those are left out whose connection has gone."""


_seconds: Final = between(0, _LONGEST)
_NO_NAME: Final[str | None] = None

default_expires = mod.param(
    "default_expires", int, 3600, convert=_seconds, doc="seconds for who asks for no others"
)
_default_expires_range = mod.param(
    "default_expires_range",
    int,
    0,
    convert=between(0, 100),
    doc="up to so many percent are taken off that, by chance",
)
_expires_range = mod.param(
    "expires_range",
    int,
    0,
    convert=between(0, 100),
    doc="up to so many percent are taken off what a phone asks for, by chance",
)
_min_expires = mod.param("min_expires", int, 60, convert=_seconds, doc="the fewest seconds")
_min_expires_mode = mod.param(
    "min_expires_mode", int, 0, convert=between(0, 1), doc="1: fewer are refused with 423"
)
_max_expires = mod.param(
    "max_expires", int, 0, convert=_seconds, doc="the most seconds, 0 for any number"
)
_default_q = mod.param(
    "default_q", int, 0, convert=between(0, 1000), doc="q value in thousandths, 0 for none"
)
_realm_prefix = mod.param("realm_prefix", str, "", doc="what is taken off the front of domains")
_append_branches = mod.param(
    "append_branches", int, 1, doc="lookup() makes branches of all contacts but the first"
)
_case_sensitive = mod.param("case_sensitive", int, 0, doc="the case of user names matters")
_received_avp = mod.param(
    "received_avp",
    str,
    _NO_NAME,
    convert=avp_parameter,
    doc="the AVP with where a REGISTER came from",
)
_received_param = mod.param(
    "received_param", str, "received", doc="how that is called in the Contacts of answers"
)
_max_contacts = mod.param(
    "max_contacts", int, 0, convert=_seconds, doc="the most contacts of a user, 0 for any number"
)
_retry_after = mod.param(
    "retry_after", int, 0, convert=_seconds, doc="seconds for the Retry-After of a 5xx, 0 for none"
)
_sock_flag = mod.param(
    "sock_flag",
    int,
    -1,
    convert=between(-1, 31),
    doc="the message flag by which `sock_hdr_name` is looked at",
)
_sock_hdr_name = mod.param(
    "sock_hdr_name", str, _NO_NAME, doc="the header field with the socket of a REGISTER"
)
_sock_mode = mod.param("sock_mode", int, 0, doc="1: the address that the socket advertises is kept")
_method_filtering = mod.param(
    "method_filtering", int, 0, doc="lookup() leaves out phones that do not allow the method"
)
_use_path = mod.param("use_path", int, 0, doc="Path is kept and used (RFC 3327)")
_path_mode = mod.param(
    "path_mode",
    int,
    2,
    convert=between(0, 2),
    doc="whether a Path comes back in the answer: 0 no, 1 if the phone supports it, 2 it must",
)
_path_use_received = mod.param(
    "path_use_received", int, 0, doc="`received` in the first Path is where the phone is"
)
_path_check_local = mod.param(
    "path_check_local", int, 0, doc="lookup() leaves out a first Path of our own"
)
mod.param(
    "reg_callid_avp",
    str,
    _NO_NAME,
    meaning=Meaning.LATER,
    doc="obsolete: use registered()'s options",
)
_xavp_cfg = mod.param("xavp_cfg", str, _NO_NAME, doc="the $xavp with what holds for one message")
_xavp_rcd = mod.param("xavp_rcd", str, _NO_NAME, doc="the $xavp for what is known of a contact")
_xavp_rcd_mask = mod.param(
    "xavp_rcd_mask", int, 0, convert=between(0, 31), doc="what of it is left out"
)
_gruu_enabled = mod.param(
    "gruu_enabled", int, 1, doc="give phones addresses of their own (RFC 5627)"
)
_outbound_mode = mod.param(
    "outbound_mode",
    int,
    0,
    convert=between(0, 2),
    doc="connections kept by phones (RFC 5626): 0 not supported, 1 supported, 2 required",
)
mod.param(
    "regid_mode",
    int,
    0,
    convert=between(0, 1),
    meaning=Meaning.IGNORED,
    doc="reg-id counts in any case, where there is an instance",
)
_flow_timer = mod.param(
    "flow_timer", int, 0, convert=_seconds, doc="seconds for the Flow-Timer of answers, 0 for none"
)
_contact_max_size = mod.param(
    "contact_max_size", int, 512, convert=between(1, 0xFFFF), doc="the longest URI of a Contact"
)
mod.param(
    "event_callback",
    str,
    "",
    meaning=Meaning.LATER,
    doc="a function of a script in another language",
)
_lookup_filter_mode = mod.param(
    "lookup_filter_mode",
    int,
    0,
    convert=between(0, 3),
    doc="what lookup() leaves out: 1 by branch flags, 2 those whose connection has gone",
)
_use_expired_contacts = mod.param(
    "use_expired_contacts", int, 0, convert=between(0, 1), doc="expired contacts count"
)


# Among the parameters of the Program: what they come to is read as one of them.
_settings: Final[Any] = _CompiledParam("registrar", "", None)


def settings(program: Program) -> Settings:
    """Of a Program that has started."""
    found: Settings = _settings(program)
    return found


class Ids:
    """Makes the ids of contacts: none is made twice, by whichever server, whenever it started."""

    def __init__(self, server_id: int) -> None:
        first = f"uloc-{server_id:x}-" if server_id else "uloc-"
        self._prefix = f"{first}{int(time.time()):x}-{os.getpid():x}-".encode()
        self._numbers = count(1)

    def next(self) -> bytes:
        return self._prefix + b"%x" % next(self._numbers)


@mod.on_start
def _start(program: Program) -> None:
    for needed in ("usrloc", "sl"):
        if needed not in program.modules:
            raise ModuleError(f"registrar needs the module {needed}")
    if _flow_timer(program) and not _outbound_mode(program):
        raise ModuleError("registrar: flow_timer needs outbound_mode 1 or 2")
    of_usrloc = usrloc.settings(program)
    counters = statistics(program)
    flag = _sock_flag(program)
    default = default_expires(program)
    program.parameters[_settings.key] = Settings(
        default_expires=max(default, _min_expires(program)),
        default_expires_range=_default_expires_range(program),
        expires_range=_expires_range(program),
        min_expires=_min_expires(program),
        refuses_brief=bool(_min_expires_mode(program)),
        max_expires=_max_expires(program),
        default_q=_default_q(program) or usrloc.NO_Q,
        realm_prefix=_realm_prefix(program).lower(),
        append_branches=bool(_append_branches(program)),
        case_sensitive=bool(_case_sensitive(program)),
        received_avp=_received_avp(program),
        received_param=_received_param(program).encode(),
        max_contacts=_max_contacts(program),
        retry_after=_retry_after(program),
        sock_flag=0 if flag < 0 else 1 << flag,
        sock_hdr_name=_sock_hdr_name(program),
        sock_mode=_sock_mode(program),
        method_filtering=bool(_method_filtering(program)),
        use_path=bool(_use_path(program)),
        path_mode=_path_mode(program),
        path_use_received=bool(_path_use_received(program)),
        path_check_local=bool(_path_check_local(program)),
        xavp_cfg=_xavp_cfg(program),
        xavp_rcd=_xavp_rcd(program),
        xavp_rcd_mask=_xavp_rcd_mask(program),
        gruu_enabled=bool(_gruu_enabled(program)),
        outbound_mode=_outbound_mode(program),
        flow_timer=_flow_timer(program),
        contact_max_size=_contact_max_size(program),
        lookup_filter_mode=_lookup_filter_mode(program)
        | (BY_CONNECTION if usrloc.drops_lost(program) else 0),
        use_expired=bool(_use_expired_contacts(program)),
        use_domain=of_usrloc.use_domain,
        matching_mode=of_usrloc.matching_mode,
        cseq_delay=of_usrloc.cseq_delay,
        nat_flag=of_usrloc.nat_flag,
        xavp_contact=of_usrloc.xavp_contact,
        server_id=program.settings.server_id,
        locations=usrloc.locations(program),
        next_id=program.shared.of_module(
            f"{mod.name}:ids", lambda: Ids(program.settings.server_id or 0)
        ).next,
        accepted=counters.add("registrar", "accepted_regs"),
        rejected=counters.add("registrar", "rejected_regs"),
    )
