"""Serial forking with `failure_reply_mode` 0, and t_drop_replies(): which response goes back."""

from __future__ import annotations

from tests.compat.flow import Flow, Network
from tests.compat.flow_script import BOB, CAROL, DAVE, script

MODE = 0


def script_for(mode: int) -> str:
    """The script with this `failure_reply_mode`."""
    calls = {
        "keep": "",
        "all": "t_drop_replies();",
        "last": 't_drop_replies("l");',
        "none": 't_drop_replies("n");',
    }
    return script(
        {
            name: f"""
            $avp(next) = "{DAVE}"; $avp(next) = "{CAROL}";
            t_on_failure("{name.upper()}"); $ru = "{BOB}"; t_relay();
            """
            for name in calls
        }
        | {
            "stay": f"""
            $ru = "{BOB}"; t_on_failure("STAY"); t_relay();
            """,
        },
        parameters=f'modparam("tm", "failure_reply_mode", {mode})',
        more="".join(
            f"""
            failure_route[{name.upper()}] {{
                L("failure $T_reply_code $T_reply_reason");
                if ($avp(next) != $null) {{
                    $ru = $avp(next); $avp(next) = $null;
                    t_on_failure("{name.upper()}");
                    $var(r) = 1; {drop} L("drop $rc");
                    t_relay();
                }}
            }}
            """
            for name, drop in calls.items()
        )
        + """
        failure_route[STAY] { t_drop_replies(); L("failure $T_reply_code"); }
        """,
    )


def flow(user: str, *codes: int) -> Flow:
    """Phones answer one after the other with these codes."""

    def play(net: Network) -> None:
        net.alice.request("MESSAGE", f"sip:{user}@127.0.0.1")
        for phone, code in zip((net.bob, net.carol, net.dave), codes, strict=False):
            phone.answer(phone.wait("MESSAGE", seconds=0.5), code, f"Of {phone.name}")
        net.alice.wait(*map(str, codes), "500")

    shown = "-".join(map(str, codes))
    return Flow(f"{user}-{shown}", f"{user}: {shown}", play)


FLOWS = [
    flow(user, *codes)
    for user in ("keep", "all", "last", "none")
    for codes in ((404, 486, 480), (302, 404, 500), (500, 404, 302), (480, 486, 503))
] + [flow("stay", 404)]
SCRIPT = script_for(MODE)
