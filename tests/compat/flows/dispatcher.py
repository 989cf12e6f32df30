"""Which destination dispatcher chooses, what `$xavp` says of it, and what it knows of senders."""

from __future__ import annotations

from itertools import product
from typing import Final

from tests.compat.flow import Flow, Network
from tests.compat.flow_script import script

FILES: Final = {
    "list": "# sets\n"
    + "".join(f"1 sip:10.0.0.{number} 0 0 a={number}\n" for number in range(1, 8))
    + """
2 sip:10.0.2.1 0 9 duid=a;x=1
2 sip:10.0.2.2:5070;transport=tcp 0 8
2 sip:10.0.2.3 0 7 socket=udp:127.0.0.1:{second}
2 sip:10.0.2.4:5080;x=y 0 6
3 sip:10.0.3.1 4
3 sip:10.0.3.2 1
3 sip:10.0.3.3 2
3 sip:10.0.3.4 8
3 sip:10.0.3.5 9
4 sip:10.0.4.1 1
5 sip:10.0.5.1 0 30
5 sip:10.0.5.2 0 30 latency=50
5 sip:10.0.5.3 0 30
5 sip:10.0.5.4 0 20
6 sip:10.0.6.1 0 9 weight=30;x='a;b'
6 sip:10.0.6.2 0 8 ;weight=50x;;x=y
6 sip:10.0.6.3 0 7 weight=40
6 sip:10.0.6.4 0 6 weight=20
8 sip:10.0.8.1 0 10 latency=9
8 sip:10.0.8.2 0 10 latency=10
8 sip:10.0.8.3 0 10 latency=11
8 sip:10.0.8.4 1 10
8 sip:10.0.8.5 0 1 latency=50
8 sip:10.0.8.6 0 1
8 sip:10.0.8.7 0 0 latency=50
9 sip:10.0.9.1 16
9 sip:10.0.9.2 0
20 sip:127.0.0.1 1 0 a=20
15 sip:127.0.0.1:9;transport=tcp 0 0 a=15
7 sip:127.0.0.2
""",
}

_URIS: Final = " ".join(f"$xavp(_dsdst_[{at}]=>uri)" for at in range(8))
_SHOWN: Final = (
    f'L("$var(r) ru=$ru du=$du cnt=$xavp(_dsctx_=>cnt)"); L("{_URIS}");'
    'L("$xavp(_dsdst_=>grp) $xavp(_dsdst_=>attrs) $xavp(_dsdst_=>dstid)");'
)
_BRANCHES: Final = (
    'L("$branch(count) $(branch(uri)[0]) $(branch(dst_uri)[0]) $(branch(uri)[1])'
    ' $(branch(dst_uri)[1]) $(branch(uri)[2]) $(branch(dst_uri)[2])");'
)


def _call(call: str, shown: str = _SHOWN) -> str:
    return f"$var(r) = {call}; {shown}"


def _codes(*calls: str) -> str:
    return "".join(f'$var(r) = {each}; L("$var(r)");' for each in calls)


_SEEN: Final = (
    "$var(i) = 0; $var(a) = 0; $var(b) = 0; $var(c) = 0; $var(d) = 0;"
    ' while ($var(i) < 100) { ds_select_dst("6", "9", "1"); $var(i) = $var(i) + 1;'
    + "".join(
        f' if ($du == "sip:10.0.6.{at}") {{ $var({name}) = $var({name}) + 1; }}'
        for at, name in enumerate("abcd", 1)
    )
    + ' } L("$var(a) $var(b) $var(c) $var(d)");'
)
"""How often each of the set 6 is chosen in a hundred turns."""

_SIP: Final = "sip:10.0.0.1"
_BLOCKS: Final = {
    **{f"alg{each}": _call(f'ds_select_dst("1", "{each}")') for each in (0, 1, 2, 3, 5, 7, 8)},
    "robin": _call('ds_select_dst("1", "4")') * 9,
    "limited": _call('ds_select_dst("1", "8", "2")'),
    "unlimited": _call('ds_select_dst("1", "8", "-2")'),
    "unknown": _call('ds_select_dst("1", "99")') + _call('ds_select_dst("1", "-1")'),
    "uncounted": _call('ds_select_dst("2", "10")'),
    "unweighted": _call('ds_select_dst("1", "9")') + _call('ds_select_dst("1", "11")'),
    "weights": _SEEN * 3,
    "turns": "".join(
        _call(f'ds_select_dst("{group}", "{each}")')
        for group in (8, 3, 5)
        for each in (13, 4, 13, 4, 4, 13, 13, 4, 13, 13, 13, 4)
    ),
    "flag16": _codes(
        'ds_is_from_list("9")', 'ds_is_from_list("9", "2", "sip:10.0.9.1")',
        'ds_is_from_list("9", "3", "sip:10.0.9.2:9")',
    ),
    "latency": _call('ds_select_dst("5", "13")') * 4 + _call('ds_select_dst("5", "13", "2")'),
    "states": _call('ds_select_dst("3", "4")') * 4 + _call('ds_select_dst("3", "8")'),
    "down": _call('ds_select_dst("4", "4")') + _call('ds_select_dst("99", "4")'),
    "domain": _call('ds_select_domain("2", "8")') + _call("ds_next_domain()") * 4,
    "domainuri": '$ru = "sip:joe:pw@h.example:99;a=b?x=y";' + _call('ds_select_domain("2", "8")')
    + _call("ds_next_domain()"),
    "next": _call('ds_select_dst("2", "8")') + _call("ds_next_dst()") * 4,
    "later": _call('ds_select("2", "8")') + _call("ds_set_dst()") + _call("ds_set_domain()")
    + _call("ds_next_dst()") + _call("ds_next_domain()"),
    "nothing": _codes(
        "ds_next_dst()", "ds_next_domain()", "ds_set_dst()", "ds_set_domain()", "ds_mark_dst()"
    ),
    "again": _call('ds_select_dst("1", "8")') + _call('ds_select_dst("2", "8")')
    + _call('ds_select_dst("4", "8")') + _call('ds_select_dst("99", "8")'),
    "changed": _call('ds_select("2", "8")')
    + '$xavp(_dsdst_[0]=>uri) = "sip:x"; $xavp(_dsdst_[1]=>uri) = "sip:y";'
    + _call("ds_set_dst()") + _call("ds_next_dst()") + _codes("ds_mark_dst()"),
    "forced": '$du = "sip:9.9.9.9";' + _call('ds_select_domain("2", "8")')
    + _call('ds_select_dst("2", "8")'),
    "parallel": _call('ds_select_dst("2", "12")') + _BRANCHES,
    "paralleldomain": _call('ds_select_domain("2", "12")') + _BRANCHES,
    "parallelall": _call('ds_select("2", "12")') + _BRANCHES,
    "paralleldown": _call('ds_select_dst("4", "12")') + _BRANCHES,
    **{
        f"routes{at}": _call(f'ds_select_routes("{rules}", "{mode}", "{limit}")') + _BRANCHES
        for at, (rules, mode, limit) in enumerate(
            (
                ("1=8;2=8", "d", 0), ("2=8;1=8", "r", 3), ("2=8;2=8", "x", 2), ("4=8;2=8", "0", 0),
                ("99=1;2=8;", "1", 0), ("4=8;99=8", "2", 0), ("2=12;2=8", "d", 0), ("a", "d", 0),
                ("2=8", "q", 0), ("2=8", "", 0), ("", "d", 0), ("2=x", "d", 0), ("2=8,1=8", "d", 0),
            )
        )
    },
    "from": _codes(
        "ds_is_from_list()",
        *(f'ds_is_from_list("{group}")' for group in (-1, -2, 1, 7, 15, 20, 99)),
        *(f'ds_is_from_list("20", "{mode}")' for mode in (2, 3, 6, 7)),
        *(f'ds_is_from_list("15", "{mode}")' for mode in (0, 1, 2, 3)),
        'ds_is_from_list("1", "2", "")',
        f'ds_is_from_list("1", "2", "{_SIP}")',
        f'ds_is_from_list("1", "2", "{_SIP}:5060")',
        f'ds_is_from_list("1", "3", "{_SIP}:9")',
        'ds_is_from_list("2", "2", "sip:x@10.0.2.2:5070")',
        'ds_is_from_list("2", "2", "sip:10.0.2.2:5071")',
        'ds_is_from_list("2", "0", "sip:10.0.2.2:5070;transport=tcp")',
        'ds_is_from_list("1", "2", "bad")',
    ),
    "found": '$var(set) = 0; $var(attrs) = "";'
    ' ds_is_from_list(); L("$var(set) $var(attrs)"); $var(set) = 0;'
    ' ds_is_from_list("15", "3"); L("$var(set) $var(attrs)");'
    ' ds_is_from_list("-1", "2", "sip:10.0.0.3"); L("$var(set) $var(attrs)");',
    "active": _codes(
        *(f'ds_is_active("{group}")' for group in (1, 3, 4, 99, -1)),
        'ds_is_active("3", "sip:10.0.3.3")', 'ds_is_active("3", "sip:10.0.3.2")',
        'ds_is_active("3", "SIP:10.0.3.3")', 'ds_is_active("3", "")',
        'ds_list_exists("1")', 'ds_list_exist("1")', 'ds_list_exists("99")',
    ),
    "numbers": '$var(x) = "1x";'
    + _codes('ds_list_exists("$var(x)")', 'ds_is_active("$var(x)")', 'ds_select("$var(x)", "4")'),
    "loads": _codes("ds_load_update()", "ds_load_unset()"),
}  # fmt: skip

SCRIPT: Final = script(
    {name: f'{code} sl_send_reply("200", "OK");' for name, code in _BLOCKS.items()},
    parameters="""
    listen=udp:127.0.0.1:{second}
    loadmodule "dispatcher.so"
    modparam("dispatcher", "list_file", "{folder}/list")
    modparam("dispatcher", "flags", 2)
    modparam("dispatcher", "hash_pvar", "x$fU@$ci")
    modparam("dispatcher", "setid_pvname", "$var(set)")
    modparam("dispatcher", "attrs_pvname", "$var(attrs)")
    """,
)

_WHO: Final = 'Digest username="{}", realm="r", nonce="n", uri="sip:x", response="0"\r\n'
_HASHED: Final = {
    "plain": {},
    "from": {"sender": "<sip:joe@caller.example:5070>;tag=1"},
    "nouser": {"sender": "<sip:caller.example>;tag=1", "to": "<sip:callee.example>"},
    "tel": {"sender": "<tel:+123>;tag=1", "to": "<tel:+456>"},
    "sips": {"sender": "<sips:joe@a.example:5061>;tag=1", "to": "<sips:joe@a.example:5060>"},
    "case": {"sender": "<sip:Joe@CALLER.example:05062>;tag=1", "to": "<sip:j%6fe@a>"},
    "authorized": {"extra": "Authorization: " + _WHO.format("joe@a")},
    "proxy": {"extra": "Proxy-Authorization: " + _WHO.format("ann")},
}


_ALGORITHMS: Final = (0, 1, 2, 3, 5, 7)


def _hashed(name: str) -> Flow:
    def play(net: Network) -> None:
        for algorithm, host in product(_ALGORITHMS, range(1, 6)):
            uri = f"sip:alg{algorithm}@h{host}.example"
            net.alice.request("OPTIONS", uri, number=10 * algorithm + host, **_HASHED[name])
            net.alice.wait("200")

    return Flow(f"hashed-{name}", f"what algorithms hash of {name}", play)


def _plain(name: str, *users: str) -> Flow:
    def play(net: Network) -> None:
        for number, user in enumerate(users or (name,), 1):
            net.alice.request("OPTIONS", f"sip:{user}@127.0.0.1", number=number)
            net.alice.wait("200")

    return Flow(name, name, play)


_ROUTES: Final = [name for name in _BLOCKS if name.startswith("routes")]

FLOWS = [
    *(_hashed(name) for name in _HASHED),
    _plain("routes", *_ROUTES),
    *(_plain(name) for name in _BLOCKS if not name.startswith("alg") and name not in _ROUTES),
    _plain("alg8"),
]
