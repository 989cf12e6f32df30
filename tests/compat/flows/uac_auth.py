"""uac_auth(): what the server makes of challenges, and what it sends then."""

from __future__ import annotations

import hashlib
import re
from typing import Final

from tests.compat.flow import Flow, Incoming, Missing, Network
from tests.compat.flow_script import BOB, CAROL, script

_REALM: Final = "realm.example"
_USER, _PASSWORD = "me", "secret"
_HA1: Final = hashlib.md5(f"{_USER}:{_REALM}:{_PASSWORD}".encode()).hexdigest()

_LOAD: Final = f"""
loadmodule "rr.so"
loadmodule "uac.so"
modparam("uac", "restore_mode", "none")
modparam("uac", "credential", "{_USER}:{_REALM}:{_PASSWORD}")
modparam("uac", "credential", "other:other.example:pass:word")
modparam("uac", "auth_realm_avp", "$avp(arealm)")
modparam("uac", "auth_username_avp", "$avp(auser)")
modparam("uac", "auth_password_avp", "$avp(apass)")
"""

_IN_REALM: Final = f'$avp(auser) = "{_USER}"; $avp(arealm) = "{_REALM}";'
_KNOWN: Final = f'{_IN_REALM} $avp(apass) = "{_PASSWORD}";'
_KNOWN_HASHED: Final = f'{_IN_REALM} $avp(apass) = "{_HA1}";'

BLOCKS: Final = {
    "plain": "",
    "avps": _KNOWN,
    "noavprealm": f'$avp(auser) = "{_USER}"; $avp(apass) = "{_PASSWORD}";',
    "norealm": f'$avp(auser) = "{_USER}"; $avp(apass) = "{_PASSWORD}"; $avp(arealm) = "";',
    "wrongrealm": '$avp(auser) = "u"; $avp(apass) = "p"; $avp(arealm) = "wrong.example";',
    "nopassword": f'$avp(auser) = "{_USER}"; $avp(arealm) = "{_REALM}";',
    "hashed": _KNOWN_HASHED,
    "mode1": _KNOWN_HASHED,
    "mode0": _KNOWN,
    "twice": "",
    "loop": "",
    "zero": _KNOWN,
    "quoted0": _KNOWN,
    "quoted1": _KNOWN_HASHED,
    "variable1": f"{_KNOWN_HASHED} $avp(m) = 1;",
    "variable0": f"{_KNOWN} $avp(m) = 0;",
    "modev0": f"{_KNOWN} $avp(m) = 0;",
    "text": f'{_KNOWN} $avp(m) = "abc";',
    "null": _KNOWN,
    "relayed": 'append_hf("X-A: 1\r\n");',
    "changed": "",
}
_CALLS: Final = {
    "hashed": "uac_auth(1)",
    "mode1": "uac_auth_mode(1)",
    "mode0": "uac_auth_mode(0)",
    "zero": "uac_auth(0)",
    "quoted0": 'uac_auth("0")',
    "quoted1": 'uac_auth("1")',
    "variable1": 'uac_auth("$avp(m)")',
    "variable0": 'uac_auth("$avp(m)")',
    "modev0": 'uac_auth_mode("$avp(m)")',
    "text": 'uac_auth("$avp(m)")',
    "null": 'uac_auth("$avp(m)")',
}

SCRIPT = script(
    {
        **{
            name: f'{body} $ru = "{BOB}"; t_on_failure("AUTH_{name}"); t_relay();'
            for name, body in BLOCKS.items()
        },
        "fork": f"""
            $ru = "{BOB}"; append_branch("{CAROL}"); t_on_failure("AUTH_plain"); t_relay();
            """,
        "nexthop": """
            $ru = "sip:you@there.example"; $du = "sip:127.0.0.1:{bob}";
            t_on_failure("AUTH_plain"); t_relay();
            """,
    },
    parameters=_LOAD,
    more="".join(
        f"""
        failure_route[AUTH_{name}] {{
            $var(r) = {_CALLS.get(name, "uac_auth()")};
            L("$T_reply_code $var(r)");
            {'$var(r) = uac_auth(); L("again $var(r)");' if name == "twice" else ""}
            {'t_on_failure("AUTH_loop");' if name == "loop" else ""}
            {'$ru = "sip:else@127.0.0.1:{bob}";' if name == "changed" else ""}
            if ($var(r) == 1) {{ $var(s) = t_relay(); L("relayed $var(s)"); }}
        }}
        """
        for name in BLOCKS
    ),
)


def is_right(message: Incoming, body: str = "") -> bool:
    """Whether the answer to a challenge is the one of RFC 2617 for this user and password."""
    line = next(iter(message.headers("(?:Proxy-)?Authorization")), "")
    found = {
        name: quoted or bare
        for name, quoted, bare in re.findall(r'(\w+)=(?:"((?:[^"\\]|\\.)*)"|([^",\s]+))', line)
    }
    algorithm = found.get("algorithm", "MD5")
    kind = (
        algorithm.removesuffix("-sess").replace("SHA-512-256", "sha512_256").replace("SHA-", "sha")
    )

    def h(text: str) -> str:
        return hashlib.new(kind.lower(), text.encode()).hexdigest()

    first = h(f"{_USER}:{_REALM}:{_PASSWORD}")
    if algorithm.endswith("-sess"):
        first = h(f"{first}:{found.get('nonce')}:{found.get('cnonce')}")
    second = f"{message.what}:{found.get('uri', '')}"
    if found.get("qop") == "auth-int":
        second += f":{h(body)}"
    middle = found.get("nonce", "")
    if "qop" in found:
        middle += f":{found.get('nc')}:{found.get('cnonce')}:{found['qop']}"
    return found.get("response") == h(f"{first}:{middle}:{h(second)}")


def _challenged(
    block: str,
    name: str,
    challenge: str,
    *,
    code: int = 401,
    method: str = "INVITE",
    body: str = "",
    extra: str = "",
    header: str = "",
) -> Flow:
    header = header or ("WWW-Authenticate" if code == 401 else "Proxy-Authenticate")
    lines = "".join(f"{header}: {each}\r\n" for each in challenge.split("\n"))

    def play(net: Network) -> None:
        net.alice.request(method, f"sip:{block}@127.0.0.1", body=body, extra=extra)
        one = net.bob.wait(method)
        net.bob.answer(one, code, "Who", extra=lines)
        if method == "INVITE":
            net.bob.wait("ACK")
        answer = net.bob.wait(method, seconds=0.3)
        net.bob.answer(answer, 486 if is_right(answer, body) else 403, "Seen")
        if method == "INVITE":
            net.bob.wait("ACK")
        net.alice.wait("486", "403", "401", "407")

    return Flow(f"{block}-{name}", f"{block}: challenged with {challenge!r}", play)


_D: Final = f'Digest realm="{_REALM}", nonce="abc"'

CHALLENGES: Final = {
    "simple": _D,
    "md5": f"{_D}, algorithm=MD5",
    "md5-quoted": f'{_D}, algorithm="MD5"',
    "md5-lower": f"{_D}, algorithm=md5",
    "qop": f'{_D}, qop="auth"',
    "qop-bare": f"{_D}, qop=auth",
    "qop-both": f'{_D}, qop="auth,auth-int"',
    "qop-other-way": f'{_D}, qop="auth-int,auth"',
    "qop-int": f'{_D}, qop="auth-int"',
    "sha": f"{_D}, algorithm=SHA-256",
    "sha-qop": f'{_D}, algorithm=SHA-256, qop="auth"',
    "sha512": f"{_D}, algorithm=SHA-512-256",
    "sess": f'{_D}, algorithm=MD5-sess, qop="auth"',
    "odd": f"{_D}, algorithm=ODD",
    "opaque": f'{_D}, opaque="xyz", domain="sip:a", foo=bar',
    "stale": f"{_D}, stale=true",
    "stale-false": f"{_D}, stale=FALSE",
    "escaped": f'Digest realm="{_REALM}", nonce="a\\"b"',
    "empty-nonce": f'Digest realm="{_REALM}", nonce=""',
    "no-nonce": f'Digest realm="{_REALM}"',
    "no-realm": 'Digest nonce="abc"',
    "other-realm": 'Digest realm="other.example", nonce="abc"',
    "unknown-realm": 'Digest realm="unknown.example", nonce="abc"',
    "basic": f'Basic realm="{_REALM}"',
    "lower": f'digest REALM="{_REALM}",NONCE="abc"',
    "spaces": f'Digest  realm = "{_REALM}" ,  nonce = "abc"',
    "commas": f'Digest realm="{_REALM}",,nonce="abc",',
    "two": f'{_D}, algorithm=SHA-256, qop="auth"\n{_D}, algorithm=MD5',
    "two-realms": f'Digest realm="unknown.example", nonce="n1"\n{_D}',
    "bare": f"Digest realm={_REALM}, nonce=abc",
    "cut": f'Digest realm="{_REALM}", nonce="ab',
    "nothing": "Digest",
}


def _loop(net: Network) -> None:
    """Challenged again and again."""
    net.alice.request("MESSAGE", "sip:loop@127.0.0.1")
    for number in range(3):
        one = net.bob.wait("MESSAGE", seconds=0.5)
        challenge = f'Digest realm="{_REALM}", nonce="abc{number}", stale=true, qop="auth"'
        net.bob.answer(one, 401, "Who", extra=f"WWW-Authenticate: {challenge}\r\n")
    last = net.bob.wait("MESSAGE", seconds=0.5)
    net.bob.answer(last, 404, "No")
    net.alice.wait("404")


def _not_challenged(net: Network) -> None:
    net.alice.request("MESSAGE", "sip:plain@127.0.0.1")
    net.bob.answer(net.bob.wait("MESSAGE"), 486, "Busy")
    net.alice.wait("486")


def _fork(name: str, who: str) -> Flow:
    def play(net: Network) -> None:
        net.alice.request("INVITE", f"sip:{name}@127.0.0.1")
        asks = net.phones[who]
        other = net.bob if asks is net.carol else net.carol
        one, two = asks.wait("INVITE"), other.wait("INVITE")
        other.answer(two, 486, "Busy")
        other.wait("ACK")
        asks.answer(one, 401, "Who", extra=f"WWW-Authenticate: {_D}\r\n")
        asks.wait("ACK")
        again = asks.wait("INVITE", seconds=0.3)
        asks.answer(again, 480 if is_right(again) else 403, "Seen")
        asks.wait("ACK")
        net.alice.wait("480", "403", "486", "401")

    return Flow(f"{name}-{who}", f"of two phones {who} asks who it is", play)


def _both_ask(name: str) -> Flow:
    def play(net: Network) -> None:
        net.alice.request("INVITE", f"sip:{name}@127.0.0.1")
        for phone in (net.bob, net.carol):
            phone.answer(phone.wait("INVITE"), 401, "Who", extra=f"WWW-Authenticate: {_D}\r\n")
            phone.wait("ACK")
        for phone in (net.bob, net.carol):
            try:
                again = phone.wait("INVITE", seconds=0.3)
            except Missing:
                continue
            phone.answer(again, 480 if is_right(again) else 403, "Seen")
            phone.wait("ACK")
        net.alice.wait("480", "403", "486", "401")

    return Flow(f"{name}-both", "both phones ask who it is", play)


def _missing(net: Network) -> None:
    net.alice.request("MESSAGE", "sip:plain@127.0.0.1")
    net.bob.answer(net.bob.wait("MESSAGE"), 401, "Who")
    net.alice.wait("401")


def _wrong_header(net: Network) -> None:
    net.alice.request("MESSAGE", "sip:plain@127.0.0.1")
    net.bob.answer(net.bob.wait("MESSAGE"), 401, "Who", extra=f"Proxy-Authenticate: {_D}\r\n")
    net.alice.wait("401")


_HASHED: Final = ("hashed", "mode1", "quoted1", "variable1")
_OLD: Final = 'Authorization: Digest username="al", realm="x", nonce="n", uri="sip:a", response="r"'

FLOWS = [
    *(_challenged("plain", name, text) for name, text in CHALLENGES.items()),
    *(
        _challenged(block, "simple", _D)
        for block in BLOCKS
        if block not in ("plain", "loop") and block not in _HASHED
    ),
    _challenged("norealm", "unknown", 'Digest realm="unknown.example", nonce="abc"'),
    _challenged("plain", "proxy", _D, code=407),
    _challenged("plain", "proxy-qop", f'{_D}, qop="auth", opaque="o"', code=407),
    _challenged("plain", "message", f'{_D}, qop="auth"', method="MESSAGE", body="hello"),
    _challenged("plain", "int", f'{_D}, qop="auth-int"', method="MESSAGE", body="hello"),
    _challenged("plain", "register", _D, method="REGISTER"),
    _challenged("plain", "old", _D, extra=f"{_OLD}\r\n"),
    _challenged("plain", "old-proxy", _D, code=407, extra=f"Proxy-{_OLD}\r\n"),
    _challenged("plain", "old-same", _D, extra=_OLD.replace('"x"', f'"{_REALM}"') + "\r\n"),
    _challenged("nexthop", "simple", _D),
    *(_fork(name, who) for name in ("fork",) for who in ("bob", "carol")),
    *(_both_ask(name) for name in ("fork",)),
    Flow("loop", "challenged each time", _loop),
    Flow("not-challenged", "486", _not_challenged),
    Flow("missing", "401 without a challenge", _missing),
    Flow("wrong-header", "401 with the challenge of a 407", _wrong_header),
    # Last, for one hash makes 5.6.3 take all later passwords for hashes.
    *(_challenged(block, "simple", _D) for block in _HASHED),
]
