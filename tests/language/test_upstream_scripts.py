"""Kamailio's own scripts and examples have no syntax error whenever 5.6.3's grammar takes them.

They are no part of this project: SIPWAY_KAMAILIO_CHECKOUT names a checkout of Kamailio, of which
all of `etc/` and `misc/examples/` is read. The script that a package installs is read where it is.
"""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from sipway.language.diagnostics import Diagnostic, render_text
from sipway.language.parser import parse_file

_CHECKOUT = os.environ.get("SIPWAY_KAMAILIO_CHECKOUT")
_INSTALLED = Path("/etc/kamailio/kamailio.cfg")
# What `kamailio -c` of 5.6.3 calls a syntax error, and why.
_REFUSED = {
    "#!ifdef and #!endif do not match": {
        "etc/sip-router.cfg",
        "misc/examples/pkg/sip-router-basic.cfg",
        "misc/examples/pkg/sip-router-oob.cfg",
    },
    "no semicolon in front of else": {
        "misc/examples/exec/exec_s5.cfg",
        "misc/examples/exec/exec_s5b.cfg",
        "misc/examples/kamailio/exec_s5.cfg",
    },
    "max_len, which is gone": {
        *(f"misc/examples/mixed/{name}.cfg" for name in ("acc", "pstn", "replicate", "serial_183")),
        *(
            f"misc/examples/obsoleted/{name}.cfg"
            for name in ("blb", "imgw", "sms", "smsgw", "tmtest", "to_fox")
        ),
        "misc/examples/presence/full-no-failover.cfg",
        "misc/examples/presence/no-db.cfg",
    },
    "parameters that are gone (fifo, loop_checks, statistics) or not there yet": {
        *(
            f"misc/examples/mixed/{name}.cfg"
            for name in ("dbtext", "flag_reply", "nathelper", "snmp", "voicemail", "welcome")
        ),
        "misc/examples/obsoleted/use_jabs.cfg",
        "misc/examples/webrtc/kamailio-default-websocket.cfg",
    },
    "a name that nothing defines as the value of modparam": {
        *(f"misc/examples/ims/{name}/kamailio.cfg" for name in ("icscf", "pcscf", "scscf")),
        "misc/examples/kemi/kamailio-basic-kemi-native.cfg",
    },
}
# Other files stand here in an installation.
_SURROUNDINGS = {"include-not-found"}


def _syntax_errors(path: Path, monkeypatch: pytest.MonkeyPatch) -> list[Diagnostic]:
    monkeypatch.chdir(path.parent)
    found = parse_file(path).diagnostics.errors
    return [item for item in found if item.code not in _SURROUNDINGS]


def _scripts() -> list[Path]:
    if _CHECKOUT is None:
        return [Path("none")]
    root = Path(_CHECKOUT)
    found = [*root.glob("etc/**/*.cfg"), *root.glob("misc/examples/**/*.cfg")]
    refused = {root / name for names in _REFUSED.values() for name in names}
    return sorted(path.relative_to(root) for path in found if path not in refused)


_needs_checkout = pytest.mark.skipif(
    _CHECKOUT is None, reason="SIPWAY_KAMAILIO_CHECKOUT names no checkout"
)


@_needs_checkout
def test_the_checkout_has_scripts() -> None:
    assert len(_scripts()) > 45


@_needs_checkout
@pytest.mark.parametrize("name", _scripts(), ids=str)
def test_scripts_of_a_checkout(name: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    errors = _syntax_errors(Path(str(_CHECKOUT)) / name, monkeypatch)
    assert not errors, render_text(errors)


@pytest.mark.skipif(not _INSTALLED.exists(), reason="Kamailio's own script is not installed")
def test_the_installed_script(monkeypatch: pytest.MonkeyPatch) -> None:
    errors = _syntax_errors(_INSTALLED, monkeypatch)
    assert not errors, render_text(errors)
