"""The Module object of uac and its parameters."""

from __future__ import annotations

import re
from typing import Final

from sipway.core.avps import avp_parameter
from sipway.core.module import Module
from sipway.core.program import Program
from sipway.errors import ModuleError
from sipway.language.signatures import Meaning
from sipway.modules.rr import append_fromtag

mod: Final = Module("uac", after=("tm", "rr", "dialog"))

NONE: Final = "none"
MANUAL: Final = "manual"
AUTO: Final = "auto"
_MODES: Final = (NONE, MANUAL, AUTO)
_TOKEN: Final = re.compile(r"[A-Za-z0-9.!%*_+`'~-]+")


def _to_mode(text: str) -> str:
    if text not in _MODES:
        raise ValueError(f'a mode is one of {", ".join(_MODES)}, not "{text}"')
    return text


def _to_name(text: str) -> str:
    if not _TOKEN.fullmatch(text):
        raise ValueError(f'"{text}" is no name of a parameter')
    return text


def _no_dialogs(value: int) -> int:
    if value:
        raise ValueError("restoring by dialogs is not there yet")
    return value


restore_mode = mod.param(
    "restore_mode", str, AUTO, convert=_to_mode, doc="who restores the URIs: none, manual, auto"
)
from_param = mod.param(
    "rr_from_store_param", str, "vsf", convert=_to_name, doc="where the From URI is kept"
)
to_param = mod.param(
    "rr_to_store_param", str, "vst", convert=_to_name, doc="where the To URI is kept"
)
restore_passwd = mod.param("restore_passwd", str, "", doc="hides the URIs that are kept")
_UNSET: Final[str | None] = None
from_avp = mod.param(
    "restore_from_avp",
    str,
    _UNSET,
    convert=avp_parameter,
    doc="an AVP that gets the From as it was",
)
to_avp = mod.param(
    "restore_to_avp", str, _UNSET, convert=avp_parameter, doc="an AVP that gets the To as it was"
)
mod.param(
    "restore_dlg",
    int,
    0,
    convert=_no_dialogs,
    meaning=Meaning.LATER,
    doc="keep the URIs in the dialog",
)
for _name, _type, _doc in (
    ("credential", str, "user:domain:password for uac_auth()"),
    ("auth_realm_avp", str, "variable with the realm for uac_auth()"),
    ("auth_username_avp", str, "variable with the user for uac_auth()"),
    ("auth_password_avp", str, "variable with the password for uac_auth()"),
    ("reg_db_url", str, "database of registrations elsewhere"),
    ("reg_timer_interval", int, "seconds between looks at registrations"),
    ("reg_retry_interval", int, "seconds before a failed registration is tried again"),
    ("reg_random_delay", int, "most seconds by which registrations are spread"),
    ("reg_hash_size", int, "size of the table of registrations"),
    ("reg_db_table", str, "table of registrations"),
    ("reg_contact_addr", str, "address in the Contact of registrations"),
    ("reg_keep_callid", int, "registrations keep their Call-ID"),
    ("reg_active", int, "registrations are sent"),
    ("reg_gc_interval", int, "seconds between looks for what is not used"),
    ("reg_use_domain", int, "users are told apart by their domains"),
    ("default_socket", str, "socket for requests of ours"),
    ("event_callback", str, "function for event_route[uac:reply] in other languages"),
    ("reload_delta", int, "seconds between reloads"),
):
    mod.param(_name, _type, None, repeatable=_name == "credential", meaning=Meaning.LATER, doc=_doc)


@mod.on_start
def _check(program: Program) -> None:
    """Raises ModuleError for a mode that cannot work."""
    if restore_mode(program) != AUTO:
        return
    if "rr" not in program.modules:
        raise ModuleError("uac: the mode auto needs the module rr")
    if not append_fromtag(program):
        raise ModuleError("uac: the mode auto needs rr to add the From-tag (append_fromtag)")
