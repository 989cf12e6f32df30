"""Settings: sockets, flags, modules, parameters of one's own, and blocks without a name."""

from __future__ import annotations

from typing import Final

from sipway.language.explain.entry import Explanation

_ROUTE: Final = "\nrequest_route { exit; }"

SETTINGS: Final = {
    "bad-protocol": Explanation(
        "listen names a protocol that begins as another one.",
        "A WebSocket is opened over HTTP, on a connection of TCP or TLS.",
        f"listen=ws:127.0.0.1:8080{_ROUTE}",
        "Listen on tcp or tls, and load the module websocket.",
    ),
    "duplicate-flag": Explanation(
        "flags, or avpflags, declares a name twice.",
        "A name stands for one flag.",
        f"flags A:1, A:2{_ROUTE}",
        "Remove one of them, or choose another name.",
    ),
    "early-variable": Explanation(
        "A variable stands where the script is still being read.",
        "There is no message yet that it could be read from.",
        f'loadmodulex "$ru"{_ROUTE}',
        "Use $env(NAME), $def(NAME) or $defn(NAME), with loadmodulex and modparamx.",
    ),
    "joined-block": Explanation(
        "A block without a name stands twice.",
        "Kamailio runs the second one where the first ends, which may not be meant.",
        "request_route { xlog(1); }\nrequest_route { exit; }",
        "Put all statements into one block, or give the second one a name, route[NAME].",
    ),
    "loaded-twice": Explanation(
        "A module is loaded that is loaded already.",
        "Kamailio refuses to start with such a script.",
        f'loadmodule "sl.so"\nloadmodule "sl.so"{_ROUTE}',
        'Remove one of the lines, or write loadmodule("NAME", "o").',
    ),
    "no-effect-yet": Explanation(
        "A parameter is set that belongs to something sipway does not do yet.",
        "It is accepted, so that the script runs, but what it asks for does not happen.",
        f"enable_tls=yes{_ROUTE}",
        "Know that it is so, or leave it out; docs/language.md has what is not there yet.",
    ),
    "same-flag": Explanation(
        "Two names are declared for the same flag.",
        "Setting one sets the other.",
        f"flags A:2, B:2{_ROUTE}",
        "Give one of them another number, or none: then it gets a free one.",
    ),
    "set-twice": Explanation(
        "An attribute of a socket has two values.",
        "It is not clear which one is meant.",
        f"socket = {{ bind = lo; bind = 127.0.0.1; }}{_ROUTE}",
        "Remove one of them; a second address is a socket of its own.",
    ),
    "unknown-attribute": Explanation(
        "A socket = { ... } has no such attribute.",
        "Nothing would be done with its value.",
        f"socket = {{ bind = lo; colour = 1; }}{_ROUTE}",
        "They are bind, advertise, name, virtual, agname, workers and vrf.",
    ),
    "unknown-flag": Explanation(
        "A flag is given by a name that is not declared.",
        "It cannot be told which flag is meant.",
        "request_route { setflag(NOT_DECLARED); }",
        "Declare it with flags NAME, or give the name a number with #!define.",
    ),
    "wrong-flag": Explanation(
        "A flag that is declared has a number that does not exist.",
        "There are 32 flags, from 0 to 31.",
        f"flags A:32{_ROUTE}",
        "Choose a smaller number, or none: then it gets a free one.",
    ),
}
"""By code."""
