"""async: requests that go on later, and tasks beside them."""

from __future__ import annotations

from tests.compat.flow import Flow, Network
from tests.compat.flow_script import BOB, script

_FIELDS = r"From: <sip:t@here.example>;tag=task\r\nTo: <sip:bob@callee.example>\r\nCall-ID: t\r\n"

SCRIPT = script(
    {
        "later": f"""
            $ru = "{BOB}"; $avp(a) = "kept"; setflag(4);
            $var(r) = async_ms_route("NEXT", "50"); L("not here $var(r)");
            """,
        "task": f"""
            $ru = "{BOB}"; $avp(a) = "kept"; async_task_route("NEXT"); L("not here");
            """,
        "group": f"""
            $ru = "{BOB}"; async_task_group_route("NEXT", "tasks"); L("not here");
            """,
        "sleep": f"""
            $ru = "{BOB}"; $avp(a) = "kept"; L("before");
            async_ms_sleep("50"); L("after $avp(a) $ru"); t_relay(); exit;
            """,
        "nowhere": 'async_ms_route("NOWHERE", "50"); L("nowhere $rc"); sl_send_reply("480", "No");',
        "notask": 'async_task_route("NOWHERE"); L("nowhere $rc"); sl_send_reply("480", "No");',
        "long": """
            async_ms_route("NEXT", "30001"); L("long $rc"); async_route("NEXT", "101");
            L("long $rc"); async_sleep("101"); L("long $rc"); sl_send_reply("480", "No");
            """,
        "data": """
            async_task_data("DATA", "from $fU");
            sl_send_reply("480", "No");
            """,
        "nodata": """
            L("$async(data)"); async_task_data("NOWHERE", "x"); L("data $rc");
            sl_send_reply("480", "No");
            """,
    },
    parameters='async_workers_group="name=tasks;workers=1"\nasync_workers=1\n'
    'loadmodule "async.so"\n'
    'modparam("async", "ms_timer", 10)\n',
    more=f"""
    route[NEXT] {{ L("next $rm $ru $avp(a) $mf"); t_relay(); exit; }}
    route[DATA] {{
        L("task $rm $async(data)");
        t_uac_send("INFO", "{BOB}", "", "", "{_FIELDS}", "");
    }}
    """,
)


def _relayed(name: str, user: str, method: str = "INVITE") -> Flow:
    def play(net: Network) -> None:
        net.alice.request(method, f"sip:{user}@127.0.0.1")
        net.bob.answer(net.bob.wait(method), 200, "OK")
        net.alice.wait("200")

    return Flow(name, f"a {method} that goes on later", play)


def _refused(name: str, user: str) -> Flow:
    def play(net: Network) -> None:
        net.alice.request("MESSAGE", f"sip:{user}@127.0.0.1")
        net.alice.wait("480")

    return Flow(name, "what cannot go on later", play)


def _with_data(net: Network) -> None:
    net.alice.request("MESSAGE", "sip:data@127.0.0.1")
    net.alice.wait("480")
    # Only then the task has logged what it got: in Kamailio it is another process that runs it.
    net.bob.answer(net.bob.wait("INFO"), 200, "OK")


FLOWS = [
    _relayed("later", "later"),
    _relayed("later-message", "later", "MESSAGE"),
    _relayed("task", "task"),
    _relayed("group", "group", "MESSAGE"),
    _relayed("sleep", "sleep"),
    _relayed("sleep-message", "sleep", "MESSAGE"),
    _refused("nowhere", "nowhere"),
    _refused("no-task", "notask"),
    _refused("long", "long"),
    Flow("data", "a task that is given something", _with_data),
    _refused("no-data", "nodata"),
]
