"""The Module object of uac and its parameters."""

from __future__ import annotations

import re
from typing import Final

from sipway.core.avps import avp_parameter
from sipway.core.module import Module, Param
from sipway.core.parameters.conversions import token
from sipway.core.program import Program
from sipway.core.send_socket import find_socket
from sipway.errors import ModuleError
from sipway.language.record import Record
from sipway.language.signatures import FormatText, Meaning
from sipway.modules.rr import append_fromtag

mod: Final = Module("uac", after=("tm", "rr", "dialog"))

NONE: Final = "none"
MANUAL: Final = "manual"
AUTO: Final = "auto"
_MODES: Final = (NONE, MANUAL, AUTO)
_to_name: Final = token('"{}" is no name of a parameter')
_VARIABLE: Final = re.compile(r"\$[A-Za-z_(]\S*")
_NO_DATABASE: Final = "registrations elsewhere come with databases, which are not there yet"


class Credential(Record):
    """Who we are in a realm (`credential`)."""

    user: str
    realm: str
    password: str


def _to_mode(text: str) -> str:
    if text not in _MODES:
        raise ValueError(f'a mode is one of {", ".join(_MODES)}, not "{text}"')
    return text


def _no_dialogs(value: int) -> int:
    if value:
        raise ValueError("restoring by dialogs needs the module dialog, which is not there yet")
    return value


def _to_credential(text: str) -> Credential:
    """`user:realm:password`; the password may hold colons."""
    user, _, rest = text.partition(":")
    realm, colon, password = rest.partition(":")
    if not user or not realm or not colon:
        raise ValueError("a credential is written user:realm:password")
    return Credential(user, realm, password)


def _to_variable(text: str) -> str:
    if not _VARIABLE.fullmatch(text):
        raise ValueError(f'a variable such as $avp(name) is wanted, not "{text}"')
    return text


def _to_socket(text: str) -> str:
    find_socket((), text)  # raises for what is none
    return text


# --- From and To -------------------------------------------------------------------------------

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

# --- authentication ----------------------------------------------------------------------------

_NOBODY: Final[list[Credential]] = []
credentials = mod.param(
    "credential",
    str,
    _NOBODY,
    convert=_to_credential,
    repeatable=True,
    doc="user:realm:password for answers to challenges",
)
_NO_VARIABLE: Final[FormatText | None] = None


def _variable(name: str, doc: str) -> Param[FormatText | None]:
    return mod.param(name, str, _NO_VARIABLE, convert=_to_variable, format=True, doc=doc)


realm_avp = _variable("auth_realm_avp", "variable with the realm for uac_auth()")
user_avp = _variable("auth_username_avp", "variable with the user for uac_auth()")
password_avp = _variable("auth_password_avp", "variable with the password for uac_auth()")

# --- requests ----------------------------------------------------------------------------------

default_socket = mod.param(
    "default_socket", str, _UNSET, convert=_to_socket, doc="socket for requests of our own"
)
mod.param(
    "event_callback",
    str,
    "",
    meaning=Meaning.IGNORED,
    doc="it names a function of another language",
)

# --- registrations elsewhere -------------------------------------------------------------------


def _no_database(_: str) -> str:
    raise ValueError(_NO_DATABASE)


mod.param(
    "reg_db_url",
    str,
    "",
    convert=_no_database,
    meaning=Meaning.LATER,
    doc="database of registrations elsewhere",
)
for _name, _type, _default, _doc in (
    ("reg_timer_interval", int, 90, "seconds between looks at registrations"),
    ("reg_retry_interval", int, 0, "seconds before a failed registration is tried again"),
    ("reg_random_delay", int, 0, "most seconds by which registrations are spread"),
    ("reg_db_table", str, "uacreg", "table of registrations"),
    ("reg_contact_addr", str, "", "address in the Contact of registrations"),
    ("reg_keep_callid", int, 0, "registrations keep their Call-ID"),
    ("reg_active", int, 1, "registrations are sent"),
    ("reg_gc_interval", int, 150, "seconds between looks for what is not used"),
    ("reg_use_domain", int, 0, "users are told apart by their domains"),
    ("reload_delta", int, 30, "seconds between reloads"),
):
    mod.param(_name, _type, _default, meaning=Meaning.LATER, doc=_doc)
mod.param("reg_hash_size", int, 4, meaning=Meaning.IGNORED, doc="size of a table in memory")
mod.later(
    "uac_reg_lookup",
    "uac_reg_lookup_uri",
    "uac_reg_status",
    "uac_reg_request_to",
    "uac_reg_enable",
    "uac_reg_disable",
    "uac_reg_refresh",
    "uac_reg_send_register",
    "uac_reg_send_unregister",
    reason=_NO_DATABASE,
)


@mod.on_start
def _check(program: Program) -> None:
    """Raises ModuleError for parameters that cannot work."""
    socket = default_socket(program)
    if socket is not None and find_socket(program.sockets, socket) is None:
        raise ModuleError(f"uac: default_socket: none of our sockets is {socket}")
    avps = [each(program) for each in (realm_avp, user_avp, password_avp)]
    if any(avps) and not all(avps):
        raise ModuleError(
            "uac: auth_realm_avp, auth_username_avp and auth_password_avp need each other"
        )
    if restore_mode(program) != AUTO:
        return
    if "rr" not in program.modules:
        raise ModuleError("uac: the mode auto needs the module rr")
    if not append_fromtag(program):
        raise ModuleError("uac: the mode auto needs rr to add the From-tag (append_fromtag)")
