"""acc: records in the log (tests/compat/flows/accounting*.py compares them with Kamailio)."""

from __future__ import annotations

import asyncio
import time

import pytest

from sipway.core import log as levels
from sipway.core.context import Context
from sipway.errors import ModuleError
from sipway.modules.acc.logs import precise_time
from sipway.modules.acc.reasons import phrase
from tests.fakes import LogInMemory, reply, request
from tests.modules.running import NOW, context, load, mistakes

_MODULES = ("tm", "acc")
_ASKED = "request accounted"
_FINE = "reason=Fine"
_TAGS = "from_tag=a1;to_tag=b1;call_id=call-1"
_HEAD = f"timestamp={int(NOW)};method=OPTIONS;from_tag=a1"
_WITH = 'modparam("acc", "{}", {})'


def _mistakes(code: str = "", parameters: str = "") -> list[str]:
    return mistakes(f"request_route {{ {code} ; }}", parameters, modules=_MODULES)


def _run(
    code: str, data: bytes | None = None, *, parameters: str = "", level: int = 3
) -> tuple[list[str], Context]:
    """What lines of acc a script wrote, and its Context."""
    kind = "request_route" if data is None or not data.startswith(b"SIP/") else "reply_route"
    program, log, _ = load(
        f"{kind} {{ {code} ; }}", parameters=parameters, level=level, modules=_MODULES
    )
    ctx = context(program, data)
    block = program.request_route or program.reply_route
    assert block is not None
    waiting = block(ctx)
    if waiting is not None and not isinstance(waiting, int):
        asyncio.run(waiting)
    return [text for _, text in log.written if "ACC" in text], ctx


# --- parameters ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "name", ["log_flag", "log_missed_flag", "failed_transaction_flag", "acc_prepare_flag"]
)
def test_flags(name: str) -> None:
    assert _mistakes(parameters=_WITH.format(name, 32)) == [
        "a flag is a number from 0 to 31, not 32"
    ]
    assert _mistakes(parameters=_WITH.format(name, -2)) == [
        "a flag is a number from 0 to 31, not -2"
    ]
    for good in (-1, 0, 31):
        assert _mistakes(parameters=_WITH.format(name, good)) == []


@pytest.mark.parametrize(
    "text", ["", "abc", "200", "1404", "404,,", "404, 486", "404;486", "４０４"]
)
def test_failed_filter_that_is_none(text: str) -> None:
    assert _mistakes(parameters=_WITH.format("failed_filter", f'"{text}"')) == [
        f'statuses from 300 to 999 are written 404,407, not "{text}"'
    ]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", 'name=$variable is wanted, not ""'),
        ("abc", 'name=$variable is wanted, not "abc"'),
        ("abc=x", '"x" does not begin with a variable'),
        ("a=$rm,b=$ru", 'there is a ; wanted behind $rm, not ",b=$ru"'),
        ("a=$rm$ru", 'there is a ; wanted behind $rm, not "$ru"'),
        ("a=$rm;", 'name=$variable is wanted, not ""'),
        ("a=$nothing", "there is no variable $nothing"),
        ("a=$T(nothing)", None),
    ],
)
@pytest.mark.parametrize("name", ["log_extra", "multi_leg_info"])
def test_variables_that_are_wrong(name: str, text: str, message: str | None) -> None:
    found = _mistakes(parameters=_WITH.format(name, f'"{text}"'))
    assert len(found) == 1
    if message is not None:
        assert found == [message]


def test_legs_are_avps() -> None:
    assert _mistakes(parameters=_WITH.format("multi_leg_info", '"a=$rm"')) == [
        "$rm is not an AVP, written $avp(name)"
    ]


def test_what_else_is_wrong() -> None:
    assert len(_mistakes(parameters=_WITH.format("log_facility", '"LOG_NOTHING"'))) == 1
    assert len(_mistakes(parameters=_WITH.format("acc_extra_size", 0))) == 1
    assert len(_mistakes(parameters=_WITH.format("log_flag", '"x"'))) == 1


def test_records_of_calls_come_later() -> None:
    assert _mistakes(parameters=_WITH.format("cdr_enable", 1)) == [
        "records of calls need the module dialog, which is not there yet"
    ]
    assert _mistakes(parameters=_WITH.format("cdr_enable", 0)) == []
    for name, value in (("cdr_extra", '"a=$rm"'), ("cdr_on_failed", 0), ("cdrs_table", '"t"')):
        found = _mistakes(parameters=_WITH.format(name, value))
        assert [each.partition(" (")[0] for each in found] == [f"{name} has no effect yet"]


def test_what_it_needs() -> None:
    with pytest.raises(ModuleError, match="acc needs the module tm"):
        load("request_route { ; }", modules=("acc",))
    with pytest.raises(ModuleError, match="more entries than acc_extra_size, 1"):
        load(
            "request_route { ; }",
            parameters=_WITH.format("acc_extra_size", 1)
            + "\n"
            + _WITH.format("log_extra", '"a=$rm;b=$ru"'),
            modules=_MODULES,
        )


# --- records that a script asks for --------------------------------------------------------------


@pytest.mark.parametrize(
    ("comment", "code", "reason"),
    [
        ("404 Not Found", "404", "Not Found"),
        ("200   two  x ", "200", "two  x "),
        ("404x y", "404", "x y"),
        ("1000 x", "100", "0 x"),
        ("000", "000", ""),
        ("99 x", "", "99 x"),
        ("20", "", "20"),
        ("text of $rU", "", "text of bob"),
        ("$avp(none)", "", "<null>"),
        ("٤٠٤ x", "", "٤٠٤ x"),
    ],
)
def test_comments(comment: str, code: str, reason: str) -> None:
    lines, _ = _run(f'acc_log_request("{comment}")')
    assert lines == [
        f"acc: ACC: request accounted: {_HEAD};to_tag=;call_id=call-1;code={code};reason={reason}\n"
    ]


def test_a_comment_is_wanted() -> None:
    assert _mistakes('acc_log_request("")') == [
        "acc_log_request() wants a comment such as 404 Not Found: it is empty"
    ]
    assert len(_mistakes("acc_log_request()")) == 1
    assert len(_mistakes('acc_log_request("a", "b")')) == 1
    assert _run('$var(r) = acc_log_request("$avp(none)")')[1].vars == [1]


def test_what_a_reply_says() -> None:
    lines, _ = _run('acc_log_request("$rs $rr")', reply(200, "Fine", method="INVITE"))
    assert lines == [
        f"acc: ACC: {_ASKED}: timestamp={int(NOW)};method=INVITE;{_TAGS};code=200;{_FINE}\n"
    ]


def test_variables_that_have_no_value_are_empty() -> None:
    extra = _WITH.format("log_extra", '"none=$avp(none); n = $ml ;two=$(avp(two)[*])"')
    lines, ctx = _run('$avp(two) = 1; $avp(two) = "b"; acc_log_request("x")', parameters=extra)
    assert lines[0].endswith(f";reason=x;none=;n={len(ctx.message.data)};two=b, 1\n")


def test_a_variable_that_cannot_be_read() -> None:
    extra = _WITH.format("log_extra", '"a=$avp($var(n));b=$rU"')
    (line,), _ = _run('$var(n) = ""; acc_log_request("x")', parameters=extra)
    assert line.endswith(";reason=x;a=;b=bob\n")


def test_nobody_writes_lines_of_ours() -> None:
    data = request(extra="Subject: a\r\n ACC: transaction answered\r\n")
    extra = _WITH.format("log_extra", '"s=$hdr(Subject)"')
    lines, _ = _run('acc_log_request("x")', data, parameters=extra)
    assert lines[0].endswith(";s=a   ACC: transaction answered\n")
    assert lines[0].count("\n") == 1


def test_any_byte_is_written() -> None:
    data = request(from_="<sip:a\udcff@caller.example>;tag=\udcfe")
    lines, _ = _run('acc_log_request("x")', data)
    assert "from_tag=\udcfe;" in lines[0]


def test_a_level_that_is_not_wanted() -> None:
    assert _run('acc_log_request("x")', level=levels.WARN)[0] == []
    higher = _WITH.format("log_level", -1)
    assert len(_run('acc_log_request("x")', level=levels.WARN, parameters=higher)[0]) == 1


def test_the_facility(monkeypatch: pytest.MonkeyPatch) -> None:
    found: list[str | None] = []

    def write(self: LogInMemory, level: int, text: str, facility: str | None = None) -> None:
        del self, level, text
        found.append(facility)

    monkeypatch.setattr(LogInMemory, "write", write)
    _run('acc_log_request("x")')
    _run('acc_log_request("x")', parameters=_WITH.format("log_facility", '"LOG_LOCAL3"'))
    assert found == ["LOG_DAEMON", "LOG_LOCAL3"]


def test_legs() -> None:
    legs = _WITH.format("multi_leg_info", '"src=$avp(s);dst=$avp(i:1)"')
    lines, _ = _run('acc_log_request("x")', parameters=legs)
    assert lines[0].endswith(";reason=x;src=;dst=\n")
    code = '$avp(s) = "s1"; $avp(i:1) = 1; $avp(i:1) = 2; acc_log_request("x")'
    lines, _ = _run(code, parameters=legs)
    assert lines[0].endswith(";reason=x;src=s1;dst=2;src=;dst=1\n")


def test_a_leg_named_by_a_variable() -> None:
    legs = _WITH.format("multi_leg_info", '"src=$avp($var(n))"')
    lines, _ = _run('$avp(s) = "s1"; $var(n) = "s"; acc_log_request("x")', parameters=legs)
    assert lines[0].endswith(";reason=x;src=s1\n")
    lines, _ = _run('$avp(s) = "s1"; $var(n) = ""; acc_log_request("x")', parameters=legs)
    assert lines[0].endswith(";reason=x;src=\n")


# --- times ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("mode", "added"),
    [
        (0, ""),
        (1, "m=104714;"),
        (2, "t=1795483209.105;"),
        (4, f"t={time.strftime('%Y %H:%M:%S', time.gmtime(int(NOW)))};"),
        (5, ""),
        (-1, ""),
    ],
)
def test_precise_times(mode: int, added: str) -> None:
    assert precise_time(mode, "t", "m", "%Y %H:%M:%S")(NOW) == added


def test_local_times(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TZ", "UTC-3")
    time.tzset()
    try:
        in_utc = precise_time(4, "t", "m", "%H")(NOW)
        here = precise_time(3, "t", "m", "%H")(NOW)
    finally:
        monkeypatch.undo()
        time.tzset()
    assert (int(here[2:4]) - int(in_utc[2:4])) % 24 == 3


def test_the_names_of_times() -> None:
    lines, _ = _run('acc_log_request("x")', parameters=_WITH.format("time_mode", 1))
    assert f"timestamp={int(NOW)};time_exten=104714;method=" in lines[0]
    lines, _ = _run('acc_log_request("x")', parameters=_WITH.format("time_mode", 2))
    assert f"timestamp={int(NOW)};time_attr=1795483209.105;method=" in lines[0]


def test_phrases() -> None:
    assert [phrase(each) for each in (200, 202, 404, 499, 699, 99)] == [
        "OK", "Successful", "Not Found", "Request Failure", "Global Failure", "",
    ]  # fmt: skip
