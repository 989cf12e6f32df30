"""What a phone answers to a challenge, made apart from the server (RFC 7616, RFC 8760)."""

from __future__ import annotations

import hashlib
import re
import time
from collections.abc import Callable, Mapping
from typing import Any, Final, NamedTuple

from tests.compat.flow import Flow, Incoming, Network
from tests.compat.flow_script import script

HEADERS: Final = {
    "401": ("WWW-Authenticate", "Authorization"),
    "407": ("Proxy-Authenticate", "Proxy-Authorization"),
}
_HASHES: Final = {
    "MD5": "md5",
    "SHA-256": "sha256",
    "SHA-512": "sha512",
    "SHA-512-256": "sha512_256",
}
_PARAMETER: Final = re.compile(r'(\w+)=(?:"((?:[^"\\]|\\.)*)"|([^",\s]+))')
# As it is written when they are put together; those that are None are left out.
_ORDER: Final = (
    "username",
    "realm",
    "nonce",
    "uri",
    "qop",
    "nc",
    "cnonce",
    "response",
    "algorithm",
    "opaque",
)
_BARE: Final = ("qop", "nc", "algorithm")


def hashed(algorithm: str, text: str) -> str:
    name = _HASHES.get(algorithm.upper(), "md5")
    return hashlib.new(name, text.encode("utf-8", "surrogateescape")).hexdigest()


def ha1(user: str, realm: str, password: str, algorithm: str = "MD5") -> str:
    """What may be kept in place of a password."""
    return hashed(algorithm, f"{user}:{realm}:{password}")


def challenges(reply: Incoming) -> list[dict[str, str]]:
    """The parameters of each challenge of a 401 or 407."""
    return [
        {name: quoted or bare for name, quoted, bare in _PARAMETER.findall(line)}
        for line in reply.headers(HEADERS[reply.what][0])
    ]


def answer(
    challenge: dict[str, str],
    method: str,
    uri: str,
    user: str = "alice",
    password: str = "secret",
    *,
    qop: str | None = None,
    nc: str | int = 1,
    cnonce: str = "0a4f113b",
    body: str = "",
    header: str = "Proxy-Authorization",
    first: str | None = None,
    shown: dict[str, str | None] | None = None,
) -> str:
    """The header line with the credentials.

    `first` is HA1 in place of the password; `shown` are parameters written otherwise than they
    were reckoned with, None to leave one out.
    """
    algorithm = challenge.get("algorithm", "MD5")
    realm, nonce = challenge["realm"], challenge["nonce"]
    count = nc if isinstance(nc, str) else f"{nc:08x}"
    one = first or ha1(user, realm, password, algorithm)
    two = f"{method}:{uri}"
    if qop == "auth-int":
        two += f":{hashed(algorithm, body)}"
    middle = f"{nonce}:{count}:{cnonce}:{qop}" if qop else nonce
    values: dict[str, str | None] = {
        "username": user,
        "realm": realm,
        "nonce": nonce,
        "uri": uri,
        "response": hashed(algorithm, f"{one}:{middle}:{hashed(algorithm, two)}"),
        "algorithm": challenge.get("algorithm"),
    }
    if qop:
        values |= {"qop": qop, "nc": count, "cnonce": cnonce}
    values |= shown or {}
    parts = [
        f"{name}={value}" if name in _BARE else f'{name}="{value}"'
        for name in _ORDER
        if (value := values.get(name)) is not None
    ]
    return f"{header}: Digest {', '.join(parts)}\r\n"


# --- flows -------------------------------------------------------------------------------------

REALM: Final = "r.example"
HA1: Final = ha1("alice", REALM, "secret")
OWN: Final = "<sip:alice@caller.example>"


def block(call: str) -> str:
    """What a call makes of a request: told in the log; without credentials it is challenged.

    The header field X-F has the flags of the challenge.
    """
    return (
        f'$var(r) = {call}; L("$var(r) $au $ar [$avp(digest_challenge)]");'
        f' if ($var(r) == -5) {{ auth_challenge("{REALM}", "$(hdr(X-F){{s.int}})"); exit; }}'
        ' sl_send_reply("299", "Done");'
    )


CALLS: Final = {
    "w": 'pv_www_authenticate("r.example", "secret", "0")',
    "p": 'pv_proxy_authenticate("r.example", "secret", "0")',
    "f36": 'pv_proxy_authenticate("r.example", "secret", "36")',
    "c1": 'pv_auth_check("r.example", "secret", "4", "1")',
}


class Try(NamedTuple):
    """One answer to the challenge: what `answer` is given, and what of the request is other.

    alter     what is made of the header line
    uri       the Request-URI
    reckoned  the method that the answer is for
    """

    given: Mapping[str, Any] = {}
    alter: Callable[[str], str] = str
    method: str = ""
    uri: str = ""
    reckoned: str = ""
    call: str | None = None
    tag: str | None = None
    to: str | None = None


def tries(
    name: str,
    user: str,
    *each: Try,
    method: str = "MESSAGE",
    flags: int = 0,
    body: str = "",
    to: str = "",
    sender: str = "",
    later: bool = False,
) -> Flow:
    """A request that is challenged, and then sent with credentials, once or several times.

    `later`: not before the clock shows another second, when a nonce for 0 seconds is too old.
    """
    uri = f"sip:{user}@127.0.0.1"
    extra = f"X-F: {flags}\r\n"

    def play(net: Network) -> None:
        alice = net.alice
        alice.request(method, uri, extra=extra, body=body, to=to, sender=sender)
        asked = alice.wait("401", "407")
        found = challenges(asked)[0]
        header = HEADERS[asked.what][1]
        if later:
            # Kamailio reads a coarse clock, which is some milliseconds behind.
            time.sleep(1.05 - time.time() % 1)
        for number, one in enumerate(each, 2):
            what, whereto = one.method or method, one.uri or uri
            given = {"header": header, "body": body, **one.given}
            line = answer(found, one.reckoned or what, whereto, **given)
            alice.request(
                what,
                whereto,
                number=number,
                extra=f"{extra}{one.alter(line)}",
                body=body,
                to=to if one.to is None else one.to,
                sender=sender,
                call=one.call,
                tag=one.tag,
            )
            alice.wait("299", "200", "401", "407", "500")

    return Flow(f"{user}-{name}", f"{user}: {name}", play)


def plain(parameters: str) -> str:
    """A script with parameters of auth, and a block for each of `CALLS`."""
    return script(
        {name: block(call) for name, call in CALLS.items()},
        parameters=f'loadmodule "auth.so"\n{parameters}\n',
    )


def asks(
    user: str, name: str = "", *, method: str = "MESSAGE", extra: str = "", to: str = ""
) -> Flow:
    """One request, and the answer to it."""

    def play(net: Network) -> None:
        net.alice.request(method, f"sip:{user}@127.0.0.1", extra=extra, to=to)
        net.alice.wait("299", "200", "401", "407", "500")

    return Flow(f"{user}-{name}" if name else user, f"{user}: {name or 'asked'}", play)
