"""auth as it is without parameters: challenges, and what is made of answers to them."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any, Final

from tests.compat.authenticating import (
    HA1,
    OWN,
    REALM,
    Try,
    answer,
    asks,
    block,
    challenges,
    tries,
)
from tests.compat.flow import Flow, Network
from tests.compat.flow_script import BOB, script

_CHALLENGES: Final = {
    "w0": 'www_challenge("r.example", "0")',
    "w1": 'www_challenge("r.example", "1")',
    "w2": 'www_challenge("r.example", "2")',
    "w3": 'www_challenge("r.example", "3")',
    "w4": 'www_challenge("r.example", "4")',
    "w17": 'www_challenge("r.example", 17)',
    "w32": 'www_challenge("r.example", "32")',
    "p1": 'proxy_challenge("r.example", "1")',
    "a1": 'auth_challenge("r.example", "$var(one)")',
    "none": 'www_challenge("$fn", "0")',
    "null": 'auth_challenge("$null", "1")',
    "quiet": 'www_challenge("$fn", "4")',
    "quoted": 'www_challenge("$hdr(X-R)", "1")',
}
_TEXTS: Final = {
    f"g{flags}": f'auth_get_www_authenticate("r.example", "{flags}", "$var(x)")'
    for flags in (0, 1, 2, 3, 4, 16, 17)
}
_CALLS: Final = {
    "w": 'pv_www_authenticate("r.example", "secret", "0")',
    "wz": 'pv_www_authorize("r.example", "secret", "0")',
    "p": 'pv_proxy_authenticate("r.example", "secret", "0")',
    "pz": 'pv_proxy_authorize("r.example", "secret", "0")',
    "hash": f'pv_proxy_authenticate("r.example", "{HA1}", "1")',
    "capitals": f'pv_proxy_authenticate("r.example", "{HA1.upper()}", "1")',
    "nohash": f'pv_proxy_authenticate("r.example", "{HA1}", "0")',
    "short": 'pv_proxy_authenticate("r.example", "abc", "1")',
    "wm": 'pv_www_authenticate("r.example", "secret", "0", "INFO")',
    "c0": 'pv_auth_check("r.example", "secret", "0", "0")',
    "c1": 'pv_auth_check("r.example", "secret", "0", "1")',
    "c2": 'pv_auth_check("r.example", "secret", "0", "2")',
    "c3": 'pv_auth_check("r.example", "secret", "0", "$(var(one){s.int})")',
    "norealm": 'pv_proxy_authenticate("$fn", "secret", "0")',
    "nullpass": 'pv_proxy_authenticate("r.example", "$null", "0")',
    "nopass": 'pv_proxy_authenticate("r.example", "$fn", "0")',
    **{
        f"f{flags}": f'pv_proxy_authenticate("r.example", "secret", "{flags}")'
        for flags in (2, 4, 6, 8, 12, 14, 16, 20, 36)
    },
    "wf4": 'pv_www_authenticate("r.example", "secret", "4")',
}
_USED: Final = f"""
    $var(u) = is_user("alice"); $var(c) = consume_credentials(); $var(d) = consume_credentials();
    L("$var(r) $var(u) $var(c) $var(d) $Au $AU");
    if ($var(r) == -5) {{ auth_challenge("r.example", "0"); exit; }}
    $ru = "{BOB}"; t_relay();
"""

SCRIPT = script(
    {
        **{
            name: f'$var(one) = 1; $var(r) = {call}; L("$var(r)");'
            for name, call in _CHALLENGES.items()
        },
        **{
            name: f'$var(r) = {call}; L("$var(r) $var(x)"); sl_send_reply("299", "Done");'
            for name, call in _TEXTS.items()
        },
        "stateful": 't_newtran(); $var(r) = www_challenge("r.example", "1"); L("$var(r)");',
        "added": """
            append_to_reply("X-A: 1\r\n"); $var(r) = auth_challenge("r.example", "1"); L("$var(r)");
            """,
        "has": """
            $var(r) = has_credentials("r.example"); $var(s) = has_credentials("$fd");
            L("$var(r) $var(s)"); sl_send_reply("299", "Done");
            """,
        "unused": """
            $var(r) = consume_credentials(); $var(u) = is_user("alice"); L("$var(r) $var(u)");
            sl_send_reply("299", "Done");
            """,
        **{name: f"$var(one) = 3; {block(call)}" for name, call in _CALLS.items()},
        "used": f'$var(r) = pv_proxy_authenticate("r.example", "secret", "0"); {_USED}',
        "both": '$var(r) = pv_www_authenticate("r.example", "secret", "0");'
        f' $var(r) = pv_proxy_authenticate("r.example", "secret", "0"); {_USED}',
        "isuser": """
            $var(r) = pv_proxy_authenticate("r.example", "secret", "0"); $var(u) = "alice";
            $var(a) = is_user("alice"); $var(b) = is_user("alice@r.example");
            $var(c) = is_user("Alice"); $var(d) = is_user("$var(u)"); $var(e) = is_user("");
            L("$var(r) $var(a) $var(b) $var(c) $var(d) $var(e)");
            if ($var(r) == -5) { auth_challenge("r.example", "0"); exit; }
            sl_send_reply("299", "Done");
            """,
    },
    parameters='loadmodule "auth.so"\n',
    cancel='$var(r) = pv_proxy_authenticate("r.example", "secret", "0"); L("$var(r)");'
    ' sl_send_reply("200", "OK"); exit;',
)


def _given(**given: Any) -> Try:
    return Try(given)


def _shown(**shown: str | None) -> Try:
    return Try({"shown": shown})


def _altered(pattern: str, text: str) -> Try:
    return Try(alter=lambda line: re.sub(pattern, text, line, count=1))


def _before(make: Callable[[str], str]) -> Try:
    return Try(alter=lambda line: make(line) + line)


_QOP: Final = {"qop": "auth"}
_WRONG: Final = {"password": "wrong"}

# What becomes of credentials: (flags of the challenge, what is tried).
_TRIED: Final[dict[str, tuple[int, Try]]] = {
    "right": (0, Try()),
    "wrong": (0, Try(_WRONG)),
    "capital": (0, _given(user="Alice")),
    "shown-capital": (0, _shown(username="Alice")),
    "domain": (0, _given(user="alice@r.example")),
    "scheme": (0, _given(user="sip:alice@r.example")),
    "no-user": (0, _shown(username=None)),
    "empty-user": (0, _shown(username="")),
    "sql": (0, _given(user="' or 1=1 --")),
    "other-uri": (0, Try(alter=lambda line: line.replace("sip:p@", "sip:x@"))),
    "other-method": (0, Try(reckoned="INFO")),
    "no-uri": (0, _shown(uri=None)),
    "empty-uri": (0, _shown(uri="")),
    "no-nonce": (0, _shown(nonce=None)),
    "empty-nonce": (0, _shown(nonce="")),
    "odd-nonce": (0, _shown(nonce="abc")),
    "altered-nonce": (0, _altered('nonce="....', 'nonce="AAAA')),
    "no-response": (0, _shown(response=None)),
    "short-response": (0, _shown(response="abc")),
    "long-response": (0, _shown(response="a" * 64)),
    "capital-response": (
        0,
        Try(alter=lambda line: re.sub('se="[^"]*', lambda found: found[0].upper(), line)),
    ),
    "no-realm": (0, _shown(realm=None)),
    "other-realm": (0, _shown(realm="other.example")),
    "capital-realm": (0, _shown(realm="R.EXAMPLE")),
    "md5": (0, _shown(algorithm="MD5")),
    "md5-small": (0, _shown(algorithm="md5")),
    "sha": (0, _shown(algorithm="SHA-256")),
    "session": (0, _shown(algorithm="MD5-sess")),
    "odd-algorithm": (0, _shown(algorithm="ODD")),
    "qop": (1, Try(_QOP)),
    "qop-wrong": (1, Try(_QOP | _WRONG)),
    "qop-none": (1, Try()),
    "qop-unasked": (0, Try(_QOP)),
    "qop-odd": (1, Try(_QOP | {"shown": {"qop": "odd"}})),
    "qop-int": (2, _given(qop="auth-int")),
    "no-nc": (1, Try(_QOP | {"shown": {"nc": None}})),
    "no-cnonce": (1, Try(_QOP | {"shown": {"cnonce": None}})),
    "odd-nc": (1, Try(_QOP | {"nc": "zz"})),
    "long-nc": (1, Try(_QOP | {"nc": "0000000001"})),
    "quoted-qop": (1, Try(_QOP, lambda line: line.replace("qop=auth", 'qop="auth"'))),
    "basic": (0, _altered("Digest", "Basic")),
    "small": (0, _altered("Digest", "digest")),
    "no-blanks": (0, Try(alter=lambda line: line.replace(", ", ","))),
    "folded": (0, _altered(", uri", ",\r\n uri")),
    "bare-realm": (0, _altered('realm="r.example"', "realm=r.example")),
    "bare-user": (0, _altered('username="alice"', "username=alice")),
    "semicolon": (0, _altered(", uri", "; uri")),
    "last-comma": (0, _altered("\r\n", ",\r\n")),
    "empty-element": (0, _altered(", uri", ", , uri")),
    "more": (0, _altered("\r\n", ', foo=bar, baz="q,ux"\r\n')),
    "unterminated": (0, _altered('uri="([^"]*)"', r'uri="\1')),
    "twice-user": (0, _altered("Digest ", 'Digest username="bob", ')),
    "two-realms": (0, _before(lambda line: line.replace("r.example", "other.example"))),
    "two-people": (
        0,
        Try(_WRONG, lambda line: re.sub('(name|realm)="[^"]*', r'\1="other', line) + line),
    ),
    "two-wrong-first": (0, _before(lambda line: re.sub('se="[^"]*', 'se="' + "0" * 32, line))),
    "two-basic-first": (0, _before(lambda _: "Proxy-Authorization: Basic foo\r\n")),
    "two-odd-first": (0, _before(lambda _: "Proxy-Authorization: Digest foo\r\n")),
    "wrong-header": (0, _given(header="Authorization")),
}

FLOWS = [
    *(asks(name) for name in _CHALLENGES),
    asks("a1", "register", method="REGISTER"),
    asks("quoted", "quote", extra='X-R: a"b\r\n'),
    asks("quoted", "folded", extra="X-R: a\\\r\n b\r\n"),
    *(asks(name) for name in _TEXTS),
    *(asks(name) for name in ("stateful", "added", "unused", "has")),
    *(
        asks("has", name, extra=f"{line}\r\n")
        for name, line in {
            "www": f'Authorization: Digest realm="{REALM}", username="x"',
            "proxy": 'Proxy-Authorization: Digest realm="R.example"',
            "other": 'Proxy-Authorization: Digest realm="x"',
            "basic": f'Authorization: Basic realm="{REALM}"',
            "from": 'Authorization: Digest realm="caller.example"',
        }.items()
    ),
    asks("p", "cancel", method="CANCEL"),
    *(tries(name, "p", one, flags=flags) for name, (flags, one) in _TRIED.items()),
    tries("int-body", "p", _given(qop="auth-int"), flags=2, body="hello"),
    tries("invite", "p", Try(), method="INVITE"),
    tries("again", "p", Try(), Try(), Try()),
    tries("again-qop", "p", Try(_QOP), Try(_QOP), Try(_QOP | {"nc": 2}), flags=1),
    tries("register", "w", Try(), method="REGISTER"),
    tries("register", "wz", Try(), method="REGISTER"),
    tries("message", "pz", Try()),
    *(tries("tried", name, Try()) for name in ("hash", "capitals", "nohash", "short")),
    tries("register", "wm", Try(), method="REGISTER"),
    *(
        tries(f"{method}-{name}", call, Try(), method=method, to=to, sender=f"{sender};tag=1")
        for call in ("c0", "c1", "c2", "c3")
        for method in ("MESSAGE", "REGISTER", "PUBLISH")
        for name, to, sender in (
            ("own", OWN, OWN),
            ("from", OWN, "<sip:bob@caller.example>"),
            ("to", "<sip:bob@caller.example>", OWN),
        )
    ),
    tries(
        "case", "c1", Try(), method="REGISTER", to="<sip:Alice@x.example>", sender=f"{OWN};tag=1"
    ),
    *(asks(name) for name in ("norealm", "nullpass", "nopass")),
    *(tries("wrong", f"f{flags}", Try(_WRONG)) for flags in (2, 4, 6, 8, 12, 14, 16, 20, 36)),
    tries("wrong", "wf4", Try(_WRONG), method="REGISTER"),
    tries("right", "isuser", Try()),
    tries("domain", "isuser", _given(user="alice@r.example")),
    tries("wrong", "isuser", Try(_WRONG)),
]


def _relayed(name: str, user: str, one: Try) -> Flow:
    uri = f"sip:{user}@127.0.0.1"

    def play(net: Network) -> None:
        net.alice.request("MESSAGE", uri)
        found = challenges(net.alice.wait("407"))[0]
        line = one.alter(answer(found, "MESSAGE", uri, **one.given))
        net.alice.request("MESSAGE", uri, number=2, extra=line)
        net.bob.answer(net.bob.wait("MESSAGE"), 200, "OK")
        net.alice.wait("200")

    return Flow(f"{user}-{name}", f"{user}: {name}", play)


def _with_authorization(line: str) -> str:
    return line + line.replace("Proxy-Authorization", "Authorization")


FLOWS += [
    _relayed("right", "used", Try()),
    _relayed("others", "used", _before(lambda line: line.replace("r.example", "other.example"))),
    _relayed("both", "both", Try(alter=_with_authorization)),
]
