"""What Contacts of a 3xx tell of paths (`rich_redirect` 2 and 3)."""

from __future__ import annotations

from tests.compat.flow import Flow, Network
from tests.compat.flow_script import BOB, CAROL, script

_SET = (
    f'$ru = "{BOB}"; setbflag(2); append_branch("{CAROL};x=1", "0.7");'
    ' $(branch(path)[0]) = "<sip:proxy.example;lr>,<sip:b c@d>";'
)

SCRIPT = script(
    {
        "tm": f't_newtran(); {_SET} t_reply("302", "Moved");',
        "sl": f'{_SET} sl_send_reply("302", "Moved");',
    },
    parameters='modparam("tm", "rich_redirect", 2)\nmodparam("sl", "rich_redirect", 3)',
)


def _flow(name: str) -> Flow:
    def play(net: Network) -> None:
        net.alice.request("MESSAGE", f"sip:{name}@127.0.0.1")
        net.alice.wait("302")

    return Flow(name, f"a redirection of {name}", play)


FLOWS = [_flow("tm"), _flow("sl")]
