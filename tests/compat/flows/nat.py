"""Phones behind NAT: registered, called and called back, as Kamailio's stock script has it."""

from __future__ import annotations

from typing import Final

from tests.compat.flow import Flow, Incoming, Network
from tests.compat.flow_script import script as flow_script
from tests.compat.registering import RegisteringNetwork

NETWORK = RegisteringNetwork

_MODULES: Final = "".join(
    f'loadmodule "{each}.so"\n' for each in ("rr", "textopsx", "usrloc", "registrar", "nathelper")
)
_NATTED: Final = "10.1.2.3:5099"

_LOOKUP: Final = (
    'if (has_totag()) { loose_route(); } else { lookup("location"); record_route(); }'
    ' L("bound $rc $ru $du $bf"); t_on_branch("NAT"); t_on_reply("NAT"); t_relay();'
)

SCRIPT = flow_script(
    {
        "tests": 'nat_uac_test("512"); L("request $rc"); t_on_reply("TESTS"); t_relay();',
        **dict.fromkeys(("alice", "bob", "carol", "dave"), _LOOKUP),
    },
    parameters=_MODULES
    + """
modparam("usrloc", "nat_bflag", 6)
modparam("registrar", "received_avp", "$avp(RECEIVED)")
modparam("nathelper", "received_avp", "$avp(RECEIVED)")
""",
    before="""
    if (nat_uac_test("19")) {
        L("natted $rm");
        if (is_method("REGISTER")) { fix_nated_register(); setbflag(6); }
        else if (is_first_hop()) { set_contact_alias(); L("alias $rc"); }
    }
    if ($rm == "REGISTER") {
        switch ($hdr(How)) {
            case "fix": fix_nated_contact(); break;
            case "alias": set_contact_alias(); break;
            case "add": add_contact_alias(); break;
            case "receive": add_rcv_param(); break;
            case "receive1": add_rcv_param("1"); break;
        }
        save("location"); L("save $rc $(ulc(p=>addr)[0])"); exit;
    }
    if (has_totag()) { loose_route(); handle_ruri_alias(); L("handled $rc $ru $du"); t_relay();
        exit; }
""",
    more="""
branch_route[NAT] { L("branch $T_branch_idx $du $bf"); }
onreply_route[NAT] {
    if (isbflagset(6)) { L("reply from natted"); set_contact_alias(); L("$rc"); }
}
onreply_route[TESTS] {
    $var(b) = 1;
    while ($var(b) < 1024) { nat_uac_test("$var(b)"); L("$var(b) $rc"); $var(b) = $var(b) * 2; }
}
""",
)


def _register(net: Network, user: str, contact: str, extra: str = "") -> None:
    phone = net.phones[user]
    phone.send(
        "REGISTER sip:127.0.0.1 SIP/2.0\r\n"
        f"Via: SIP/2.0/UDP {_NATTED};rport;branch=z9hG4bK-{net.call}-{user}\r\n"
        f"From: <sip:{user}@a.example>;tag=r1\r\nTo: <sip:{user}@a.example>\r\n"
        f"Call-ID: {net.call}-{user}\r\nCSeq: 1 REGISTER\r\nMax-Forwards: 70\r\n"
        f"Contact: {contact}\r\n{extra}Content-Length: 0\r\n\r\n"
    )
    phone.wait("200")


def _registers(how: str) -> Flow:
    def play(net: Network) -> None:
        _register(net, "alice", f"<sip:alice@{_NATTED};x=y>;q=0.5", f"How: {how}\r\n")

    return Flow(f"save-{how}", "What save() keeps of a Contact that was changed.", play)


def _bracketed(message: Incoming, name: str) -> str:
    return message.value(name).partition("<")[2].partition(">")[0]


def _call(net: Network) -> None:
    """Both are behind NAT: what is called and hung up finds its way by the aliases."""
    _register(net, "bob", f"<sip:bob@{_NATTED}>")
    alice, bob = net.alice, net.bob
    text = alice.compose("INVITE", "sip:bob@127.0.0.1")
    alice.send(text.replace("sip:alice@127.0.0.1:{alice}>", f"sip:alice@{_NATTED}>"))
    invite = bob.wait("INVITE")
    bob.answer(invite, 200, "OK")
    ok = alice.wait("200")
    routes = "".join(f"Route: {line.partition(':')[2]}\r\n" for line in ok.headers("Record-Route"))
    for number, method in ((1, "ACK"), (2, "BYE")):
        alice.request(
            method,
            _bracketed(ok, "Contact"),
            number=number,
            branch=f"z9hG4bK-{method}",
            to=ok.value("To"),
            extra=routes,
        )
        request = bob.wait(method)
        if method == "BYE":
            bob.answer(request, 200, "OK")
            alice.wait("200")
    bob.send(
        f"MESSAGE {_bracketed(invite, 'Contact')} SIP/2.0\r\n"
        f"Via: SIP/2.0/UDP {_NATTED};rport;branch=z9hG4bK-back\r\n"
        f"From: {ok.value('To')}\r\nTo: {ok.value('From')}\r\nCall-ID: {net.call}\r\n"
        f"CSeq: 1 MESSAGE\r\nMax-Forwards: 70\r\n{routes}Content-Length: 0\r\n\r\n"
    )
    alice.answer(alice.wait("MESSAGE"), 200, "OK")
    bob.wait("200")


def _tests(name: str, via: str, replace: tuple[str, str] = ("", "")) -> Flow:
    def play(net: Network) -> None:
        text = net.alice.compose("MESSAGE", "sip:tests@127.0.0.1:{bob}", via=via)
        net.alice.send(text.replace(*replace, 1) if replace[0] else text)
        net.bob.answer(net.bob.wait("MESSAGE"), 200, "OK")
        net.alice.wait("200")

    return Flow(f"reply-{name}", "What nat_uac_test() says of a reply.", play)


_VIA: Final = "UDP 127.0.0.1:{alice}"

FLOWS = [
    *(_registers(how) for how in ("nothing", "fix", "alias", "add", "receive", "receive1")),
    Flow("call", "A call between two phones behind NAT.", _call),
    _tests("plain", ""),
    _tests("rport", ";rport"),
    _tests("other-port", ";rport", (_VIA, "UDP 127.0.0.1:9")),
    _tests("other-host", ";rport", (_VIA, "UDP 10.1.1.1:{alice}")),
    _tests("no-port", ";rport", (_VIA, "UDP 127.0.0.1")),
]
