"""htable: functions; what 5.6.3 does too is held by `tests/compat/flows/tables.py`."""

from __future__ import annotations

import pytest

from sipway.modules.htable._module import tables
from tests.modules.running import NOW, context, mistakes
from tests.modules.test_htable import FILLED, TABLES, played, program_of, shown


def code_of(call: str, before: str = "") -> tuple[int, int]:
    """What a call returns, and how many items the table t has afterwards."""
    code, count = shown(f"{before} {call};", "$rc $shtcn(t=>**)").split()
    return int(code), int(count)


@pytest.mark.parametrize(
    ("call", "code", "left"),
    [
        ('sht_rm("t", "abc")', 1, 6),
        ('sht_rm("t", "none")', 1, 7),
        ('sht_rm("$(var(t){s.rm,0})t", "ab$(ci{s.rm,$ci})c")', 1, 6),
        ('sht_rm("tt", "abc")', -1, 7),
        ('sht_rm("t", "")', -1, 7),
        ('sht_rm_name_re("t=>^AB")', 1, 5),
        ('sht_rm_name_re("t=>none")', 1, 7),
        ('sht_rm_name_re("t=>^$(var(x){s.rm,0})ab")', 1, 5),
        ('sht_rm_name_re("tt=>.")', 1, 7),
        ('sht_rm_name_re("t=>(")', -1, 7),
        ('sht_rm_name_re("t=>")', -1, 7),
        ('sht_rm_name_re("t=>$(var(x){s.rm,0})")', -1, 7),
        ('sht_rm_value_re("t=>")', -1, 7),
        ('sht_rm_value_re("t=>val")', 1, 6),
        ('sht_rm_value_re("t=>5")', 1, 6),
        ('sht_rm_value_re("t=>(")', -1, 7),
        ('sht_rm_name("t", "re", "^ab")', 1, 5),
        ('sht_rm_name("t", "sw", "ab")', 1, 5),
        ('sht_rm_name("t", "sw", "AB")', 1, 7),
        ('sht_rm_name("t", "ew", "d")', 1, 6),
        ('sht_rm_name("t", "in", "5")', 1, 5),
        ('sht_rm_name("t", "eq", "abc")', -1, 7),
        ('sht_rm_name("t", "RE", "abc")', -1, 7),
        ('sht_rm_name("t", "re", "(")', -1, 7),
        ('sht_rm_name("t", "sw", "")', -1, 7),
        ('sht_rm_name("tt", "re", ".")', -1, 7),
        ('sht_rm_value("t", "re", "5")', 1, 6),
        ('sht_rm_value("t", "sw", "V")', 1, 6),
        ('sht_rm_value("t", "ew", "r")', 1, 6),
        ('sht_rm_value("t", "in", "the")', 1, 6),
        ('sht_rm_value("t", "ne", "x")', -1, 7),
        ('sht_match_name("t", "eq", "abc")', 1, 7),
        ('sht_match_name("t", "eq", "ABC")', -1, 7),
        ('sht_match_name("t", "ne", "abc")', 1, 7),
        ('sht_match_name("t", "re", "^AB")', 1, 7),
        ('sht_match_name("t", "re", "none")', -1, 7),
        ('sht_match_name("t", "sw", "ab")', 1, 7),
        ('sht_match_name("t", "sw", "b")', -1, 7),
        ('sht_match_name("t", "ew", "c")', -1, 7),
        ('sht_match_name("t", "re", "(")', -1, 7),
        ('sht_match_name("tt", "eq", "abc")', -1, 7),
        ('sht_match_name("t", "eq", "")', -1, 7),
        ('sht_has_name("t", "eq", "abc")', 1, 7),
        ('sht_match_str_value("t", "eq", "other")', 1, 7),
        ('sht_match_str_value("t", "eq", "5")', -1, 7),
        ('sht_match_str_value("t", "re", "^5")', 1, 7),
        ('sht_match_str_value("t", "sw", "oth")', 1, 7),
        ('sht_match_str_value("t", "ne", "x")', 1, 7),
        ('sht_match_str_value("i", "ne", "x")', -1, 7),
        ('sht_has_str_value("t", "eq", "other")', 1, 7),
        ('sht_reset("t")', 1, 0),
        ('sht_reset("tt")', -1, 7),
        ('sht_is_null("t", "abc")', -2, 7),
        ('sht_is_null("t", "none")', 1, 7),
        ('sht_is_null("i", "none")', -1, 7),
        ('sht_is_null("tt", "none")', 2, 7),
        ('sht_inc("t", "xyz")', 1, 7),
        ('sht_inc("t", "none")', -1, 7),
        ('sht_inc("t", "abc")', -1, 7),
        ('sht_inc("i", "new")', 1, 7),
        ('sht_inc("tt", "xyz")', -1, 7),
        ('sht_dec("t", "xyz")', 1, 7),
        ('sht_dec("t", "none")', -1, 7),
        ('sht_dec("tt", "none")', -1, 7),
    ],
)
def test_codes(call: str, code: int, left: int) -> None:
    assert code_of(call, FILLED) == (code, left)


def test_numbers_change() -> None:
    assert shown('sht_inc("i", "x"); sht_inc("i", "x"); sht_dec("i", "x");', "$sht(i=>x)") == "6"


@pytest.mark.parametrize(
    ("call", "seen"),
    [
        ('sht_setxs("e", "x", "v", "10")', "1 v 10"),
        ('sht_setxs("e", "x", "v$fn", 10)', "1 v<null> 10"),
        ('sht_setxs("e", "x", "", "0")', "1  100"),
        ('sht_setxs("e", "x", "v", "-3")', "1 v 100"),
        ('sht_setxs("e", "x", "v", 9); sht_setxs("e", "x", "w", 0)', "1 w 100"),
        ('sht_setxi("e", "x", "12", "20")', "1 12 20"),
        ('sht_setxi("e", "x", 7, $var(n))', "1 7 100"),
        ('sht_setxs("e", "", "v", "10")', "-1 <null> 0"),
        ('sht_setxi("tt", "x", 1, 1)', "-1 <null> 0"),
    ],
)
def test_items_with_a_time(call: str, seen: str) -> None:
    assert shown(f"{call};", "$rc $sht(e=>x) $shtex(e=>x)") == seen


@pytest.mark.parametrize(
    "call",
    [
        'sht_rm("tt", "x")',
        "sht_rm(tt, $ci)",
        'sht_setxs("tt", "x", "v", 1)',
        'sht_setxi("tt", "x", 1, 1)',
        'sht_reset("tt")',
        'sht_is_null("tt", "x")',
        'sht_inc("tt", "x")',
        'sht_dec("tt", "x")',
        'sht_rm_name_re("tt=>x")',
        'sht_rm_value_re(" tt =>$ci")',
        'sht_rm_name("tt", "re", "x")',
        'sht_rm_value("tt", "re", "x")',
        'sht_match_name("tt", "eq", "x")',
        'sht_has_name("tt", "eq", "x")',
        'sht_match_str_value("tt", "eq", "x")',
        'sht_has_str_value("tt", "eq", "x")',
        'sht_lock("tt=>x")',
        'sht_unlock("tt=>x$ci")',
        'sht_iterator_start("i", "tt")',
    ],
)
def test_a_table_that_nobody_declares_is_named_by_the_check(call: str) -> None:
    name = call.partition("(")[0]
    hint = 'modparam("htable", "htable", "tt=>size=8") makes one'
    assert mistakes(f"request_route {{ {call}; }}", TABLES, hints=True) == [
        f"there is no table tt, so {name}() does nothing: {hint}"
    ]
    assert mistakes(f"request_route {{ {call.replace('tt', 't')}; }}", TABLES) == []


def test_a_table_that_only_the_request_names_is_not() -> None:
    code = 'sht_reset("$rU"); sht_reset("t$rU"); sht_lock("$rU=>x"); sht_rm_name_re("t$rU=>x");'
    assert mistakes(f"request_route {{ {code} }}", TABLES) == []


@pytest.mark.parametrize(
    ("call", "message"),
    [
        ('sht_rm_name_re("t")', '"t" is not table=>key'),
        ('sht_rm_value_re("t")', '"t" is not table=>key'),
        ('sht_lock("t")', '"t" is not table=>key'),
        ('sht_unlock("t")', '"t" is not table=>key'),
        ('sht_setxi("e", "x", "v", 1)', '"v" is not a number'),
        ('sht_setxs("e", "x", "v", "z")', '"z" is not a number'),
        ('sht_iterator_seti("i", "x")', '"x" is not a number'),
        ('sht_iterator_setex("i", "x")', '"x" is not a number'),
        ('sht_rm("t")', "takes 2 arguments"),
        ("sht_print(1)", "takes no arguments"),
    ],
)
def test_wrong_arguments_are_found_before_the_script_runs(call: str, message: str) -> None:
    found = mistakes(f"request_route {{ {call}; }}", TABLES)
    assert len(found) == 1
    assert message in found[0]


def test_print() -> None:
    ran = played('$sht(t=>x) = 1; $sht(e=>y) = "a"; sht_print(); xlog("$rc");')
    assert [each.removeprefix("<core>: ") for each in ran.lines] == [
        "table t: 1 items, autoexpire 0",
        "t=>x: number 1, stays",
        "table i: 0 items, autoexpire 0",
        "table e: 1 items, autoexpire 100",
        "e=>y: text a, 100 s left",
        "table k: 0 items, autoexpire 100",
        "1",
    ]


# --- iterators ---------------------------------------------------------------------------

TWO = '$sht(t=>one) = 1; $sht(t=>two) = "deux";'


def test_iterators_go_over_all_items() -> None:
    ran = played(
        TWO + 'sht_iterator_start("i", "t"); xlog("$rc $shtitkey(i) $shtitval(i)");'
        'while (sht_iterator_next("i")) { xlog("$shtitkey(i)=$shtitval(i)"); }'
        'xlog("$shtitkey(i) $shtitval(i)"); sht_iterator_end("i"); xlog("$rc $shtitkey(i)");'
    )
    assert ran.lines == ["1 <null> <null>", "one=1", "two=deux", "<null> <null>", "1 <null>"]


def test_items_are_changed_on_the_way() -> None:
    ran = played(
        '$sht(e=>one) = 1; sht_iterator_start("i", "e"); sht_iterator_next("i");'
        'sht_iterator_sets("i", "x$rm"); xlog("$rc $sht(e=>one) $shtitval(i)");'
        'sht_iterator_seti("i", "7"); xlog("$rc $sht(e=>one)");'
        'sht_iterator_setex("i", 17); xlog("$rc $shtex(e=>one)");'
        '$sht(e=>more) = 1; sht_iterator_next("i"); xlog("$rc");'
    )
    assert ran.lines == ["1 xOPTIONS xOPTIONS", "1 7", "1 17", "-1"]


def test_items_are_taken_out_on_the_way() -> None:
    ran = played(
        TWO + 'sht_iterator_start("i", "t"); sht_iterator_next("i"); sht_iterator_rm("i");'
        'xlog("$rc $shtitkey(i)"); sht_iterator_rm("i"); xlog("$rc $shtcn(t=>**)");'
    )
    assert ran.lines == ["1 two", "-2 0"]


def test_what_has_gone_meanwhile_is_passed_over() -> None:
    ran = played(
        TWO + 'sht_iterator_start("i", "t"); $sht(t=>one) = $null;'
        'sht_iterator_next("i"); xlog("$shtitkey(i)"); $sht(t=>two) = $null; xlog("$shtitval(i)");'
    )
    assert ran.lines == ["two", "<null>"]


@pytest.mark.parametrize(
    "call",
    [
        'sht_iterator_next("i")',
        'sht_iterator_end("i")',
        'sht_iterator_rm("i")',
        'sht_iterator_sets("i", "x")',
        'sht_iterator_seti("i", 1)',
        'sht_iterator_setex("i", 1)',
        'sht_iterator_start("i", "tt")',
        'sht_iterator_start("", "t")',
    ],
)
def test_no_iterator(call: str) -> None:
    ran = played(f'{call}; xlog("$rc");')
    assert ran.lines[-1] == "-1"
    assert len(ran.lines) == 2


@pytest.mark.parametrize(
    "call",
    [
        'sht_iterator_rm("i")',
        'sht_iterator_sets("i", "x")',
        'sht_iterator_seti("i", 1)',
        'sht_iterator_setex("i", 1)',
    ],
)
def test_an_iterator_at_no_item(call: str) -> None:
    ran = played(f'{TWO} sht_iterator_start("i", "t"); {call}; xlog("$rc $shtcn(t=>**)");')
    assert ran.lines[-1] == "-1 2"


def test_four_iterators() -> None:
    starts = "".join(f'sht_iterator_start("{each}", "t"); xlog("$rc");' for each in "aabcd")
    ran = played(
        f'{starts} sht_iterator_start("e", "t"); xlog("$rc"); sht_iterator_end("b");'
        'sht_iterator_start("e", "t"); xlog("$rc");'
    )
    assert [each for each in ran.lines if len(each) < 3] == ["1"] * 5 + ["-1", "1"]


def test_items_get_no_more_memory_on_the_way() -> None:
    program, log = program_of(
        'sht_iterator_start("i", "t"); sht_iterator_next("i");'
        'sht_iterator_sets("i", "long"); xlog("$rc $sht(t=>a)");'
    )
    tables(program)["t"].set("a", 1, NOW)
    tables(program).memory.most = 0
    assert program.request_route is not None
    program.request_route(context(program))
    assert log.written[-1][1].strip() == "<script>: -1 1"


def test_the_name_of_an_iterator_may_be_a_variable() -> None:
    ran = played(
        f'{TWO} $var(i) = "it"; sht_iterator_start("$var(i)", "$(var(t){{s.rm,0}})t");'
        'sht_iterator_next("$var(i)"); xlog("$shtitkey($var(i)) $shtitkey(it)");'
    )
    assert ran.lines == ["one one"]
