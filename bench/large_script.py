"""A routing script of any length, made like a large installation's: prints it.

    python bench/large_script.py 20000 > large.cfg

Blocks of about forty lines, each with comments, conditions, a `switch`, calls, variables,
texts with variables, regular expressions and `#!ifdef`s. The same number of lines gives the same
script. It uses only modules that sipway has, so it compiles.
"""

from __future__ import annotations

import argparse
import random
from collections.abc import Callable

_HEAD = """\
#!KAMAILIO
# A script made by bench/large_script.py.
#!define WITH_LOG
#!define WITH_SCREENING
#!define FLAG_NAT 5
#!define REPLY_BUSY sl_send_reply("486", "Busy Here")
#!define GATEWAY "192.0.2.10"
#!define LIMIT 100
#!substdef "!DOMAIN!example.org!g"

debug=2
log_stderror=yes
children=4
disable_tcp=yes
alias="DOMAIN"
listen=udp:127.0.0.1:5060

loadmodule "sl.so"
loadmodule "pv.so"
loadmodule "xlog.so"
loadmodule "textops.so"
loadmodule "siputils.so"
loadmodule "maxfwd.so"
loadmodule "kex.so"

"""
_CHECKS = 7
_LEVELS = ("NOTICE", "INFO", "DBG")


def script(lines: int) -> str:
    """A script of about so many lines (a block more at most)."""
    made = _HEAD.splitlines()
    source = random.Random(lines)
    count = 0
    while len(made) + count < lines:
        made += _block(source, count)
        count += 1
    first = ["request_route {", '    if (!mf_process_maxfwd_header("10")) {']
    first += ['        sl_send_reply("483", "Too Many Hops");', "        exit;", "    }"]
    first.append("    $var(weight) = 1;")
    checks: list[str] = []
    for number in range(_CHECKS):
        checks += [f"route[CHECK_{number}] {{", f"    return $var(score) > {number};", "}", ""]
    first += [f"    route(CHECK_{number});" for number in range(_CHECKS)]
    first += [f"    route(TENANT_{number});" for number in range(count)]
    return "\n".join([*made, *checks, *first, "}", ""])


def _block(source: random.Random, number: int) -> list[str]:
    """A `route[TENANT_n]` of about forty lines."""
    head = ["# ----------------------------------------------------------------"]
    head += [f"# Tenant {number}: screening, routing and billing of its calls", ""]
    head.append(f"route[TENANT_{number}] {{")
    body: list[str] = []
    while len(body) < 30:
        body += ["", *source.choice(_PIECES)(source, number)]
    return [*head, *(f"    {line}" if line else "" for line in body), "}", ""]


def _screening(source: random.Random, number: int) -> list[str]:
    return [
        "# who is calling",
        "#!ifdef WITH_SCREENING",
        f'if ($fU == $null || $fU =~ "^(anonymous|u{number})[0-9]{{{source.randint(1, 9)}}}$") {{',
        '    xlog("L_NOTICE", "screened $rm of $fu from $si:$sp, call $ci\\n");',
        '    sl_send_reply("403", "Forbidden");',
        "    exit;",
        "}",
        "#!endif",
    ]


def _numbers(source: random.Random, number: int) -> list[str]:
    digits = source.randint(2, 9)
    return [
        "# numbers of the plan, in the form of E.164",
        f'if ($rU =~ "^00{digits}[0-9]+$") {{',
        "    $var(number) = $(rU{s.substr,2,0});",
        f'}} else if ($rU =~ "^0[1-9]" && $(rU{{s.len}}) > {digits}) {{',
        f'    $var(number) = "{digits}" + $(rU{{s.substr,1,0}});',
        "} else {",
        "    $var(number) = $rU; // as it is",
        "}",
        f'$ru = "sip:" + $var(number) + "@gw{number}.DOMAIN;user=phone";',
    ]


def _methods(source: random.Random, number: int) -> list[str]:
    return [
        'if (is_method("INVITE") && !has_totag()) {',
        f"    $var(class_{number}) = {source.randint(1, 99)};",
        "    setflag(FLAG_NAT);",
        '} else if (is_method("OPTIONS|SUBSCRIBE")) {',
        '    append_to_reply("Retry-After: 60\\r\\n");',
        "    REPLY_BUSY;",
        "    exit;",
        "}",
    ]


def _switch(source: random.Random, number: int) -> list[str]:
    labels = source.sample(range(100, 999), 3)
    return [
        f"switch ($(rU{{s.substr,0,{source.randint(2, 3)}}})) {{",
        f'    case "{labels[0]}":',
        f'    case "{labels[1]}":',
        f'        $avp(target) = "local-{number}";',
        "        break;",
        f'    case /"^{labels[2]}":',
        "        $avp(target) = GATEWAY;",
        "        break;",
        "    default:",
        "        $avp(target) = $null;",
        "}",
    ]


def _log(source: random.Random, number: int) -> list[str]:
    return [
        "#!ifdef WITH_LOG",
        f'xlog("L_{source.choice(_LEVELS)}", "[tenant {number}] $rm $ru:"',
        '    " $fU -> $tU, score $var(score)\\n");',
        "#!else",
        "this text is {left out, whatever 'it is",
        "#!endif",
    ]


def _score(source: random.Random, number: int) -> list[str]:
    return [
        f"$var(score) = $var(score) + {source.randint(1, 9)} * $var(weight);",
        f"if ($var(score) > LIMIT && $si != GATEWAY && ($sp < 1024 || $rp == {number})) {{",
        "    $var(score) = 0;",
        f'    if (search("X-Tenant: {number}") || $hdr(X-Rate) != $null) {{',
        '        remove_hf("X-Rate");',
        f'        append_hf("X-Tenant: {number}-$var(score)\\r\\n");',
        "    }",
        "}",
    ]


def _loop(source: random.Random, number: int) -> list[str]:
    return [
        "/* look the gateways through,",
        "   the first that answers is taken */",
        "$var(i) = 0;",
        f"while ($var(i) < {source.randint(2, 8)}) {{",
        f'    if (route(CHECK_{number % _CHECKS}) && $(avp(gateway)[$var(i)]) == "up") break;',
        "    $var(i) = $var(i) + 1;",
        "}",
    ]


def _network(source: random.Random, number: int) -> list[str]:
    return [
        f"if (src_ip == 10.{source.randint(0, 255)}.0.0/16 or src_ip == 192.0.2.{number % 256}) {{",
        '    $du = "sip:" + $si + ":5080";',
        "    force_rport();",
        "    return 1;",
        "}",
    ]


_Piece = Callable[[random.Random, int], list[str]]
_PIECES: tuple[_Piece, ...] = (
    _screening, _numbers, _methods, _switch, _log, _score, _loop, _network,
)  # fmt: skip


def main() -> None:
    parser = argparse.ArgumentParser(description="Print a large routing script.")
    parser.add_argument("lines", type=int, nargs="?", default=20_000)
    print(script(parser.parse_args().lines), end="")


if __name__ == "__main__":
    main()
