"""Flows of REGISTERs and of requests to who is registered, as tables of steps."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

from tests.compat.flow import Flow, Network
from tests.compat.flow_script import script as flow_script

_MODULES: Final = "".join(
    f'loadmodule "{each}.so"\n' for each in ("textopsx", "usrloc", "registrar")
)

_SHOWN: Final = (
    "aor", "addr", "path", "received", "callid", "regid", "q", "cseq", "flags", "cflags",
    "user_agent", "socket", "methods", "count", "instance", "domain",
)  # fmt: skip

_LINE: Final = " ".join(f"{each}=$(ulc(p=>{each})[$var(i)])" for each in _SHOWN)
_LIST: Final = (
    'if (reg_fetch_contacts("location", "$tu", "p")) { $var(i) = 0;'
    f' while ($var(i) < $(ulc(p=>count))) {{ L("{_LINE}"); $var(i) = $var(i) + 1; }} }}'
)

_SECONDS: Final = re.compile(r";expires=(\d+)")
_ID: Final = re.compile(r"uloc-[0-9a-f]+(?:-[0-9a-f]+)+")

Step = tuple[str, ...]
"""A method and a user (`REGISTER alice`), then header lines; `cseq N`, `call X` stand for these."""


class RegisteringNetwork(Network):
    """Ids of contacts are a server's own, and a second may pass while a flow runs."""

    def plain(self, text: str, flow: str = "") -> str:
        text = _ID.sub("ULOC", super().plain(text, flow))
        return _SECONDS.sub(lambda each: f";expires={-(-int(each[1]) // 10) * 10}", text)


def script(
    blocks: dict[str, str] | None = None,
    *,
    parameters: str = "",
    save: str = 'save("location")',
    more: str = "",
    last: str = "",
) -> str:
    """REGISTERs are saved and their user's contacts shown; others run the block of their user.

    `last` stands at the end for REGISTERs, for a save() that has not answered them.
    """
    return flow_script(
        blocks or {},
        parameters=_MODULES + parameters,
        before='if ($rm == "REGISTER") { route(REGISTER); exit; }',
        more=f'route[REGISTER] {{ {save}; L("save $rc"); {_LIST} {last} }}{more}',
    )


def flow(name: str, why: str, steps: Sequence[Step]) -> Flow:
    """Each step is a request of alice's; what it says is answered before the next."""

    def play(net: RegisteringNetwork) -> None:
        for number, (what, *lines) in enumerate(steps, 1):
            method, _, user = what.partition(" ")
            words = dict(
                each.split(" ", 1) for each in lines if each.startswith(("cseq ", "call "))
            )
            headers = "".join(
                f"{each}\r\n" for each in lines if not each.startswith(("cseq ", "call "))
            )
            uri = f"sip:{user}@127.0.0.1" if ":" not in user else user
            target = "sip:127.0.0.1" if method == "REGISTER" else uri
            net.alice.send(
                f"{method} {target} SIP/2.0\r\n"
                f"Via: SIP/2.0/UDP 127.0.0.1:{{alice}};branch=z9hG4bK-{name}-{number}\r\n"
                f"From: <sip:alice@caller.example>;tag=a1\r\nTo: <{uri}>\r\n"
                f"Call-ID: {words.get('call', '')}{net.call}\r\n"
                f"CSeq: {words.get('cseq', number)} {method}\r\nMax-Forwards: 70\r\n"
                f"{headers}Content-Length: 0\r\n\r\n"
            )
            net.alice.wait(
                "200", "400", "404", "405", "420", "421", "423", "408", "480", "500", "503"
            )

    return Flow(name, why, play)
