"""The variables of tmx in each kind of block."""

from __future__ import annotations

from tests.compat.flow import Flow, Network
from tests.compat.flow_script import BOB, CAROL, script

_NAMES = (
    *("T_branch_idx", "T_reply_code", "T_reply_reason", "T_reply_last", "T_reply_ruid"),
    *("T(reply_code)", "T(branch_index)"),
    *("T(reply_type)", "T_branch(uri)", "T_branch(flags)", "T_req(ru)", "T_req(si)"),
)
_PVS = ("T_req($ru)", "T_req($rm)", "T_req($mf)", "T_req($avp(a))", "T_req($hdr(X-A))")
_RPL = (
    "T_rpl($rs)",
    "T_rpl($rr)",
    "T_rpl($hdr(X-A))",
    "T_rpl($sp)",
    "T_rpl($ru)",
    "T_rpl($avp(a))",
)
_INV = ("T_inv($ru)", "T_inv($rm)", "T_inv($mf)", "T_inv($avp(a))")
_SHOWN = (
    "".join(f'    L("  {name}=[${name}]");\n' for name in (*_NAMES[:10], *_PVS, *_RPL, *_INV))
    + """
    if ($T(id_index) == $null) L("no id"); else L("an id");
    if ($T(id_label) == $null) L("no label"); else L("a label");
    L("  rs=[$rs] rr=[$rr] rc=$rc");
    L("  status=$(T_reply_code{s.len}) $(T_rpl($hdr(X-A)){s.toupper})");
"""
)

SCRIPT = script(
    {
        "plain": 'route(SHOW); t_newtran(); route(SHOW); t_reply("180", "Ring it"); '
        'route(SHOW); t_reply("480", "Gone away"); route(SHOW);',
        "made": 'if ($T(id_index_n) == $null) L("none"); else L("made"); '
        'if (t_lookup_request()) L("there"); t_reply("480", "Gone");',
        "relay": f"""
            setflag(3); $avp(a) = "x"; t_on_branch("B"); t_on_reply("R"); t_on_failure("F");
            t_on_branch_failure("BF");
            setbflag(1);
            $ru = "{BOB}"; append_branch("{CAROL}"); t_relay(); route(SHOW);
            """,
    },
    parameters='modparam("tm", "fr_timer", 700)\nmodparam("tm", "fr_inv_timer", 1000)',
    cancel="""
        L("cancel"); route(SHOW); t_lookup_cancel(); route(SHOW); t_relay(); route(SHOW); exit;
        """,
    more=f"""
    route[SHOW] {{ L("show");\n{_SHOWN} }}
    branch_route[B] {{ L("branch"); setbflag(5); route(SHOW); }}
    onreply_route[R] {{ L("reply"); route(SHOW); }}
    failure_route[F] {{
        L("failure"); route(SHOW);
        if ($T_reply_code == 487) {{ t_reply("499", "x"); L("replied"); route(SHOW); }}
    }}
    event_route[tm:branch-failure:BF] {{ L("branch failure"); route(SHOW); }}
    """,
)


def _plain(net: Network) -> None:
    net.alice.request("OPTIONS", "sip:plain@127.0.0.1")
    net.alice.wait("480")


def _made(net: Network) -> None:
    net.alice.request("OPTIONS", "sip:made@127.0.0.1")
    net.alice.wait("480")


def _fail(net: Network) -> None:
    net.alice.request("INVITE", "sip:relay@127.0.0.1", extra="X-A: alice\r\n")
    one, two = net.bob.wait("INVITE"), net.carol.wait("INVITE")
    net.bob.answer(one, 180, "Ringing", extra="X-A: bob\r\n")
    net.alice.wait("180")
    net.bob.answer(one, 486, "Busy one", extra="X-A: bob\r\n")
    net.bob.wait("ACK")
    net.carol.answer(two, 404, "Not here", extra="X-A: carol\r\n")
    net.carol.wait("ACK")
    net.alice.wait("404")


def _cancel(net: Network) -> None:
    net.alice.request("INVITE", "sip:relay@127.0.0.1", extra="X-A: alice\r\n")
    one, two = net.bob.wait("INVITE"), net.carol.wait("INVITE")
    net.bob.answer(one, 180, "Ringing", extra="X-A: bob\r\n")
    net.alice.wait("180")
    net.carol.answer(two, 180, "Ringing", extra="X-A: carol\r\n")
    net.alice.wait("180")
    net.alice.request("CANCEL", "sip:relay@127.0.0.1")
    net.alice.wait("200")
    net.bob.answer(net.bob.wait("CANCEL"), 200, "OK")
    net.bob.answer(one, 487, "Terminated", extra="X-A: bob\r\n")
    net.bob.wait("ACK")
    net.carol.answer(net.carol.wait("CANCEL"), 200, "OK")
    net.carol.answer(two, 487, "Terminated", extra="X-A: carol\r\n")
    net.carol.wait("ACK")
    net.alice.wait("487", "499")


def _timeout(net: Network) -> None:
    net.alice.request("INVITE", "sip:relay@127.0.0.1", extra="X-A: alice\r\n")
    one, two = net.bob.wait("INVITE"), net.carol.wait("INVITE")
    net.bob.answer(one, 486, "Busy one", extra="X-A: bob\r\n")
    net.bob.wait("ACK")
    del two
    net.alice.wait("408", "486")


FLOWS = [
    Flow("plain", "without a transaction, with one, answered", _plain),
    Flow("made", "$T(id_index_n) makes a transaction", _made),
    Flow("fail", "two branches that fail", _fail),
    Flow("cancel", "a CANCEL", _cancel),
    Flow("timeout", "a branch that times out", _timeout),
]
