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
_ANSWERS: Final = {
    "a": (200,),
    "b": (200, 404, 202),
    "c": (500,),
    "d": (500, 500),
    "e": (500, 200, 500),
    "f": (486, 503, 200, 200),
    "g": (500, 500, 200, 500, 200, 200),
}
"""With what the probes of each destination are answered, one after the other."""


def _uri(name: str) -> str:
    return f"sip:{name}@127.0.0.1:{{bob}}"


def _stop(name: str) -> str:
    uri = _uri(name)
    return (
        f'if (ds_is_active("1", "{uri}")) {{ L("{name} active"); }}'
        f' else {{ L("{name} inactive"); }}' + _given("set_state", f'"d",1,"{uri}"') + _ANSWERED
        # Removed it would take what is counted of the others with it, in Kamailio.
    )


SCRIPT: Final = script(
    {
        "add": "".join(
            _given("add", f'1,"{_uri(name)}",0,0,"ping_from=sip:own@a.example"')
            for name in _ANSWERS
        )
        + _given("ping_active", "1")
        + _ANSWERED,
        **{f"stop{name}": _stop(name) for name in _ANSWERS},
        "end": _given("ping_active", "0") + _ANSWERED,
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


def _ask(net: Network, user: str, number: int) -> None:
    net.alice.request("OPTIONS", f"sip:{user}@127.0.0.1", number=number)
    net.alice.wait("200")


def _user(text: str) -> str:
    return text.partition("sip:")[2].partition("@")[0]


def _play(net: Network) -> None:
    """All at the same time: there is a second between two probes."""
    _ask(net, "add", 1)
    left = {name: list(each) for name, each in _ANSWERS.items()}
    number = 2
    while left:
        probes = {_user(each.uri): each for each in (net.bob.wait("OPTIONS") for _ in left)}
        assert probes.keys() == left.keys()
        for name in sorted(left):
            net.bob.answer(probes[name], left[name].pop(0), "Foo bar")
            if not left[name]:
                del left[name]
                _ask(net, f"stop{name}", number)
                number += 1
    _ask(net, "end", number)
    # Which of several is asked first is not the question here.
    net.bob.got.sort(key=_user)


FLOWS = [Flow("answers", "probes, and how they are answered", _play)]
