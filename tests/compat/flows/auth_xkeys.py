"""auth_xkeys: hashes of keys added, and looked at."""

from __future__ import annotations

from hashlib import sha256, sha384
from typing import Final

from tests.compat.flow import Flow, Network
from tests.compat.flow_script import BOB, script

_LOAD: Final = """
loadmodule "auth_xkeys.so"
modparam("auth_xkeys", "xkey", "id=abc;name=one;value=secret;expires=72000")
modparam("auth_xkeys", "xkey", "id=abc;name=two;value=other;expires=1")
modparam("auth_xkeys", "xkey", "id=alone;name=one;value=gone")
"""
_BEGIN: Final = '$var(k) = "abc"; $var(a) = "sha256"; $var(odd) = "md5";'
_ADDED: Final = {
    "add": '"X-K", "abc", "sha256", "data"',
    "add384": '"X-K", "abc", "sha384", "data"',
    "add512": '"X-K", "abc", "sha512", "data"',
    "capitals": '"X-K", "abc", "SHA256", "data"',
    "variable": '"X-K", "$var(k)", "$var(a)", "$fu:$ru:$hdr(CSeq)"',
    "null": '"X-K", "abc", "sha256", "$fn"',
    "alone": '"X-K", "alone", "sha256", "data"',
    "unknown": '"X-K", "nobody", "sha256", "data"',
    "odd": '"X-K", "abc", "$var(odd)", "data"',
}
_CHECKED: Final = {
    "check": '"X-K", "abc", "sha256", "data"',
    "check384": '"X-K", "abc", "sha384", "data"',
    "checkvar": '"X-K", "$var(k)", "$var(a)", "$fU"',
    "checkunknown": '"X-K", "nobody", "sha256", "data"',
    "checkodd": '"X-K", "abc", "$var(odd)", "data"',
}

SCRIPT = script(
    {
        **{
            name: f'{_BEGIN} $var(r) = auth_xkeys_add({each}); L("$var(r)"); $ru = "{BOB}";'
            " t_relay();"
            for name, each in _ADDED.items()
        },
        **{
            name: f'{_BEGIN} $var(r) = auth_xkeys_check({each}); L("$var(r)");'
            ' sl_send_reply("200", "OK");'
            for name, each in _CHECKED.items()
        },
    },
    parameters=_LOAD,
)


def _add(user: str) -> Flow:
    def play(net: Network) -> None:
        net.alice.request("MESSAGE", f"sip:{user}@127.0.0.1")
        net.bob.answer(net.bob.wait("MESSAGE"), 200, "OK")
        net.alice.wait("200")

    return Flow(user, f"{user}: added", play)


def _check(user: str, name: str, *values: str) -> Flow:
    lines = "".join(f"X-K: {value}\r\n" for value in values)

    def play(net: Network) -> None:
        net.alice.request("MESSAGE", f"sip:{user}@127.0.0.1", extra=lines)
        net.alice.wait("200")

    return Flow(f"{user}-{name}", f"{user}: {name}", play)


_NEW: Final = sha256(b"other:data").hexdigest()
_OLD: Final = sha256(b"secret:data").hexdigest()

FLOWS = [
    *map(_add, _ADDED),
    _check("check", "new", _NEW),
    _check("check", "old", _OLD),
    _check("check", "capitals", _NEW.upper()),
    _check("check", "alone", sha256(b"gone:data").hexdigest()),
    _check("check", "other-data", sha256(b"other:x").hexdigest()),
    _check("check", "other-hash", sha384(b"other:data").hexdigest()),
    _check("check", "joined", sha256(b"otherdata").hexdigest()),
    _check("check", "cut", _NEW[:-1]),
    _check("check", "none"),
    _check("check", "empty", ""),
    _check("check", "second", "x", _NEW),
    _check("check384", "right", sha384(b"secret:data").hexdigest()),
    _check("checkvar", "right", sha256(b"other:alice").hexdigest()),
    _check("checkunknown", "right", _NEW),
    _check("checkodd", "right", _NEW),
]
