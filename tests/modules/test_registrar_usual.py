"""What is kept and answered for a usual REGISTER is what the rest of registrar makes of it."""

from __future__ import annotations

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sipway.core.context import Context
from sipway.modules.registrar._module import settings as settings_of
from sipway.modules.registrar.usual import save_usual
from sipway.modules.usrloc.contact import Contact
from sipway.modules.usrloc.encoding import decode, encode
from tests.modules.running import NOW, context, load

_MODULES = ("usrloc", "registrar")
_USUAL = 'save("location");'
# There is nothing that flag 8 could change, but with it nothing is usual.
_WHOLE = 'save("location", "8");'

_FIELDS = [
    name
    for name in dir(Contact(b"", 0))
    if not name.startswith("_") and name not in ("is_valid", "ruid")
]


class _Server:
    """A script, the answers it gives and what its table holds."""

    def __init__(self, code: str, parameters: str = "") -> None:
        self.program, _, self.socket = load(
            f'request_route {{ $var(r) = {code} append_to_reply("X: $var(r)\\r\\n"); }}',
            parameters=parameters,
            modules=_MODULES,
        )

    def say(self, data: bytes, *, seconds: float = 0.0, flags: int = 0) -> Context:
        ctx = context(self.program, data)
        ctx.now = NOW + seconds
        ctx.branch_flags = flags
        route = self.program.request_route
        assert route is not None
        route(ctx)
        return ctx

    @property
    def answers(self) -> list[bytes]:
        """What was sent, but for the tags, which differ from server to server."""
        return [re.sub(rb";tag=[^\r]*", b"", data) for data, _ in self.socket.outgoing]

    @property
    def table(self) -> dict[bytes, list[tuple[object, ...]]]:
        location = settings_of(self.program).locations.table("location")
        return {
            key: [tuple(getattr(each, name) for name in _FIELDS) for each in contacts]
            for key, contacts in location.entries()
        }

    @property
    def ids(self) -> list[bytes]:
        location = settings_of(self.program).locations.table("location")
        return [each.ruid for _, contacts in location.entries() for each in contacts]


def _register(
    *lines: str,
    to: str = "<sip:alice@example.org>",
    cseq: int = 1,
    call_id: str = "call-1",
    agent: str = "User-Agent: phone/1\r\n",
    expires: str = "",
) -> bytes:
    return (
        "REGISTER sip:example.org SIP/2.0\r\n"
        "Via: SIP/2.0/UDP 192.0.2.1:5062;branch=z9hG4bK1;rport\r\n"
        f"From: <sip:alice@example.org>;tag=1\r\nTo: {to}\r\nCall-ID: {call_id}\r\n"
        f"CSeq: {cseq} REGISTER\r\n{''.join(lines)}{expires}{agent}Content-Length: 0\r\n\r\n"
    ).encode("utf-8", "surrogateescape")


_ODD = st.text("abAB019%@:;,<>\"\\*?&=+-._~!$'() \t[]/éü\udcff", max_size=12)
_USERS = st.sampled_from(["alice", "Alice", "bob", "+4930", "a%20b", "", "a;b=c", "al:pass"])
_TO = st.one_of(
    st.builds("<sip:{}@Example.org{}>".format, _USERS, st.sampled_from(["", ":5070", ";x=y"])),
    st.sampled_from(
        [
            "<sip:example.org>",
            "sip:alice@example.org",
            '"A, <B>" <sip:alice@example.org>',
            '"A \\" B" <sip:alice@example.org>',
            "Alice <sip:alice@example.org>;tag=x",
            "<sips:alice@example.org>",
            "<SIP:alice@example.org>",
            "<tel:+4930>",
            "<sip:alice@[2001:db8::1]>",
            "<sip:alice@example.org:99999>",
            "<sip:alice@example.org",
        ]
    ),
    st.builds("<sip:{}@{}>".format, _ODD, _ODD),
)
_URIS = st.one_of(
    st.sampled_from(
        ["sip:a@192.0.2.1", "sip:b@192.0.2.1:5062;transport=udp", "sip:a@192.0.2.2", "x", ""]
    ),
    _ODD,
)
_PARAMETERS = st.one_of(
    st.sampled_from(
        [
            "",
            ";expires=100",
            ";expires=0",
            ";expires=10",
            ";expires=9999999",
            ";expires=99999999999",
            ";Expires=100",
            ";expires = 100",
            ";expires=100;q=0.5",
            ";expires=100 ",
            ';+sip.instance="<urn:1>"',
            ";expires",
            ';expires="100"',
            " ;expires=100",
        ]
    ),
    st.builds(";{}".format, _ODD),
)
_VALUES = st.one_of(
    st.builds("{}<{}>{}".format, st.sampled_from(["", '"A" ', "A ", "a;b"]), _URIS, _PARAMETERS),
    st.builds("{}{}".format, _URIS, _PARAMETERS),
    st.sampled_from(["*", "<sip:a@b>, <sip:c@d>", ""]),
)
_CONTACTS = st.lists(st.builds("Contact: {}\r\n".format, _VALUES), min_size=0, max_size=2)
_USUAL_CONTACT = st.builds(
    "Contact: <{}>{}\r\n".format,
    st.sampled_from(["sip:a@192.0.2.1", "sip:b@192.0.2.1:5062;transport=udp"]),
    st.sampled_from(["", ";expires=100", ";expires=500"]),
).map(lambda line: [line])
_EXPIRES = st.sampled_from(
    ["", "Expires: 3600\r\n", "Expires: 0\r\n", "Expires: x\r\n", "Expires: 5\r\nExpires: 900\r\n"]
)
_AGENTS = st.sampled_from(
    ["", "User-Agent: phone/1\r\n", "User-Agent:  phone/2 \r\n", "User-Agent: \r\n"]
)
_MORE = st.sampled_from(
    [
        "",
        "Allow: INVITE, BYE\r\n",
        "Allow: INVITE\r\nAllow: BYE, WHATEVER\r\n",
        "Require: outbound\r\n",
        "Supported: gruu, path\r\n",
        "Path: <sip:p@x;lr>\r\n",
    ]
)
_MESSAGES = st.tuples(
    st.builds(
        lambda contacts, more, expires, to, cseq, call_id, agent: _register(
            *contacts, more, expires=expires, to=to, cseq=cseq, call_id=call_id, agent=agent
        ),
        st.one_of(_USUAL_CONTACT, _CONTACTS),
        _MORE,
        _EXPIRES,
        st.one_of(st.just("<sip:alice@example.org>"), _TO),
        st.integers(1, 6),
        st.sampled_from(["call-1", "call-2"]),
        _AGENTS,
    ),
    st.sampled_from([0.0, 1.0, 30.0, 70.0, 200.0, 4000.0]),
    st.sampled_from([0, 0, 1, 64]),
)
_PARAMETERS_OF_MODULES = st.sampled_from(
    [
        "",
        'modparam("registrar", "case_sensitive", 1)',
        'modparam("usrloc", "use_domain", 1)',
        'modparam("usrloc", "use_domain", 1) modparam("registrar", "realm_prefix", "ex")',
        'modparam("usrloc", "matching_mode", 1)',
        'modparam("usrloc", "matching_mode", 3)',
        'modparam("usrloc", "desc_time_order", 1)',
        'modparam("registrar", "max_contacts", 1)',
        'modparam("registrar", "max_expires", 300)',
        'modparam("registrar", "min_expires", 400)',
        'modparam("registrar", "min_expires", 400) modparam("registrar", "min_expires_mode", 1)',
        'modparam("registrar", "default_q", 500)',
        'modparam("registrar", "use_path", 1) modparam("registrar", "path_mode", 0)',
        'modparam("registrar", "outbound_mode", 1)',
        'modparam("registrar", "contact_max_size", 20)',
        'modparam("registrar", "received_avp", "$avp(r)")',
    ]
)


@settings(max_examples=300, deadline=None)
@given(st.lists(_MESSAGES, min_size=1, max_size=6), _PARAMETERS_OF_MODULES)
def test_both_ways_keep_and_answer_the_same(
    messages: list[tuple[bytes, float, int]], parameters: str
) -> None:
    usual, whole = _Server(_USUAL, parameters), _Server(_WHOLE, parameters)
    now = 0.0
    for data, later, flags in messages:
        now += later
        before = usual.ids
        results = [each.say(data, seconds=now, flags=flags).vars for each in (usual, whole)]
        assert results[0] == results[1], data
        assert usual.answers == whole.answers, data
        assert usual.table == whole.table, data
        # An update keeps the id of the contact that it updates.
        assert len(set(before) & set(usual.ids)) >= min(len(before), len(usual.ids)) - 1
    location = settings_of(usual.program).locations.table("location")
    assert location.contacts == settings_of(whole.program).locations.table("location").contacts


@pytest.mark.parametrize(
    "lines",
    [
        ["Contact: <sip:a@192.0.2.1>\r\n"],
        ["Contact: <sip:a@192.0.2.1>;expires=100\r\n"],
        ['Contact: "A" <sip:a@192.0.2.1>\r\n', "Expires: 100\r\n", "Allow: INVITE\r\n"],
        ["m: <sip:a@192.0.2.1:5062;ob>\r\n", "Supported: path, gruu\r\n"],
    ],
)
def test_what_is_usual_is_dealt_with_as_that(lines: list[str]) -> None:
    server = _Server(_USUAL)
    of = settings_of(server.program)
    location = of.locations.table("location")
    ctx = context(server.program, _register(*lines))
    assert save_usual(ctx, of, location) == 1
    ctx = context(server.program, _register(*lines, cseq=2))
    assert save_usual(ctx, of, location) == 2
    assert location.contacts == 1


@pytest.mark.parametrize(
    ("lines", "cseq", "call_id"),
    [
        (["Contact: <sip:a@192.0.2.2>\r\n"], 2, "call-1"),  # another contact
        (["Contact: <sip:a@192.0.2.1>\r\n"], 1, "call-1"),  # a retransmission
        (["Contact: <sip:a@192.0.2.1>\r\n"], 2, "call-2"),  # the phone was started anew
        (["Contact: <sip:a@192.0.2.1>;expires=0\r\n"], 2, "call-1"),
        (["Contact: *\r\n", "Expires: 0\r\n"], 2, "call-1"),
        ([], 2, "call-1"),
    ],
)
def test_what_is_not_is_left_alone(lines: list[str], cseq: int, call_id: str) -> None:
    server = _Server(_USUAL)
    of = settings_of(server.program)
    location = of.locations.table("location")
    server.say(_register("Contact: <sip:a@192.0.2.1>\r\n"))
    before, sent = server.table, len(server.answers)
    ctx = context(server.program, _register(*lines, cseq=cseq, call_id=call_id))
    assert save_usual(ctx, of, location) == 0
    assert (server.table, len(server.answers)) == (before, sent)


@pytest.mark.parametrize(
    ("code", "result"),
    [
        ('mf_process_maxfwd_header("10")', 1),
        ('append_hf("X: 1\\r\\n")', 1),
        ("fix_nated_contact()", 0),
    ],
)
def test_what_has_been_changed_elsewhere_leaves_it_usual(code: str, result: int) -> None:
    """All but the least script change the message before they save."""
    program, _, _ = load(
        f"request_route {{ {code}; }}",
        modules=(*_MODULES, "maxfwd", "textops", "nathelper"),
    )
    ctx = context(program, _register("Contact: <sip:a@10.0.0.1>\r\n"))
    assert program.request_route is not None
    program.request_route(ctx)
    assert ctx.edits
    of = settings_of(program)
    assert save_usual(ctx, of, of.locations.table("location")) == result


def test_the_value_is_the_one_that_contacts_are_encoded_to() -> None:
    server = _Server(_USUAL)
    location = settings_of(server.program).locations.table("location")
    server.say(_register("Contact: <sip:a@192.0.2.1>\r\n", "Allow: INVITE, BYE\r\n"), flags=5)
    value = location.value_of(b"alice")
    assert value is not None
    assert encode(decode(value)) == value
    server.say(_register("Contact: <sip:a@192.0.2.1>\r\n", cseq=9), seconds=50, flags=6)
    again = location.value_of(b"alice")
    assert again is not None
    assert again != value
    assert encode(decode(again)) == again
    (contact,) = decode(again)
    assert (contact.cseq, contact.modified, contact.cflags) == (9, int(NOW) + 50, 6)
    assert (contact.methods, contact.q) == (0xFFFFFFFF, -1)
