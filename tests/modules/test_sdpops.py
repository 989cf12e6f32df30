"""sdpops; what 5.6.3 does too is held by `tests/compat/cases/sdpops.py`."""

from __future__ import annotations

import time

import pytest

from tests.fakes import reply, request
from tests.modules.running import Ran, mistakes, run

SDP = (
    "v=0\r\no=a 1 41 IN IP4 h\r\ns=-\r\nc=IN IP4 192.0.2.1\r\nt=0 0\r\n"
    "m=audio 9 RTP/AVP 0 97\r\na=rtpmap:97 iLBC/8000\r\na=fmtp:97 mode=20\r\n"
    "m=video 0 RTP/SAVP 97\r\nc=IN IP6 ::1\r\na=rtpmap:97 H264/90000\r\n"
)
TYPE = "Content-Type: application/sdp\r\n"
MIXED = "Content-Type: multipart/mixed;boundary=b\r\n"


def message(body: str = SDP, head: str = TYPE) -> bytes:
    return request(extra=head, body=body)


def sdp(code: str, body: str = SDP, head: str = TYPE) -> Ran:
    return run(code, message(body, head))


def after(code: str, body: str = SDP, head: str = TYPE) -> str:
    """The body after statements."""
    return sdp(f"{code};", body, head).edited.partition("\r\n\r\n")[2]


def code_of(call: str, body: str = SDP, head: str = TYPE) -> int:
    return int(sdp(f'{call}; xlog("$rc");', body, head).lines[-1])


@pytest.mark.parametrize(
    ("call", "code"),
    [
        ("sdp_content()", 1),
        ('sdp_with_media("VIDEO")', 1),
        ('sdp_with_media("text")', -1),
        ('sdp_with_active_media("audio")', 1),
        ('sdp_with_active_media("video")', -1),
        ('sdp_with_transport("rtp/savp")', 1),
        ('sdp_with_transport_like("SAVPF")', -1),
        ('sdp_with_codecs_by_id("97")', 1),
        ('sdp_with_codecs_by_id("0,97")', 2),
        ('sdp_with_codecs_by_name("h264,PCMU")', 2),
        ('sdp_with_codecs_by_name("G729")', -1),
        ('sdp_transport("$var(t)")', -2),
        ("sdp_with_ice()", -1),
        ("sdp_get_address_family()", 4),
    ],
)
def test_questions(call: str, code: int) -> None:
    assert code_of(call) == code


def test_a_name_is_another_payload_type_in_each_stream() -> None:
    gone = " 97\r\na=rtpmap:97 iLBC/8000\r\na=fmtp:97 mode=20"
    assert after('sdp_remove_codecs_by_name("iLBC")') == SDP.replace(gone, "", 1)


def test_codecs_kept() -> None:
    assert "m=audio 9 RTP/AVP 0\r\nm=video 0 RTP/SAVP\r\n" in after('sdp_keep_codecs_by_id("0")')
    assert "m=video 0 RTP/SAVP 97\r\n" in after('sdp_keep_codecs_by_id("0", "audio")')


def test_the_last_media_of_a_part_is_taken_out_without_its_boundary() -> None:
    body = f"--b\r\nContent-Type: application/sdp\r\n\r\n{SDP}\r\n--b\r\n\r\nx\r\n--b--\r\n"
    left = SDP[: SDP.index("m=video")]
    assert after('sdp_remove_media("video")', body, MIXED) == body.replace(SDP, left)


def test_lines_taken_out() -> None:
    assert "a=fmtp" not in after('sdp_remove_line_by_prefix("a=fmtp")')
    assert after('sdp_remove_line_by_prefix("")') == SDP
    assert code_of('sdp_remove_line_by_prefix("")') == -1


def test_a_large_body_costs_little() -> None:
    body = "v=0\r\nm=audio 9 RTP/AVP" + " 97" * 9000 + "\r\n" + "a=fmtp:97 x\r\n" * 2500
    started = time.perf_counter()
    assert after('sdp_remove_codecs_by_id("97")', body) == "v=0\r\nm=audio 9 RTP/AVP\r\n"
    assert time.perf_counter() - started < 2


def test_the_body_follows_its_changes() -> None:
    edited = sdp('sdp_remove_media("video");').edited
    head, _, body = edited.partition("\r\n\r\n")
    assert f"Content-Length: {len(body)}" in head


def test_the_version() -> None:
    assert "o=a 1 42 IN" in after("$sdp(sess_version) = -1")
    assert "o=a 1 42 IN" in after("$sdp(sess_version) = -1; $sdp(sess_version) = -1")
    assert "o=a 1 7 IN" in after("$sdp(sess_version) = 7")
    assert after('$sdp(sess_version) = "7"') == SDP
    assert sdp('xlog("$sdp(sess_version)");').lines == ["41"]
    large = SDP.replace("41", "3900000000000")
    assert sdp('xlog("$sdp(sess_version)");', large).lines == ["3900000000000"]
    assert "3900000000001" in after("$sdp(sess_version) = -1", large)
    assert after("$sdp(sess_version) = -1", SDP.replace("41", "x")) == SDP.replace("41", "x")


def test_the_address() -> None:
    assert sdp('xlog("$sdp(c:ip)");').lines == ["192.0.2.1"]
    other = SDP.replace("a=rtpmap:97 i", "c=IN IP4 192.0.2.7\r\na=x i")
    assert sdp('xlog("$sdp(c:ip)");', other).lines == ["192.0.2.7"]


def test_only_the_version_can_be_written() -> None:
    ran = sdp('$sdp(body) = "x"; xlog("on");')
    assert ran.lines[-1] == "on"
    assert ran.edited.endswith(SDP)


def test_a_body_in_a_reply() -> None:
    lines = run('xlog("$sdp(body)");', reply(extra=TYPE)).lines
    assert lines == ["<null>"]


@pytest.mark.parametrize("body", ["", "x", "v=", "v=0\r\nm=", "v=0\nm=a\n\n", "v=0\r\nm=audio\r\n"])
def test_bodies_that_say_little(body: str) -> None:
    for call in (
        "sdp_content()",
        'sdp_with_active_media("audio")',
        'sdp_with_codecs_by_name("PCMU")',
        'sdp_keep_codecs_by_id("0")',
        'sdp_remove_media("x")',
        "sdp_get_address_family()",
        'sdp_print("1")',
    ):
        assert code_of(call, body) in (1, 2, -1, -2)


# --- walks ---------------------------------------------------------------------------------------


def test_a_walk_through_the_lines() -> None:
    ran = sdp(
        'sdp_iterator_start("i"); while (sdp_iterator_next("i")) { xlog("$sdpitval(i)"); }'
        'sdp_iterator_end("i"); xlog("$rc");'
    )
    assert [line.rstrip("\r") for line in ran.lines] == [*SDP.split("\r\n")[:-1], "1"]


def test_lines_changed_on_a_walk() -> None:
    changed = after(
        'sdp_iterator_start("i"); while (sdp_iterator_next("i")) {'
        ' if ($sdpitval(i) =~ "^a=fmtp") { sdp_iterator_rm("i"); }'
        ' if ($sdpitval(i) =~ "^s=") { sdp_iterator_append("i", "b=AS:1\\r\\n"); }'
        ' if ($sdpitval(i) =~ "^t=") { sdp_iterator_insert("i", "b=AS:2\\r\\n"); } }'
    )
    wanted = SDP.replace("a=fmtp:97 mode=20\r\n", "").replace("s=-\r\n", "s=-\r\nb=AS:1\r\n")
    assert changed == wanted.replace("t=0", "b=AS:2\r\nt=0")


def test_no_more_than_four_walks() -> None:
    start = "".join(f'sdp_iterator_start("{name}"); xlog("$rc");' for name in "abcda")
    assert sdp(f'{start} sdp_iterator_start("e"); xlog("$rc");').lines == ["1"] * 5 + ["-1"]


@pytest.mark.parametrize(
    "call",
    [
        'sdp_iterator_next("i")',
        'sdp_iterator_rm("i")',
        'sdp_iterator_append("i", "x")',
        'sdp_iterator_insert("i", "x")',
        'sdp_iterator_end("i")',
    ],
)
def test_walks_that_were_not_started(call: str) -> None:
    assert code_of(call) == -1


def test_a_walk_before_its_first_line() -> None:
    assert code_of('sdp_iterator_start("i"); sdp_iterator_rm("i")') == -1
    assert sdp('sdp_iterator_start("i"); xlog("$sdpitval(i)");').lines == ["<null>"]
    assert code_of('sdp_iterator_start("i")', "x", "Content-Type: a/b\r\n") == -1
    assert code_of('sdp_iterator_start("")') == -1


def test_the_body_is_logged() -> None:
    assert sdp('sdp_print("1");').lines[0] == "<core>: sdp: v=0"
    assert sdp('sdp_print("9");').lines == []


@pytest.mark.parametrize(
    ("code", "message"),
    [
        ("$var(x) = $sdp(x);", "$sdp takes body, sess_version or c:ip, not x"),
        ('sdp_print("x");', '"x" is not a number'),
        ('sdp_get("x");', "wants a variable"),
        ('sdp_get("$ci");', "$ci cannot be assigned to"),
        ('sdp_transport("x");', "wants a variable"),
        ("sdp_remove_codecs_by_id();", "takes 1 to 2 arguments"),
        ("sdp_with_ice(1);", "takes no arguments"),
        ('sdp_iterator_append("i");', "takes 2 arguments"),
    ],
)
def test_mistakes_are_found_before_the_script_runs(code: str, message: str) -> None:
    found = mistakes(f"request_route {{ {code} }}")
    assert len(found) == 1
    assert message in found[0]
