"""htable: items, how long they live, functions on them, and what the script is told."""

from __future__ import annotations

from typing import Final

from tests.compat.flow import Flow, Network
from tests.compat.flow_script import ALICE, script

_RC: Final = 'L("rc $rc");'
_FILL: Final = (
    'sht_reset("t"); $sht(t=>abc) = "Value1"; $sht(t=>abd) = "other"; $sht(t=>xyz) = 5;'
    '$sht(t=>x55) = 55; $sht(t=>zero) = 0; $sht(t=>neg) = -5; $sht(t=>n55) = "55";'
)
_COUNTS: Final = (
    *("**", "***", "", "ab.", "~~AB.", "%~ab", "%~AB", "%~Val", "~%c", "~%1", "==abc", "==5"),
    *("==55", "eq5", "eq-5", "eq 5", "eq55x", "eqabc", "val", "5", "%~", "~%", "==", "ab|xy", "["),
)
_CALLS: Final = (
    *('sht_rm("t", "abc")', 'sht_rm("t", "none")', 'sht_rm("tt", "abc")', 'sht_rm("t", "")'),
    *('sht_rm_name_re("t=>^AB")', 'sht_rm_name_re("t=>none")', 'sht_rm_name_re("tt=>.")'),
    *('sht_rm_name_re("t=>$(var(x){s.rm,0})")', 'sht_rm_value_re("t=>")', 'sht_rm_name_re("t=>")'),
    *('sht_rm_name_re("t=>(")', 'sht_rm_name_re("t=>$var(re)")', 'sht_rm_value_re("t=>val")'),
    *('sht_rm_value_re("t=>5")', 'sht_rm_name("t", "re", "^ab")', 'sht_rm_name("t", "sw", "ab")'),
    *('sht_rm_name("t", "sw", "AB")', 'sht_rm_name("t", "eq", "abc")'),
    *('sht_rm_name("t", "RE", "abc")', 'sht_rm_name("t", "re", "(")'),
    *('sht_rm_name("t", "sw", "")', 'sht_rm_name("tt", "re", ".")'),
    *('sht_rm_value("t", "re", "5")', 'sht_rm_value("t", "sw", "V")'),
    *('sht_rm_value("t", "ne", "x")', 'sht_match_name("t", "eq", "abc")'),
    *('sht_match_name("t", "eq", "ABC")', 'sht_match_name("t", "ne", "abc")'),
    *('sht_match_name("t", "re", "^AB")', 'sht_match_name("t", "re", "none")'),
    *('sht_match_name("t", "sw", "ab")', 'sht_match_name("t", "sw", "b")'),
    *('sht_match_name("t", "ew", "c")', 'sht_match_name("tt", "eq", "abc")'),
    *('sht_has_name("t", "eq", "abc")', 'sht_match_str_value("t", "eq", "other")'),
    *('sht_match_str_value("t", "eq", "5")', 'sht_match_str_value("t", "re", "^5")'),
    *('sht_match_str_value("i", "ne", "x")', 'sht_has_str_value("t", "sw", "oth")'),
    *('sht_reset("t")', 'sht_reset("tt")', 'sht_lock("t=>a")', 'sht_unlock("t=>a")'),
    *('sht_lock("tt=>a")', 'sht_unlock("tt=>a")', 'sht_iterator_next("no")'),
    *('sht_iterator_rm("no")', 'sht_iterator_sets("no", "x")', 'sht_iterator_seti("no", 1)'),
    *('sht_iterator_setex("no", 1)', 'sht_iterator_end("no")', 'sht_iterator_start("", "t")'),
)

_BLOCKS: Final = {
    "begin": 'L("$sht(t=>init) $sht(i=>init)");',
    "items": """
        L("$sht(t=>x) $sht(i=>x) $sht(n=>x)");
        $sht(t=>x) = 5; $sht(t=>y) = "abc"; L("$sht(t=>x) $sht(t=>y) $(sht(t=>y){s.len})");
        $sht(t=>x) = $null; $sht(i=>x) = 7; $sht(i=>x) = $null; L("$sht(t=>x) $sht(i=>x)");
        if ($sht(t=>x) == $null) L("null"); if ($sht(i=>x) == 5) L("five");
        if ($sht(t=>x) == 0) L("zero"); if ($sht(t=>x)) L("yes"); else L("no");
        if (defined $sht(t=>x)) L("there"); else L("not there");
        $sht(t=>e) = ""; L("[$sht(t=>e)]"); if ($sht(t=>e) == $null) L("e is null");
        $sht(t=>n) = $sht(t=>n) + 1; $sht(i=>n) = $sht(i=>n) + 1; L("$sht(t=>n) $sht(i=>n)");
        """,
    "names": """
        $sht(t=> sp ) = 6; L("[$sht(t=>sp)] [$sht(t=> sp)] [$sht(t=>sp )] [$sht(t=> sp )]");
        $sht( t =>a) = 1; L("$sht(t=>a) $sht( t=>a) $sht(t =>a)");
        $sht(t=>$rU::x) = 7; L("$sht(t=>$rU::x) $(sht(t=>$rU::x)) $sht(t=>names::x) $sht(t=>$rU)");
        $sht(t=>b=>c) = 8; L("$sht(t=>b=>c) $sht(t=>b)"); $sht(t=>) = 9; L("$sht(t=>)");
        $sht(t=>$avp(none)) = 10; L("$sht(t=><null>)"); $sht(t=>Key) = 1; L("$sht(t=>key)");
        $var(a) = "p"; $sht(t=>$var(a)$rm) = 11; L("$sht(t=>pOPTIONS)");
        $sht(t=>$(rU{s.len})) = 12; L("$sht(t=>5)"); $sht(t=>$sht(t=>a)) = 13; L("$sht(t=>1)");
        """,
    "unknown": """
        $sht(tt=>x) = 1; L("$sht(tt=>x)"); $shtex(tt=>x) = 1; L("$shtex(tt=>x) $shtinc(tt=>x)");
        L("$shtcn(tt=>x) $shtcv(tt=>x)"); $var(t) = "t"; $sht($var(t)=>x) = 1;
        L("$sht($var(t)=>x) $shtitkey(x) $shtitval(x) [$shtrecord(key)] [$shtrecord(value)]");
        """,
    "numbers": """
        L("$shtinc(t=>m) $shtdec(t=>m) $sht(t=>m)"); L("$shtinc(i=>m) $shtinc(i=>m) $shtdec(i=>m)");
        $sht(t=>s) = "12"; L("$shtinc(t=>s) $sht(t=>s)");
        $sht(t=>b) = 2147483647; L("$shtinc(t=>b) $shtdec(t=>b)");
        """,
    "times": """
        L("$shtex(t=>no) $shtex(e=>no)"); $shtex(e=>no) = 10; L("$shtex(e=>no) $sht(e=>no)");
        $sht(e=>a) = 1; L("$shtex(e=>a)"); $shtex(e=>a) = 10; L("$shtex(e=>a)");
        $sht(e=>a) = "x"; L("$shtex(e=>a)"); $sht(t=>a) = 1; $shtex(t=>a) = 10; L("$shtex(t=>a)");
        $sht(k=>a) = 1; $shtex(k=>a) = 10; $sht(k=>a) = 2; L("$shtex(k=>a) $sht(k=>a)");
        $shtex(e=>a) = 10; L("$shtinc(e=>a) $shtex(e=>a)"); $sht(e=>a) = 1; $shtex(e=>a) = 10;
        L("$shtinc(e=>a) $shtex(e=>a)"); L("$shtinc(k=>a) $shtex(k=>a)");
        $shtex(e=>a) = 10; $sht(e=>a) = $null; $sht(e=>a) = 1; L("$shtex(e=>a)");
        """
    f'sht_setxs("e", "b", "v", "10"); {_RC} L("$sht(e=>b) $shtex(e=>b)");'
    f'sht_setxs("e", "b", "", 10); {_RC} L("[$sht(e=>b)]"); sht_setxs("e", "", "v", 10); {_RC}'
    f'sht_setxs("e", "b", "v", 0); {_RC} L("$shtex(e=>b)"); $var(m) = -5;'
    f'sht_setxs("e", "b", "v", "$var(m)"); {_RC} L("$shtex(e=>b)");'
    f'sht_setxs("tt", "b", "v", 10); {_RC} sht_setxs("t", "b", "v", 10); {_RC}'
    'L("$sht(t=>b) $shtex(t=>b)");',
    "forever": '$sht(e=>f) = 1; $shtex(e=>f) = 0; L("$shtex(e=>f) $sht(e=>f)");',
    "timetext": '$sht(e=>g) = 1; $shtex(e=>g) = "20"; L("$shtex(e=>g)");',
    "setxi": f'L("one"); sht_setxi("e", "c", 12, 20); {_RC} L("$sht(e=>c) $shtex(e=>c)");',
    "counts": _FILL
    + "".join(f'L("{each}: $shtcn(t=>{each}) $shtcv(t=>{each})");' for each in _COUNTS),
    "calls": '$var(re) = "^ab";'
    + "".join(f'{_FILL} {each}; L("$rc $shtcn(t=>**)");' for each in _CALLS),
    "iterator": f"""
        sht_reset("t"); sht_reset("e"); $sht(e=>one) = 1; sht_iterator_start("it", "e"); {_RC}
        L("[$shtitkey(it)] [$shtitval(it)]"); sht_iterator_rm("it"); {_RC}
        sht_iterator_next("it"); {_RC} L("[$shtitkey(it)] [$shtitval(it)]");
        sht_iterator_sets("it", "x$rm"); {_RC} L("$shtitval(it)");
        sht_iterator_seti("it", "7"); {_RC} L("$shtitval(it)");
        sht_iterator_setex("it", "17"); {_RC} sht_iterator_next("it"); {_RC}
        L("[$shtitkey(it)] [$shtitval(it)]"); sht_iterator_end("it"); {_RC}
        L("$sht(e=>one) $shtex(e=>one)"); sht_iterator_end("it"); {_RC}
        $sht(t=>a) = 1; $sht(t=>b) = 2; sht_iterator_start("it", "t"); sht_iterator_next("it");
        sht_iterator_rm("it"); {_RC} sht_iterator_rm("it"); {_RC} L("[$shtitkey(it)]");
        sht_iterator_rm("it"); {_RC} sht_iterator_end("it"); L("$shtcn(t=>**)");
        $sht(t=>a) = 1; sht_iterator_start("it", "t");
        while (sht_iterator_next("it")) {{ L("$shtitkey(it) is $shtitval(it)"); }}
        sht_iterator_end("it"); {_RC}
        """,
    "iterators": "".join(f'sht_iterator_start("{each}", "t"); {_RC}' for each in "aabcde")
    + "".join(f'sht_iterator_end("{each}"); {_RC}' for each in "abcde"),
    "expire": '$sht(s=>gone) = "v"; $sht(s=>n) = 6; $shtex(s=>gone) = 1; $shtex(s=>n) = 9;',
    "afterwards": 'L("$sht(s=>gone) $shtcn(s=>**) $sht(t=>told)");',
}  # fmt: skip

SCRIPT = script(
    {name: f'{body} sl_send_reply("200", "OK");' for name, body in _BLOCKS.items()},
    parameters="""
loadmodule "uac.so"
modparam("uac", "restore_mode", "none")
loadmodule "htable.so"
modparam("htable", "htable", "t=>size=4;")
modparam("htable", "htable", "i=>size=4;initval=5;")
modparam("htable", "htable", "n=>size=1;initval=-7")
modparam("htable", "htable", "e=>size=4;autoexpire=100;")
modparam("htable", "htable", "k=>size=4;autoexpire=100;updateexpire=0")
modparam("htable", "htable", "s=>size=4;autoexpire=2")
modparam("htable", "timer_interval", 1)
""",
    more=f"""
    event_route[htable:mod-init] {{ $sht(t=>init) = "$rm $ci"; $sht(i=>init) = 3; }}
    event_route[htable:expired:s] {{
        if ($shtrecord(key) != "gone") return;
        $sht(t=>told) = $shtrecord(key);
        L("expired $shtrecord(key) $shtrecord(value) [$sht(s=>gone)] $rm $ci");
        $uac_req(method) = "MESSAGE"; $uac_req(ruri) = "{ALICE}";
        $uac_req(furi) = "sip:me@here.example"; $uac_req(turi) = "sip:you@there.example";
        uac_req_send();
    }}
    """,
)


def _asked(name: str, why: str) -> Flow:
    def play(net: Network) -> None:
        net.alice.request("OPTIONS", f"sip:{name}@127.0.0.1")
        net.alice.wait("200")

    return Flow(name, why, play)


def _expires(net: Network) -> None:
    net.alice.request("OPTIONS", "sip:expire@127.0.0.1")
    net.alice.wait("200")
    net.alice.answer(net.alice.wait("MESSAGE", seconds=6), 200, "OK")
    net.alice.request("OPTIONS", "sip:afterwards@127.0.0.1")
    net.alice.wait("200")


FLOWS = [
    _asked("begin", "event_route[htable:mod-init]"),
    _asked("items", "items are set, read and taken out"),
    _asked("names", "names of items"),
    _asked("unknown", "a table, an iterator, a record that is not there"),
    _asked("numbers", "$shtinc and $shtdec"),
    _asked("times", "$shtex, autoexpire, updateexpire, sht_setxs()"),
    _asked("forever", "an item that stays in a table with autoexpire"),
    _asked("timetext", "a time that is a text"),
    _asked("setxi", "sht_setxi()"),
    _asked("counts", "$shtcn and $shtcv"),
    _asked("calls", "functions on items and on tables"),
    _asked("iterator", "an iterator"),
    _asked("iterators", "several of them"),
    Flow("expires", "event_route[htable:expired:TABLE]", _expires),
]
