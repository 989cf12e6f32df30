"""Probes of dispatcher: what is sent, and what states and events come of the answers."""

from __future__ import annotations

from typing import Final

from tests.compat.flow import Flow, Network
from tests.compat.flow_script import script

FILES: Final = {"list": "9 sip:10.0.0.9 4\n"}


def _given(method: str, parameters: str) -> str:
    asked = f'{{"jsonrpc":"2.0","method":"dispatcher.{method}","params":[{parameters}],"id":1}}'
    return f"jsonrpc_exec('{asked}');"


_ANSWERED: Final = 'sl_send_reply("200", "OK");'
_URI: Final = "sip:127.0.0.1:{bob}"

SCRIPT: Final = script(
    {
        "add": _given("add", f'1,"{_URI}",0,0,"ping_from=sip:own@a.example"')
        + _given("ping_active", "1")
        + _ANSWERED,
        "stop": _given("ping_active", "0")
        + f'if (ds_is_active("1", "{_URI}")) {{ L("active"); }} else {{ L("inactive"); }}'
        + _given("remove", f'1,"{_URI}"')
        + _ANSWERED,
    },
    parameters="""
    loadmodule "jsonrpcs.so"
    modparam("tm", "fr_timer", 700)
    loadmodule "dispatcher.so"
    modparam("dispatcher", "list_file", "{folder}/list")
    modparam("dispatcher", "flags", 2)
    modparam("dispatcher", "reload_delta", 0)
    modparam("dispatcher", "ds_ping_interval", 1)
    modparam("dispatcher", "ds_probing_mode", 1)
    modparam("dispatcher", "ds_probing_threshold", 2)
    modparam("dispatcher", "ds_inactive_threshold", 2)
    modparam("dispatcher", "ds_ping_reply_codes", "class=2;code=404")
    """,
    more="""
    event_route[dispatcher:dst-down] {
        L("down $rm $ru $du $dsv(code) $dsv(reason) $dsv(flags)");
    }
    event_route[dispatcher:dst-up] {
        L("up $rm $ru $du $dsv(code) $dsv(reason) $dsv(flags)");
    }
    """,
)


def _flow(*statuses: int) -> Flow:
    """Each probe is answered with the next of the statuses."""

    def play(net: Network) -> None:
        net.alice.request("OPTIONS", "sip:add@127.0.0.1")
        net.alice.wait("200")
        for status in statuses:
            net.bob.answer(net.bob.wait("OPTIONS"), status, "Foo bar")
        net.alice.request("OPTIONS", "sip:stop@127.0.0.1", number=2)
        net.alice.wait("200")

    shown = "-".join(str(each) for each in statuses)
    return Flow(f"answers-{shown}", f"probes that are answered {shown}", play)


FLOWS = [
    _flow(200),
    _flow(200, 404, 202),
    _flow(500),
    _flow(500, 500),
    _flow(500, 200, 500),
    _flow(486, 503, 200, 200),
    _flow(500, 500, 200, 500, 200, 200),
]
