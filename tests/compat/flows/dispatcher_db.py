"""dispatcher with sets from a database."""

from __future__ import annotations

from typing import Final

from tests.compat.flow import Flow, Network
from tests.compat.flow_script import script
from tests.kamailio_tables import tables

FILES: Final = {
    "db": tables(
        {
            "dispatcher": [
                (1, "sip:10.0.0.1", 0, 5, "a=1;b=2", "one"),
                (1, "sip:10.0.0.2", 8, 5, "", "two"),
                (1, "sip:10.0.0.3;transport=tcp", 0, 9, None, None),
                (1, "sip:10.0.0.4", 1, 0, "a=4;", ""),
                (1, "10.0.0.5", 0, 0, "duid=x", "five"),
                (2, "tel:123", 0, 0, "", "wrong"),
                (2, "sip:10.0.2.2", 0, -3, "socket=udp:198.51.100.1:9", "far"),
                (2, "sip:10.0.2.3", 0, -3, "", "low"),
                (2, "sip:10.0.2.4", 0, 0, "", "high"),
                (3, "sip:10.0.3.1", 4, 0, "", "off"),
            ]
        }
    )
}

_SHOWN: Final = "".join(
    f'L("$xavp(_dsdst_[{at}]=>uri) $xavp(_dsdst_[{at}]=>attrs)");' for at in range(6)
)

SCRIPT: Final = script(
    {
        **{
            f"set{number}": f'$var(r) = ds_select_dst("{number}", "8"); L("$var(r) $du");{_SHOWN}'
            ' sl_send_reply("200", "OK");'
            for number in (1, 2, 3, 4)
        },
        "reload": '$var(r) = ds_reload(); L("$var(r)"); sl_send_reply("200", "OK");',
    },
    parameters="""
    loadmodule "db_sqlite.so"
    loadmodule "dispatcher.so"
    modparam("dispatcher", "db_url", "sqlite:///{folder}/db")
    modparam("dispatcher", "ds_db_extra_attrs", "about=description")
    modparam("dispatcher", "flags", 2)
    modparam("dispatcher", "reload_delta", 0)
    """,
)


def _flow(name: str, *users: str) -> Flow:
    def play(net: Network) -> None:
        for number, user in enumerate(users, 1):
            net.alice.request("OPTIONS", f"sip:{user}@127.0.0.1", number=number)
            net.alice.wait("200")

    return Flow(name, name, play)


FLOWS = [
    *(_flow(f"set{number}", f"set{number}") for number in (1, 2, 3, 4)),
    _flow("reload", "reload", "set1"),
]
