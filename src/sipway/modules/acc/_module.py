"""The Module object of acc and its parameters."""

from __future__ import annotations

import time
from typing import Final

from sipway.core.module import Module, Param
from sipway.core.parameters.conversions import facility, positive
from sipway.language.signatures import FormatText, Meaning
from sipway.modules.acc.attributes import Attribute, Leg, read_attributes, read_legs

mod: Final = Module("acc", after=("tm", "rr", "dialog"))

_HIGHEST_FLAG: Final = 31
_NO_DIALOGS: Final = "records of calls need the module dialog, which is not there yet"


def _to_mask(flag: int) -> int:
    """The bit of a flag; none for -1."""
    if not -1 <= flag <= _HIGHEST_FLAG:
        raise ValueError(f"a flag is a number from 0 to {_HIGHEST_FLAG}, not {flag}")
    return 0 if flag < 0 else 1 << flag


def _to_statuses(text: str) -> frozenset[int]:
    """`404,407`: statuses of failures."""
    found = set()
    for each in text.split(","):
        if not (each.isascii() and each.isdecimal() and len(each) == 3 and each[0] >= "3"):
            raise ValueError(f'statuses from 300 to 999 are written 404,407, not "{text}"')
        found.add(int(each))
    return frozenset(found)


def _to_time_format(text: str) -> str:
    try:
        time.strftime(text, time.gmtime(0))
    except (ValueError, UnicodeError):
        raise ValueError(f'"{text}" is no format of times such as %Y-%m-%d %H:%M:%S') from None
    return text


def _flag(name: str, doc: str) -> Param[int]:
    return mod.param(name, int, 0, convert=_to_mask, doc=doc)


# --- what is accounted ---------------------------------------------------------------------------

early_media = mod.param("early_media", int, 0, doc="provisional responses with a body too")
failed_mask = _flag("failed_transaction_flag", "flag: account failures too")
_NO_STATUSES: Final[frozenset[int]] = frozenset()
failed_filter = mod.param(
    "failed_filter",
    str,
    _NO_STATUSES,
    convert=_to_statuses,
    doc="statuses of failures that are not accounted",
)
report_ack = mod.param("report_ack", int, 0, doc="ACKs to 2xx too")
report_cancels = mod.param("report_cancels", int, 0, doc="CANCELs too")
detect_direction = mod.param(
    "detect_direction", int, 0, doc="From and To are those of the request that began the dialog"
)
prepare_mask = _flag("acc_prepare_flag", "flag: the request may be marked for accounting later")
prepare_always = mod.param(
    "acc_prepare_always", int, 0, doc="every request may be marked for accounting later"
)
reason_from_hf = mod.param("reason_from_hf", int, 0, doc="the reason is that of the Reason header")
_NO_LEGS: Final[tuple[Leg, ...]] = ()
legs = mod.param(
    "multi_leg_info", str, _NO_LEGS, read=read_legs, doc="name=$avp(x);... for each leg of a call"
)
most_attributes = mod.param(
    "acc_extra_size", int, 64, convert=positive, doc="most entries of log_extra, and of db_extra"
)
mod.param(
    "clone_msg", int, 1, meaning=Meaning.IGNORED, doc="no two look at a request at the same time"
)

# --- the log -------------------------------------------------------------------------------------

log_mask = _flag("log_flag", "flag: account in the log")
log_missed_mask = _flag("log_missed_flag", "flag: account missed calls in the log")
log_level = mod.param("log_level", int, 1, doc="level of the lines; 1 is NOTICE")
log_facility = mod.param(
    "log_facility", str, "LOG_DAEMON", convert=facility, doc="facility of syslog for the lines"
)
_NO_ATTRIBUTES: Final[tuple[Attribute, ...]] = ()
log_extra = mod.param(
    "log_extra", str, _NO_ATTRIBUTES, read=read_attributes, doc="name=$variable;... for the log"
)

# --- the database --------------------------------------------------------------------------------

db_url = mod.param("db_url", str, "", doc="the database for records; empty: none")
db_mask = _flag("db_flag", "flag: account in the database")
db_missed_mask = _flag("db_missed_flag", "flag: account missed calls in the database")
db_extra = mod.param(
    "db_extra", str, _NO_ATTRIBUTES, read=read_attributes, doc="column=$variable;... besides"
)
extra_nullable = mod.param(
    "acc_extra_nullable", int, 0, doc="variables without a value are null in the database"
)


def _table(name: str, default: str, doc: str) -> Param[FormatText]:
    return mod.param(name, str, FormatText(default, lambda _: default), format=True, doc=doc)


table_acc = _table("db_table_acc", "acc", "table of records")
table_missed = _table("db_table_missed_calls", "missed_calls", "table of missed calls")
columns = [
    mod.param(f"acc_{name}_column", str, default, doc=f"column of the {doc}")
    for name, default, doc in (
        ("method", "method", "method"),
        ("from_tag", "from_tag", "From-tag"),
        ("to_tag", "to_tag", "To-tag"),
        ("callid", "callid", "Call-ID"),
        ("sip_code", "sip_code", "status"),
        ("sip_reason", "sip_reason", "reason"),
        ("time", "time", "time"),
    )
]
mod.param(
    "db_insert_mode", int, 0, meaning=Meaning.IGNORED, doc="calls never wait for the database"
)
mod.param(
    "db_version_check", int, 1, meaning=Meaning.IGNORED, doc="versions of tables are not looked at"
)

# --- times ---------------------------------------------------------------------------------------

time_mode = mod.param(
    "time_mode",
    int,
    0,
    doc="1 microseconds, 2 seconds with milliseconds, 3 local time, 4 UTC besides",
)
time_name = mod.param("time_attr", str, "time_attr", doc="name of the time of time_mode")
micros_name = mod.param("time_exten", str, "time_exten", doc="name of the microseconds")
time_format = mod.param(
    "time_format", str, "%Y-%m-%d %H:%M:%S", convert=_to_time_format, doc="of time_mode 3 and 4"
)

# --- records of calls ----------------------------------------------------------------------------


def _no_dialogs(value: int) -> int:
    if value:
        raise ValueError(_NO_DIALOGS)
    return value


mod.param(
    "cdr_enable", int, 0, convert=_no_dialogs, meaning=Meaning.LATER, doc="one record for each call"
)
for _name, _type, _default, _doc in (
    ("cdr_skip", str, "", "the variable of a dialog that has no record"),
    ("cdr_expired_dlg_enable", int, 0, "records of dialogs that expired"),
    ("cdr_start_on_confirmed", int, 0, "a call begins when it is answered"),
    ("cdr_facility", str, "LOG_DAEMON", "facility of syslog for records"),
    ("cdr_extra", str, "", "name=$variable;... for records"),
    ("cdr_extra_nullable", int, 0, "variables without a value are null in the database"),
    ("cdr_start_id", str, "start_time", "name of the beginning"),
    ("cdr_end_id", str, "end_time", "name of the end"),
    ("cdr_duration_id", str, "duration", "name of the duration"),
    ("cdr_duration_mode", int, 1, "precision of the duration"),
    ("cdr_log_enable", int, 1, "records go to the log"),
    ("cdrs_table", str, "", "table of records"),
    ("cdr_on_failed", int, 1, "records of calls that failed"),
    ("cdr_extra_size", int, 64, "most entries of cdr_extra"),
):
    mod.param(_name, _type, _default, meaning=Meaning.LATER, doc=_doc)
