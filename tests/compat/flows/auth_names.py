"""realm_prefix, use_domain, and the names of header fields and of the AVP."""

from __future__ import annotations

from tests.compat.authenticating import CALLS, Try, answer, tries
from tests.compat.flow import Flow, Network
from tests.compat.flow_script import script

_PARAMETERS = """
loadmodule "auth.so"
modparam("auth", "realm_prefix", "r.")
modparam("auth", "use_domain", 1)
modparam("auth", "www_challenge_header", "X-Who")
modparam("auth", "challenge_attr", "$asked")
"""
SCRIPT = script(
    {
        **{
            name: f"""
                $var(r) = {call}; $var(h) = has_credentials("r.example");
                $var(i) = has_credentials("example"); L("$var(r) $var(h) $var(i) $avp(asked)");
                if ($var(r) == -5) {{ auth_challenge("r.example", "0"); exit; }}
                sl_send_reply("299", "Done");
                """
            for name, call in CALLS.items()
        },
    },
    parameters=_PARAMETERS,
)

_OWN = "<sip:alice@caller.example>"
_AT = "<sip:alice@example>"


def _asked(net: Network) -> None:
    net.alice.request("REGISTER", "sip:w@127.0.0.1")
    net.alice.wait("401")


def _own(name: str, sender: str, to: str, user: str, *, method: str = "REGISTER") -> Flow:
    # The header field of a 401 has another name, so a REGISTER tells its realm from the start.
    uri = "sip:c1@127.0.0.1"
    if method != "REGISTER":
        return tries(name, "c1", Try({"user": user}), to=to, sender=f"{sender};tag=1")

    def play(net: Network) -> None:
        net.alice.request("MESSAGE", uri)
        nonce = net.alice.wait("407").value("Proxy-Authenticate").split('"')[3]
        line = answer(
            {"realm": "example", "nonce": nonce}, method, uri, user, header="Authorization"
        )
        net.alice.request(method, uri, number=2, extra=line, to=to, sender=f"{sender};tag=1")
        net.alice.wait("299", "401")

    return Flow(f"c1-{name}", f"c1: {name}", play)


FLOWS = [
    Flow("w", "the name of the header field", _asked),
    tries("right", "p", Try()),
    tries("asked", "f36", Try({"password": "wrong"})),
    _own("own", _OWN, _OWN, "alice"),
    _own("other-to", _OWN, "<sip:alice@other.example>", "alice"),
    _own("other-from", "<sip:alice@other.example>", _OWN, "alice"),
    _own("domain", _OWN, _OWN, "alice@caller.example"),
    _own("realm", _OWN, _OWN, "alice@example"),
    _own("case", "<sip:alice@EXAMPLE>", _AT, "alice"),
    _own("at-realm", _AT, _AT, "alice"),
    _own("at-realm-prefix", "<sip:alice@r.example>", "<sip:alice@r.example>", "alice"),
    _own("other-user", _OWN, _OWN, "alice@other.example"),
    _own("message", _AT, "<sip:bob@x>", "alice", method="MESSAGE"),
    _own("message-from", _OWN, "<sip:bob@x>", "alice", method="MESSAGE"),
    _own("message-user", _OWN, "<sip:bob@x>", "alice@other.example", method="MESSAGE"),
]
