"""uac_req_send(): requests made of `$uac_req(...)`, and event_route[uac:reply]."""

from __future__ import annotations

from contextlib import suppress
from typing import Final

from tests.compat.flow import Flow, Missing, Network
from tests.compat.flow_script import BOB, script
from tests.compat.flows.uac_auth import is_right

_KEYS: Final = (
    "method", "ruri", "furi", "turi", "ouri", "hdrs", "body", "auser", "apasswd", "callid",
    "evroute", "evcode", "evtype", "evparam", "flags",
)  # fmt: skip
_SHOWN: Final = " ".join(f"{key}=$uac_req({key})" for key in _KEYS)
_SET: Final = f"""
    $uac_req(all) = $null; $uac_req(auser) = $null; $uac_req(apasswd) = $null;
    $uac_req(method) = "OPTIONS"; $uac_req(ruri) = "{BOB}";
    $uac_req(furi) = "sip:me@here.example"; $uac_req(turi) = "sip:you@there.example";
"""
_SEND: Final = '$var(r) = uac_req_send(); L("$var(r)"); sl_send_reply("200", "OK");'
_CREDENTIALS: Final = '$uac_req(auser) = "me"; $uac_req(apasswd) = "secret";'

BLOCKS: Final = {
    "simple": f'{_SET} {_SEND} L("{_SHOWN}");',
    "full": f"""
        {_SET} $uac_req(method) = "MESSAGE";
        $uac_req(hdrs) = "X-A: 1\\r\\nContent-Type: text/plain\\r\\n";
        $uac_req(body) = "hello"; $uac_req(callid) = "full-mine"; $uac_req(evparam) = "p";
        $uac_req(sock) = "udp:127.0.0.1:{{server}}"; $uac_req(ruri) = "sip:bob@there.example";
        $uac_req(ouri) = "sip:127.0.0.1:{{bob}};lr"; {_SEND} L("{_SHOWN}");
        """,
    "emptybody": f'{_SET} $uac_req(body) = ""; $uac_req(hdrs) = ""; {_SEND}',
    "nofuri": f"{_SET} $uac_req(furi) = $null; {_SEND}",
    "noturi": f"{_SET} $uac_req(turi) = $null; {_SEND}",
    "noruri": f"{_SET} $uac_req(ruri) = $null; {_SEND}",
    "nomethod": f"{_SET} $uac_req(method) = $null; {_SEND}",
    "nothing": f"$uac_req(all) = $null; {_SEND}",
    "odd": f'{_SET} $uac_req(method) = "ODD"; {_SEND}',
    "badruri": f'{_SET} $uac_req(ruri) = "nothing"; {_SEND}',
    "badouri": f'{_SET} $uac_req(ouri) = "nothing"; {_SEND}',
    "badsock": f'{_SET} $uac_req(sock) = "udp:192.0.2.1:9"; {_SEND}',
    "oddsock": f'{_SET} $uac_req(sock) = "what"; {_SEND}',
    "named": f"""
        {_SET} $uac_req(furi) = "\\"Me\\" <sip:me@here.example>"; {_SEND}
        """,
    "headers": f"""
        {_SET} $uac_req(hdrs) = "X-A: 1\\r\\nX-B: 2"; {_SEND}
        """,
    "kept": f"""
        {_SET} $uac_req(method) = "INFO"; $var(r) = uac_req_send(); $uac_req(method) = "OPTIONS";
        {_SEND}
        """,
    "numbers": """
        $uac_req(all) = $null; $uac_req(auser) = $null;
        $uac_req(apasswd) = $null; $uac_req(ruri) = "sip:a@b"; $uac_req(all) = 1;
        $uac_req(method) = 5; $uac_req(evroute) = "1"; $uac_req(flags) = "1";
        $uac_req(evcode) = 7; $uac_req(evtype) = 7;
        """
    f'L("{_SHOWN}"); sl_send_reply("200", "OK");',
    "flags": f"""
        {_SET} $uac_req(flags) = 1; $uac_req(evroute) = 5; L("{_SHOWN}");
        sl_send_reply("200", "OK");
        """,
    "cleared": f"""
        {_SET} $uac_req(evparam) = "x"; $uac_req(evparam) = $null; $uac_req(evroute) = 1;
        $uac_req(evroute) = $null; L("{_SHOWN}"); $uac_req(auser) = "u"; $uac_req(apasswd) = "p";
        $uac_req(sock) = "udp:1.2.3.4"; $uac_req(all) = $null; L("{_SHOWN}");
        sl_send_reply("200", "OK");
        """,
    "long": """
        $var(x) = "0123456789012345678901234567890123456789"; $var(x) = $var(x) + $var(x) + $var(x);
        $uac_req(all) = $null; $uac_req(sock) = $null;
        $uac_req(evparam) = $var(x) + "1234567"; L("$uac_req(evparam)");
        $uac_req(evparam) = $var(x) + "12345678"; L("$uac_req(evparam)");
        $uac_req(evparam) = $var(x) + "123456789"; L("$uac_req(evparam)");
        sl_send_reply("200", "OK");
        """,
    "event": f'{_SET} $uac_req(evroute) = 1; $uac_req(evparam) = "mine"; {_SEND}',
    "event2": f'{_SET} $uac_req(evroute) = 2; $uac_req(evparam) = "mine"; {_SEND}',
    "auth": f"{_SET} {_CREDENTIALS} {_SEND}",
    "authevent": f"{_SET} {_CREDENTIALS} $uac_req(evroute) = 1; {_SEND}",
    "authwrong": f"""
        {_SET} $uac_req(auser) = "me"; $uac_req(apasswd) = "x"; $uac_req(evroute) = 1; {_SEND}
        """,
    "authhash": f"""
        {_SET} $uac_req(auser) = "me"; $uac_req(apasswd) = "36beb0fb81f2b5e6c6ae9c0dbd9e9bd3";
        $uac_req(flags) = 1; {_SEND}
        """,
    "invite": f"""
        {_SET} $uac_req(method) = "INVITE"; $uac_req(evroute) = 1;
        $uac_req(hdrs) = "Contact: <sip:me@127.0.0.1:{{server}}>\\r\\n"; {_SEND}
        """,
    "inviteauth": f"""
        {_SET} {_CREDENTIALS} $uac_req(method) = "INVITE"; $uac_req(evroute) = 1;
        $uac_req(hdrs) = "Contact: <sip:me@127.0.0.1:{{server}}>\\r\\n"; {_SEND}
        """,
    "messageauth": f"""
        {_SET} {_CREDENTIALS} $uac_req(method) = "MESSAGE"; $uac_req(evroute) = 1;
        $uac_req(hdrs) = "Content-Type: text/plain\\r\\n"; $uac_req(body) = "hello"; {_SEND}
        """,
    "event2auth": f"{_SET} {_CREDENTIALS} $uac_req(evroute) = 2; {_SEND}",
    "local": f"{_SET} {_SEND}",
}


def script_of(parameters: str = "") -> str:
    """The script, with more parameters."""
    return script(
        BLOCKS,
        parameters=f"""
        loadmodule "uac.so"
        modparam("uac", "restore_mode", "none")
        modparam("uac", "credential", "me:realm.example:secret")
        modparam("tm", "fr_timer", 400)
        {parameters}
        """,
        more=f"""
        event_route[tm:local-request] {{
            L("local request $rm $ru $du"); append_hf("X-Local: 1\\r\\n");
        }}
        event_route[uac:reply] {{
            if ($uac_req(evtype) == 1) {{ L("reply $rs $rm $ru $fu $tu"); }}
            L("{_SHOWN}");
            $uac_req(evparam) = "changed";
        }}
        """,
    )


SCRIPT: Final = script_of()


def _sent(name: str, method: str = "OPTIONS", code: int = 200, *, ring: int = 0) -> Flow:
    def play(net: Network) -> None:
        net.alice.request("OPTIONS", f"sip:{name}@127.0.0.1")
        net.alice.wait("200")
        one = net.bob.wait(method, seconds=0.3)
        if ring:
            net.bob.answer(one, ring, "Ringing")
        net.bob.answer(one, code, "Answer")
        if method == "INVITE":
            net.bob.wait("ACK", seconds=0.5)

    return Flow(f"{name}-{code}{f'-{ring}' if ring else ''}", f"sent: {name}", play)


def _silent(name: str) -> Flow:
    def play(net: Network) -> None:
        net.alice.request("OPTIONS", f"sip:{name}@127.0.0.1")
        net.alice.wait("200")
        net.bob.wait("OPTIONS", seconds=0.5)
        with suppress(Missing):  # its timer ends meanwhile
            net.bob.wait("nothing", seconds=1.2)

    return Flow(f"{name}-silent", f"nobody answers: {name}", play)


def _refused(name: str) -> Flow:
    def play(net: Network) -> None:
        net.alice.request("OPTIONS", f"sip:{name}@127.0.0.1")
        net.alice.wait("200")

    return Flow(name, f"what becomes of: {name}", play)


def _challenged(
    name: str,
    label: str = "",
    *,
    method: str = "OPTIONS",
    code: int = 401,
    last: int = 200,
    times: int = 1,
    more: str = ', qop="auth"',
    realm: str = "realm.example",
) -> Flow:
    header = "WWW-Authenticate" if code == 401 else "Proxy-Authenticate"

    def play(net: Network) -> None:
        net.alice.request("OPTIONS", f"sip:{name}@127.0.0.1")
        net.alice.wait("200")
        body = "hello" if method == "MESSAGE" else ""
        for number in range(times):
            one = net.bob.wait(method, seconds=0.3)
            challenge = f'{header}: Digest realm="{realm}", nonce="abc{number}"{more}\r\n'
            net.bob.answer(one, code, "Who", extra=challenge)
            if method == "INVITE":
                net.bob.wait("ACK")
        again = net.bob.wait(method, seconds=0.3)
        net.bob.answer(again, last if is_right(again, body) else 403, "Seen")
        if method == "INVITE":
            net.bob.wait("ACK")

    return Flow(f"{name}-challenged{label and f'-{label}'}", f"challenged: {name}", play)


_SIMPLE: Final = (
    "simple", "emptybody", "nofuri", "noturi", "named", "headers", "badsock", "oddsock", "local",
)  # fmt: skip
_REFUSED: Final = (
    "noruri", "nomethod", "nothing", "badruri", "badouri", "numbers", "flags", "cleared", "long",
)  # fmt: skip

FLOWS = [
    *(_sent(name) for name in _SIMPLE),
    _sent("full", "MESSAGE", 202),
    _sent("odd", "ODD"),
    _sent("kept", "INFO"),
    *(_refused(name) for name in _REFUSED),
    *(_sent(name, code=code) for name in ("event", "event2") for code in (200, 404, 503)),
    _sent("event", ring=183),
    *(_silent(name) for name in ("event", "event2")),
    *(_sent("invite", "INVITE", code, ring=180) for code in (200, 486)),
    *(
        _challenged(name)
        for name in ("auth", "authevent", "authwrong", "authhash", "simple", "event", "event2auth")
    ),
    _challenged("authevent", "proxy", code=407),
    _challenged("authevent", "twice", times=2),
    _challenged("authevent", "failure", last=404),
    _challenged("authevent", "plain", more=""),
    _challenged("authevent", "int", more=', qop="auth-int"'),
    _challenged("authevent", "sha", more=", algorithm=SHA-256"),
    _challenged("authevent", "realm", realm="other.example"),
    _challenged("messageauth", method="MESSAGE"),
    _challenged("inviteauth", method="INVITE"),
    _challenged("inviteauth", "busy", method="INVITE", last=486),
]
FAILURES = [
    *(_sent(name, code=code) for name in ("event", "event2") for code in (200, 302, 404, 503)),
    *(_silent(name) for name in ("event", "event2")),
    *(_challenged(name) for name in ("event2auth", "event2", "authevent")),
]
