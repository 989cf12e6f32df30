"""sdpops: questions about SDP bodies, and what is left of them."""

from __future__ import annotations

from typing import Final

from tests.compat.tables import Table

_SDP: Final = (
    "v=0\r\no=alice 28908445 41 IN IP4 host.example\r\ns=-\r\nc=IN IP4 192.0.2.1\r\n"
    "t=0 0\r\na=X-session:1\r\n"
    "m=audio 49170 RTP/AVP 0 8 97 101 3\r\na=rtpmap:0 PCMU/8000\r\na=rtpmap:8 PCMA/8000\r\n"
    "a=rtpmap:97 iLBC/8000\r\na=fmtp:97 mode=20\r\na=rtpmap:101 telephone-event/8000\r\n"
    "a=fmtp:101 0-16\r\na=X-audio:1\r\na=sendrecv\r\n"
    "m=video 51372 RTP/SAVP 31 99 100\r\nc=IN IP4 192.0.2.2\r\na=rtpmap:99 H264/90000\r\n"
    "a=fmtp:99 profile-level-id=42\r\na=rtpmap:100 VP8/90000\r\na=rtcp-fb:100 nack\r\n"
    "a=X-video:1\r\na=inactive\r\n"
)
_ONE: Final = (
    "v=0\r\no=bob 1 41 IN IP6 ::1\r\ns=-\r\nc=IN IP6 ::1\r\nt=0 0\r\nm=audio 0 RTP/AVP 0\r\n"
    "a=candidate:1 1 UDP 2130706431 192.0.2.1 3478 typ host\r\n"
)
_MIXED: Final = (
    "--b1\r\nContent-Type: application/sdp\r\n\r\n" + _ONE + "\r\n--b1\r\n"
    "Content-Type: text/plain\r\n\r\nhello\r\n--b1--\r\n"
)
_TYPE: Final = "Content-Type: application/sdp\r\n"
_table = Table()


def _asks(name: str, why: str, *calls: str, after: str = "") -> None:
    """Codes of calls, for a body of each kind and for none."""
    piece = " ".join(f'{call}; L("$rc{after}");' for call in calls)
    _table.add(name, why, piece, extra=_TYPE, body=_SDP)
    _table.add(f"{name}-one", why, piece, extra=_TYPE, body=_ONE)
    mixed = "Content-Type: multipart/mixed;boundary=b1\r\n"
    _table.add(f"{name}-mixed", why, piece, extra=mixed, body=_MIXED)
    _table.add(f"{name}-text", why, piece, extra="Content-Type: text/plain\r\n", body="x\r\n")
    _table.add(f"{name}-none", why, piece)


def _changes(name: str, call: str, body: str = _SDP) -> None:
    """What goes on after a call."""
    piece = f'{call}; L("$rc"); forward();'
    _table.add(name, "What is left of the body.", piece, extra=_TYPE, body=body)


_asks("content", "Whether there is SDP.", "sdp_content()", 'sdp_content("1")')
_asks(
    "media",
    "Whether there are media of a kind.",
    *(f'sdp_with_media("{kind}")' for kind in ("audio", "video", "text", "AUDIO", "aud", "")),
    *(f'sdp_with_active_media("{kind}")' for kind in ("audio", "video", "application", "text")),
)
_asks(
    "transport",
    "Whether there are media by a transport.",
    *(
        f'sdp_with_transport("{kind}")'
        for kind in ("RTP/AVP", "RTP/SAVP", "rtp/avp", "RTP", "UDP/TLS/RTP/SAVPF")
    ),
    *(f'sdp_with_transport_like("{kind}")' for kind in ("AVP", "SAVP", "savp", "SAVPF", "x")),
)
_asks("common", "The transport of all media.", 'sdp_transport("$avp(t)")', after=" $avp(t)")
_asks(
    "codecs",
    "Whether there are codecs.",
    *(
        f'sdp_with_codecs_by_id("{ids}")'
        for ids in ("0", "8,3", "5", "5,0", "99", "100", "5, 0", "x", "x,0", "0,0")
    ),
    *(
        f'sdp_with_codecs_by_name("{names}")'
        for names in (
            "PCMU",
            "pcmu",
            "PCMA,GSM",
            "GSM",
            "H264",
            "G729",
            "x,VP8",
            "telephone-event",
            "x,PCMU",
            "PCMU,PCMA",
        )
    ),
)
_asks(
    "removals",
    "Codes of what changes the body.",
    'sdp_remove_codecs_by_id("55")',
    'sdp_remove_codecs_by_name("G729")',
    'sdp_remove_line_by_prefix("z=")',
    'sdp_keep_codecs_by_id("0,8,97,101,3,31,99,100")',
    'sdp_keep_codecs_by_name("PCMU,PCMA,iLBC,telephone-event,GSM,H261,H264,VP8")',
    'sdp_remove_media("text")',
    'sdp_remove_transport("x")',
    'sdp_remove_codecs_by_id("")',
    'sdp_remove_codecs_by_name("$avp(none)")',
)
_asks("ice", "Whether there are candidates.", "sdp_with_ice()")
_asks("get", "The body as a value.", 'sdp_get("$avp(s)")', after=" [$avp(s)]")
_asks(
    "line",
    "The first line with a beginning.",
    *(
        f'sdp_get_line_startswith("$avp(l)", "{text}")'
        for text in ("m=", "a=rtpmap:8", "c=", "z=", "m=video", "v")
    ),
    after=" [$avp(l)]",
)
_asks("family", "The family of the addresses.", "sdp_get_address_family()")
_asks(
    "variables",
    "What variables hold.",
    "sdp_content()",
    "$sdp(sess_version) = 5",
    after=" [$sdp(body)] $sdp(sess_version)",
)
_asks("print", "The body logged.", 'sdp_print("1")')
for _name, _call in (
    ("remove-id", 'sdp_remove_codecs_by_id("0,97")'),
    ("remove-id-type", 'sdp_remove_codecs_by_id("0,99", "video")'),
    ("remove-id-none", 'sdp_remove_codecs_by_id("55")'),
    ("remove-id-blank", 'sdp_remove_codecs_by_id("0, 8")'),
    ("remove-id-last", 'sdp_remove_codecs_by_id("31,99,100")'),
    ("remove-name", 'sdp_remove_codecs_by_name("PCMU,telephone-event")'),
    ("remove-name-case", 'sdp_remove_codecs_by_name("pcma,vp8")'),
    ("remove-name-static", 'sdp_remove_codecs_by_name("GSM,G729")'),
    ("remove-name-type", 'sdp_remove_codecs_by_name("PCMU,VP8", "audio")'),
    ("remove-prefix", 'sdp_remove_line_by_prefix("a=X-")'),
    ("remove-prefix-type", 'sdp_remove_line_by_prefix("a=X-", "video")'),
    ("remove-prefix-none", 'sdp_remove_line_by_prefix("a=Y-")'),
    ("remove-prefix-session", 'sdp_remove_line_by_prefix("s=")'),
    ("keep-id", 'sdp_keep_codecs_by_id("0,101")'),
    ("keep-id-type", 'sdp_keep_codecs_by_id("0,101", "audio")'),
    ("keep-name", 'sdp_keep_codecs_by_name("PCMU,telephone-event,H264")'),
    ("keep-name-type", 'sdp_keep_codecs_by_name("PCMA,GSM", "audio")'),
    ("keep-name-none", 'sdp_keep_codecs_by_name("G729")'),
    ("remove-media", 'sdp_remove_media("video")'),
    ("remove-media-first", 'sdp_remove_media("audio")'),
    ("remove-media-none", 'sdp_remove_media("text")'),
    ("remove-transport", 'sdp_remove_transport("RTP/AVP")'),
    ("remove-transport-none", 'sdp_remove_transport("RTP")'),
    ("version", "sdp_content(); $sdp(sess_version) = -1"),
    ("version-set", "sdp_content(); $sdp(sess_version) = 7"),
    ("version-null", "sdp_content(); $sdp(sess_version) = $null"),
    ("twice", 'sdp_remove_codecs_by_id("0"); sdp_remove_codecs_by_id("8"); L("$rc")'),
    ("overlap", 'sdp_remove_media("video"); sdp_remove_codecs_by_id("99"); L("$rc")'),
    ("version-text", 'sdp_content(); $sdp(sess_version) = "12"'),
):
    _changes(_name, _call)

SCRIPT = 'loadmodule "sdpops.so"\n' + _table.request_route
CASES = _table.cases
