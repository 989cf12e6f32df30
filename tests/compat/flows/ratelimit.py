"""ratelimit: what queues and pipes let through of an interval that does not end."""

from __future__ import annotations

from typing import Final

from tests.compat.flow import Flow, Network
from tests.compat.flow_script import BOB, script

SCRIPT: Final = script(
    {
        "queue": 'rl_check(); L("$rm $rc"); sl_send_reply("200", "OK");',
        "pipe": """
        $var(p) = $(hdr(X){s.int}); rl_check("$var(p)"); L("$hdr(X) $rc");
        rl_check_pipe("$var(p)"); L("$hdr(X) $rc"); sl_send_reply("200", "OK");
        """,
        "text": 'rl_check_pipe("$hdr(X)"); L("$rc"); sl_send_reply("200", "OK");',
        "reply": f't_on_reply("R"); t_on_failure("F"); $ru = "{BOB}"; t_relay();',
    },
    more="""
    onreply_route[R] { rl_check(); L("$rm $rs $rc"); }
    failure_route[F] { rl_check(); L("failure $rc"); }
    """,
    parameters="""
    loadmodule "ratelimit.so"
    modparam("ratelimit", "timer_interval", 600)
    modparam("ratelimit", "queue", "0:PUBLISH")
    modparam("ratelimit", "queue", "6:MESSAGE")
    modparam("ratelimit", "queue", "7:subscribe")
    modparam("ratelimit", "queue", "5:INFO")
    modparam("ratelimit", "queue", "8:OPTIONS|REFER")
    modparam("ratelimit", "pipe", "0:TAILDROP:0")
    modparam("ratelimit", "pipe", "1:RED:0")
    modparam("ratelimit", "pipe", "2:RED:1")
    modparam("ratelimit", "pipe", "3:FEEDBACK:100")
    modparam("ratelimit", "pipe", "6:TAILDROP:1")
    modparam("ratelimit", "pipe", "7:TAILDROP:0")
    modparam("ratelimit", "pipe", "8:TAILDROP:0")
    """,
)


def _methods(net: Network) -> None:
    for number, method in enumerate(
        ("PUBLISH", "MESSAGE", "SUBSCRIBE", "INFO", "OPTIONS", "REFER", "REGISTER"), 1
    ):
        net.alice.request(method, "sip:queue@127.0.0.1", number=number)
        net.alice.wait("200")


def _pipes(net: Network) -> None:
    for number, pipe in enumerate((0, 1, 1, 2, 2, 3, 3, 5, 6, 9, 31, 32, -1), 1):
        net.alice.request("OPTIONS", "sip:pipe@127.0.0.1", number=number, extra=f"X: {pipe}\r\n")
        net.alice.wait("200")


def _texts(net: Network) -> None:
    for number, pipe in enumerate(("x", ""), 1):
        net.alice.request("OPTIONS", "sip:text@127.0.0.1", number=number, extra=f"X: {pipe}\r\n")
        net.alice.wait("200")


def _answered(method: str, code: int) -> Flow:
    def play(net: Network) -> None:
        net.alice.request(method, "sip:reply@127.0.0.1")
        net.bob.answer(net.bob.wait(method), code, "Said")
        net.alice.wait(str(code))

    return Flow(f"{method.lower()}-{code}", f"a response {code} to {method}", play)


FLOWS = [
    Flow("methods", "the queue of a method", _methods),
    Flow("pipes", "a pipe by its number", _pipes),
    Flow("texts", "no number", _texts),
    *(_answered(method, code) for method in ("MESSAGE", "PUBLISH") for code in (200, 404)),
]
