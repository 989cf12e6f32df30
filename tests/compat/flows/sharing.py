"""What the blocks of one transaction share: flags, AVPs, xavps, the Request-URI, header edits."""

from __future__ import annotations

from tests.compat.flow import Flow, Network
from tests.compat.flow_script import BOB, CAROL, script

_SHOW = (
    "$rm $ru du=$du flags=$mf avp=$avp(a) xavp=$xavp(x=>y) "
    "idx=$T_branch_idx code=$T_reply_code br=$br fs=$fs"
)

_CHANGE = """
    setflag({n}); $avp(a) = "{name}"; $xavp(x=>y) = "{name}"; setbflag({n}); setsflag({n});
    append_hf("X-{name}: yes\\r\\n");
"""


def _show(name: str) -> str:
    return f"""
    L("{name}: {_SHOW}");
    $var(f) = "";
    if (isbflagset(1)) $var(f) = $var(f) + "1"; if (isbflagset(2)) $var(f) = $var(f) + "2";
    if (isbflagset(3)) $var(f) = $var(f) + "3"; if (isbflagset(4)) $var(f) = $var(f) + "4";
    if (isbflagset(5)) $var(f) = $var(f) + "5";
    if (issflagset(1)) $var(f) = $var(f) + "a"; if (issflagset(2)) $var(f) = $var(f) + "b";
    if (issflagset(3)) $var(f) = $var(f) + "c"; if (issflagset(4)) $var(f) = $var(f) + "d";
    L("{name}: bflags and sflags $var(f)");
    """


def _change(name: str, n: int) -> str:
    return _CHANGE.format(name=name, n=n)


SCRIPT = script(
    {
        "one": f"""
            $ru = "{BOB}";
            t_on_failure("F"); t_on_branch("B"); t_on_reply("R");
            {_change("request", 1)}
            t_relay();
            {_show("after")}
            $avp(late) = "late"; setflag(9);
            """,
        "two": f"""
            $ru = "{BOB}"; $du = "sip:127.0.0.1:{{dave}}";
            append_branch("{CAROL}");
            $du = $null;
            t_on_failure("F"); t_on_branch("B"); t_on_reply("R");
            {_change("request", 1)}
            t_relay();
            {_show("after")}
            """,
    },
    parameters='modparam("tm", "fr_timer", 700)\nmodparam("tm", "fr_inv_timer", 1500)',
    more=f"""
    branch_route[B] {{ {_show("branch")} {_change("branch", 2)}
        $rU = "changed"; append_hf("X-Idx: $T_branch_idx\\r\\n"); {_show("branch2")} }}
    onreply_route[R] {{ {_show("reply")} {_change("reply", 3)} L("late $avp(late)"); }}
    failure_route[F] {{ {_show("failure")} {_change("failure", 4)}
        L("late $avp(late)");
        if ($T_reply_code == 404) {{
            $ru = "{CAROL}"; t_on_failure("F"); t_on_branch("B");
            $var(r) = t_relay(); L("relay $var(r)");
        }}
        else if ($T_reply_code == 405) {{
            $du = "sip:127.0.0.1:{{carol}}"; t_on_failure("F");
            $var(r) = t_relay(); L("relay $var(r)");
        }}
        else if ($T_reply_code == 406) {{
            append_branch("{CAROL}"); t_on_failure("F");
            $var(r) = t_relay(); L("relay $var(r)");
        }}
        else if ($T_reply_code == 410) {{
            t_on_failure("F"); $var(r) = t_relay(); L("relay $var(r)");
        }}
        else if ($T_reply_code == 411) {{
            append_branch(); t_on_failure("F");
            $var(r) = t_relay(); L("relay $var(r)");
        }}
        else if ($T_reply_code == 412) {{
            $ru = "{CAROL}"; append_branch(); t_on_failure("F");
            $var(r) = t_relay(); L("relay $var(r)");
        }}
        else if ($T_reply_code == 413) {{ append_to_reply("X-Mine: 1\\r\\n");
            $var(r) = t_reply("480", "Mine"); L("reply $var(r)"); }}
        else if ($T_reply_code == 414) {{ append_hf("X-Failure: 1\\r\\n"); drop; }}
        else if ($T_reply_code == 417) {{ exit; }}
        else if ($T_reply_code == 418) {{ send_reply("481", "Sent"); }}
        else if ($T_reply_code == 421) {{
            append_branch("{CAROL}"); $ru = "sip:dave@127.0.0.1:{{dave}}"; t_on_failure("F");
            $var(r) = t_relay(); L("relay $var(r)");
        }}
    }}
    """,
)


def _one(code: int, *, second: bool) -> Flow:
    def play(net: Network) -> None:
        net.alice.request("INVITE", "sip:one@127.0.0.1")
        one = net.bob.wait("INVITE")
        net.bob.answer(one, 180, "Ringing")
        net.alice.wait("180")
        net.bob.answer(one, code, "No", extra="X-Bob: 1\r\n")
        net.bob.wait("ACK")
        if second:
            two = net.carol.wait("INVITE", seconds=0.5)
            net.carol.answer(two, 486, "Busy", extra="X-Carol: 1\r\n")
            net.carol.wait("ACK")
        net.alice.wait(str(code), "486", "480", "481", "404", "500")

    return Flow(f"one-{code}", f"a branch fails with {code}", play)


def _two(net: Network) -> None:
    net.alice.request("INVITE", "sip:two@127.0.0.1")
    one = net.bob.wait("INVITE")
    two = net.dave.wait("INVITE")
    net.bob.answer(one, 180, "Ringing")
    net.alice.wait("180")
    net.dave.answer(two, 183, "Progress")
    net.alice.wait("183")
    net.bob.answer(one, 486, "Busy")
    net.bob.wait("ACK")
    net.dave.answer(two, 480, "Away")
    net.dave.wait("ACK")
    net.alice.wait("480", "486")


def _answered(net: Network) -> None:
    net.alice.request("INVITE", "sip:one@127.0.0.1")
    net.bob.answer(net.bob.wait("INVITE"), 200, "OK")
    net.alice.wait("200")


FLOWS = [
    *(_one(code, second=True) for code in (404, 405, 406, 412)),
    *(_one(code, second=False) for code in (410, 411, 413, 414, 417, 418, 486)),
    Flow("two", "two branches", _two),
    Flow("answered", "a success", _answered),
]
