"""pipelimit: what pipes let through of an interval that does not end, and pl_drop()."""

from __future__ import annotations

from typing import Final

from tests.compat.flow import Flow, Network
from tests.compat.flow_script import BOB, script

SCRIPT: Final = script(
    {
        "check": """
        $var(a) = $(hdr(Limit){s.int});
        pl_check("$hdr(X)", "$hdr(A)", "$var(a)"); L("$hdr(X) $hdr(A) $hdr(Limit): $rc");
        pl_check("$hdr(X)"); L("again $rc"); pl_active("$hdr(X)"); L("active $rc");
        sl_send_reply("200", "OK");
        """,
        "text": """
        pl_check("text", "RED", "$hdr(X)"); L("$rc"); pl_active("text"); L("$rc");
        sl_send_reply("200", "OK");
        """,
        "null": """
        pl_check("$hdr(None)"); L("$rc"); pl_active("$hdr(None)"); L("$rc");
        pl_check("const", "TAILDROP", 1); L("$rc"); pl_check("const", "TAILDROP", "1"); L("$rc");
        sl_send_reply("200", "OK");
        """,
        "drop": 'pl_drop(); L("$rc");',
        "dropafter": 'append_to_reply("X-A: b\\r\\n"); pl_drop("4"); L("$rc");',
        "dropsame": 'pl_drop("5", "5"); L("$rc");',
        "dropless": 'pl_drop("5", "3"); L("$rc");',
        "dropzero": 'pl_drop("0"); L("$rc");',
        "dropnone": 'pl_drop("0", "0"); L("$rc");',
        "stateful": 't_newtran(); pl_drop("7"); L("$rc");',
        "failure": f't_on_failure("F"); t_on_reply("R"); $ru = "{BOB}"; t_relay();',
    },
    more="""
    failure_route[F] { pl_check("f", "TAILDROP", 1); L("$rc"); pl_drop("9"); L("$rc"); }
    onreply_route[R] { pl_check("r", "TAILDROP", 1); L("$rc"); pl_active("r"); L("$rc"); }
    """,
    parameters="""
    loadmodule "pipelimit.so"
    modparam("pipelimit", "timer_interval", 600)
    modparam("pipelimit", "reply_code", 480)
    modparam("pipelimit", "reply_reason", "Too Many")
    """,
)


def _checks(name: str, why: str, *given: tuple[str, str, int]) -> Flow:
    def play(net: Network) -> None:
        for number, (pipe, algorithm, limit) in enumerate(given, 1):
            extra = f"X: {pipe}\r\nA: {algorithm}\r\nLimit: {limit}\r\n"
            net.alice.request("OPTIONS", "sip:check@127.0.0.1", number=number, extra=extra)
            net.alice.wait("200")

    return Flow(name, why, play)


def _asked(user: str, status: str, extra: str = "") -> Flow:
    def play(net: Network) -> None:
        net.alice.request("OPTIONS", f"sip:{user}@127.0.0.1", extra=extra)
        net.alice.wait(status)

    return Flow(user, f"an answer: {user}", play)


def _failure(net: Network) -> None:
    for number in (1, 2):
        net.alice.request("MESSAGE", "sip:failure@127.0.0.1", number=number)
        net.bob.answer(net.bob.wait("MESSAGE"), 404, "Not Found")
        net.alice.wait("480")


FLOWS = [
    _checks("taildrop", "a limit", *[("a", "TAILDROP", 5)] * 4),
    _checks(
        "changed",
        "a limit that changes",
        *(("b", "TAILDROP", 1), ("b", "RED", 4), ("b", "XXX", 5), ("b", "RED", 0)),
    ),
    _checks("small", "small letters", ("c", "taildrop", 1), ("d", "Red", 1)),
    _checks("others", "other algorithms", ("e", "NOP", 1), ("f", "FEEDBACK", 50), ("g", "RED", 0)),
    _checks("wrong", "what makes no pipe", ("h", "XXX", 1), ("i", "RED", -1), ("j", "", 1)),
    _asked("text", "200", "X: some\r\n"),
    _asked("null", "200"),
    *(
        _asked(user, "480")
        for user in (
            "drop", "dropafter", "dropsame", "dropless", "dropzero", "dropnone", "stateful",
        )
    ),
    Flow("failure", "in failure_route and onreply_route", _failure),
]  # fmt: skip
