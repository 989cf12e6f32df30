"""nathelper: fix_nated_sdp(); what 5.6.3 does too is held by `tests/compat/cases`."""

from __future__ import annotations

import pytest

from sipway.core.context import Context
from sipway.modules import nathelper
from tests.modules.natted import SDP, TYPE, body_of, message_of


def _fixed(flags: int, ip: str = "", body: str = SDP, source: str = "192.0.2.1") -> Context:
    ctx = message_of(TYPE, body, source=(source, 5070))
    ctx.retcode = nathelper.sdp.fix_nated_sdp(ctx, flags, ip)
    return ctx


def test_the_family_follows_the_address() -> None:
    six = SDP.replace("IP4 10.1.2.3", "IP6 fd00::1") + "a=rtcp:4001 IN IP6 fd00::1\r\n"
    body = body_of(_fixed(10, body=six))
    assert "c=IN IP4 192.0.2.1\r\n" in body
    assert "o=alice 1 1 IN IP4 192.0.2.1\r\n" in body
    assert "a=rtcp:4001 IN IP4 192.0.2.1\r\n" in body
    assert body.count("a=oldmediaip6:fd00::1") == 3
    for ip in ("fd00::9", "[fd00::9]"):
        assert "c=IN IP6 fd00::9\r\n" in body_of(_fixed(2, ip))
    assert "c=IN IP6 2001:db8::1\r\n" in body_of(_fixed(2, source="2001:db8::1"))


@pytest.mark.parametrize("ip", ["<null>", "1.2.3.4 x", "a\r\nb=c", "$avp(x)", '"', "a/b"])
def test_what_is_no_address_is_not_written(ip: str) -> None:
    ctx = _fixed(10, ip)
    assert ctx.retcode == -1
    assert body_of(ctx) == SDP


@pytest.mark.parametrize(
    ("old", "new"), [("o=alice 1 1 IN IP4 10.1.2.3", "o=- x"), ("c=IN IP4 10.1.2.3", "c=IN x")]
)
def test_a_line_without_an_address_is_a_failure_that_changes_nothing(old: str, new: str) -> None:
    body = SDP.replace(old, new)
    ctx = _fixed(15, body=body)
    assert ctx.retcode == -1
    assert body_of(ctx) == body


@pytest.mark.parametrize("end", [" ", "a=x\t\r\n", "a=x\r\n \r\n\r\n"])
def test_what_is_added_stands_behind_the_last_line_whatever_its_blanks(end: str) -> None:
    kept = end.rstrip("\r\n")
    body = body_of(_fixed(5, body=SDP + end))
    added = "\r\na=direction:active\r\na=nortpproxy:yes"
    assert body == SDP + kept + added + end[len(kept) :]


def test_of_two_addresses_the_last_is_written() -> None:
    ctx = _fixed(2)
    assert nathelper.sdp.fix_nated_sdp(ctx, 2, "192.0.2.8") == 1
    assert "c=IN IP4 192.0.2.8\r\n" in body_of(ctx)


def test_many_lines_are_no_trouble() -> None:
    body = SDP + "a=x " * 2000 + "\r\n" + "c=IN IP4 10.1.1.1\r\n" * 2000
    ctx = _fixed(15, body=body)
    assert ctx.retcode == 1
    assert "10.1.1.1\r\nc=" not in body_of(ctx)
