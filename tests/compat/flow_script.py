"""Scripts of flows: a block for each flow, chosen by the user part of the Request-URI."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

ALICE: Final = "sip:alice@127.0.0.1:{alice}"
BOB: Final = "sip:bob@127.0.0.1:{bob}"
CAROL: Final = "sip:carol@127.0.0.1:{carol}"
DAVE: Final = "sip:dave@127.0.0.1:{dave}"

_MODULES: Final = ("tm", "tmx", "sl", "xlog", "pv", "kex", "corex", "textops", "siputils")


def script(
    blocks: Mapping[str, str],
    *,
    more: str = "",
    parameters: str = "",
    before: str = "",
    cancel: str = "if (t_lookup_cancel()) { t_relay(); exit; }",
) -> str:
    """A script that runs `route[TO_USER]` for the user part of the Request-URI.

    `L("...")` writes a line that counts. `before` runs for each request but ACKs,
    `cancel` before it for a CANCEL; `more` are further blocks.
    """
    load = "".join(f'loadmodule "{name}.so"\n' for name in _MODULES)
    routes = "".join(f"route[TO_{name}] {{\n{body}\n}}\n" for name, body in blocks.items())
    calls = "".join(f'    if ($rU == "{name}") {{ route(TO_{name}); exit; }}\n' for name in blocks)
    text = (
        f"debug=1\nchildren=1\n{load}{parameters}\n"
        "request_route {\n    {end}\n"
        f'    if ($rm == "CANCEL") {{ {cancel} }}\n'
        '    if ($rm == "ACK") { t_check_trans(); t_relay(); exit; }\n'
        f"    {before}\n{calls}    t_relay();\n}}\n{routes}{more}\n"
    )
    return _expanded(text)


def _expanded(text: str) -> str:
    pieces = text.split('L("')
    found = [pieces[0]]
    for piece in pieces[1:]:
        line, _, rest = piece.partition('")')
        found.append(f'xlog("L_NOTICE", "@@ {line}\\n"){rest}')
    return "".join(found)
