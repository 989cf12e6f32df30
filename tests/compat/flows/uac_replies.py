"""uac in the mode auto: From and To on the way back, and in the requests that follow."""

from __future__ import annotations

from typing import Final

from tests.compat.flow import Flow, Incoming, Network
from tests.compat.flow_script import BOB, CAROL, script

_LOAD: Final = 'loadmodule "textopsx.so"\nloadmodule "rr.so"\nloadmodule "uac.so"\n'
_NEW: Final = "sip:new@n.example"

BLOCKS: Final = {
    "from": f'record_route(); uac_replace_from("{_NEW}"); t_relay();',
    "name": 'record_route(); uac_replace_from("\\"Joe\\"", ""); t_relay();',
    "fromname": f'record_route(); uac_replace_from("\\"Joe\\"", "{_NEW}"); t_relay();',
    "to": f'record_route(); uac_replace_to("{_NEW}"); t_relay();',
    "both": f"""
        record_route(); uac_replace_from("Joe", "{_NEW}");
        uac_replace_to("Ann", "sip:to@n.example"); t_relay();
        """,
    "noroute": f'uac_replace_from("{_NEW}"); t_relay();',
    "applied": f"""
        uac_replace_from("Joe", "{_NEW}"); uac_replace_to("sip:to@n.example");
        msg_apply_changes(); L("$fu $tu $avp(of) $avp(ot)"); t_relay();
        """,
    "replied": f"""
        t_newtran(); uac_replace_from("{_NEW}"); uac_replace_to("{_NEW}"); t_reply("486", "No");
        """,
    "forked": """
        record_route(); append_branch("sip:carol@127.0.0.1:{carol}"); t_on_branch("REPLACES");
        t_relay();
        """,
    "forkedone": """
        record_route(); append_branch("sip:carol@127.0.0.1:{carol}"); t_on_branch("SECOND");
        t_relay();
        """,
    "again": f"""
        record_route(); uac_replace_from("{_NEW}"); t_on_failure("REPLACES"); t_relay();
        """,
    "onreply": f"""
        record_route(); uac_replace_from("{_NEW}"); t_on_reply("SEEN"); t_relay();
        """,
    "changed": f"""
        record_route(); uac_replace_from("{_NEW}"); t_on_reply("CHANGES"); t_relay();
        """,
    "branch": """
        record_route(); t_on_branch("REPLACES"); t_relay();
        """,
    "failed": f"""
        record_route(); uac_replace_from("{_NEW}"); t_on_failure("AGAIN"); t_relay();
        """,
    "failedlater": """
        record_route(); t_on_failure("REPLACES"); t_relay();
        """,
    "assigned": f"""
        record_route(); $fu = "{_NEW}"; $tu = "sip:to@n.example"; t_relay();
        """,
}

_FOLLOWING: Final = """
    if (loose_route()) { t_on_reply("SEEN"); L("$rm $fu $tu"); t_relay(); exit; }
"""


def script_of(parameters: str) -> str:
    """The script with these parameters of uac; each block sends to bob."""
    return script(
        {name: f'$ru = "{BOB}";{body}' for name, body in BLOCKS.items()},
        before=_FOLLOWING,
        parameters=_LOAD + parameters,
        more=f"""
        onreply_route[SEEN] {{ L("$rs $fu $fn $tu $avp(of)"); }}
        onreply_route[CHANGES] {{ $fu = "sip:mine@m.example"; }}
        branch_route[SECOND] {{
            if ($T_branch_idx == 1) {{
                uac_replace_from("{_NEW}"); uac_replace_to("sip:to@n.example");
            }}
        }}
        branch_route[REPLACES] {{
            L("$T_branch_idx $fu"); uac_replace_from("{_NEW}"); uac_replace_to("sip:to@n.example");
        }}
        failure_route[AGAIN] {{ L("$rs $fu"); $ru = "{CAROL}"; t_relay(); }}
        failure_route[REPLACES] {{ $ru = "{CAROL}"; t_on_branch("REPLACES"); t_relay(); }}
        """,
    )


SCRIPT: Final = script_of(
    """
    modparam("uac", "restore_from_avp", "$avp(of)")
    modparam("uac", "restore_to_avp", "$avp(ot)")
    """
)


def _route(message: Incoming) -> str:
    return "".join(
        f"Route: {line.partition(':')[2].strip()}\r\n" for line in message.headers("Record-Route")
    )


def _calls(name: str, code: int, *, far: bool = False, from_: str = "") -> Flow:
    def play(net: Network) -> None:
        net.alice.request("INVITE", f"sip:{name}@127.0.0.1")
        one = net.bob.wait("INVITE")
        net.bob.answer(one, 180, "Ringing")
        net.alice.wait("180")
        net.bob.answer(one, code, "Answer")
        if code >= 300:
            net.bob.wait("ACK")
            if name.startswith("failed"):
                two = net.carol.wait("INVITE")
                net.carol.answer(two, 487, "No")
                net.carol.wait("ACK")
                net.alice.wait("487")
            else:
                net.alice.wait(str(code))
            return
        back = net.alice.wait("200")
        route = _route(back)
        to = back.value("To")
        net.alice.request("ACK", BOB, to=to, extra=route, branch=f"z9hG4bK-{name}-ack")
        net.bob.wait("ACK")
        if far:
            _bye_from_bob(net, one, route)
        else:
            net.alice.request("BYE", BOB, to=to, extra=route, number=2)
            bye = net.bob.wait("BYE")
            net.bob.answer(bye, 200, "Bye")
            net.alice.wait("200")

    return Flow(f"{name}-{code}{'-far' if far else ''}", f"both ends of: {name}", play)


def _bye_from_bob(net: Network, invite: Incoming, route: str) -> None:
    port = net.bob.port
    own, peer = invite.value("To"), invite.value("From")
    net.bob.send(
        f"BYE sip:alice@127.0.0.1:{{alice}} SIP/2.0\r\n"
        f"Via: SIP/2.0/UDP 127.0.0.1:{port};branch=z9hG4bK-{net.call}-far\r\n"
        f"From: {own};tag=bob-tag\r\nTo: {peer}\r\n"
        f"Call-ID: {net.call}\r\nCSeq: 9 BYE\r\nMax-Forwards: 70\r\n"
        f"{route}Content-Length: 0\r\n\r\n"
    )
    bye = net.alice.wait("BYE")
    net.alice.answer(bye, 200, "Bye")
    net.bob.wait("200")


def _cancel(net: Network) -> None:
    net.alice.request("INVITE", "sip:both@127.0.0.1")
    one = net.bob.wait("INVITE")
    net.bob.answer(one, 180, "Ringing")
    net.alice.wait("180")
    net.alice.request("CANCEL", "sip:both@127.0.0.1", branch=f"z9hG4bK-alice-{net.call}-1")
    cancel = net.bob.wait("CANCEL")
    net.bob.answer(cancel, 200, "OK")
    net.bob.answer(one, 487, "Terminated")
    net.alice.wait("487")


def _message(name: str) -> Flow:
    def play(net: Network) -> None:
        net.alice.request("MESSAGE", f"sip:{name}@127.0.0.1")
        one = net.bob.wait("MESSAGE")
        net.bob.answer(one, 200, "OK")
        net.alice.wait("200")

    return Flow(f"{name}-message", f"a MESSAGE: {name}", play)


def _forged(net: Network) -> None:
    """The phone answers with another From and To than it got."""
    net.alice.request("MESSAGE", "sip:both@127.0.0.1")
    one = net.bob.wait("MESSAGE")
    text = one.text.replace("new@n.example", "other@o.example").replace("to@n.example", "t@o")
    net.bob.answer(Incoming(text), 200, "OK")
    net.alice.wait("200")


def _replied(net: Network) -> None:
    net.alice.request("MESSAGE", "sip:replied@127.0.0.1")
    net.alice.wait("486")


def _named(name: str, label: str, sender: str, to: str) -> Flow:
    def play(net: Network) -> None:
        net.alice.request("MESSAGE", f"sip:{name}@127.0.0.1", sender=sender, to=to)
        one = net.bob.wait("MESSAGE")
        net.bob.answer(one, 200, "OK")
        net.alice.wait("200")

    return Flow(f"named-{name}-{label}", f"From {sender}: {name}", play)


def _forked(name: str) -> Flow:
    def play(net: Network) -> None:
        net.alice.request("INVITE", f"sip:{name}@127.0.0.1")
        one, two = net.bob.wait("INVITE"), net.carol.wait("INVITE")
        net.bob.answer(one, 180, "Ringing")
        net.alice.wait("180")
        net.carol.answer(two, 183, "Ringing")
        net.alice.wait("183")
        net.bob.answer(one, 486, "Busy")
        net.bob.wait("ACK")
        net.carol.answer(two, 480, "No")
        net.carol.wait("ACK")
        net.alice.wait("480", "486")

    return Flow(name, "two branches", play)


def _retarget(net: Network) -> None:
    net.alice.request("INVITE", "sip:again@127.0.0.1")
    one = net.bob.wait("INVITE")
    net.bob.answer(one, 486, "Busy")
    two = net.carol.wait("INVITE")
    net.carol.answer(two, 487, "No")
    net.alice.wait("487")


_ADDRESSES: Final = {
    "quoted": (
        '"Al" <sip:alice@caller.example>;x=y;tag=alice-tag',
        '"Bo" <sip:bob@callee.example>;z=1',
    ),
    "bare": ("sip:alice@caller.example;tag=alice-tag", "sip:bob@callee.example;z=1"),
    "token": ("Al <sip:alice@caller.example> ;tag=alice-tag", "<sip:bob@callee.example;p=1>"),
}
_CALLS: Final = (
    "from", "name", "fromname", "to", "both", "noroute", "applied", "onreply", "changed", "branch",
    "assigned",
)  # fmt: skip

FLOWS = [
    *(_calls(name, 200) for name in _CALLS),
    *(_calls(name, 200, far=True) for name in ("from", "name", "to", "both", "applied")),
    *(_calls(name, 486) for name in ("from", "both", "onreply", "branch", "failed", "failedlater")),
    *(_message(name) for name in ("from", "to", "both", "noroute", "applied", "assigned")),
    Flow("cancel", "a CANCEL has the From that was sent", _cancel),
    Flow("forged", "a reply with another From than it was sent", _forged),
    Flow("replied", "an answer of our own shows what came", _replied),
    Flow("again", "replaced, then replaced once more in failure_route", _retarget),
    *(_forked(name) for name in ("forked", "forkedone")),
    *(
        _named(name, label, *addresses)
        for name in ("from", "name", "fromname", "both", "applied")
        for label, addresses in _ADDRESSES.items()
    ),
]
