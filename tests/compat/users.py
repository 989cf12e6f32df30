"""Flows in which a user shows credentials, and is looked for by uri_db and group."""

from __future__ import annotations

from typing import Final, NamedTuple

from tests.compat.authenticating import answer, challenges
from tests.compat.case import Files
from tests.compat.flow import Flow, Network
from tests.compat.flow_script import script
from tests.kamailio_tables import tables

_ASK: Final = "sip:ask@127.0.0.1"
FILES: Files = {
    "db": tables(
        {
            "uri": [
                ("alice", "home.org", "alice"),
                ("alice", "home.org", "ali"),
                ("bob", "home.org", "shared"),
                ("alice", "other.org", "oth"),
                ("al'ice", "home.org", "q'uote"),
            ],
            "subscriber": [("alice", "home.org"), ("bob", "home.org"), ("al'ice", "home.org")],
            "grp": [
                ("alice", "home.org", "ld"),
                ("alice", "other.org", "int"),
                ("bob", "home.org", "ld"),
                ("al'ice", "home.org", "q'g"),
                ("", "home.org", "nouser"),
            ],
            "re_grp": [
                ("^sip:alice@.*", 1),
                ("alice", 2),
                ("^sip:ALICE", 3),
                ("(alice|x)@home", 4),
                ("bob", 5),
                ("^sips:", 6),
                ("alice@home.org$", 7),
                ("a+lice", 8),
            ],
        }
    )
}
_WHO: Final = ("Request-URI", "To", "From", "credentials", "$avp(u)", "$avp(none)")
_GROUPS: Final = ("ld", "int", "LD", "q'g", "x' or '1'='1")


_CALLS: Final = (
    "check_from()",
    "check_to()",
    'check_uri("$ru")',
    'check_uri("$fu")',
    "does_uri_exist()",
    'check_uri("nonsense")',
    'check_uri("$avp(none)")',
)


def _checked() -> str:
    piece = "".join(
        f'$var(r) = {call}; L("{call.partition("(")[0]} $var(r)");\n' for call in _CALLS
    )
    for who in _WHO:
        for group in _GROUPS:
            piece += f'$var(r) = is_user_in("{who}", "{group}"); L("{who.strip("$")} $var(r)");\n'
        piece += (
            f'$(avp(g)[*]) = $null; $var(r) = get_user_group("{who}", "$avp(g)");'
            f' L("{who.strip("$")} groups $var(r) $(avp(g)[*])");\n'
        )
    return piece


def users(parameters: str) -> str:
    """A script that says what it finds of whoever asks."""
    return script(
        {
            "ask": """
                if ($hdr(X-R) != $null) {
                    if (!pv_proxy_authenticate("$hdr(X-R)", "secret", "0")) {
                        proxy_challenge("$hdr(X-R)", "0"); exit;
                    }
                }
                $ru = $hdr(X-U); $avp(u) = "sip:alice@other.org";
                """
            + _checked()
            + ' sl_send_reply("299", "Asked");'
        },
        parameters='loadmodule "db_sqlite.so"\nloadmodule "auth.so"\n'
        'loadmodule "uri_db.so"\nloadmodule "group.so"\n'
        'modparam("uri_db|group", "db_url", "sqlite:///{folder}/db")\n'
        f'modparam("group", "re_table", "re_grp")\n{parameters}',
    )


class _Asker(NamedTuple):
    name: str
    sender: str
    to: str
    uri: str
    user: str = "alice"
    realm: str = "home.org"


def _same(name: str, uri: str, user: str = "alice", realm: str = "home.org") -> _Asker:
    return _Asker(name, uri, uri, uri, user, realm)


_HOME: Final = "sip:alice@home.org"
_ASKERS: Final = (
    _same("nobody", _HOME, ""),
    _same("same", _HOME),
    _same("other-name", "sip:ali@home.org"),
    _same("other-domain", "sip:alice@other.org"),
    _same("his-elsewhere", "sip:oth@home.org"),
    _same("of-others", "sip:shared@home.org"),
    _same("another", "sip:bob@home.org"),
    _same("capitals", "sip:ALICE@home.org"),
    _same("domain-capitals", "sip:alice@HOME.org"),
    _same("no-user", "sip:home.org"),
    _same("tel", "tel:alice"),
    _same("sips", "sips:alice@home.org"),
    _same("parts", "sip:alice:pw@home.org:5060;x=y"),
    _same("quote", "sip:q'uote@home.org", "al'ice"),
    _same("or", "sip:x'or'1'='1@home.org"),
    _same("realm-capitals", _HOME, "alice", "HOME.org"),
    _same("user-at", _HOME, "alice@home.org"),
    _same("user-elsewhere", "sip:oth@home.org", "alice@other.org"),
    _same("not-his", _HOME, "bob"),
    _Asker("no-uris", "nonsense", "nonsense", "nonsense"),
    _Asker("three", "sip:bob@home.org", "sip:alice@other.org", _HOME, "q"),
    _Asker("three-more", "tel:alice", "sip:alice@HOME.org", "sip:bob@x.org", "bob", "other.org"),
)


def _flow(asker: _Asker) -> Flow:
    def play(net: Network) -> None:
        alice = net.alice
        extra = f"X-U: {asker.uri}\r\n"
        whom = {"to": f"<{asker.to}>", "sender": f"<{asker.sender}>;tag=a"}
        if not asker.user:
            alice.request("MESSAGE", _ASK, extra=extra, **whom)
        else:
            extra += f"X-R: {asker.realm}\r\n"
            alice.request("MESSAGE", _ASK, extra=extra, **whom)
            asked = challenges(alice.wait("407"))[0]
            line = answer(asked, "MESSAGE", _ASK, asker.user)
            alice.request("MESSAGE", _ASK, number=2, extra=extra + line, **whom)
        alice.wait("299")

    return Flow(asker.name, f"{asker.user or 'nobody'} as {asker.sender}", play)


FLOWS: Final = [_flow(each) for each in _ASKERS]
