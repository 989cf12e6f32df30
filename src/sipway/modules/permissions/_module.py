"""The Module object of permissions and its parameters."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from sipway.core.module import Module
from sipway.core.program import Program

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
load_backends = mod.param(
    "load_backends",
    int,
    0xFFFF,
    doc="what is read: 1 addresses, 2 trusted, 4 and 8 the default files, as a sum",
)


def path_of(program: Program, name: str) -> Path:
    """A file as a script names it: relative to the directory of the script."""
    return Path(program.path).parent / name
