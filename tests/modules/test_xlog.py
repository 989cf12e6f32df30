"""Log lines of scripts, as Kamailio 5.6.3 was seen to write them."""

from __future__ import annotations

import pytest

from sipway.core import log as levels
from tests.fakes import request
from tests.modules.running import code_of, mistakes, run


@pytest.mark.parametrize(
    ("statement", "level"),
    [
        ('xlog("x\\n");', levels.ERR),
        ('xlog("L_WARN", "x\\n");', levels.WARN),
        ('xlog("XXERR", "x\\n");', levels.ERR),
        ('xlog("L_CRIT", "x\\n");', levels.CRIT),
        ('xlog("LOG_LOCAL3", "L_NOTICE", "x\\n");', levels.NOTICE),
        ('$var(l) = 2; xlog("$var(l)", "x\\n");', levels.INFO),
        ('$var(l) = -4; xlog("$var(l)", "x\\n");', levels.BUG),
        ('$var(l) = 1; xlog("LOG_LOCAL3", "$var(l)", "x\\n");', levels.NOTICE),
        ('xdbg("x\\n");', levels.DBG),
        ('xinfo("x\\n");', levels.INFO),
        ('xnotice("x\\n");', levels.NOTICE),
        ('xwarn("x\\n");', levels.WARN),
        ('xerr("x\\n");', levels.ERR),
        ('xbug("x\\n");', levels.BUG),
        ('xcrit("x\\n");', levels.CRIT),
        ('xalert("x\\n");', levels.ALERT),
    ],
)
def test_level(statement: str, level: int) -> None:
    assert run(statement).log == [(level, "<script>: x\n")]


@pytest.mark.parametrize(
    ("call", "code"),
    [
        ('xlog("x\\n")', 1),
        ('xlog("L_DBG", "x\\n")', 1),
        ('xlog("$avp(never)", "x\\n")', -1),
        ('xdbg("x\\n")', 1),
        ('xlogm("L_ERR", "x\\n")', 1),
        ('xlogl("x\\n")', 1),
    ],
)
def test_code(call: str, code: int) -> None:
    assert code_of(call) == code


def test_what_is_above_the_level_is_not_written() -> None:
    assert run('xinfo("i\\n"); xwarn("w\\n");', level=0).lines == ["w"]


def test_variables_null_and_dollar() -> None:
    assert run('xlog("$rm <$avp(never)> $$ %d\\n");').lines == ["OPTIONS <<null>> $ %d"]


@pytest.mark.parametrize(
    ("statement", "line"),
    [
        ('xlogl("x\\n");', "<script>: 3:x\n"),
        ('xlogl("L_WARN", "x\\n");', "<script>: 3:x\n"),
        ('xlogl("LOG_USER", "L_WARN", "x\\n");', "<script>: 3:x\n"),
        ('xdbgl("x\\n");', "<script>: 3:x\n"),
    ],
)
def test_line_of_the_script(statement: str, line: str) -> None:
    assert [text for _, text in run(statement).log] == [line]


def test_long_format_names_the_file() -> None:
    ran = run('xlogl("x\\n");', parameters='modparam("xlog", "long_format", 1)')
    assert [text for _, text in ran.log] == ["<script>: test.cfg:3:x\n"]


def test_prefix() -> None:
    ran = run('xlog("x\\n");', parameters='modparam("xlog", "prefix", "-pre: ")')
    assert [text for _, text in ran.log] == ["-pre: x\n"]


@pytest.mark.parametrize(("text", "written"), [("x", "x\n"), ("x\\n", "x\n"), ("", "\n")])
def test_auto_newline(text: str, written: str) -> None:
    ran = run(
        f'xlog("{text}");',
        parameters='modparam("xlog", "auto_newline", 1)\nmodparam("xlog", "prefix", "")',
    )
    assert [text for _, text in ran.log] == [written]


@pytest.mark.parametrize(
    ("mask", "method", "written"),
    [(None, "OPTIONS", 0), (15, "OPTIONS", 1), (512, "OPTIONS", 0), (512, "INVITE", 1)],
)
def test_methods_that_xlogm_passes_over(mask: int | None, method: str, written: int) -> None:
    parameters = "" if mask is None else f'modparam("xlog", "methods_filter", {mask})'
    ran = run('xlogm("L_ERR", "x\\n");', request(method), parameters=parameters)
    assert len(ran.log) == written


@pytest.mark.parametrize(
    "statement",
    [
        'xlog("L_FOO", "x");',
        'xlog("ERR", "x");',
        'xlog("L_error", "x");',
        'xlog("LOG_FOO", "L_ERR", "x");',
        'xlog("L_ERR", "L_ERR", "x");',
        'xlog("$var(x)", "L_ERR", "x");',
        "xlog();",
        'xlog("a", "b", "c", "d");',
        'xinfo("a", "b");',
        'xlogm("x");',
    ],
)
def test_wrong_arguments_are_found_in_the_script(statement: str) -> None:
    assert len(mistakes(f"request_route {{ {statement} }}")) == 1


@pytest.mark.parametrize(
    "parameter",
    [
        '"log_facility", "LOG_FOO"',
        '"log_colors", "foo"',
        '"log_colors", "L_ERR=c"',
    ],
)
def test_wrong_parameters(parameter: str) -> None:
    assert len(mistakes("request_route { exit; }", f'modparam("xlog", {parameter})')) == 1


@pytest.mark.parametrize(("mode", "line"), [(0, "$rm: x"), (1, "OPTIONS: x")])
def test_prefix_mode(mode: int, line: str) -> None:
    parameters = f'modparam("xlog", "prefix", "$rm: ")\nmodparam("xlog", "prefix_mode", {mode})'
    assert run('xlog("x");', parameters=parameters).lines == [line]


def test_parameters_without_a_meaning_here() -> None:
    parameters = "\n".join(
        f'modparam("xlog", {each})'
        for each in ('"buf_size", 8192', '"force_color", 1', '"log_colors", "L_ERR=cr;L_WARN=px"')
    )
    assert run('xlog("x");', parameters=parameters).lines == ["x"]
