"""The Module object of permissions and its parameters."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final

from sipway.core.avps import avp_parameter
from sipway.core.module import Module
from sipway.core.parameters.conversions import natural
from sipway.core.program import Program
from sipway.language.signatures import Meaning

mod: Final = Module("permissions")

ADDRESSES: Final = 1
TRUSTED: Final = 2
ALLOW_FILE: Final = 4
DENY_FILE: Final = 8

# --- files -------------------------------------------------------------------------------------

default_allow_file = mod.param(
    "default_allow_file", str, "permissions.allow", doc="rules for allow_routing() without a name"
)
default_deny_file = mod.param(
    "default_deny_file", str, "permissions.deny", doc="rules for allow_routing() without a name"
)
allow_suffix = mod.param("allow_suffix", str, ".allow", doc="what the allow file of a name ends in")
deny_suffix = mod.param("deny_suffix", str, ".deny", doc="what the deny file of a name ends in")
check_all_branches = mod.param(
    "check_all_branches", int, 1, doc="allow_routing() looks at all branches, not the first alone"
)


def _backends(value: int) -> int:
    if not value & (ADDRESSES | TRUSTED | ALLOW_FILE | DENY_FILE):
        raise ValueError(f"{value} has nothing read: it is a sum of 1, 2, 4 and 8")
    return value


load_backends = mod.param(
    "load_backends",
    int,
    0xFFFF,
    convert=_backends,
    doc="what is read: 1 addresses, 2 trusted, 4 and 8 the default files, as a sum",
)

# --- tables ------------------------------------------------------------------------------------

_UNSET: Final[Any] = None
db_url = mod.param("db_url", str, "", doc="database of addresses and trusted peers")
address_file = mod.param("address_file", str, "", doc="a file of addresses, instead of the table")
address_table = mod.param("address_table", str, "address", doc="table of addresses")
grp_col = mod.param("grp_col", str, "grp", doc="column with the group of an address")
ip_addr_col = mod.param("ip_addr_col", str, "ip_addr", doc="column with an address or a name")
mask_col = mod.param("mask_col", str, "mask", doc="column with the length of the network's prefix")
port_col = mod.param("port_col", str, "port", doc="column with a port, 0 for any")
tag_col = mod.param("tag_col", str, "tag", doc="column with a tag, in both tables")
db_mode = mod.param("db_mode", int, 0, doc="1: trusted peers are read at the start; 0: when asked")
trusted_table = mod.param("trusted_table", str, "trusted", doc="table of trusted peers")
source_col = mod.param("source_col", str, "src_ip", doc="column with the address of a peer")
proto_col = mod.param("proto_col", str, "proto", doc="column with the transport of a peer")
from_col = mod.param("from_col", str, "from_pattern", doc="column with an expression for From")
ruri_col = mod.param("ruri_col", str, "ruri_pattern", doc="column with one for the Request-URI")
priority_col = mod.param("priority_col", str, "priority", doc="column with the priority of a rule")
peer_tag_avp = mod.param(
    "peer_tag_avp", str, _UNSET, convert=avp_parameter, doc="AVP that gets the tag of what matched"
)
peer_tag_mode = mod.param(
    "peer_tag_mode", int, 0, doc="1: allow_trusted() adds the tags of all that match, and counts"
)

max_subnets = mod.param(
    "max_subnets", int, 512, convert=natural, doc="so many networks are read of the addresses"
)
subnet_match_mode = mod.param(
    "subnet_match_mode",
    int,
    0,
    doc="of several networks: 0 the first of the lowest group, 1 the longest",
)
reload_delta = mod.param(
    "reload_delta", int, 5, convert=natural, doc="seconds between reloads by commands"
)
mod.param(
    "trusted_cleanup_interval",
    int,
    60,
    meaning=Meaning.IGNORED,
    doc="how long Kamailio keeps what a reload has replaced",
)


def path_of(program: Program, name: str) -> Path:
    """A file as a script names it: relative to the directory of the script."""
    return Path(program.path).parent / name
